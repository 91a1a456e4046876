"""Gateways over the same four subgraphs, under the same load, taking turns.

Each has one core to itself; subgraphs and load have the others. Before anything is measured all must give the
same answer, character for character, and the subgraphs count what one operation costs each gateway.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from bench.cores import Cores
from bench.gateways import GATEWAYS, Graph, folder, install
from bench.load import NO_HEADERS, LoadResult, load
from bench.server import Server, start
from bench.shop import HEAVY, SDL, SMALL, sdl_of
from hub.cli.ports import free_port
from hub.registry.composing import composed
from schema.subgraph import Subgraph

OPERATIONS: Mapping[str, bytes] = {
    name: json.dumps({"query": query}).encode() for name, query in (("heavy", HEAVY), ("small", SMALL))
}
Say = Callable[[str], None]
Samples = Mapping[str, Mapping[str, "list[Sample]"]]
"""By gateway and operation, one for each round."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One gateway under load with one operation, in one round.

    Processor milliseconds are per request, subgraph requests per operation; memory is what it holds afterwards.
    ``None`` where the system does not tell.
    """

    load: LoadResult
    processor_ms: float | None
    resident_mb: float | None
    subgraph_requests: float


@dataclass(frozen=True, slots=True)
class Answered:
    """One operation asked once of an idle gateway: the size of its answer, and what it cost the subgraphs."""

    size_bytes: int
    subgraph_requests: int


@dataclass(frozen=True, slots=True)
class Contest:
    """Everything that was measured."""

    answers: Mapping[str, Mapping[str, Answered]]
    samples: Samples


async def contest(
    names: Sequence[str], cores: Cores, rounds: int, seconds: int, connections: int, say: Say
) -> Contest:
    """Start all, compare the answers, warm up, then let them take turns."""
    if any(GATEWAYS[name].from_npm for name in names):
        install(say)
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(opened_shop(cores))
        say(f"starting {', '.join(names)}")
        servers = {name: await started(stack, name, shop, cores) for name in names}
        answers = {name: await _ask_all(server, shop) for name, server in servers.items()}
        _demand_equality(answers)
        for server in servers.values():
            for body in OPERATIONS.values():
                await load(server.url, body, connections=connections, seconds=max(2, seconds // 2))
        samples: dict[str, dict[str, list[Sample]]] = {n: {o: [] for o in OPERATIONS} for n in names}
        for number in range(1, rounds + 1):
            for operation, body in OPERATIONS.items():
                say(f"round {number} of {rounds}, {operation}")
                for name, server in servers.items():
                    sample = await sampled(server, shop, body, seconds, connections)
                    samples[name][operation].append(sample)
    told = {name: {o: answered for o, (_text, answered) in each.items()} for name, each in answers.items()}
    return Contest(told, samples)


@dataclass(frozen=True, slots=True)
class Shop:
    """The running subgraphs, and the graph over them as files."""

    graph: Graph
    urls: tuple[str, ...]
    folder: Path

    def with_subgraphs(self, name: str, listed: object) -> Shop:
        """The same running subgraphs under another list."""
        file = self.folder / name
        file.write_text(json.dumps(listed))
        return replace(self, graph=replace(self.graph, subgraphs=file))

    async def asked(self) -> int:
        """How many requests all subgraphs have had."""
        async with aiohttp.ClientSession() as session:
            counts = []
            for url in self.urls:
                async with session.get(url) as response:
                    counts.append(int((await response.json())["asked"]))
        return sum(counts)


@asynccontextmanager
async def opened_shop(cores: Cores) -> AsyncIterator[Shop]:
    """The subgraphs on the cores that are not the measured one's."""
    ports = [free_port() for _ in SDL]
    urls = {name: f"http://127.0.0.1:{port}/graphql" for name, port in zip(SDL, ports, strict=True)}
    with tempfile.TemporaryDirectory(prefix="jiyi-bench-") as temporary:
        place = Path(temporary)
        graph = _write_graph(place, urls)
        async with AsyncExitStack() as stack:
            command = ("-m", "bench.subgraphs", "--ports", *map(str, ports))
            server = await start("subgraphs", command, urls["accounts"], cores.others, place)
            stack.push_async_callback(server.stop)
            yield Shop(graph, tuple(urls.values()), place)


def _write_graph(place: Path, urls: Mapping[str, str]) -> Graph:
    composition = composed(tuple(Subgraph(name, sdl_of(name), url) for name, url in urls.items()))
    if composition.supergraph is None:
        raise SystemExit("\n".join(map(str, composition.errors)))
    graph = Graph(place / "subgraphs.json", place / "supergraph.graphql")
    graph.subgraphs.write_text(json.dumps([{"name": name, "url": url} for name, url in urls.items()]))
    graph.supergraph.write_text(composition.supergraph.sdl)
    return graph


async def started(stack: AsyncExitStack, name: str, shop: Shop, cores: Cores, more: Sequence[str] = ()) -> Server:
    """A gateway that answers; ``more`` are further flags of its command."""
    program, port = GATEWAYS[name], free_port()
    own = frozenset() if cores.server is None else frozenset({cores.server})
    home = folder() if program.from_npm else Path.cwd()
    url = f"http://127.0.0.1:{port}/graphql"
    command = (*program.command(shop.graph, port), *more)
    server = await start(name, command, url, own, shop.folder, home)
    stack.push_async_callback(server.stop)
    return server


async def _ask_all(server: Server, shop: Shop) -> dict[str, tuple[str, Answered]]:
    """Every operation's answer as text. Asked twice and counted the second time: the first may read the schema."""
    found = {}
    for operation, body in OPERATIONS.items():
        await server.ask(body)
        before = await shop.asked()
        text = await server.ask(body)
        found[operation] = (_data(server.name, text), Answered(len(text), await shop.asked() - before))
    return found


def _data(name: str, text: bytes) -> str:
    """The data, with its keys in their order. Errors end the run."""
    answer = json.loads(text)
    if answer.get("errors") or not answer.get("data"):
        raise SystemExit(f"bench: {name} does not answer\n{text[:2000]!r}")
    return json.dumps(answer["data"], ensure_ascii=False)


def _demand_equality(answers: Mapping[str, Mapping[str, tuple[str, Answered]]]) -> None:
    first, *others = answers
    for operation in OPERATIONS:
        for other in others:
            if answers[other][operation][0] != answers[first][operation][0]:
                raise SystemExit(f"bench: {first} and {other} answer the {operation} operation differently")


async def sampled(
    server: Server,
    shop: Shop,
    body: bytes,
    seconds: int,
    connections: int,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Sample:
    """Load it once, and look at what that cost."""
    asked, used = await shop.asked(), server.processor_seconds()
    result = await load(server.url, body, connections=connections, seconds=seconds, headers=headers)
    after = server.processor_seconds()
    requests = max(result.requests, 1)
    processor = None if used is None or after is None else (after - used) * 1000 / requests
    asked_since = await shop.asked() - asked
    await asyncio.sleep(0.2)
    return Sample(result, processor, server.resident_megabytes(), asked_since / requests)
