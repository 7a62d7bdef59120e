#!/usr/bin/env python3
"""Walks all pages over sources that come and go. Needs what hub.py needs.

  benches/walk.py DIRECTORY [--sources 12] [--rows 10000] [--subsidiaries target/release/examples/subsidiaries] [--program …]

Joins servers of so many rows to a hub, asks for all of them in pages of 100, and checks that each row comes once and in
order, whatever happens: one server is stopped for a while at a third of the way, and a page that lacks a source is
asked for again. Prints the CPU of the hub for a page at the beginning, in the middle and at the end.
"""
import argparse, os, subprocess, sys, time
from types import SimpleNamespace

import hub

FIELDS = "number name email tenant { namespace }"


def server(options, index):
    line = [options.subsidiaries, "--n", "1", "--base", str(options.base + 2 * index), "--rows", str(options.rows)]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def page(options, token, after):
    place = f', after: "{after}"' if after else ""
    query = (f"{{ globalStaff(first: 100, orderBy: [{{field: NUMBER, direction: ASC}}]{place}) {{ nodes {{ {FIELDS} }} "
             "pageInfo { hasNextPage endCursor } sources(isFailed: true) { tenant { namespace } status } } }")
    return hub.post(options.port, token, query)["globalStaff"]


def walk(options, token, pid, servers):
    """Keys of the rows in the order in which they came, the pages, how many were asked for again, and CPU at every 50th."""
    keys, after, pages, asked_again, marks = [], None, 0, 0, []
    third, down = options.sources * options.rows // 300, None
    while True:
        if pages == third and down is None:
            servers[0].kill()
            servers[0].wait()
            down = time.time()
        found = page(options, token, after)
        if found["sources"]:
            asked_again += 1
            if time.time() - down > 2 and servers[0].poll() is not None:
                servers[0] = server(options, 0)
            time.sleep(0.2)
            continue
        keys += [(row["number"], row["tenant"]["namespace"]) for row in found["nodes"]]
        pages += 1
        if pages % 50 == 0:
            marks.append((pages, hub.cpu(pid)))
        if not found["pageInfo"]["hasNextPage"]:
            return keys, pages, asked_again, marks
        after = found["pageInfo"]["endCursor"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--sources", type=int, default=12)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--base", type=int, default=19500)
    parser.add_argument("--port", type=int, default=19480)
    parser.add_argument("--subsidiaries", default="target/release/examples/subsidiaries")
    parser.add_argument("--program", default="target/release/groupgraph")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    servers = [server(options, index) for index in range(options.sources)]
    time.sleep(1)
    try:
        hub.prepare(SimpleNamespace(**vars(options), n=str(options.sources), step=2, mapping=None))
        token = open(f"{options.directory}/token").read()
        process = hub.start(options, f"{options.directory}/hub_{options.sources}", options.port)
        try:
            keys, pages, asked_again, marks = walk(options, token, process.pid, servers)
        finally:
            process.terminate()
            process.wait()
    finally:
        for running in servers:
            running.kill()
    numbers = [number for number, _ in keys]
    right = len(set(keys)) == len(keys) == options.sources * options.rows and numbers == sorted(numbers)
    print(f"{pages} pages, {len(keys)} rows, {asked_again} pages asked for again: {'each once, in order' if right else 'WRONG'}")
    for name, (start, end) in {"first": marks[:2], "middle": marks[len(marks) // 2:][:2], "last": marks[-2:]}.items():
        print(f"a page among the {name}: {(end[1] - start[1]) / (end[0] - start[0]) * 1000:.2f} ms of CPU (pages {start[0]} to {end[0]})")
    sys.exit(not right)


if __name__ == "__main__":
    main()
