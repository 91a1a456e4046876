"""Subgraphs that did not come while the gateway waited: it serves the rest, and takes each in once it answers.

Asked again and again, for as long as the list is the one that the gateway began with. Whoever publishes another
one says by that what is to be served. Each process asks for itself: what one has taken in, another has too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from connectors.addresses import AddressRefused
from hub.standalone.describing import SubgraphUnreadable, read_sdl
from hub.standalone.engine import Engine
from hub.standalone.graph_source import GraphSource
from hub.standalone.subgraph_list import ListedSubgraph
from schema.subgraph import Subgraph

PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Awaited:
    """``listed`` have no SDL yet; ``say`` is told what becomes of them."""

    listed: tuple[ListedSubgraph, ...]
    say: Callable[[str], None]


class Latecomers:
    """``publish`` makes every process serve a list that composes."""

    def __init__(
        self,
        engine: Engine,
        awaited: Awaited,
        publish: Callable[[GraphSource], Awaitable[int]],
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._engine = engine
        self._say = awaited.say
        self._publish = publish
        self._pause_seconds = pause_seconds
        self._missing = {each.name: each for each in awaited.listed}
        self._late = frozenset(self._missing)
        self._began_with = self._others()
        self._told: dict[str, str] = {}

    async def run(self) -> None:
        """Until nobody is missing, or another list is served."""
        while self._missing and self._others() == self._began_with:
            await self.look()
            await asyncio.sleep(self._pause_seconds)

    async def look(self) -> None:
        """Once: take in who answers and fits."""
        for name, listed in list(self._missing.items()):
            if any(each.name == name for each in self._engine.source.subgraphs):
                del self._missing[name]
                continue
            try:
                subgraph = listed.with_sdl(await read_sdl(listed.described_at, self._engine.client))
                trouble = await self._take_in(subgraph)
            except (SubgraphUnreadable, AddressRefused) as error:
                trouble = str(error)
            if trouble is None:
                del self._missing[name]
                self._say(f'subgraph "{name}" has come and is served')
            elif trouble != self._told.get(name):
                self._told[name] = trouble
                self._say(f'subgraph "{name}" is not served yet: {trouble}')

    async def _take_in(self, subgraph: Subgraph) -> str | None:
        """Why it cannot be, or ``None``."""
        source = GraphSource.of(*self._engine.source.subgraphs, subgraph)
        composition = await self._engine.check(source)
        if composition.supergraph is None:
            return str(composition.errors[0])
        await self._publish(source)
        return None

    def _others(self) -> tuple[Subgraph, ...]:
        """What is served beside those who came late."""
        return tuple(each for each in self._engine.source.subgraphs if each.name not in self._late)
