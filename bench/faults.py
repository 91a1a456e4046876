"""``python -m bench.faults``: what a department with a spoilt wire costs the others.

``jiyi gateway`` over a REST department that is well and one whose wire is spoilt, in an open loop: so many
requests a second for the one that is well, a fifth as many for the other, quiet and spoilt in turn. Promised: the
99th percentile of the one that is well stays within 1.5 times of quiet, and the gateway's memory within a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.cores import Cores, find_cores, pin
from bench.gateways import Graph, ours
from bench.open_load import OpenLoad, open_load, post
from bench.report import circumstances, write
from bench.rest import EXPECTED, QUERY, SDL, rest_service
from bench.server import Server, start
from hub.cli.ports import free_port
from tests.connectors.wire import HTTP_FAULTS

FAULTS = ("refused", *HTTP_FAULTS, "TLS expired")
PROMISED, MEMORY = 1.5, 1.1
_QUIET_SECONDS = 3
"""Of the usual load after a fault, before memory is looked at."""
_REST = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11")
  @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@source", "@connect"])
  @source(name: "api", http: { baseURL: "BASE" })
type Query { NAME: String @connect(source: "api", http: { GET: "/a" }, selection: "$.a") }
"""


@dataclass
class Stage:
    """The gateway, and the department that can be spoilt."""

    gateway: Server
    faulty: asyncio.subprocess.Process
    connections: int

    async def spoil(self, name: str) -> None:
        if self.faulty.stdin is not None and self.faulty.stdout is not None:
            self.faulty.stdin.write(f"{name}\n".encode())
            await self.faulty.stdin.drain()
            await self.faulty.stdout.readline()

    async def run(self, field_name: str, count: int, rate: float) -> OpenLoad:
        """The load of the department that is well, with the other's beside it."""
        ask = json.dumps({"query": f"{{ {field_name} }}"}).encode()
        beside = asyncio.ensure_future(
            open_load(
                self.gateway.url,
                lambda _number: post(self.gateway.url, ask),
                count=count // 5,
                rate=rate / 5,
                connections=self.connections * 4,
                expected=b"",
            )
        )
        result = await open_load(
            self.gateway.url, self._well, count=count, rate=rate, connections=self.connections, expected=EXPECTED
        )
        await beside
        return result

    def _well(self, number: int) -> bytes:
        body = {"query": QUERY, "variables": {"holder": str(number)}}
        return post(self.gateway.url, json.dumps(body).encode())


@dataclass
class Found:
    """Of one fault: percentiles in milliseconds, the gateway's memory in megabytes before and after."""

    quiet: list[float] = field(default_factory=list)
    spoilt: list[float] = field(default_factory=list)
    before: float = 0.0
    after: float = 0.0
    wrong: int = 0

    @property
    def ratio(self) -> float:
        return median(self.spoilt) / median(self.quiet)

    @property
    def growth(self) -> float:
        return self.after / self.before if self.before else 1.0


async def measure(given: argparse.Namespace, cores: Cores) -> dict[str, Found]:
    async with AsyncExitStack() as stack:
        stage = await _staged(stack, cores, given.connections)
        for name in ("a", "b", "c"):
            await stage.run(name, given.requests // 5, given.rate)
        found: dict[str, Found] = {}
        for kind in given.kinds:
            for fault in given.faults:
                here = found[f"{kind}, {fault}"] = Found(before=stage.gateway.resident_megabytes() or 0.0)
                asked = "c" if fault == "TLS expired" else {"rest": "a", "graphql": "b"}[kind]
                for _ in range(given.runs):
                    for name, told in (("fine", here.quiet), (fault, here.spoilt)):
                        await stage.spoil(name)
                        load = await stage.run(asked if told is here.spoilt else "b", given.requests, given.rate)
                        told.append(load.p99_ms)
                        here.wrong += load.wrong
                await stage.spoil("fine")
                await stage.run(asked, int(_QUIET_SECONDS * given.rate), given.rate)
                here.after = stage.gateway.resident_megabytes() or 0.0
                say(f"{kind:8} {fault:20} {here.ratio:6.2f}x  memory {here.growth:5.2f}x  wrong {here.wrong}")
        return found


async def _staged(stack: AsyncExitStack, cores: Cores, connections: int) -> Stage:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jiyi-bench-")))
    port, tls_port, gateway_port = free_port(), free_port(), free_port()
    well = await rest_service(stack)
    faulty = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.fault_server", "--port", str(port), "--tls-port", str(tls_port),
        "--folder", str(folder), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stack.push_async_callback(faulty.wait)
    stack.callback(faulty.terminate)
    if faulty.stdout is not None:
        await faulty.stdout.readline()
    os.environ["SSL_CERT_FILE"] = str(folder / "authority.pem")
    address = f"http://127.0.0.1:{port}"
    secure = f"https://localhost:{tls_port}"
    listed = [
        {"name": "well", "url": well, "sdl": SDL.replace("BASE", well)},
        {"name": "rest", "url": address, "sdl": _REST.replace("BASE", address).replace("NAME", "a")},
        {"name": "graphql", "url": f"{address}/graphql", "sdl": "type Query { b: String }"},
        {"name": "expired", "url": secure, "sdl": _REST.replace("BASE", secure).replace("NAME", "c")},
    ]
    file = folder / "subgraphs.json"
    file.write_text(json.dumps(listed), encoding="utf-8")
    command = ours(Graph(file, file), gateway_port, "--subgraph-timeout", "2")
    core = frozenset() if cores.server is None else frozenset({cores.server})
    url = f"http://127.0.0.1:{gateway_port}/graphql"
    gateway = await start("gateway", command, url, core, folder)
    stack.push_async_callback(gateway.stop)
    return Stage(gateway, faulty, connections)


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--requests", type=int, default=5_000, help="in each run")
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--kinds", nargs="+", choices=("rest", "graphql"), default=["rest", "graphql"])
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=list(FAULTS), metavar="FAULT")
    given = parser.parse_args(arguments)
    cores = find_cores()
    pin(cores.others)
    found = asyncio.run(measure(given, cores))
    told: dict[str, Any] = {
        name: {"quiet": each.quiet, "spoilt": each.spoilt, "ratio": each.ratio, "memory": each.growth}
        for name, each in found.items()
    }
    print(f"kept in bench/results/{write('faults', {**circumstances(cores), 'faults': told}).name}")
    if any(each.wrong for each in found.values()):
        raise SystemExit("bench: the department that is well was not answered as it should be")
    worst = max(found.values(), key=lambda each: each.ratio)
    most = max(each.growth for each in found.values())
    print(f"worst p99 {worst.ratio:.2f}x of quiet (promised: {PROMISED}), memory {most:.2f}x (promised: {MEMORY})")


if __name__ == "__main__":
    main()
