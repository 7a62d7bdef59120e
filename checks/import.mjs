// 10,000 leads in one call, while the server is killed with SIGKILL twice: the client repeats its call with the same
// Idempotency-Key until it is answered, and there are exactly 10,000 leads.

import assert from 'node:assert/strict';
import { start } from './server.mjs';

const LEADS = Number(process.env.LEADS ?? 10_000);
const KILLS = [0.2, 0.6];
const started = Date.now();
const server = await start({ 'rest.halopsa.quota_factor': '100', 'server.request_timeout_seconds': '20' });
const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.token}` };
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const configured = await fetch(`${server.url}/api/v1/config`, {
  method: 'PUT',
  headers,
  body: JSON.stringify({ providers: { zoominfo: { enabled: true } } }),
});
assert.equal(configured.status, 200);

const leads = Array.from({ length: LEADS }, (_, index) => ({ first_name: `Lead ${index}`, email: `lead${index}@example.com` }));
const body = JSON.stringify({ source: 'zoominfo', leads, batch_options: { batch_size: 100, rate_limit: 1000 } });
let calls = 0;
let answer;

/** Repeats the same call until it is answered. */
async function send() {
  while (!answer) {
    calls += 1;
    try {
      const response = await fetch(`${server.url}/api/v1/sync/leads/bulk`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': 'the-drill' },
        body,
      });
      const text = await response.text();
      if (response.status === 200) answer = JSON.parse(text);
      else assert.equal(response.status, 503, text);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      await pause(100);
    }
  }
}

async function processed() {
  const found = await server.ask('{ importBatch(by: { number: 1 }) { processedCount } }').catch(() => undefined);
  return found?.data?.importBatch?.processedCount ?? 0;
}

const sending = send();
for (const share of KILLS) {
  while ((await processed()) < LEADS * share) await pause(50);
  await server.kill();
  await server.revive();
}
await sending;
assert.deepEqual([answer.total_processed, answer.successful, answer.failed], [LEADS, LEADS, 0]);
assert.equal(new Set(answer.results.map((row) => row.lead_id)).size, LEADS);
const counted = await server.ask('{ leads { totalCount } importStatistics { importedLeadCount } }');
assert.equal(counted.data.leads.totalCount, LEADS, JSON.stringify(counted));
assert.equal(counted.data.importStatistics.importedLeadCount, LEADS);
await server.stop();
console.log(`import: ${LEADS} leads, ${KILLS.length} kills, ${calls} calls, ${((Date.now() - started) / 1000).toFixed(1)} s: ok`);
