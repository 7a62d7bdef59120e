// Starts a hub with an empty database, the subgraph of reviews, and the router before both; asks for entities across
// both. With `--once` it ends then, and fails if the answers are not as they should be.

import assert from 'node:assert/strict';
import { start } from '../../checks/server.mjs';
import { serve as serveReviews } from './reviews.mjs';
import { serve as serveRouter } from './router.mjs';

const once = process.argv.includes('--once');
const hub = await start();
const authorization = `Bearer ${hub.token}`;
const reviews = await serveReviews(once ? 0 : 4001);
const reviewsUrl = `http://127.0.0.1:${reviews.address().port}/graphql`;
const subgraphs = [
  { name: 'groupgraph', url: hub.graphql, authorization },
  { name: 'reviews', url: reviewsUrl },
];
const router = await serveRouter(subgraphs, once ? 0 : 4000);
const url = `http://127.0.0.1:${router.address().port}/graphql`;

async function ask(query, variables) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

const CLIENT = `mutation ($name: String!) {
  createClient(input: { name: $name }) { client { id number } errors { message } }
}`;
const REVIEW = 'mutation ($client: ID!, $stars: Int!, $text: String!) { addReview(client: $client, stars: $stars, text: $text) { id } }';
const QUERY = `query ($number: Int!) {
  client(by: { number: $number }) { name balance { currency } reviews { stars text } }
  latestReviews { stars client { name number } }
}`;

try {
  const { createClient } = await ask(CLIENT, { name: 'Palm Traders' });
  assert.deepEqual(createClient.errors, []);
  const { id, number } = createClient.client;
  await ask(REVIEW, { client: id, stars: 5, text: 'On time, every time.' });
  await ask(REVIEW, { client: id, stars: 4, text: 'Good.' });
  const answer = await ask(QUERY, { number });
  assert.equal(answer.client.name, 'Palm Traders');
  assert.deepEqual(answer.client.reviews.map((review) => review.stars), [5, 4]);
  assert.deepEqual(answer.latestReviews, [4, 5].map((stars) => ({ stars, client: { name: 'Palm Traders', number } })));
  console.log('ok  entities of both subgraphs through the router');
  if (!once) console.log(`${JSON.stringify(answer, null, 2)}\n\nrouter   ${url}\nheader   authorization: ${authorization}\nquery    ${QUERY}`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
if (once || process.exitCode) {
  router.close();
  reviews.close();
  await hub.stop();
  process.exit();
}
process.once('SIGINT', async () => {
  await hub.stop();
  process.exit();
});
