// The snippets of the README, as they are written there, against the built server.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import WebSocket from 'ws';
import { start } from './server.mjs';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const folder = new URL('./.snippets/', import.meta.url);
const QUERY = 'query Who { viewer { staff { name } } }';
const WATCH = 'subscription Watch { leadChanged { change lead { name } } }';
const CREATE = 'mutation Create($name: String!) { createLead(input: { givenName: $name }) { lead { name } errors { message } } }';

const server = await start();
// What browsers have and Node does not.
globalThis.WebSocket = WebSocket;
globalThis.localStorage = { getItem: () => server.token };
mkdirSync(folder, { recursive: true });

/** The module that a block of the README makes; its first line is `// NAME`. */
async function snippet(name) {
  const block = readme.split('```js\n').find((text) => text.startsWith(`// ${name}`));
  assert.ok(block, `the README has no snippet for ${name}`);
  const code = block.split('```')[0].replaceAll('https://hub.example', server.url).replaceAll('wss://hub.example', server.url.replace('http', 'ws'));
  const file = new URL(`${name.toLowerCase().replaceAll(/\W/g, '-')}.mjs`, folder);
  writeFileSync(file, code);
  return import(file);
}

/** Watches, creates a lead, and answers what was seen. */
async function changes(watch, create, name) {
  const seen = new Promise((resolve, reject) => watch(resolve, reject));
  // The subscription has to have begun.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await create({ name });
  const { data } = await seen;
  assert.equal(data.leadChanged.change, 'CREATED');
  assert.equal(data.leadChanged.lead.name, name);
}

try {
  const { gql } = await import('@apollo/client');
  const apollo = (await snippet('Apollo Client')).client;
  assert.equal((await apollo.query({ query: gql(QUERY) })).data.viewer.staff.name, 'Ada Admin');
  await changes(
    (next, error) => apollo.subscribe({ query: gql(WATCH) }).subscribe({ next, error }),
    (variables) => apollo.mutate({ mutation: gql(CREATE), variables }),
    'By Apollo',
  );
  console.log('ok  Apollo Client: query, mutation, subscription');

  const urql = (await snippet('urql')).client;
  const asked = await urql.query(QUERY, {});
  assert.equal(asked.error, undefined);
  assert.equal(asked.data.viewer.staff.name, 'Ada Admin');
  await changes(
    (next) => urql.subscription(WATCH, {}).subscribe(next),
    (variables) => urql.mutation(CREATE, variables),
    'By urql',
  );
  console.log('ok  urql: query, mutation, subscription');

  const network = (await snippet('Relay')).environment.getNetwork();
  const execute = (text, operationKind, variables = {}) => network.execute({ text, id: null, name: 'X', operationKind }, variables, {});
  assert.equal((await execute(QUERY, 'query').toPromise()).data.viewer.staff.name, 'Ada Admin');
  await changes(
    (next, error) => execute(WATCH, 'subscription').subscribe({ next, error }),
    (variables) => execute(CREATE, 'mutation', variables).toPromise(),
    'By Relay',
  );
  console.log('ok  Relay: query, mutation, subscription');
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
}
process.exit(0);
