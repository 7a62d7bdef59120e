// A second subgraph: what clients of the group are said to think. It knows clients by their id alone.

import { createServer } from 'node:http';
import { buildSchema, graphql } from 'graphql';

const SDL = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

type Query {
  "All reviews, latest first."
  latestReviews: [Review!]!
}

type Mutation {
  "Adds what a client said."
  addReview(client: ID!, stars: Int!, text: String!): Review!
}

"What a client said."
type Review @key(fields: "id") {
  id: ID!
  stars: Int!
  text: String!
  client: Client!
}

"A client of the hub."
type Client @key(fields: "id") {
  id: ID!
  reviews: [Review!]!
}
`;

// What a router asks every subgraph beside its own fields.
const MACHINERY = `
scalar _Any
scalar FieldSet
scalar LinkImport
directive @link(url: String!, import: [LinkImport]) repeatable on SCHEMA
directive @key(fields: FieldSet!) repeatable on OBJECT
union _Entity = Review | Client
type _Service { sdl: String! }
extend type Query {
  _service: _Service!
  _entities(representations: [_Any!]!): [_Entity]!
}
`;

const schema = buildSchema(SDL.replace('extend schema', 'schema').replace('@key"])', '@key"]) { query: Query mutation: Mutation }') + MACHINERY);
const reviews = [];
const client = (id) => ({ __typename: 'Client', id, reviews: () => reviews.filter((review) => review.client.id === id) });
const find = { Client: ({ id }) => client(id), Review: ({ id }) => reviews.find((review) => review.id === id) };

const root = {
  latestReviews: () => reviews.toReversed(),
  addReview: ({ client: id, stars, text }) => {
    const review = { __typename: 'Review', id: `R${reviews.length + 1}`, stars, text, client: client(id) };
    reviews.push(review);
    return review;
  },
  _service: () => ({ sdl: SDL }),
  _entities: ({ representations }) => representations.map((one) => find[one.__typename]?.(one) ?? null),
};

/** Serves on a port of this machine. */
export function serve(port) {
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { query, variables, operationName } = JSON.parse(Buffer.concat(parts).toString());
    const answer = await graphql({ schema, source: query, rootValue: root, variableValues: variables, operationName });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}
