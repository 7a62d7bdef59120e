// The snippets of the README, as they are written there, against the built server.

import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { clean, load } from './readme.mjs';
import { start } from './server.mjs';

const QUERY = 'query Who { viewer { staff { name } } }';
const WATCH = 'subscription Watch { leadChanged { change lead { name } } }';
const CREATE = 'mutation Create($name: String!) { createLead(input: { givenName: $name }) { lead { name } errors { message } } }';

const server = await start();
// What browsers have and Node does not.
globalThis.WebSocket = WebSocket;
globalThis.localStorage = { getItem: () => server.token };
const snippet = (name) => load(name, server.url);

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

  const { ApolloClient, HttpLink, InMemoryCache } = await import('@apollo/client');
  const { persisted } = await snippet('Persisted queries with Apollo Client');
  const sent = [];
  const http = new HttpLink({
    uri: server.graphql,
    fetch: (url, init) => {
      sent.push(`${init.method} ${String(init.body ?? url).includes('query Stored') ? 'text' : 'hash'}`);
      return fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${server.token}` } });
    },
  });
  const stored = { query: gql('query Stored { viewer { staff { name } } }'), fetchPolicy: 'no-cache' };
  const byHash = new ApolloClient({ cache: new InMemoryCache(), link: persisted.concat(http) });
  for (let times = 0; times < 2; times += 1) {
    assert.equal((await byHash.query(stored)).data.viewer.staff.name, 'Ada Admin');
  }
  // Unknown at first, so the text is sent once.
  assert.deepEqual(sent, ['GET hash', 'POST text', 'GET hash']);
  console.log('ok  Apollo Client: automatic persisted queries');

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
  clean();
  await server.stop();
}
process.exit(0);
