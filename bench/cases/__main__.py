"""``python -m bench.cases``: one case after the other, from filing to the issued licence.

Hub, worker, agent, department, PostgreSQL and RabbitMQ share this machine with the load. First as many cases as
go through, then filing at half that rate, then both again beside archived cases, then a page of somebody who has
many.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from bench.cases.archive import CASES_OF_ONE, archive
from bench.cases.client import Clients
from bench.cases.measure import Filing, Flow, Latency, events_of_one_case, pages
from bench.cases.stack import opened

STALLED = 1.0
"""Seconds without a finished case that are told."""
RESULTS = Path(__file__).parents[1] / "results"
POSTGRESQL = os.environ.get("JIYI_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cases", description=__doc__)
    parser.add_argument("--postgresql", default=POSTGRESQL)
    parser.add_argument("--amqp", default=None, help="a broker to use; else a node of its own is started")
    parser.add_argument("--seconds", type=float, default=15, help="of each measurement")
    parser.add_argument("--archived", type=int, default=1_000_000, help="cases that lie in the database meanwhile")
    parser.add_argument("--explain", type=int, help="log plans of statements over so many ms, in PostgreSQL's log")
    parser.add_argument("--wait", action="store_true", help="leave all running when done, to look at it")
    uvloop.run(measure(parser.parse_args()))


async def measure(given: argparse.Namespace) -> None:
    say("starting hub, worker, agent, department and broker")
    async with opened(given.postgresql, given.amqp, 200, given.explain) as stack:
        clients = Clients(f"{stack.hub_url}/graphql", 64)
        await clients.open()
        filing = Filing(stack, clients)
        say("warming up")
        await filing.flow(3)
        result = await _both(filing, given.seconds)
        result["one case"] = events_of_one_case(stack)
        if given.archived:
            say(f"archiving {given.archived:,} cases")
            archive(stack, given.archived)
            result["archived"] = {"cases": given.archived, **await _both(filing, given.seconds)}
            say(f"asking for the first page of {CASES_OF_ONE:,} cases")
            result["page"] = await pages(f"{stack.hub_url}/graphql", stack.many, 300)
        clients.close()
        if given.wait:
            say(f"{stack.processes} {stack.database_url} {stack.hub_url}; ^C ends it")
            await asyncio.Event().wait()
    report(result)


async def _both(filing: Filing, seconds: float) -> dict[str, Any]:
    say(f"as many cases as go through in {seconds:g} s")
    flow = await filing.flow(seconds)
    say(f"filing at half of {flow.rate:.0f} a second")
    return {"flow": flow, "filing": await filing.latency(flow.rate / 2, seconds)}


def report(result: Mapping[str, Any]) -> None:
    """A table and the last line on stdout, everything in a file."""
    flow, filing = result["flow"], result["filing"]
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}")
    print("one case: " + ", ".join(f"{count:.1f} {what}" for what, count in result["one case"].items()))
    print(f"statements a case: {_told(flow.statements)}; transactions: {_told(flow.transactions)}")
    print(f"\n{'':24}{'cases/s':>9}{'p50 ms':>9}{'p99 ms':>9}   processor ms a case")
    _print("as it is", flow, filing)
    if archived := result.get("archived"):
        _print(f"{archived['cases']:,} archived", archived["flow"], archived["filing"])
        kept, work = archived["flow"].rate / flow.rate, archived["flow"].total_ms / flow.total_ms
        page = result["page"]
        print(f"\nbeside the archive {kept:.0%} of the rate, {work:.2f}x the work")
        print(f"first page of {CASES_OF_ONE:,} cases: p50 {page.p50_ms:.1f} ms, p95 {page.p95_ms:.1f} ms")
    print(f"kept in bench/results/{_keep(result).name}")
    print(f"cases: {flow.rate:.0f}/s, submit p99 {filing.p99_ms:.0f} ms")


def _print(title: str, flow: Flow, filing: Latency) -> None:
    parts = "  ".join(f"{part} {ms:.2f}" for part, ms in sorted(flow.processor_ms.items()))
    if flow.longest_pause > STALLED:
        files = (
            f"{flow.checkpoints.number} checkpoints flushed files for {flow.checkpoints.flushing_seconds:.1f} s"
        )
        print(f"{title}: for {flow.longest_pause:.1f} s no case was finished; meanwhile {files}")
    print(f"{title:24}{flow.rate:>9.0f}{filing.p50_ms:>9.1f}{filing.p99_ms:>9.1f}   {flow.total_ms:.2f}: {parts}")


def _told(numbers: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number:.2f}" for name, number in sorted(numbers.items()))


def _keep(result: Mapping[str, Any]) -> Path:
    now = datetime.now(UTC)
    content = {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "cases": result,
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"cases-{now:%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(content, ensure_ascii=False, indent=2, default=asdict), encoding="utf-8")
    return file


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
