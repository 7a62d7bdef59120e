// Slow and large senders, and readers that do not read, against the built server: they are cut, and others do not notice.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { start } from './server.mjs';

const SOCKETS = 200;
const LONGEST_WAIT = 15_000;
const DEAF = 20;
const HEAD = 'POST /graphql HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n';

const server = await start();
const { port } = new URL(server.url);

/** Bytes of memory that the server holds; 0 where the system does not tell. */
function memory() {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) * 1024;
  } catch {
    return 0;
  }
}

/** Sends the beginning, then a byte a second; answers the milliseconds until the server closes. */
function drip(beginning, drop) {
  return new Promise((resolve) => {
    const opened = Date.now();
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(beginning));
    const timer = drop && setInterval(() => socket.write(drop), 1000);
    socket.on('error', () => {});
    socket.resume();
    socket.once('close', () => {
      clearInterval(timer);
      resolve(Date.now() - opened);
    });
  });
}

/** Files and connections that the server has open; 0 where the system does not tell. */
function open() {
  try {
    return readdirSync(`/proc/${server.pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** Asks for more than the system keeps for a reader, and reads nothing. */
function deaf() {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.pause();
      socket.write(`GET /graphql/explorer/graphiql.min.js HTTP/1.1\r\nhost: hub\r\n\r\n`.repeat(60), () => resolve(socket));
    });
    socket.on('error', () => {});
  });
}

async function timed() {
  const began = performance.now();
  const answer = await server.ask('{ __typename }');
  assert.equal(answer.data.__typename, 'Query');
  return performance.now() - began;
}

try {
  await timed();
  const shapes = [
    [HEAD, 'x'],
    [`${HEAD}\r\n`, ' '],
    [`${HEAD}\r\n{`, undefined],
    ['', undefined],
  ];
  let waiting = SOCKETS;
  const cut = Array.from({ length: SOCKETS }, (_, index) => drip(...shapes[index % shapes.length]));
  for (const one of cut) one.then(() => { waiting -= 1; });
  const latencies = [];
  while (waiting > 0) {
    latencies.push(await timed());
    assert.ok(latencies.length < 1000, `${waiting} slow senders are not cut`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const longest = Math.max(...(await Promise.all(cut)));
  assert.ok(longest <= LONGEST_WAIT, `a slow sender stayed for ${longest} ms`);
  latencies.sort((one, other) => one - other);
  const [median, slowest] = [latencies[latencies.length >> 1], latencies.at(-1)].map((time) => time.toFixed(1));
  console.log(`ok  ${SOCKETS} slow senders were cut within ${longest} ms; meanwhile a query took ${median} ms, at most ${slowest} ms`);

  // The server has closed them, and may not have let go of them yet.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const usual = open();
  if (usual > 0) {
    const began = Date.now();
    const readers = await Promise.all(Array.from({ length: DEAF }, deaf));
    // They are accepted one after the other, and the server may close a file of its own meanwhile.
    for (let tries = 0; tries < 60 && open() < usual + DEAF - 3; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(open() >= usual + DEAF - 3, `the readers are not there: ${open()} files, ${usual} before`);
    while (open() >= usual + DEAF / 2) {
      assert.ok(Date.now() - began < 2 * LONGEST_WAIT, 'readers that do not read are not cut');
      await timed();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const took = Date.now() - began;
    for (const reader of readers) reader.destroy();
    console.log(`ok  ${DEAF} readers that did not read were cut within ${took} ms`);
  }

  const before = memory();
  const large = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const bodies = {
    '50 MB told': { body: Buffer.alloc(50_000_000, 32), status: [413] },
    '50 MB in chunks': { body: new ReadableStream({
      pull(controller) {
        this.left = (this.left ?? 50) - 1;
        if (this.left < 0) controller.close();
        else controller.enqueue(new Uint8Array(1_000_000).fill(32));
      },
    }), duplex: 'half', status: [413] },
    'JSON 100,000 deep': { body: `{"query":"{ __typename }","variables":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`, status: [400] },
    '60 doubled fragments': { body: JSON.stringify({ query: doubled(60) }), status: [400] },
  };
  for (const [name, { status, ...init }] of Object.entries(bodies)) {
    const began = performance.now();
    // The server may close before it has read everything, which fetch takes for a failure.
    const answer = await fetch(server.graphql, { ...large, ...init }).catch(() => undefined);
    const took = performance.now() - began;
    assert.ok(!answer || status.includes(answer.status), `${name}: ${answer?.status}`);
    assert.ok(took < 2000, `${name} took ${took} ms`);
    console.log(`ok  ${name}: ${answer?.status ?? 'cut'} after ${took.toFixed(0)} ms`);
  }
  await timed();
  const grown = (memory() - before) / 1e6;
  assert.ok(grown < 100, `memory grew by ${grown} MB`);
  console.log(`ok  memory grew by ${grown.toFixed(1)} MB`);
} finally {
  await server.stop();
}

/** Fragments of which each spreads the next one twice. */
function doubled(count) {
  const one = (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`;
  return `{ ...F0 } ${Array.from({ length: count }, one).join(' ')} fragment F${count} on Query { __typename }`;
}
