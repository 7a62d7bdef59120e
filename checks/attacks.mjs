// Attacks on the built server: what it answers, how long that takes, how much processor time, how much memory.
// Fails if one takes longer than ATTACK_MS (2,000; a release build on an idle machine passes 50), or is answered with
// data, more than 100 kB, or a server error.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { start } from './server.mjs';

const MOST_MS = Number(process.env.ATTACK_MS ?? 2000);
const MOST_BYTES = 100_000;
const MOST_GROWTH = 200e6;
const TIMES = 5;
const MEGABYTE = 1_000_000;

/** What was not as it should be. */
const problems = [];
const server = await start({ 'server.production': true, 'limits.requests_per_minute': 0, 'limits.anonymous_requests_per_minute': 0 });
const authorization = `Bearer ${server.token}`;
const json = { 'content-type': 'application/json', authorization };

const repeat = (count, part) => Array.from({ length: count }, (_, index) => part(index)).join(' ');
const nested = (open, inner, close, depth) => open.repeat(depth) + inner + close.repeat(depth);
/** Fragments of which each spreads the next one twice. */
const doubled = (count) =>
  `{ ...F0 } ${repeat(count, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)} fragment F${count} on Query { __typename }`;
const argument = (value) => `{ leads(filter: ${value}) { totalCount } }`;
/** A filter of about so many bytes; `and` holds many small conditions. */
const filter = (bytes) => ({ and: Array.from({ length: Math.floor(bytes / 19) }, () => ({ name: { eq: 'x' } })) });
/** The same variable in so many fields. */
const uses = (count) =>
  `query ($v: LeadFilter) { clients { nodes { ${repeat(Math.min(count, 28), (index) => `a${index}: leads(filter: $v) { totalCount }`)} } } }`;
const rootUses = (count) =>
  `query ($v: LeadFilter) { ${repeat(count, (index) => `a${index}: leads(filter: $v) { totalCount }`)} }`;
const spreadUses = (count) =>
  `query ($v: LeadFilter) { ${repeat(count, () => '...F')} } fragment F on Query { leads(filter: $v) { totalCount } }`;

/** Bodies of operations, by name. */
const operations = {
  '1,000 aliases': { query: `{ ${repeat(1000, (index) => `a${index}: __typename`)} }` },
  '1,000 operations at once': Array.from({ length: 1000 }, () => ({ query: '{ __typename }' })),
  '10,000 times the same field': { query: `{ ${repeat(10_000, () => '__typename')} }` },
  '2,000 directives': { query: `{ __typename ${repeat(2000, () => '@skip(if: false)')} }` },
  '30 levels of introspection': { query: `{ __schema { types { ${nested('fields { type { ', 'name', ' } }', 8)} } } }` },
  'a circle of fragments': { query: '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }' },
  'doubled fragments, 716 bytes': { query: doubled(14) },
  '60 doubled fragments': { query: doubled(60) },
  '900 doubled fragments': { query: doubled(900) },
  '100,000 nested selections': { query: nested('{a', '', '}', 100_000) },
  '100,000 nested lists': { query: argument(nested('[', '', ']', 100_000)) },
  '100,000 nested objects': { query: argument(nested('{a:', '1', '}', 100_000)) },
  '100,000 nested types': { query: `query ($v: ${nested('[', 'Int', ']', 100_000)}) { __typename }` },
  '100,000 unknown fields': { query: `{ ${repeat(100_000, (index) => `a${index}`)} }` },
  '600 unknown fields of one object': { query: `{ viewer { ${repeat(600, (index) => `a${index}`)} } }` },
  'a name of 1 MB': { query: `{ ${'x'.repeat(MEGABYTE)} }` },
  'a name of 90 kB': { query: `{ ${'x'.repeat(90_000)} }` },
  'an operationName of 1 MB': { query: '{ __typename }', operationName: 'x'.repeat(MEGABYTE) },
  'a comment of 2 MB': { query: `{ __typename } #${'x'.repeat(2 * MEGABYTE)}` },
  'lists in lists in lists': { query: `{ clients(first: 100) { nodes { ${nested('deals(first: 100) { nodes { client { ', 'id', ' } } }', 3)} } } }` },
  'a variable of 1.2 MB': { query: rootUses(1), variables: { v: filter(1.2 * MEGABYTE) } },
  'a variable of 1.2 MB, 20 times': { query: rootUses(20), variables: { v: filter(1.2 * MEGABYTE) } },
  'a variable of 1.2 MB, 190 times': { query: spreadUses(190), variables: { v: filter(1.2 * MEGABYTE) } },
  'a variable of 9,000 values, 19 times': { query: rootUses(19), variables: { v: { and: Array.from({ length: 3000 }, () => ({ name: { eq: 'x' } })) } } },
  'a variable of 9,000 values, 28 times below a list': { query: uses(28), variables: { v: { and: Array.from({ length: 3000 }, () => ({ name: { eq: 'x' } })) } } },
  'a variable of 1,000,000 values': { query: rootUses(1), variables: { v: Array.from({ length: 1_000_000 }, () => 0) } },
  '100,000 variables': { query: '{ __typename }', variables: Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`v${index}`, 1])) },
  'a text of 2 MB, 19 times': { query: `query ($v: String) { ${repeat(19, (index) => `a${index}: leads(search: $v) { totalCount }`)} }`, variables: { v: 'x'.repeat(2 * MEGABYTE) } },
  'extensions of 2 MB': { query: '{', extensions: { x: Array.from({ length: 900_000 }, () => 0) } },
  'stored documents that are none': { extensions: { persistedQuery: { sha256Hash: 'x'.repeat(MEGABYTE) } } },
};

