"""What else is promised of ours beside its speed: tokens are cheap, memory stays flat, cost grows with the answer.

Each measurement starts its own gateway over the shop and returns what goes into ``bench/results``, with a verdict.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
from graphql import parse

from bench.contest import OPERATIONS, Shop, opened_shop, sampled, started
from bench.cores import Cores
from bench.issuer import opened_issuer
from bench.load import load
from bench.plot import proportional
from bench.server import Server
from bench.shop import HEAVY, MANY, SDL, sdl_of
from hub.registry.composing import composed
from schema.planning import plan
from schema.subgraph import Subgraph

PLOT = Path(__file__).parents[1] / "docs" / "images" / "cost-by-size.svg"
Say = Callable[[str], None]
Finding = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long each measurement may take."""

    cores: Cores
    rounds: int
    seconds: int
    connections: int
    operations: int
    say: Say


async def tokens(effort: Effort) -> Finding:
    """A signed token verified and ``@authenticated`` fields, against the same graph open to everybody."""
    async with opened_shop(effort.cores) as shop, opened_issuer() as issuer, AsyncExitStack() as stack:
        plain = await started(stack, "jiyi", shop, effort.cores)
        guarded = await started(stack, "jiyi", _guarded(shop), effort.cores, ("--jwks", issuer.jwks))
        await _refuses_strangers(guarded)
        rates: dict[str, list[float]] = {}
        costs: dict[str, list[float]] = {}
        for _ in range(effort.rounds):
            for operation, body in OPERATIONS.items():
                for name, server, headers in (("open", plain, {}), ("guarded", guarded, issuer.headers)):
                    sample = await sampled(server, shop, body, effort.seconds, effort.connections, headers)
                    rates.setdefault(f"{operation} {name}", []).append(sample.load.requests_per_second)
                    costs.setdefault(f"{operation} {name}", []).append(sample.processor_ms or 1.0)
    found: Finding = {"requests_per_second": rates, "processor_ms": costs}
    for operation in OPERATIONS:
        less = 1 - median(rates[f"{operation} guarded"]) / median(rates[f"{operation} open"])
        by_cost = 1 - median(costs[f"{operation} open"]) / median(costs[f"{operation} guarded"])
        effort.say(f"tokens: {operation} {less:.1%} fewer requests, {by_cost:.1%} by processor time (at most 15%)")
        found[operation] = {"less": less, "less_by_processor": by_cost}
    return found


def _guarded(shop: Shop) -> Shop:
    """The same shop, whose lists are for who is signed in only."""
    listed = json.loads(shop.graph.subgraphs.read_text())
    for each in listed:
        sdl = sdl_of(each["name"]).replace('"@key"', '"@key", "@authenticated"').replace("v2.3", "v2.5")
        each["sdl"] = sdl.replace("[User] }", "[User] @authenticated }", 1).replace(
            "topProducts(first: Int = 5): [Product]", "topProducts(first: Int = 5): [Product] @authenticated"
        )
    return shop.with_subgraphs("guarded.json", listed)


async def _refuses_strangers(server: Server) -> None:
    answer = json.loads(await server.ask(OPERATIONS["small"]))
    if not answer.get("errors"):
        raise SystemExit("bench: the guarded graph answers whoever has no token")


async def memory(effort: Effort) -> Finding:
    """Resident memory while so many operations are answered."""
    async with _ours(effort) as (server, shop):
        asked, series = 0, []
        while asked < effort.operations:
            result = await load(
                server.url, OPERATIONS["small"], connections=effort.connections, seconds=effort.seconds
            )
            asked += result.requests
            series.append([asked, server.resident_megabytes()])
            effort.say(f"memory: {asked:,} operations, {series[-1][1]:.0f} MB")
        del shop
    return {"series": series}


async def distinct(effort: Effort) -> Finding:
    """Resident memory over ten thousand operations of which no two are alike."""
    async with _ours(effort) as (server, _shop), aiohttp.ClientSession() as session:
        series = []
        for thousand in range(10):
            numbers = iter(range(thousand * 1000, thousand * 1000 + 1000))
            await asyncio.gather(*(_ask_each(session, server.url, numbers) for _ in range(10)))
            series.append([(thousand + 1) * 1000, server.resident_megabytes()])
            effort.say(f"distinct: {series[-1][0]:,} kinds of operation, {series[-1][1]:.0f} MB")
    return {"series": series}


