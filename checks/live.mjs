// Subscriptions with the packages graphql-ws and graphql-sse, and every close code of graphql-transport-ws.

import assert from 'node:assert/strict';
import { createClient as createEventClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { start } from './server.mjs';

const PROTOCOL = 'graphql-transport-ws';
const WATCH = 'subscription { leadChanged { change lead { name } } }';
const CREATE = 'mutation ($name: String!) { createLead(input: { givenName: $name }) { lead { name } errors { message } } }';

const server = await start({
  'limits.live_connections_per_caller': 4,
  'limits.operations_per_connection': 3,
});
const authorization = `Bearer ${server.token}`;
const codes = new Set();
let checks = 0;

async function check(name, run) {
  await run();
  checks += 1;
  console.log(`ok  ${name}`);
}

/** A bare socket that notes what comes; `closed` is its close code. */
function raw(headers) {
  const socket = new WebSocket(server.socket, PROTOCOL, { headers });
  const messages = [];
  const waiting = [];
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    const next = waiting.shift();
    if (next) next(message);
    else messages.push(message);
  });
  const opened = new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const closed = new Promise((resolve) => {
    socket.once('close', (code, reason) => {
      codes.add(code);
      resolve({ code, reason: String(reason) });
    });
  });
  return {
    opened,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    binary: (text) => socket.send(Buffer.from(text)),
    next: () => (messages.length > 0 ? Promise.resolve(messages.shift()) : new Promise((resolve) => waiting.push(resolve))),
    close: () => socket.close(),
  };
}

async function acknowledged(token = authorization) {
  const socket = raw();
  await socket.opened;
  socket.send({ type: 'connection_init', payload: { Authorization: token } });
  assert.deepEqual(await socket.next(), { type: 'connection_ack' });
  return socket;
}

async function closes(code, messages, socket = raw()) {
  await socket.opened;
  for (const message of messages) socket.send(message);
  assert.equal((await socket.closed).code, code);
}

const init = { type: 'connection_init', payload: { Authorization: authorization } };
const subscribe = (id, query) => ({ type: 'subscribe', id, payload: { query } });

// Ten seconds, so it waits beside the others.
const silent = raw();
const opened = Date.now();

await check('4400 for what is no message of the protocol', async () => {
  for (const message of ['x', '{}', '[]', '{"type":"unknown"}', '{"type":"subscribe","id":"1"}', '{"type":"ping","payload":1}']) {
    await closes(4400, [init, message]);
  }
  for (const payload of [{}, { query: 1 }, { query: '{ __typename }', variables: [] }]) {
    await closes(4400, [init, { type: 'subscribe', id: '1', payload }]);
  }
  await closes(4400, [init, subscribe('', '{ __typename }')]);
  const socket = await acknowledged();
  socket.binary(JSON.stringify({ type: 'ping' }));
  assert.equal((await socket.closed).code, 4400);
});

await check('4401 before the acknowledgement', () => closes(4401, [subscribe('1', '{ __typename }')]));

await check('4403 for a token that is not valid', () => closes(4403, [{ ...init, payload: { Authorization: 'Bearer wrong' } }]));

await check('4409 for an id in use', () => closes(4409, [init, subscribe('1', WATCH), subscribe('1', WATCH)]));

await check('4429 for a second connection_init', () => closes(4429, [init, init]));

await check('1009 for a message too large', async () => {
  const socket = await acknowledged();
  socket.send(subscribe('1', `{ __typename } ${'#'.repeat(3_000_000)}`));
  assert.equal((await socket.closed).code, 1009);
});

await check('4429 for too many connections of one caller', async () => {
  const sockets = [];
  for (let count = 0; count < 4; count += 1) sockets.push(await acknowledged());
  await closes(4429, [init]);
  for (const socket of sockets) socket.close();
  await Promise.all(sockets.map((socket) => socket.closed));
});

await check('too many operations are refused one by one', async () => {
  const socket = await acknowledged();
  for (const id of ['1', '2', '3', '4']) socket.send(subscribe(id, WATCH));
  const message = await socket.next();
  assert.equal(message.type, 'error');
  assert.equal(message.id, '4');
  assert.equal(message.payload[0].extensions.code, 'TOO_MANY_OPERATIONS');
  socket.send({ type: 'complete', id: '1' });
  socket.send(subscribe('1', '{ __typename }'));
  assert.deepEqual(await socket.next(), { type: 'next', id: '1', payload: { data: { __typename: 'Query' } } });
  assert.deepEqual(await socket.next(), { type: 'complete', id: '1' });
  socket.close();
  await socket.closed;
});

