// Composes the hub with a second subgraph that extends Client, as a router of Apollo Federation would have it.
import { readFileSync } from 'node:fs'
import { parse } from 'graphql'
import { composeServices } from '@theguild/federation-composition'
const hub = readFileSync(new URL("../schema/schema.graphql", import.meta.url), 'utf8')
const other = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
type Query { openReviews: [Review!]! }
type Review @key(fields: "id") { id: ID! stars: Int! client: Client! }
type Client @key(fields: "id") { id: ID! reviews: [Review!]! }
`
const result = composeServices([
  { name: 'groupgraph', url: 'http://127.0.0.1:8080/graphql', typeDefs: parse(hub) },
  { name: 'reviews', url: 'http://127.0.0.1:8090/graphql', typeDefs: parse(other) },
])
if (result.errors?.length) {
  for (const error of result.errors) console.error(error.message)
  process.exit(1)
}
const client = /type Client[\s\S]*?\n}/.exec(result.supergraphSdl)?.[0] ?? ''
if (!/reviews: \[Review!\]!/.test(client) || !/balance: Money/.test(client)) {
  console.error('Client of the supergraph lacks fields of one of the subgraphs')
  process.exit(1)
}
console.log(`composed: ${result.supergraphSdl.length} characters of supergraph`)
