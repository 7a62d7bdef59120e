// The router: asks the subgraphs for their schemas, composes them, and serves the whole.

import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

async function definition({ name, url, authorization }) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(`${name}: ${errors[0].message}`);
  return { name, url, typeDefs: parse(data._service.sdl) };
}

/** Serves these subgraphs as one graph on a port of this machine. */
export async function serve(subgraphs, port) {
  const { supergraphSdl, errors } = composeServices(await Promise.all(subgraphs.map(definition)));
  if (errors?.length) throw new Error(errors.map((error) => error.message).join('\n'));
  const gateway = createGatewayRuntime({
    supergraph: supergraphSdl,
    logging: 'warn',
    // The hub decides for itself what the caller may see.
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => {
        const authorization = request.headers.get('authorization');
        return authorization ? { authorization } : {};
      },
    },
  });
  const server = createServer(gateway);
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  server.once('close', () => gateway[Symbol.asyncDispose]?.());
  return server;
}