/** Whole requests, by name: path, request, statuses that may answer. */
const deep = `{"query":"{ __typename }","variables":{"a":${nested('[', '', ']', 100_000)}}}`;
const deepObjects = `{"query":"{ __typename }","variables":${nested('{"a":', '1', '}', 100_000)}}`;
const form = (parts) => `${parts.map(([name, content]) => `--x\r\ncontent-disposition: form-data; name="${name}"${name === 'operations' || name === 'map' ? '' : '; filename="../../etc/passwd"'}\r\n\r\n${content}\r\n`).join('')}--x--\r\n`;
const multipart = { authorization, 'content-type': 'multipart/form-data; boundary=x' };
const upload = ['operations', '{"query":"mutation($f: Upload!) { __typename }","variables":{"f":null}}'];
const post = (body, headers = json) => ['/graphql', { method: 'POST', headers, body }];
const requests = {
  'JSON 100,000 lists deep': [...post(deep), [400]],
  'JSON 100,000 objects deep': [...post(deepObjects), [400]],
  'JSON that ends early': [...post('{"query":"{ __type'), [400]],
  '50 MB, told': [...post(Buffer.alloc(50 * MEGABYTE, 32)), [413]],
  '50 MB, in chunks': [...post(chunks(50)), [413]],
  'a gzip bomb of 50 MB': [...post(gzipSync(Buffer.alloc(50 * MEGABYTE, 32)), { ...json, 'content-encoding': 'gzip' }), [415]],
  'a mutation by GET': [`/graphql?query=${encodeURIComponent('mutation { __typename }')}`, { headers: { authorization } }, [405]],
  'a query by a link': [`/graphql?query=${encodeURIComponent('{ __typename }')}`, {}, [400]],
  'text/plain': [...post('{"query":"{ __typename }"}', { 'content-type': 'text/plain' }), [415]],
  'a form': [...post('query={__typename}', { 'content-type': 'application/x-www-form-urlencoded' }), [415]],
  'an upload by a form': [...post(form([upload]), { 'content-type': 'multipart/form-data; boundary=x' }), [400]],
  '10,000 parts': [...post(form([upload, ['map', '{}'], ...Array.from({ length: 10_000 }, (_, index) => [String(index), 'x'])]), multipart), [400]],
  'a map of 1,000,000 places': [...post(form([upload, ['map', JSON.stringify({ 0: Array.from({ length: 500_000 }, () => 'variables.f') })], ['0', 'x']]), multipart), [400]],
  'operations of 9 MB beside a file': [...post(form([['operations', `{"query":"{ __typename }","variables":{"a":[${'0,'.repeat(4_500_000)}0]}}`], ['map', '{}']]), multipart), [400]],
  'introspection by strangers': [...post('{"query":"{ __schema { types { name } } }"}', { 'content-type': 'application/json', accept: 'application/graphql-response+json' }), [400]],
  'the explorer': ['/graphql', { headers: { accept: 'text/html' } }, [404]],
  'a head of 1 MB': ['/graphql', { headers: { authorization, 'x-padding': 'x'.repeat(MEGABYTE) } }, [431, 400]],
  'a forged token': [...post('{"query":"{ __typename }"}', { ...json, authorization: `Bearer ${forged()}` }), [401]],
  'a token of 8 kB': [...post('{"query":"{ __typename }"}', { ...json, authorization: `Bearer ${'x'.repeat(8000)}` }), [401]],
};

function chunks(count) {
  let left = count;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) controller.close();
      else controller.enqueue(new Uint8Array(MEGABYTE).fill(32));
      left -= 1;
    },
  });
}

/** Signed by nobody. */
function forged() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', kid: '../../etc/passwd' })}.${part({ sub: '1', sid: 1, exp: 4e9 })}.`;
}

