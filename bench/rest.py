"""``python -m bench.rest``: what the hub adds to a REST service that one could call by hand.

Open loop, 200 requests a second over 50 connections, by hand and through ``jiyi gateway`` in turn. Promised: the
medians are less than a millisecond apart. The gateway's processor time for a request stands beside it, which says
more on a machine that does other things too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Any

from bench.cores import Cores, find_cores, pin
from bench.gateways import Graph, ours
from bench.open_load import OpenLoad, get, open_load, post
from bench.report import circumstances, write
from bench.server import Server, start
from hub.cli.ports import free_port

PROMISED_MS = 1.0
EXPECTED = "机动车驾驶证".encode()
SDL = '''
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11")
  @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@source", "@connect"])
  @source(name: "api", http: { baseURL: "BASE" })
type Query {
  licences(holder: ID!): [Licence!]
    @connect(
      source: "api"
      http: { GET: "/holders/{$args.holder}/licences" }
      selection: """
        $.results { issuerCode: issuer number: no kind: type name: title.zh validUntil: validTo state: status }
      """
    )
}
type Licence { issuerCode: ID! number: ID! kind: String! name: String! validUntil: String state: String! }
'''
QUERY = "query ($holder: ID!) { licences(holder: $holder) { issuerCode number kind name validUntil state } }"


async def measure(cores: Cores, rounds: int, count: int, rate: float, connections: int) -> dict[str, Any]:
    """Rounds by hand and through the gateway in turn, after a warm-up of each."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jiyi-bench-")))
        service, gateway = await started(stack, cores, folder)

        def by_hand(number: int) -> bytes:
            return get(f"{service}/holders/{number}/licences")

        def through(number: int) -> bytes:
            return post(gateway.url, json.dumps({"query": QUERY, "variables": {"holder": str(number)}}).encode())

        async def run(url: str, request: Any, much: int) -> OpenLoad:
            return await open_load(url, request, count=much, rate=rate, connections=connections, expected=EXPECTED)

        await run(service, by_hand, count // 5)
        await run(gateway.url, through, count // 5)
        found: dict[str, list[Any]] = {"by hand": [], "gateway": [], "processor_ms": []}
        for _ in range(rounds):
            found["by hand"].append(await run(service, by_hand, count))
            before = gateway.processor_seconds()
            found["gateway"].append(await run(gateway.url, through, count))
            after = gateway.processor_seconds()
            found["processor_ms"].append((after - before) / count * 1000 if before and after else None)
        return found


async def started(stack: AsyncExitStack, cores: Cores, folder: Path) -> tuple[str, Server]:
    """The service's address and the gateway in front of it."""
    gateway_port = free_port()
    address = await rest_service(stack)
    listed = folder / "subgraphs.json"
    sdl = SDL.replace("BASE", address)
    listed.write_text(json.dumps([{"name": "transport", "url": address, "sdl": sdl}]), encoding="utf-8")
    command = ours(Graph(listed, listed), gateway_port)
    core = frozenset() if cores.server is None else frozenset({cores.server})
    url = f"http://127.0.0.1:{gateway_port}/graphql"
    server = await start("gateway", command, url, core, folder)
    stack.push_async_callback(server.stop)
    return address, server


async def rest_service(stack: AsyncExitStack) -> str:
    """The address of a service that runs as long as the stack is open."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.rest_service", "--port", str(port), stdout=asyncio.subprocess.PIPE
    )
    stack.push_async_callback(process.wait)
    stack.callback(process.terminate)
    if process.stdout is not None:
        await process.stdout.readline()
    return f"http://127.0.0.1:{port}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.rest", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2_000, help="in each round, each way")
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second")
    parser.add_argument("--connections", type=int, default=50)
    given = parser.parse_args()
    cores = find_cores()
    pin(cores.others)
    found = asyncio.run(measure(cores, given.rounds, given.requests, given.rate, given.connections))
    wrong = sum(each.wrong for way in ("by hand", "gateway") for each in found[way])
    told: dict[str, Any] = {
        f"{way} {name}": round(median(getattr(each, name) for each in found[way]), 3)
        for way in ("by hand", "gateway")
        for name in ("p50_ms", "p99_ms")
    }
    pairs = zip(found["by hand"], found["gateway"], strict=True)
    told["added p50_ms"] = round(median(b.p50_ms - a.p50_ms for a, b in pairs), 3)
    known = [each for each in found["processor_ms"] if each is not None]
    told["gateway processor_ms"] = round(median(known), 3) if known else None
    for name, value in told.items():
        print(f"{name:24} {value}")
    print(f"kept in bench/results/{write('rest', {**circumstances(cores), 'rest': told}).name}")
    if wrong:
        raise SystemExit(f"bench: {wrong} wrong answers, the numbers mean nothing")
    print(f"a REST call through the gateway adds {told['added p50_ms']} ms (promised: under {PROMISED_MS})")


if __name__ == "__main__":
    main()
