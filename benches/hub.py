#!/usr/bin/env python3
"""Sets up hubs with N subsidiaries for a load test. Needs Python 3 and a release build.

  cargo build --release --bin groupgraph --example subsidiaries
  target/release/examples/subsidiaries --n 50 --base 19500 --rows 1000 &
  benches/hub.py prepare DIRECTORY [--n 3,12,50] [--base 19500] [--program target/release/groupgraph]
  benches/hub.py serve DIRECTORY N PORT [--program …]     runs the hub in this process (exec), measures by its PID
  benches/hub.py load DIRECTORY [--n …] [--rows 20,100] [--seconds 5] [--connections 16]

With `prepare --mapping FILE` the servers have a schema of their own; FILE is a `SourceMappingInput` as JSON.

`prepare` makes a database for each N with the subsidiaries joined, and query files DIRECTORY/q_{N}_{R}.json. `load`
starts each hub, checks that all N x R rows come, runs `wrk`, and prints CPU milliseconds of the hub per request.
The token is in DIRECTORY/token; sharing of calls, caches and limits are off.
"""
import argparse, json, os, re, shutil, sqlite3, subprocess, sys, time, urllib.request

SETTINGS = {
    "sources.allow_private_addresses": "true", "sources.share_calls": "false", "sources.hedge_percent": "0",
    "sources.deadline_ms": "30000", "graphql.max_page": "10000", "graphql.max_cost": "100000000",
    "limits.requests_per_minute": "0", "limits.machine_requests_per_minute": "0", "telemetry.level": "error",
    "server.request_timeout_seconds": "60", "sources.max_connections": "2000",
}
FIELDS = ("id employeeNo:givenName fullName:name email phone jobTitle:familyName department:givenName "
          "location:familyName hiredAt:createdAt active:isActive")


def command(options, directory, *rest):
    flags = [part for name, value in SETTINGS.items() for part in ("--set", f"{name}={value}")]
    return [options.program, *rest, "--data-dir", directory, *flags]


def post(port, token, query, variables=None):
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
    answer = json.loads(urllib.request.urlopen(request, timeout=60).read())
    if answer.get("errors"):
        raise SystemExit(f"refused: {answer['errors'][:2]}")
    return answer["data"]


def wait(port):
    for _ in range(300):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1).read()
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the hub does not start")


def start(options, directory, port):
    line = command(options, directory, "serve", "--set", f"server.listen=127.0.0.1:{port}")
    log = open(f"{directory}/log", "ab")
    process = subprocess.Popen(line, stdout=log, stderr=log)
    wait(port)
    return process


def join(options, token, index):
    mapped = {"mappings": [json.load(open(options.mapping))]} if options.mapping else {}
    made = post(options.port, token, "mutation($i: CreateTenantInput!) { createTenant(input: $i) { tenant { number } errors { message } } }",
                {"i": {"name": f"Company {index}", "namespace": f"s{index}", "baseCurrency": "EUR", "timeZone": "UTC"}})
    number = made["createTenant"]["tenant"]["number"]
    invited = post(options.port, token, "mutation($t: Int!) { createEnrolmentToken(input: {tenant: {number: $t}}) { token } }", {"t": number})
    joined = post(options.port, token, "mutation($i: RegisterSourceInput!) { registerSource(input: $i) { source { state } errors { message } } }",
                  {"i": {**mapped, "token": invited["createEnrolmentToken"]["token"], "credential": f"credential-{index}",
                         "endpoint": f"http://127.0.0.1:{options.base + 1 + index * options.step}/graphql", "maxConcurrency": 1000}})
    if joined["registerSource"]["errors"]:
        raise SystemExit(joined["registerSource"]["errors"])