async def _ask_each(session: aiohttp.ClientSession, url: str, numbers: Any) -> None:
    for number in numbers:
        query = f"{{ kind{number}: topProducts(first: 5) {{ upc a{number}: name inStock }} }}"
        async with session.post(url, json={"query": query}) as response:
            if (await response.json()).get("errors"):
                raise SystemExit(f"bench: {await response.text()}")


async def workers(effort: Effort) -> Finding:
    """Requests a second with one process and with one for each core, nothing pinned."""
    found: Finding = {}
    unpinned = Cores(None, frozenset())
    for count in (1, os.cpu_count() or 1):
        async with opened_shop(unpinned) as shop, AsyncExitStack() as stack:
            server = await started(stack, "jiyi", shop, unpinned, ("--workers", str(count)))
            sample = await sampled(server, shop, OPERATIONS["heavy"], effort.seconds, effort.connections)
            found[str(count)] = sample.load.requests_per_second
            effort.say(f"workers: {count} answer {sample.load.requests_per_second:.0f} requests/s")
    return found


async def size(effort: Effort) -> Finding:
    """Processor time of one operation by the number of entities in its answer."""
    found: Finding = {}
    processors: dict[int, float] = {}
    async with _ours(effort) as (server, _shop):
        for entities in (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000):
            body = json.dumps({"query": MANY, "variables": {"first": entities}}).encode()
            answer = json.loads(await server.ask(body))
            if answer.get("errors") or len(answer["data"]["topProducts"]) != entities:
                raise SystemExit(f"bench: {str(answer.get('errors'))[:500]}")
            repeat = max(3, min(200, 20_000 // entities))
            used, began = server.processor_seconds() or 0.0, time.perf_counter()
            for _ in range(repeat):
                await server.ask(body)
            took = (time.perf_counter() - began) * 1000 / repeat
            processor = ((server.processor_seconds() or 0.0) - used) * 1000 / repeat
            found[str(entities)] = {"milliseconds": took, "processor_ms": processor}
            processors[entities] = processor
            effort.say(f"size: {entities:>7,} entities, {took:9.2f} ms, of which processor {processor:9.2f} ms")
    PLOT.write_text(proportional(processors, "entities in the answer", "processor milliseconds of one operation"))
    return found


async def planning(effort: Effort) -> Finding:
    """How long the heavy operation takes to plan, and its first answer compared with the next."""
    supergraph = composed(tuple(Subgraph(name, sdl_of(name)) for name in SDL)).supergraph
    if supergraph is None:
        raise SystemExit("bench: the shop does not compose")
    document = parse(HEAVY)
    plan(supergraph, parse("{ me { id } }"))
    times = []
    for _ in range(10):
        began = time.thread_time()
        plan(supergraph, document)
        times.append((time.thread_time() - began) * 1000)
    async with _ours(effort) as (server, _shop):
        answers = []
        for _ in range(5):
            began = time.perf_counter()
            await server.ask(OPERATIONS["heavy"])
            answers.append((time.perf_counter() - began) * 1000)
    effort.say(f"planning: first {times[0]:.1f} ms, then {median(times):.1f} ms of processor time (at most 20 ms)")
    effort.say(f"planning: first answer {answers[0]:.1f} ms, then {median(answers[1:]):.1f} ms")
    return {"plan_ms": times, "answer_ms": answers}


@asynccontextmanager
async def _ours(effort: Effort) -> AsyncIterator[tuple[Server, Shop]]:
    async with opened_shop(effort.cores) as shop, AsyncExitStack() as stack:
        yield await started(stack, "jiyi", shop, effort.cores), shop


MEASUREMENTS: Mapping[str, Callable[[Effort], Coroutine[Any, Any, Finding]]] = {
    each.__name__: each for each in (tokens, memory, distinct, workers, size, planning)
}
