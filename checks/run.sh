#!/usr/bin/env bash
# Checks of the built server with the clients that frontend teams use, with a receiver of webhooks, with processes that
# are killed, and with foreign servers. GROUPGRAPH names the program; target/debug/groupgraph if not set. Needs Node 20,
# the npm registry, Python 3.10 with its package index, and PostgreSQL on its usual port.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --no-audit --no-fund --loglevel=error
node http-audits.mjs
node live.mjs
node clients.mjs
node compilers.mjs
node slow.mjs
node compose.mjs
node webhooks.mjs
(cd ../examples/router && npm ci --no-audit --no-fund --loglevel=error && node start.mjs --once)
(cd ../examples/postgraphile && npm ci --no-audit --no-fund --loglevel=error && node check.mjs)
node outbox.mjs
node rest.mjs