await check('pings are answered, also before the acknowledgement', async () => {
  const socket = raw();
  await socket.opened;
  socket.send({ type: 'ping', payload: { at: 1 } });
  assert.deepEqual(await socket.next(), { type: 'pong', payload: { at: 1 } });
  socket.send({ type: 'pong' });
  socket.close();
  await socket.closed;
});

await check('refused operations are answered with `error`', async () => {
  const socket = await acknowledged();
  for (const [query, code] of [['{', 'GRAPHQL_PARSE_FAILED'], ['{ nonsense }', 'GRAPHQL_VALIDATION_FAILED']]) {
    socket.send(subscribe('1', query));
    const message = await socket.next();
    assert.equal(message.type, 'error');
    assert.equal(message.payload[0].extensions.code, code);
  }
  socket.close();
  await socket.closed;
});

await check('graphql-ws: a query, a mutation and a subscription', async () => {
  const client = createClient({
    url: server.socket,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization },
    lazy: false,
    onNonLazyError: (error) => assert.fail(String(error)),
  });
  const once = (request) => client.iterate(request).next();
  assert.deepEqual((await once({ query: '{ __typename }' })).value, { data: { __typename: 'Query' } });
  const changes = client.iterate({ query: WATCH });
  const first = changes.next();
  // The subscription has to have begun.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const created = await once({ query: CREATE, variables: { name: 'By socket' } });
  assert.deepEqual(created.value.data.createLead, { lead: { name: 'By socket' }, errors: [] });
  assert.deepEqual((await first).value, { data: { leadChanged: { change: 'CREATED', lead: { name: 'By socket' } } } });
  await changes.return();
  await client.dispose();
});

await check('graphql-sse: a query and a subscription in distinct connections', async () => {
  const client = createEventClient({ url: server.graphql, headers: { authorization }, retryAttempts: 0 });
  assert.deepEqual((await client.iterate({ query: '{ __typename }' }).next()).value, { data: { __typename: 'Query' } });
  const refused = (await client.iterate({ query: '{ nonsense }' }).next()).value;
  assert.equal(refused.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  const changes = client.iterate({ query: WATCH });
  const first = changes.next();
  await new Promise((resolve) => setTimeout(resolve, 500));
  await server.ask(CREATE, { name: 'By event' });
  assert.deepEqual((await first).value, { data: { leadChanged: { change: 'CREATED', lead: { name: 'By event' } } } });
  await changes.return();
  client.dispose();
});

await check('4401 when the token is revoked; an event stream ends with the reason', async () => {
  const created = server.run('token', 'create', 'short', '--user', 'admin@example.com');
  const [, number] = /number\s+(\S+)/.exec(created);
  const token = `Bearer ${/token\s+(\S+)/.exec(created)[1]}`;
  const socket = await acknowledged(token);
  socket.send(subscribe('1', WATCH));
  const client = createEventClient({ url: server.graphql, headers: { authorization: token }, retryAttempts: 0 });
  const stream = client.iterate({ query: WATCH });
  const last = stream.next();
  await new Promise((resolve) => setTimeout(resolve, 500));
  server.run('token', 'revoke', number);
  const revoked = Date.now();
  const closed = await socket.closed;
  assert.deepEqual(closed, { code: 4401, reason: 'The token was revoked.' });
  assert.ok(Date.now() - revoked < 3000, `closed after ${Date.now() - revoked} ms`);
  assert.equal((await last).value.errors[0].extensions.code, 'UNAUTHENTICATED');
  assert.equal((await stream.next()).done, true);
});

await check('4408 without connection_init', async () => {
  assert.equal((await silent.closed).code, 4408);
  assert.ok(Date.now() - opened >= 9_000, 'too early');
});

await check('1001 when the server stops', async () => {
  const socket = await acknowledged();
  const stopped = server.stop();
  assert.equal((await socket.closed).code, 1001);
  await stopped;
});

console.log(`live: ${checks} checks passed; close codes seen: ${[...codes].sort().join(' ')}`);
