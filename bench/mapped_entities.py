"""``python -m bench.mapped_entities``: the processor time of entities that a mapped connector finds.

Each request is answered by the short way and by graphql-core's executor, in turn, in one process, from a service
that answers at once and costs next to nothing; a batch is one request of it, without a batch it is one for each
entity. A condition that is always on is what sends a request to the executor.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from time import process_time
from typing import Any, cast

import uvloop

from bench.cores import find_cores
from bench.report import circumstances, write
from connectors.connector import FetchRequest
from connectors.http_client import HttpClient
from connectors.http_message import HttpAnswer, HttpRequest
from connectors.rest import RestConnector

SDL = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@source", "@connect"])
  @source(name: "api", http: { baseURL: "http://service.example" })
type Query { one(id: ID!): One
  @connect(source: "api", http: { GET: "/ones/{$args.id}" }, selection: "id name state since tags", entity: true) }
type One @key(fields: "id") { id: ID! name: String! state: String since: String tags: [String!] }
type Many @key(fields: "id") @connect(source: "api", http: { POST: "/many", body: "ids: $batch.id" },
  selection: "id name state since tags") { id: ID! name: String! state: String since: String tags: [String!] }
"""
SIZES = (1, 10, 50)
WAYS = {"executor": " @include(if: true)", "short": ""}


class Service:
    """Answers from memory: the one that is asked for, or all of them."""

    def __init__(self) -> None:
        rows = [{"id": str(n), "name": f"n{n}", "state": "VALID", "since": "2026-01-01", "tags": ["a", "b"]}
                for n in range(max(SIZES))]  # fmt: skip
        self._ones = [json.dumps(row).encode() for row in rows]
        self._many = {size: json.dumps(rows[:size]).encode() for size in SIZES}

    async def send(self, request: HttpRequest, _: timedelta) -> HttpAnswer:
        if request.body is None:
            body = self._ones[int(request.url.rpartition("/")[2])]
        else:
            body = self._many[len(json.loads(request.body)["ids"])]
        return HttpAnswer(200, {"content-type": "application/json"}, body)


def requests() -> Iterator[tuple[str, FetchRequest]]:
    """What is measured, by a name: how it is found, how many, and which way."""
    for type_name in ("One", "Many"):
        for size in SIZES:
            representations = [{"__typename": type_name, "id": str(n)} for n in range(size)]
            for way, directive in WAYS.items():
                query = (
                    "query ($representations: [_Any!]!) { _entities(representations: $representations)"
                    f"{directive} {{ ... on {type_name} {{ name state since tags }} }} }}"
                )
                found = "one by one" if type_name == "One" else "in a batch"
                yield f"{size} {found}, {way}", FetchRequest(query, {"representations": representations})


async def measure(rounds: int, count: int) -> dict[str, float]:
    """Milliseconds of processor time for a request, the median of the rounds."""
    connector = RestConnector("bench", SDL, cast("HttpClient", Service()))
    told: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, request in requests():
            answer = await connector.fetch(request)
            if answer.errors or answer.data is None or None in answer.data["_entities"]:
                raise SystemExit(f"bench: {name} is not answered: {answer.errors}")
            began = process_time()
            for _ in range(count):
                await connector.fetch(request)
            told.setdefault(name, []).append((process_time() - began) / count * 1000)
    return {name: round(median(each), 3) for name, each in told.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.mapped_entities", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=200, help="in each round, of each kind")
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        told: dict[str, Any] = runner.run(measure(given.rounds, given.requests))
    for name, value in told.items():
        print(f"{name:32} {value} ms")
    kept = write("mapped_entities", {**circumstances(find_cores()), "processor_ms": told})
    print(f"kept in bench/results/{kept.name}")


if __name__ == "__main__":
    main()
