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
node import.mjs
node rest.mjs

# The vendor's client of Repzo, as its README tells, against the demo.
folder=$(mktemp -d)
"${GROUPGRAPH:-../target/debug/groupgraph}" demo --port 18080 --credentials "$folder/credentials.json" --data-dir "$folder/data" >"$folder/log" &
demo=$!
trap 'kill "$demo"; rm -rf "$folder"' EXIT
for _ in $(seq 150); do
    [ -e "$folder/credentials.json" ] && curl -fs http://127.0.0.1:18080/readyz >/dev/null && break
    sleep 1
done
cd ../examples/repzo
npm ci --no-audit --no-fund --loglevel=error
node check.mjs "$folder/credentials.json"
