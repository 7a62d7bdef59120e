// The example from end to end: PostGraphile over a database of another shape joins a hub as a source, and its rows are
// met in the global fields. GROUPGRAPH names the program; PostgreSQL is expected on its usual port.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { postgraphile } from 'postgraphile';
import { start } from '../../checks/server.mjs';

const postgres = process.env.POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const name = `harbour_check_${process.pid}`;
const database = postgres.replace(/[^/]*$/, name);
const TOKEN = 'what-harbour-works-accepts';
const folder = mkdtempSync(join(tmpdir(), 'groupgraph-postgraphile-'));

const admin = new pg.Client({ connectionString: postgres });
await admin.connect();
await admin.query(`CREATE DATABASE ${name}`);
const pool = new pg.Pool({ connectionString: database });
await pool.query(readFileSync(here('schema.sql'), 'utf8'));

// PostGraphile itself takes everybody; the token is checked before.
const graphile = postgraphile(pool, 'harbour', { graphiql: false, disableQueryLog: true });
const foreign = createServer((request, response) => {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) {
    response.writeHead(401).end();
    return;
  }
  graphile(request, response);
});
await new Promise((resolve) => foreign.listen(0, '127.0.0.1', resolve));
const endpoint = `http://127.0.0.1:${foreign.address().port}/graphql`;

const hub = await start({ 'sources.allow_private_addresses': 'true' });
const ask = async (query, variables) => {
  const { data, errors } = await hub.ask(query, variables);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
};

/** All rows of a global list, page by page. */
async function walk(field, order, first, more = '') {
  const rows = [];
  for (let after = null; ;) {
    const data = await ask(
      `query($after: String) { page: ${field}(first: ${first}, after: $after, orderBy: [${order}] ${more}) {
        nodes { id number } pageInfo { hasNextPage endCursor } sources { status code message } } }`,
      { after },
    );
    assert.deepEqual(data.page.sources.map((source) => source.status), ['OK'], JSON.stringify(data.page.sources));
    rows.push(...data.page.nodes);
    if (!data.page.pageInfo.hasNextPage) return rows;
    after = data.page.pageInfo.endCursor;
  }
}

const distinct = (rows) => new Set(rows.map((row) => row.id)).size;

