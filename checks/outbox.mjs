// Hub and subsidiary as real processes, killed with SIGKILL 100 times (KILLS=…) while pay is pushed: nothing is
// lost, nothing is applied twice.

import assert from 'node:assert/strict';
import { group } from './group.mjs';

const KILLS = Number(process.env.KILLS ?? 100);
const started = Date.now();
const { hub, subsidiary, company, person } = await group({
  'deliveries.retry_after_seconds': Array(120).fill(1).join(','),
  'deliveries.attempt_timeout_ms': '1000',
  'deliveries.interval_ms': '200',
});

const MONTHS = ['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST', 'SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'];
const PUSH = `mutation ($input: PushPayrollInput!) { pushPayroll(input: $input) { payrollEntry { number } errors { message } } }`;
/** What the hub has acknowledged last, by year and month. */
const acknowledged = new Map();
let pushes = 0;
let stopped = false;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Pushes until the hub says that it has it; the same pay again is no second push. */
async function push(place, amount) {
  const input = {
    tenant: { number: company },
    remoteStaffNumber: person,
    month: MONTHS[place % 12],
    year: 2000 + Math.floor(place / 12),
    netSalary: { amountMinor: amount, currency: 'EUR' },
    bonuses: [{ title: 'Travel', amount: { amountMinor: amount, currency: 'EUR' } }],
  };
  for (;;) {
    const answer = await hub.ask(PUSH, { input }).catch(() => undefined);
    if (answer?.data) {
      assert.deepEqual(answer.data.pushPayroll.errors, []);
      acknowledged.set(place, amount);
      pushes += 1;
      return;
    }
    await pause(20);
  }
}

/** New months, and every third time a correction of one of the last. */
async function work(worker) {
  for (let place = worker; !stopped; place += 2) {
    await push(place, 1000 + place);
    if (place % 3 === 0) await push(Math.max(worker, place - 4), 500_000 + place);
    await pause(20);
  }
}

const workers = [work(0), work(1)];
let kills = 0;

/** Kills one of the two again and again, at any moment; on a busy machine it gets more time to do something. */
async function murder(victim) {
  for (let patience = 250; kills < KILLS; kills += 1) {
    await pause(Math.random() * patience);
    const begun = Date.now();
    await victim.kill();
    await victim.start();
    patience = Math.max(250, Date.now() - begun);
  }
}

await Promise.all([murder(hub), murder(subsidiary)]);
stopped = true;
await Promise.all(workers);

const COUNT = `{ pending: deliveries(filter: { status: { eq: PENDING } }) { totalCount } failed: deliveries(filter: { status: { eq: FAILED } }) { totalCount } }`;
for (let tries = 0; ; tries += 1) {
  const { data } = await hub.ask(COUNT);
  assert.equal(data.failed.totalCount, 0, 'nothing is given up');
  if (data.pending.totalCount === 0) break;
  assert.ok(tries < 600, `${data.pending.totalCount} deliveries still wait`);
  await pause(100);
}

/** All rows of a list, page by page. */
async function all(server, field, selection) {
  const rows = [];
  for (let after = null; ; ) {
    const query = `query ($after: String) { ${field}(first: 100, after: $after) { nodes { ${selection} } pageInfo { hasNextPage endCursor } } }`;
    const { data } = await server.ask(query, { after });
    rows.push(...data[field].nodes);
    if (!data[field].pageInfo.hasNextPage) return rows;
    after = data[field].pageInfo.endCursor;
  }
}

const received = await all(subsidiary, 'payrollEntries', 'number month year netSalary { amountMinor } bonuses { amount { amountMinor } }');
const place = (row) => (row.year - 2000) * 12 + MONTHS.indexOf(row.month);
assert.deepEqual(
  new Map(received.map((row) => [place(row), row.netSalary.amountMinor]).sort(([a], [b]) => a - b)),
  new Map([...acknowledged].sort(([a], [b]) => a - b)),
  'what was acknowledged is there, and nothing else',
);
for (const row of received) assert.deepEqual(row.bonuses, [{ amount: { amountMinor: row.netSalary.amountMinor } }]);

// Each application of pay leaves a line in the activity log of the subsidiary.
const lines = (await all(subsidiary, 'activityLogs', 'description')).map((row) => row.description);
const deliveries = await all(hub, 'deliveries', 'status attempts { error } payrollEntry { month year }');
const delivered = deliveries.filter((row) => row.status === 'DELIVERED');
for (const row of received) {
  const applied = lines.filter((line) => line.endsWith(` payroll entry ${row.number}`));
  const sent = delivered.filter((delivery) => place(delivery.payrollEntry) === place(row));
  assert.equal(applied.length, sent.length, `${row.month} ${row.year}: ${applied.length} applied, ${sent.length} sent`);
  assert.equal(applied.filter((line) => line.startsWith('Created')).length, 1);
}
const repeated = deliveries.filter((row) => row.attempts.length > 1).length;
const seconds = Math.round((Date.now() - started) / 1000);
console.log(`ok  ${KILLS} kills in ${seconds} s: ${pushes} pushes, ${delivered.length} deliveries, ${repeated} of them repeated, none lost or doubled`);
await Promise.all([hub.stop(), subsidiary.stop()]);
