// Events as a receiver meets them: verified with the package standardwebhooks, before, during and after a rotation of
// the secret, and refused when altered.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { start } from './server.mjs';

const server = await start({
  'webhooks.allow_private_addresses': 'true',
  'deliveries.retry_after_seconds': '1,1,1,1,1',
  'deliveries.interval_ms': '200',
});

let status = 200;
const calls = [];
const waiting = [];
const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const call = { headers: request.headers, body: Buffer.concat(chunks).toString() };
  const next = waiting.shift();
  if (next) next(call);
  else calls.push(call);
  response.writeHead(status).end('thanks');
});
receiver.listen(0, '127.0.0.1');
await once(receiver, 'listening');
const told = () => (calls.length > 0 ? Promise.resolve(calls.shift()) : new Promise((resolve) => waiting.push(resolve)));

/** Runs a mutation of one root field that must succeed. */
async function done(mutation) {
  const answer = await server.ask(`mutation { it: ${mutation} }`);
  assert.equal(answer.errors, undefined, JSON.stringify(answer));
  assert.deepEqual(answer.data.it.errors, []);
  return answer.data.it;
}

const lead = (name) => done(`createLead(input: { familyName: "${name}" }) { lead { id number } errors { message } }`);
let checks = 0;
async function check(name, run) {
  await run();
  checks += 1;
  console.log(`ok  ${name}`);
}

const { port } = receiver.address();
const made = await done(`registerWebhook(input: { url: "http://127.0.0.1:${port}/", events: [LEAD_CREATED, LEAD_UPDATED] }) {
  webhook { id number } secret errors { message }
}`);
const old = new Webhook(made.secret);
const webhook = `webhook: { number: ${made.webhook.number} }`;

await check('an event verifies, and no altered one', async () => {
  const { lead: row } = await lead('Obi');
  const call = await told();
  const event = old.verify(call.body, call.headers);
  assert.equal(event.type, 'lead.created');
  assert.deepEqual([event.data.id, event.data.number], [row.id, row.number]);
  assert.throws(() => old.verify(call.body.replace('Obi', 'Eve'), call.headers), /signature/i);
  assert.throws(() => old.verify(call.body, { ...call.headers, 'webhook-id': 'msg_other' }), /signature/i);
  const stale = String(Number(call.headers['webhook-timestamp']) - 600);
  assert.throws(() => old.verify(call.body, { ...call.headers, 'webhook-timestamp': stale }));
  assert.throws(() => new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw').verify(call.body, call.headers), /signature/i);
});

await check('while a secret rotates, the old and the new one verify', async () => {
  const { secret } = await done(`rotateWebhookSecret(input: { ${webhook} }) { secret errors { message } }`);
  await lead('Two');
  const call = await told();
  for (const known of [old, new Webhook(secret)]) known.verify(call.body, call.headers);
});

await check('a failed event comes again under the same id, signed anew', async () => {
  status = 500;
  await lead('Three');
  const first = await told();
  status = 200;
  const second = await told();
  for (const call of [first, second]) old.verify(call.body, call.headers);
  assert.equal(first.headers['webhook-id'], second.headers['webhook-id']);
  assert.equal(first.body, second.body);
});

await check('a replay tells everything again, each under its id', async () => {
  const replayed = await done(`replayWebhook(input: { ${webhook}, since: "2000-01-01T00:00:00Z" }) { queuedCount errors { message } }`);
  assert.equal(replayed.queuedCount, 3);
  const ids = new Set();
  for (let index = 0; index < 3; index += 1) {
    const call = await told();
    old.verify(call.body, call.headers);
    ids.add(call.headers['webhook-id']);
  }
  assert.equal(ids.size, 3);
});

await check('a ping is an event like the others', async () => {
  await done(`pingWebhook(input: { ${webhook} }) { delivery { status } errors { message } }`);
  const call = await told();
  assert.equal(old.verify(call.body, call.headers).type, 'ping');
});

console.log(`${checks} checks of webhooks passed`);
receiver.close();
await server.stop();
