"""``python -m bench.hub``: requests a second that the gateway answers, beside hand-written code
for the same question.

Two mock departments, both servers and the load run on this machine, in one run; the ratio says more than
either number. The servers take turns, and each number is the median of the rounds. First both must give
the same answer. Where the departments are what limits both, the processor time per request tells them apart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp

from bench.cores import Cores, find_cores, pin
from bench.load import LoadResult, client_name, load
from bench.question import BODY, DEPARTMENTS, QUERY
from bench.usage import processor_seconds
from hub.cli.ports import free_port
from hub.demo.processes import ManagedProcess
from hub.demo.residents import citizen

RESULTS = Path(__file__).parent / "results"
SERVERS = {"gateway": "bench.gateway", "hand-written": "bench.hand_written"}


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves, and where."""

    process: ManagedProcess
    url: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One server under load, in one round. Processor milliseconds are ``None`` where the system does not tell."""

    load: LoadResult
    processor_ms: float | None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.hub", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of load, for each server in each round")
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    cores = find_cores()
    pin(cores.others)
    rounds = asyncio.run(measure(cores, given.rounds, given.seconds, given.connections))
    report(rounds, cores, given.connections)


async def measure(cores: Cores, rounds: int, seconds: int, connections: int) -> list[dict[str, Measured]]:
    """Start everything, compare the answers, then let the servers take turns."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jiyi-bench-")))
        say("starting two departments and two servers")
        departments = {name: await _department(stack, name, folder) for name in DEPARTMENTS}
        servers = {name: await _server(stack, name, departments, cores, folder) for name in SERVERS}
        await compare({name: server.url for name, server in servers.items()})
        for server in servers.values():
            await load(server.url, BODY, connections=connections, seconds=1)
        measured = []
        for number in range(1, rounds + 1):
            say(f"round {number} of {rounds}")
            measured.append({n: await _measure(s, seconds, connections) for n, s in servers.items()})
        return measured


async def compare(urls: dict[str, str]) -> None:
    """Exit 1 unless all give the same data without errors."""
    answers = {}
    async with aiohttp.ClientSession() as session:
        for name, url in urls.items():
            async with session.post(url, data=BODY, headers={"Content-Type": "application/json"}) as response:
                answers[name] = await response.json()
    first, *others = (answer.get("data") for answer in answers.values())
    if any(answer.get("errors") for answer in answers.values()) or any(other != first for other in others):
        raise SystemExit(f"bench: the answers differ\n{json.dumps(answers, ensure_ascii=False, indent=2)}")


def report(rounds: list[dict[str, Measured]], cores: Cores, connections: int) -> None:
    """A table and the ratio on stdout, everything in a file."""
    rates = {name: median(each[name].load.requests_per_second for each in rounds) for name in SERVERS}
    print(f"{QUERY}\n{connections} connections by {client_name()}; {cores}\n")
    print(f"{'':14}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'processor ms':>14}{'errors':>8}")
    for name in SERVERS:
        runs = [each[name] for each in rounds]
        p50, p99 = (median(getattr(run.load, key) for run in runs) for key in ("p50_ms", "p99_ms"))
        processor = _median([run.processor_ms for run in runs])
        shown = "-" if processor is None else f"{processor:.2f}"
        errors = sum(run.load.errors for run in runs)
        print(f"{name:14}{rates[name]:>12.0f}{p50:>9.1f}{p99:>9.1f}{shown:>14}{errors:>8}")
    ratio = rates["gateway"] / rates["hand-written"]
    print(f"\nkept in bench/results/{_keep(rounds, rates, ratio, cores, connections).name}")
    print(
        f"bench: hub {rates['gateway']:.0f} rps, hand-written {rates['hand-written']:.0f} rps, ratio {ratio:.2f}"
    )
    if any(each[name].load.errors for each in rounds for name in SERVERS):
        raise SystemExit("bench: some requests failed, the numbers mean nothing")


async def _department(stack: AsyncExitStack, name: str, folder: Path) -> Running:
    port = free_port()
    module = f"mocks.{name.replace('-', '_')}"
    arguments = ("-m", module, "--port", str(port))
    return await _start(stack, ManagedProcess(name, arguments, folder / f"{name}.log"), f"http://127.0.0.1:{port}")


async def _server(
    stack: AsyncExitStack, name: str, departments: dict[str, Running], cores: Cores, folder: Path
) -> Running:
    port = free_port()
    arguments = ["-m", SERVERS[name], "--port", str(port), "--id-number", citizen().id_number]
    for department, running in departments.items():
        arguments += [f"--{department}", running.url]
    if cores.server is not None:
        arguments += ["--core", str(cores.server)]
    process = ManagedProcess(name, arguments, folder / f"{name}.log")
    return await _start(stack, process, f"http://127.0.0.1:{port}/graphql")


async def _start(stack: AsyncExitStack, process: ManagedProcess, url: str) -> Running:
    stack.push_async_callback(process.stop)
    await process.start()
    return Running(process, url)


async def _measure(server: Running, seconds: int, connections: int) -> Measured:
    before = processor_seconds(server.process.pid)
    result = await load(server.url, BODY, connections=connections, seconds=seconds)
    after = processor_seconds(server.process.pid)
    if before is None or after is None:
        return Measured(result, None)
    return Measured(result, (after - before) * 1000 / result.requests)


def _keep(
    rounds: list[dict[str, Measured]], rates: dict[str, float], ratio: float, cores: Cores, connections: int
) -> Path:
    now = datetime.now(UTC)
    content: dict[str, Any] = {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "cores": str(cores),
        "client": client_name(),
        "connections": connections,
        "query": QUERY,
        "rounds": [{name: asdict(measured) for name, measured in each.items()} for each in rounds],
        "requests_per_second": rates,
        "ratio": ratio,
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
    return file


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
