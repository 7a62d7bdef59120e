#!/usr/bin/env python3
"""Times board, list and figures of the CRM with each filter, one request after the other over one connection.

    benches/prospects.py http://127.0.0.1:8080 TOKEN [ROUNDS]

Prints milliseconds as a client sees them (median, 95th percentile, slowest) and how many rows were counted.
"""

import http.client
import json
import sys
import time
from urllib.parse import quote, urlsplit

BOARD = [
    "",
    "category=2",
    "source=partner",
    "type=1",
    "follow=1,2",
    "salesman={staff}",
    "salesman={staff},{other}",
    "startDate={month}-01&endDate={month}-30",
    "ecommerce=3",
    "campaing={campaign}",
    "kae={holder}",
    "onboarding=pending",
    "search={search}",
    "search={frequent}",
    "salesman={staff}&ecommerce=3",
    "salesman={staff}&kae={holder}",
    "ecommerce=3&campaing={campaign}",
    "start=500",
]
LIST = BOARD[:-1] + [
    "weightRange=2",
    "contentId=1",
    "planTypeId=1",
    "minShipments=100",
    "leadStatus=hot,warm",
    "nextContact[0]={day}",
    "nextContact[0]={day}&nextContact[1]={day}",
    "estimatedCloseDate[1]={day}",
    "estimatedCloseMonth={month}",
    "commercialOfferDate[0]={day}",
    "hasRecharge=0",
    "hasRecharge=1",
    "start=5000",
    "sortBy=id&sortType=asc",
]


def main():
    url, token = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    door = Door(url, token)
    facts = door.facts()
    print(f"{'':62}{'p50':>7}{'p95':>7}{'max':>7}   counted")
    for path, filters in [("grouped", BOARD), ("list", LIST), ("kpis", BOARD[:-1])]:
        for condition in filters:
            if path == "kpis" and condition.startswith("start="):
                continue
            asked = f"/prospects/{path}?{condition.format(**facts)}"
            times, answer = [], None
            for _ in range(rounds + 3):
                began = time.perf_counter()
                answer = door.get(asked)
                times.append((time.perf_counter() - began) * 1000)
            # The first ones make plans and fill caches.
            times = sorted(times[3:])
            p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
            print(f"{asked[:61]:62}{times[len(times) // 2]:7.1f}{p95:7.1f}{times[-1]:7.1f}   {counted(path, answer)}")


def counted(path, answer):
    if path == "list":
        return answer["recordsFiltered"]
    columns = answer["categories"] if path == "grouped" else answer
    return sum(column["count"] for column in columns)


class Door:
    def __init__(self, url, token):
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self.headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def send(self, method, path, body=None):
        self.connection.request(method, quote(path, safe="/?&=%[],-:"), body, self.headers)
        response = self.connection.getresponse()
        text = response.read()
        if response.status != 200:
            sys.exit(f"{path}: {response.status} {text[:300]!r}")
        return json.loads(text)

    def get(self, path):
        return self.send("GET", f"/api/crm{path}")

    def facts(self):
        """What there is to filter by."""
        query = """{ prospects(first: 100, orderBy: [{field: LAST_CONTACT_AT, direction: DESC}]) { nodes {
            name owner { number } createdAt followUp { nextContactOn campaign { name } roleHolders { role { name } staff { number } } } } } }"""
        rows = self.send("POST", "/graphql", json.dumps({"query": query}))["data"]["prospects"]["nodes"]
        owners = list(dict.fromkeys(row["owner"]["number"] for row in rows))
        holders = [holder["staff"]["number"] for row in rows for holder in row["followUp"]["roleHolders"] if holder["role"]["name"] == "kae"]
        # Names of those that were made many end with a number.
        numbered = next(row["name"] for row in rows if row["name"][-1].isdigit())
        first = rows[0]
        return {
            "staff": owners[0],
            "other": owners[-1],
            "holder": holders[0] if holders else owners[0],
            "month": first["createdAt"][:7],
            "day": first["followUp"]["nextContactOn"],
            "campaign": next(row["followUp"]["campaign"]["name"] for row in rows if row["followUp"]["campaign"]),
            "search": numbered,
            "frequent": numbered.rsplit(" ", 1)[0],
        }


main()