def prepare(options):
    counts = [int(n) for n in options.n.split(",")]
    most, whole = max(counts), f"{options.directory}/hub_{max(counts)}"
    shutil.rmtree(options.directory, ignore_errors=True)
    os.makedirs(whole)
    user = ["user", "create", "admin@hub.example", "--given-name", "Ada", "--family-name", "Admin", "--administrator"]
    subprocess.run(command(options, whole, *user), check=True, stdout=subprocess.DEVNULL)
    made = subprocess.run(command(options, whole, "token", "create", "bench", "--user", "admin@hub.example"),
                          check=True, capture_output=True, text=True).stdout
    token = re.search(r"token\s+(\S+)", made).group(1)
    open(f"{options.directory}/token", "w").write(token)
    hub = start(options, whole, options.port)
    try:
        for index in range(most):
            join(options, token, index)
    finally:
        hub.terminate()
        hub.wait()
    for count in counts:
        directory = f"{options.directory}/hub_{count}"
        if count != most:
            shutil.copytree(whole, directory)
            with sqlite3.connect(f"{directory}/groupgraph.db") as database:
                database.execute("PRAGMA foreign_keys = ON")
                kept = f"(SELECT id FROM source ORDER BY id LIMIT {count})"
                database.execute(f"DELETE FROM source_collection WHERE source_id NOT IN {kept}")
                database.execute(f"DELETE FROM source WHERE id NOT IN {kept}")
        for rows in (20, 100):
            query = (f"query GlobalStaff {{ globalStaff(first:{count * rows} orderBy:[{{field:NUMBER direction:ASC}}]) {{ "
                     f"nodes {{ {FIELDS} tenant {{ namespace }} }} sources {{ tenant {{ namespace }} status }} }} }}")
            json.dump({"query": query}, open(f"{options.directory}/q_{count}_{rows}.json", "w"))
    print(f"ready: {options.directory}, N = {options.n}")


def serve(options):
    directory = f"{options.directory}/hub_{options.count}"
    line = command(options, directory, "serve", "--set", f"server.listen=127.0.0.1:{options.listen}")
    os.execv(line[0], line)


def cpu(pid):
    parts = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def load(options):
    token = open(f"{options.directory}/token").read()
    print("| N | rows each | CPU ms / request | requests / s | p50 ms | p99 ms | peak RSS MiB |\n|--:|--:|--:|--:|--:|--:|--:|")
    for count in (int(n) for n in options.n.split(",")):
        hub = start(options, f"{options.directory}/hub_{count}", options.port)
        try:
            for rows in (int(r) for r in options.rows.split(",")):
                body = open(f"{options.directory}/q_{count}_{rows}.json").read()
                page = post(options.port, token, json.loads(body)["query"])["globalStaff"]
                mails = {row["email"] for row in page["nodes"]}
                if len(mails) != count * rows or any(source["status"] != "OK" for source in page["sources"]):
                    raise SystemExit(f"wrong answer: {len(mails)} rows, {page['sources'][:3]}")
                script = f"{options.directory}/post.lua"
                quoted = json.dumps(body)
                open(script, "w").write(f'wrk.method="POST"\nwrk.body={quoted}\nwrk.headers["content-type"]="application/json"\n'
                                        f'wrk.headers["authorization"]="Bearer {token}"\n')
                run = lambda seconds: subprocess.run(
                    ["wrk", "-t1", f"-c{options.connections}", f"-d{seconds}s", "--timeout", "60s", "--latency", "-s", script,
                     f"http://127.0.0.1:{options.port}/graphql"], capture_output=True, text=True, check=True).stdout
                run(1)
                before = cpu(hub.pid)
                out = run(options.seconds)
                used = cpu(hub.pid) - before
                requests = int(re.search(r"(\d+) requests in", out).group(1))
                rate = re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)
                at = lambda share: re.search(rf"{share}%\s+(\S+)", out).group(1)
                bad = "  **errors**" if "Non-2xx" in out or "Socket errors" in out else ""
                peak = int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{hub.pid}/status").read()).group(1)) // 1024
                print(f"| {count} | {rows} | {used / requests * 1000:.3f}{bad} | {rate} | {at(50)} | {at(99)} | {peak} |", flush=True)
        finally:
            hub.terminate()
            hub.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["prepare", "serve", "load"])
    parser.add_argument("directory")
    parser.add_argument("count", nargs="?")
    parser.add_argument("listen", nargs="?")
    parser.add_argument("--n", default="3,12,50")
    parser.add_argument("--rows", default="20,100")
    parser.add_argument("--mapping")
    parser.add_argument("--base", type=int, default=19500)
    parser.add_argument("--step", type=int, default=1, help="between the ports of servers")
    parser.add_argument("--port", type=int, default=19480)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--program", default="target/release/groupgraph")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    {"prepare": prepare, "serve": serve, "load": load}[options.what](options)


if __name__ == "__main__":
    main()
