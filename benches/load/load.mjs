// What the server still does while ten times more is asked of it than it can do.
//
// First as many requests as it answers (each connection asks again when it has its answer), then requests at a fixed
// rate, whether they are answered or not: at the capacity found, and at ten times that. Goodput is answers with data
// within a second and a half of the request.

import assert from 'node:assert/strict';
import http from 'node:http';
import { start } from '../../checks/server.mjs';

const SECONDS = Number(process.env.LOAD_SECONDS ?? 10);
const ROWS = Number(process.env.LOAD_ROWS ?? 100);
const LEAST_GOODPUT = 0.9;
const PATIENCE_MS = 1500;
const CONNECTIONS = 32;
/** A page as a frontend asks for it. */
const QUERY = `{ leads(first: ${ROWS}, orderBy: [{ field: NAME, direction: ASC }]) {
  nodes { id name companyName value { amount currency } status { name } owner { name role { name } } }
  totalCount pageInfo { hasNextPage endCursor }
} }`;

const server = await start({ 'limits.requests_per_minute': 0, 'telemetry.level': 'error' }, ['seed']);
const agent = new http.Agent({ keepAlive: true, maxSockets: 4000 });
const body = JSON.stringify({ query: QUERY });
const options = {
  method: 'POST',
  agent,
  headers: { 'content-type': 'application/json', 'content-length': body.length, authorization: `Bearer ${server.token}` },
};

/** One request: status, milliseconds, whether a 503 says when to come again. */
function ask() {
  return new Promise((resolve) => {
    const began = performance.now();
    const ended = (status, told = false) => resolve({ status, told, ms: performance.now() - began });
    const request = http.request(server.graphql, options, (response) => {
      response.resume();
      response.once('end', () => ended(response.statusCode, 'retry-after' in response.headers));
      response.once('error', () => ended(0));
    });
    request.once('error', () => ended(0));
    request.end(body);
  });
}

function summary(name, asked, answers, seconds) {
  const good = answers.filter(({ status, ms }) => status === 200 && ms <= PATIENCE_MS);
  const times = good.map(({ ms }) => ms).sort((one, other) => one - other);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN;
  const shed = answers.filter(({ status, told }) => status === 503 && told).length;
  const late = answers.filter(({ status, ms }) => status === 200 && ms > PATIENCE_MS).length;
  const result = {
    name,
    asked: asked / seconds,
    goodput: good.length / seconds,
    shed: shed / seconds,
    late,
    failed: answers.length - good.length - shed - late,
    p50: at(0.5),
    p99: at(0.99),
  };
  const number = (value) => value.toFixed(0).padStart(8);
  console.log(`${name.padEnd(14)}${number(result.asked)}${number(result.goodput)}${number(result.shed)}${number(late)}${number(result.failed)}${result.p50.toFixed(1).padStart(9)}${result.p99.toFixed(1).padStart(9)}`);
  return result;
}

async function closed() {
  const answers = [];
  const end = performance.now() + SECONDS * 1000;
  const loop = async () => {
    while (performance.now() < end) answers.push(await ask());
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, loop));
  return summary('at its best', answers.length, answers, SECONDS);
}

async function open(name, rate) {
  const running = [];
  const began = performance.now();
  let asked = 0;
  for (let now = began; now - began < SECONDS * 1000; now = performance.now()) {
    for (const due = ((now - began) / 1000) * rate; asked < due; asked += 1) running.push(ask());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return summary(name, asked, await Promise.all(running), SECONDS);
}

try {
  console.log('per second       asked    good    shed    late  failed   p50 ms   p99 ms');
  for (let times = 0; times < 20; times += 1) await ask();
  const best = await closed();
  const once = await open('1x', best.goodput);
  const ten = await open('10x', best.goodput * 10);
  for (const { name, failed } of [best, once, ten]) assert.equal(failed, 0, `${name}: ${failed} neither answered nor told to wait`);
  assert.ok(ten.shed > 0, 'nothing was shed');
  assert.ok(ten.goodput >= best.goodput * LEAST_GOODPUT, `goodput fell to ${((100 * ten.goodput) / best.goodput).toFixed(0)} %`);
  console.log(`ok  goodput at ten times the capacity is ${((100 * ten.goodput) / best.goodput).toFixed(0)} % of the best`);
} finally {
  agent.destroy();
  await server.stop();
}
