#!/usr/bin/env python3
"""A page of 50 out of 1,000,000 records of one resource, through a running server.

    records.py fill DATABASE_URL             # sqlite:///path/to/groupgraph.sqlite or postgres://…; the tables are there
    records.py ask http://127.0.0.1:8080 KEY # a key of the first company; prints percentiles in milliseconds
"""
import http.client
import json
import sqlite3
import subprocess
import sys
import time
from urllib.parse import urlsplit

COUNT, ASSETS, ROUNDS, SIZE = 1_000_000, 1_000, 200, 50
STATUSES = ["active", "inactive", "maintenance", "retired"]


def asset(number):
    return f"64f1c2a9{number:016x}"


def sqlite(path):
    """One transaction; the bodies are made in SQL."""
    database = sqlite3.connect(path)
    stamp = database.execute("SELECT created_at FROM tenant LIMIT 1").fetchone()[0]
    numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
    insert = "INSERT INTO record (tenant_id, kind, object_id, body, revision, created_at, updated_at)"
    database.execute(f"""{insert} {numbers} SELECT 1, 'Asset', printf('64f1c2a9%016x', i),
        json_object('name', 'Asset ' || i), 0, ?, ? FROM n""", (ASSETS, stamp, stamp))
    database.execute(f"""{insert} {numbers} SELECT 1, 'AssetUnit', printf('64f1c2aa%016x', i),
        json_object('asset', printf('64f1c2a9%016x', (i * 7919) % {ASSETS}), 'serial_number', 'SN-' || i,
        'purchase_cost', i % 500, 'disabled', json('false'),
        'status', CASE i % 4 WHEN 0 THEN 'active' WHEN 1 THEN 'inactive' WHEN 2 THEN 'maintenance' ELSE 'retired' END),
        0, ?, ? FROM n""", (COUNT, stamp, stamp))
    database.commit()
    database.execute("ANALYZE")
    database.commit()


def postgres(url):
    insert = "INSERT INTO record (tenant_id, kind, object_id, body, revision, created_at, updated_at)"
    sql = f"""{insert} SELECT 1, 'Asset', '64f1c2a9' || lpad(to_hex(i), 16, '0'),
        jsonb_build_object('name', 'Asset ' || i), 0, now(), now() FROM generate_series(0, {ASSETS - 1}) i;
    {insert} SELECT 1, 'AssetUnit', '64f1c2aa' || lpad(to_hex(i), 16, '0'),
        jsonb_build_object('asset', '64f1c2a9' || lpad(to_hex((i::bigint * 7919) % {ASSETS}), 16, '0'),
        'serial_number', 'SN-' || i, 'purchase_cost', i % 500, 'disabled', false,
        'status', (ARRAY{STATUSES})[i % 4 + 1]), 0, now(), now() FROM generate_series(0, {COUNT - 1}) i;
    ANALYZE record;"""
    subprocess.run(["psql", url, "-q", "-v", "ON_ERROR_STOP=1", "-c", sql], check=True)


def fill(url):
    began = time.time()
    sqlite(url.removeprefix("sqlite://")) if url.startswith("sqlite:") else postgres(url)
    print(f"{COUNT + ASSETS:,} records in {time.time() - began:.0f} s")


def ask(url, key):
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname, place.port)
    headers = {"api-key": key, "authorization": f"Bearer {key}", "content-type": "application/json"}

    def call(method, path, body=None):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text[:500]
        return json.loads(text)

    def rest(query):
        found = call("GET", f"/api/repzo/asset-unit?{query}")
        assert len(found["data"]) == SIZE, found["paging"]

    def graph(conditions, more=""):
        text = (f"{{ assetUnits(first: {SIZE}, {conditions}) {{ nodes {{ recordId serial_number status purchase_cost "
                f"asset {{ name }} }} pageInfo {{ endCursor }} {more} }} }}")
        found = call("POST", "/graphql", json.dumps({"query": text}))
        assert "errors" not in found and len(found["data"]["assetUnits"]["nodes"]) == SIZE, found

    kinds = {
        "REST, by reference (1,000 fit)": lambda n: rest(f"asset={asset(n)}&per_page={SIZE}"),
        "REST, by reference, page 10": lambda n: rest(f"asset={asset(n)}&per_page={SIZE}&page=10"),
        "REST, by reference and status": lambda n: rest(f"asset={asset(n)}&status={STATUSES[n * 7919 % 4]}&per_page={SIZE}"),
        "REST, by status (250,000 fit)": lambda n: rest(f"status={STATUSES[n % 4]}&per_page={SIZE}"),
        "GraphQL, by reference": lambda n: graph(f'filter: {{ asset: {{ eq: "{asset(n)}" }} }}'),
        "GraphQL, by reference, with the total": lambda n: graph(f'filter: {{ asset: {{ eq: "{asset(n)}" }} }}', "totalCount"),
        "GraphQL, by status": lambda n: graph(f'filter: {{ status: {{ eq: "{STATUSES[n % 4]}" }} }}'),
    }
    print(f"| {SIZE} of {COUNT:,} | median ms | p95 ms |\n|:--|--:|--:|")
    for name, run in kinds.items():
        times = []
        for number in range(ROUNDS):
            began = time.perf_counter()
            run(number * 5 % ASSETS)
            times.append((time.perf_counter() - began) * 1_000)
        times.sort()
        print(f"| {name} | {times[len(times) // 2]:.1f} | {times[len(times) * 95 // 100]:.1f} |", flush=True)


if __name__ == "__main__":
    {"fill": fill, "ask": ask}[sys.argv[1]](*sys.argv[2:])
