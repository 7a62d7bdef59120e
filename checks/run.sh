#!/usr/bin/env bash
# Checks of the built server with the clients that frontend teams use, with a receiver of webhooks, and with processes
# that are killed. GROUPGRAPH names the program; target/debug/groupgraph if not set. Needs Node 20 and the npm registry.
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
node outbox.mjs
(cd ../examples/router && npm ci --no-audit --no-fund --loglevel=error && node start.mjs --once)