try {
  const made = await ask(`mutation { createTenant(input: {name: "Harbour Works", namespace: "harbour", baseCurrency: "EUR", timeZone: "Europe/Lisbon"}) { tenant { number } errors { message } } }`);
  assert.deepEqual(made.createTenant.errors, []);
  const token = hub.run('source', 'invite', 'harbour').trim();
  const credential = join(folder, 'credential');
  writeFileSync(credential, `${TOKEN}\n`);
  // Not synchronously: this process answers for PostGraphile.
  const report = await hub.begin('source', 'join', hub.url, token, '--endpoint', endpoint, '--credential', credential, '--mappings', here('mappings.json'));
  console.log(report.trimEnd());
  assert.match(report, /joined as Harbour Works/);
  assert.match(report, /LEADS\s+without .*familyName/);
  assert.match(report, /DEALS\s+not offered\. There is no mapping for it\./);
  assert.match(hub.run('source', 'list'), /Harbour Works\s+http.*MAPPED\s+ACTIVE\s+STAFF,LEADS,INVOICES/);

  const { globalStaff } = await ask('{ globalStaff(orderBy: [{field: NAME}]) { nodes { number name email isActive position { name } tenant { name } } totalCount } }');
  assert.deepEqual(globalStaff.nodes.map((person) => person.name), ['Ines Duarte', 'Paul Okafor', 'Rita Lopes']);
  assert.deepEqual(globalStaff.nodes[0], { number: 1, name: 'Ines Duarte', email: 'ines@harbour.example', isActive: true, position: { name: 'Sales' }, tenant: { name: 'Harbour Works' } });
  assert.equal(globalStaff.totalCount, 3);
  console.log('ok  staff: text keys, a condition of its own, ordered at the hub');

  const { globalLeads } = await ask('{ globalLeads(first: 3, orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes { name state createdAt value { amount amountMinor currency } owner { name } familyName } totalCount sources { missingFields } } }');
  assert.equal(globalLeads.totalCount, 240);
  assert.equal(globalLeads.nodes[0].createdAt.slice(0, 10), '2026-03-01');
  assert.ok(globalLeads.nodes.every((lead) => lead.familyName === null && lead.owner.name && lead.value.currency === 'EUR'));
  assert.deepEqual(globalLeads.sources, [{ missingFields: ['familyName'] }]);
  for (const order of ['{field: CREATED_AT}', '{field: CREATED_AT, direction: DESC}', '{field: NAME}', '{field: VALUE, direction: DESC}']) {
    const rows = await walk('globalLeads', order, 37);
    assert.equal(rows.length, 240, order);
    assert.equal(distinct(rows), 240, order);
  }
  console.log('ok  leads: uuids, enum words, money, cursors of its own; every row once in every order');

  const lost = await walk('globalLeads', '{field: CREATED_AT}', 25, ', filter: {state: {eq: LOST}, value: {gte: "1000", currency: "EUR"}}');
  assert.equal(lost.length, distinct(lost));
  const { rows: [expected] } = await pool.query(`SELECT count(*)::int AS count FROM harbour.enquiry WHERE stage = 'gone' AND worth >= 1000`);
  assert.equal(lost.length, expected.count);
  const found = await ask('{ globalLeads(filter: {email: {eq: "contact17@customer.example"}}) { nodes { name } } }');
  assert.deepEqual(found.globalLeads.nodes, [{ name: 'Contact 17' }]);
  const refused = await ask('{ globalLeads(search: "x") { nodes { name } sources { status code } } }');
  assert.deepEqual(refused.globalLeads.sources, [{ status: 'SKIPPED', code: 'SEARCH_NOT_OFFERED' }]);
  console.log('ok  conditions: pushed down, or tested at the hub; what is impossible is said');

  const totals = await ask('{ globalInvoiceTotals(groupBy: [TENANT, STATUS]) { rows { tenant { name } status count invoiced { amountMinor } paid { amountMinor } } total sources { status code message } } }');
  const sums = totals.globalInvoiceTotals;
  assert.deepEqual(sums.sources, [{ status: 'OK', code: null, message: null }]);
  assert.equal(sums.total, 60);
  const { rows: [paid] } = await pool.query(`SELECT count(*)::int AS count, sum(total_cents)::int AS total FROM harbour.bill WHERE state = 'paid'`);
  assert.deepEqual(sums.rows.find((row) => row.status === 'PAID'), {
    tenant: { name: 'Harbour Works' }, status: 'PAID', count: paid.count, invoiced: { amountMinor: paid.total }, paid: { amountMinor: paid.total },
  });
  const counts = await ask('{ globalLeadCounts(groupBy: [STATE]) { rows { state count } total } }');
  assert.equal(counts.globalLeadCounts.total, 240);
  assert.deepEqual(counts.globalLeadCounts.rows.find((row) => row.state === 'OPEN'), { state: 'OPEN', count: 120 });
  console.log('ok  totals: rows of a server that counts nothing are counted by the hub');

  await pool.query('ALTER TABLE harbour.enquiry RENAME COLUMN phone TO telephone');
  const { sources } = await ask('{ sources { number } }');
  const { probeSource } = await ask(`mutation { probeSource(input: {source: {number: ${sources[0].number}}}) { check { collections { collection isOffered message } } } }`);
  const leads = probeSource.check.collections.find((state) => state.collection === 'LEADS');
  assert.equal(leads.isOffered, false);
  assert.match(leads.message, /A row was asked for in vain/);
  const drifted = await ask('{ sources { state driftedFields } }');
  assert.deepEqual(drifted.sources, [{ state: 'ACTIVE', driftedFields: ['leads'] }]);
  const still = await ask('{ globalStaff { nodes { name } } }');
  assert.equal(still.globalStaff.nodes.length, 3);
  console.log('ok  drift: a column that went away is named; the rest is still answered');
} finally {
  await hub.stop();
  rmSync(folder, { recursive: true });
  foreign.close();
  await pool.end();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
}