/** Milliseconds of processor that the server has used, and bytes that it holds; 0 where the system does not tell. */
function used() {
  try {
    const parts = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1] * 1024;
    return { processor: (Number(parts[11]) + Number(parts[12])) * 10, memory };
  } catch {
    return { processor: 0, memory: 0 };
  }
}

async function attack(name, path, init, statuses) {
  const before = used();
  let best = Infinity;
  let answer;
  let text = '';
  const isStream = init.body instanceof ReadableStream;
  const times = isStream ? 1 : TIMES;
  for (let time = 0; time < times; time += 1) {
    const began = performance.now();
    // The server may close before it has read everything, which fetch takes for a failure.
    answer = await fetch(server.url + path, isStream ? { ...init, duplex: 'half' } : init).catch(() => undefined);
    text = (await answer?.text().catch(() => '')) ?? '';
    best = Math.min(best, performance.now() - began);
  }
  const processor = (used().processor - before.processor) / times;
  const status = answer?.status ?? 'cut';
  const code = /"code":"(\w+)"/.exec(text)?.[1] ?? '';
  const problem = [
    status !== 'cut' && !statuses.includes(status) && 'status',
    text.length > MOST_BYTES && `${text.length} bytes of answer`,
    /"data":\{/.test(text) && 'data',
    /panicked|sqlx|\.rs\b|SELECT .* FROM|No such file/.test(text) && 'betrays something',
    best > MOST_MS && 'time',
  ].find(Boolean);
  if (problem) problems.push(`${name}: ${problem}: ${text.slice(0, 300)}`);
  const columns = [problem ? 'NO' : 'ok', name.padEnd(52), String(status).padEnd(4), code.padEnd(28)];
  console.log(`${columns.join('  ')} ${best.toFixed(1).padStart(7)} ms  ${processor.toFixed(0).padStart(4)} ms of processor`);
}

/** Sends bytes; answers what comes until the server closes. */
function raw(text) {
  return new Promise((resolve) => {
    let all = '';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => (all += data));
    socket.on('error', () => {});
    socket.setTimeout(16_000, () => socket.destroy());
    socket.once('close', () => resolve(all));
  });
}

const HEAD = 'POST /graphql HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\n';
const HIDDEN = 'GET /healthz HTTP/1.1\r\nhost: hub\r\n\r\n';
/** Requests of which two servers might see different ends. */
const shapes = {
  'two lengths': `${HEAD}content-length: 5\r\ncontent-length: 50\r\n\r\n12345${HIDDEN}`,
  'length and chunks': `${HEAD}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'unknown coding': `${HEAD}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'malformed chunk': `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n${HIDDEN}`,
  'space before the colon': `${HEAD}content-length : 5\r\n\r\n12345${HIDDEN}`,
  'line folding': `${HEAD}transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
};

try {
  assert.equal((await server.ask('{ __typename }')).data.__typename, 'Query');
  const before = used().memory;
  for (const [name, body] of Object.entries(operations)) {
    const accept = 'application/graphql-response+json';
    await attack(name, '/graphql', { method: 'POST', headers: { ...json, accept }, body: JSON.stringify(body) }, [400]);
  }
  for (const [name, [path, init, statuses]] of Object.entries(requests)) await attack(name, path, init, statuses);
  for (const [name, text] of Object.entries(shapes)) {
    const answers = (await raw(text)).match(/HTTP\/1\.1 \d+/g) ?? [];
    assert.ok(answers.length <= 1 && !answers.includes('HTTP/1.1 200'), `${name}: ${answers}`);
    console.log(`ok  ${name}: ${answers[0] ?? 'closed'}, and closed`);
  }
  const reflected = await fetch(server.graphql, { ...post('{"query":"{ __typename }"}')[1], headers: { ...json, origin: 'https://evil.example' } });
  assert.equal(reflected.headers.get('access-control-allow-origin'), null);
  // One request that tries many passwords counts as many tries, and aliases do not help.
  const guesses = repeat(30, (index) => `a${index}: signIn(input: {email: "admin@example.com", password: "guess ${index}"}) { errors { code } }`);
  const guessed = await (await fetch(server.graphql, post(JSON.stringify({ query: `mutation { ${guesses} }` }))[1])).text();
  assert.match(guessed, /TOO_MANY_(ROOT_FIELDS|ATTEMPTS)|RATE_LIMITED/, guessed.slice(0, 300));
  assert.equal((await server.ask('{ __typename }')).data.__typename, 'Query');
  const grown = used().memory - before;
  assert.ok(grown <= MOST_GROWTH, `memory grew by ${grown / 1e6} MB`);
  console.log(`ok  memory grew by ${(grown / 1e6).toFixed(1)} MB in all`);
  assert.deepEqual(problems, []);
} finally {
  await server.stop();
}
