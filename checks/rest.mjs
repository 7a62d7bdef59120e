// The REST interfaces as tools of others see them: their OpenAPI documents are valid, and schemathesis finds no answer
// of Havosoft's that its document does not tell. Needs Python 3.10 and the package index.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { start } from './server.mjs';

const folder = mkdtempSync(join(tmpdir(), 'groupgraph-rest-'));
const run = (program, ...words) => execFileSync(program, words, { stdio: 'inherit' });
run('python3', '-m', 'venv', join(folder, 'venv'));
const tool = (name) => join(folder, 'venv', 'bin', name);
run(tool('pip'), 'install', '--quiet', '--requirement', new URL('requirements.txt', import.meta.url).pathname);

const server = await start({ 'limits.requests_per_minute': '0', 'limits.anonymous_requests_per_minute': '0' });
for (const name of ['havosoft', 'crm', 'all']) {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, await (await fetch(`${server.url}/openapi/${name}.json`)).text());
  run(tool('openapi-spec-validator'), file);
}
run(
  tool('schemathesis'),
  'run',
  `${server.url}/openapi/havosoft.json`,
  '--header',
  `Authorization: Bearer ${server.token}`,
  '--phases',
  'examples,coverage,fuzzing',
  '--max-examples',
  '20',
  '--seed',
  '1',
  // Digits in quotes are numbers to older apps, so what a document calls wrong may be taken.
  '--checks',
  'not_a_server_error,content_type_conformance,response_schema_conformance,status_code_conformance',
  '--exclude-operation-id',
  'HavosoftResetPassword',
);
await server.stop();
rmSync(folder, { recursive: true, force: true });
console.log('rest: the documents are valid and tell what is answered');
