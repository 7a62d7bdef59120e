// The REST interfaces as tools of others see them: their OpenAPI documents are valid, and schemathesis finds no answer
// that they do not tell of the systems below. `node rest.mjs crm` asks one of them alone. Needs Python 3.10 and the
// package index.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort, start } from './server.mjs';

const MOST = { venv: 5, documents: 1, requests: 4 };
/** What is asked: the header that says who calls, examples of each operation, and operations that would end the run. */
const SYSTEMS = [
  { name: 'havosoft', header: 'Authorization', scheme: 'Bearer', examples: 20, without: ['HavosoftResetPassword'] },
  { name: 'crm', header: 'Authorization', scheme: 'Bearer', examples: 20, without: [] },
  { name: 'halopsa', header: 'Authorization', scheme: 'Bearer', examples: 20, without: [] },
  { name: 'contact-centre', header: 'Authorization', scheme: 'Bearer', examples: 20, without: [] },
].filter(({ name }) => process.argv.length < 3 || process.argv.includes(name));
const folder = mkdtempSync(join(tmpdir(), 'groupgraph-rest-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const run = (minutes, program, ...words) =>
  execFileSync(program, words, { stdio: 'inherit', timeout: minutes * 60_000, killSignal: 'SIGKILL' });
run(MOST.venv, 'python3', '-m', 'venv', join(folder, 'venv'));
const tool = (name) => join(folder, 'venv', 'bin', name);
run(MOST.venv, tool('pip'), 'install', '--quiet', '--requirement', new URL('requirements.txt', import.meta.url).pathname);

// Services outside, in a process of their own, because this one waits for the tools: a log without entries, and
// registries that know one person whatever they are asked.
const script = `require('node:http').createServer((request, response) => {
  const answer = request.method === 'GET' ? { logs: [] } : { firstname: 'Ada', account_name: 'Ada' };
  request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)));
}).listen(PORT, '127.0.0.1')`;
const port = await freePort();
const outside = spawn(process.execPath, ['-e', script.replace('PORT', port)], { stdio: 'inherit' });
process.once('exit', () => outside.kill('SIGKILL'));

const settings = {
  'limits.requests_per_minute': '0',
  'limits.anonymous_requests_per_minute': '0',
  // Pauses that a caller may ask for are long.
  'verification.bulk_seconds': '1',
  'verification.registry_price_minor': '0',
  'outside.allow_private_addresses': 'true',
  'rest.halopsa.quota_factor': '100000',
};
for (const service of ['documents', 'registry', 'accounts', 'activity_log']) {
  settings[`outside.${service}.url`] = `http://127.0.0.1:${port}/`;
}
const server = await start(settings);
for (const name of ['havosoft', 'crm', 'halopsa', 'contact-centre', 'repzo', 'all']) {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, await (await fetch(`${server.url}/openapi/${name}.json`)).text());
  run(MOST.documents, tool('openapi-spec-validator'), file);
}
for (const { name, header, scheme, examples, without } of SYSTEMS) {
  const began = Date.now();
  run(
    MOST.requests,
    tool('schemathesis'),
    'run',
    `${server.url}/openapi/${name}.json`,
    '--header',
    `${header}: ${scheme} ${server.token}`,
    '--phases',
    'examples,coverage,fuzzing',
    '--max-examples',
    String(examples),
    '--seed',
    '1',
    '--request-timeout',
    '10',
    // Digits in quotes are numbers to older apps, so what a document calls wrong may be taken.
    '--checks',
    'not_a_server_error,content_type_conformance,response_schema_conformance,status_code_conformance',
    ...without.flatMap((operation) => ['--exclude-operation-id', operation]),
  );
  console.log(`rest: ${name} in ${Math.round((Date.now() - began) / 1000)} s`);
}
await server.stop();
outside.kill('SIGKILL');
console.log('rest: the documents are valid and tell what is answered');
