// The compilers of frontend teams over the schema that the server gives, by the README, and what they make against
// the built server.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import relay from 'relay-runtime';
import WebSocket from 'ws';
import { block, clean, folder, load } from './readme.mjs';
import { start } from './server.mjs';

const { createOperationDescriptor, fetchQuery, getSingularSelector } = relay;
/** Runs a program of a package; what it says shows if it fails. */
const run = (name, words, cwd) => promisify(execFile)(new URL(`./node_modules/.bin/${name}`, import.meta.url).pathname, words, { cwd });

/** A folder with the schema of a running server. */
async function project(name, server) {
  const path = join(folder, name);
  mkdirSync(join(path, 'src'), { recursive: true });
  const answer = await fetch(`${server.url}/graphql/schema.graphql`, { headers: { authorization: `Bearer ${server.token}` } });
  assert.equal(answer.status, 200);
  writeFileSync(join(path, 'schema.graphql'), await answer.text());
  return path;
}

async function compileRelay(path) {
  const config = {
    src: './src',
    schema: './schema.graphql',
    language: 'javascript',
    eagerEsModules: false,
    artifactDirectory: './generated',
    persistConfig: { file: './persisted.json' },
  };
  mkdirSync(join(path, 'generated'));
  writeFileSync(join(path, 'package.json'), '{"type":"commonjs"}');
  writeFileSync(join(path, 'persisted.json'), '{}');
  writeFileSync(join(path, 'relay.config.json'), JSON.stringify(config));
  writeFileSync(join(path, 'src', 'Leads.js'), block('Leads.js, for the Relay compiler'));
  await run('relay-compiler', ['--noWatchman', 'relay.config.json'], path);
  const require = createRequire(join(path, 'package.json'));
  return (name) => require(`./generated/${name}.graphql.js`);
}

/** Two pages of a list, each by its compiled document alone, and one row again by its id. */
async function runRelay(environment, artifact) {
  const query = artifact('LeadsQuery');
  const variables = { count: 2 };
  environment.retain(createOperationDescriptor(query, variables));
  const data = await fetchQuery(environment, query, variables).toPromise();
  const selector = getSingularSelector(artifact('Leads_page'), data);
  const page = () => environment.lookup(selector).data.leads;
  const names = () => page().edges.map(({ node }) => environment.lookup(getSingularSelector(artifact('Leads_lead'), node)).data.name);
  assert.deepEqual(names(), ['Ann', 'Ben']);
  assert.equal(page().pageInfo.hasNextPage, true);
  await fetchQuery(environment, artifact('LeadsPageQuery'), { count: 2, cursor: page().pageInfo.endCursor }).toPromise();
  assert.deepEqual(names(), ['Ann', 'Ben', 'Cid']);
  assert.equal(page().pageInfo.hasNextPage, false);
  const again = await fetchQuery(environment, artifact('LeadsLeadQuery'), { id: page().edges[2].node.id }).toPromise();
  assert.equal(environment.lookup(getSingularSelector(artifact('Leads_lead'), again.node)).data.name, 'Cid');
}

const CREATE = 'mutation ($name: String!) { createLead(input: { givenName: $name }) { lead { id } errors { message } } }';

const server = await start();
// What browsers have and Node does not.
globalThis.WebSocket = WebSocket;
globalThis.localStorage = { getItem: () => server.token };

try {
  const path = await project('relay', server);
  const artifact = await compileRelay(path);
  for (const name of ['Cid', 'Ann', 'Ben']) assert.deepEqual((await server.ask(CREATE, { name })).data.createLead.errors, []);
  // The documents have ids only: the text is in the manifest, which the server gets as its trusted documents.
  assert.equal(artifact('LeadsQuery').params.text, null);
  const manifest = join(path, 'persisted.json');
  assert.equal(Object.keys(JSON.parse(readFileSync(manifest, 'utf8'))).length, 3);
  await server.restart({ 'graphql.trusted_documents': manifest, 'graphql.only_trusted': true });
  const { environment } = await load('Relay', server.url);
  await runRelay(environment, artifact);
  assert.equal((await server.ask('{ __typename }')).errors[0].extensions.code, 'DOCUMENT_NOT_TRUSTED');
  console.log('ok  Relay compiler: connection, pages, refetch by id, as the only trusted documents');

  await server.restart({});
  const codegen = await project('codegen', server);
  writeFileSync(join(codegen, 'package.json'), '{"type":"commonjs"}');
  writeFileSync(join(codegen, 'codegen.ts'), block('codegen.ts'));
  writeFileSync(
    join(codegen, 'src', 'leads.ts'),
    `import { graphql } from './gql';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';

export const LEADS = graphql(\`query Leads($first: Int!) { leads(first: $first) { nodes { name value { currency } } totalCount } }\`);

type Data<T> = T extends TypedDocumentNode<infer D, any> ? D : never;
type Variables<T> = T extends TypedDocumentNode<any, infer V> ? V : never;
export const variables: Variables<typeof LEADS> = { first: 2 };
export const names = (data: Data<typeof LEADS>): string[] => data.leads.nodes.map((lead) => lead.name);
// @ts-expect-error it is a number
export const wrong: Variables<typeof LEADS> = { first: 'two' };
`,
  );
  await run('graphql-codegen', ['--config', 'codegen.ts'], codegen);
  const options = ['--strict', '--skipLibCheck', '--target', 'esnext', '--module', 'nodenext', '--outDir', 'out', 'src/leads.ts'];
  await run('tsc', options, codegen);
  const { print } = await import('graphql');
  const { LEADS, variables, names } = createRequire(join(codegen, 'package.json'))('./out/leads.js');
  const { data } = await server.ask(print(LEADS), variables);
  assert.deepEqual(names(data).length, 2);
  assert.equal(data.leads.totalCount, 3);
  console.log('ok  GraphQL Code Generator: typed documents, checked and run');
} finally {
  clean();
  await server.stop();
}
