// All audits of the GraphQL over HTTP specification, by the package graphql-http, against the built server.

import { serverAudits } from 'graphql-http';
import { start } from './server.mjs';

const server = await start();
let passed = 0;
const failed = [];
try {
  const authorization = `Bearer ${server.token}`;
  const fetchFn = (url, init = {}) => fetch(url, { ...init, headers: { ...init.headers, authorization } });
  for (const audit of serverAudits({ url: server.graphql, fetchFn })) {
    const result = await audit.fn();
    if (result.status === 'ok') passed += 1;
    else failed.push(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
  }
} finally {
  await server.stop();
}
for (const line of failed) console.error(line);
console.log(`GraphQL over HTTP: ${passed} of ${passed + failed.length} audits passed`);
if (failed.length > 0 || passed < 61) process.exit(1);
