"""Look again and again at a list of subgraphs, its files and what the subgraphs say of themselves.

What changed is composed; what does not compose is told, and the graph of before goes on. A subgraph that does
not answer keeps the schema it had.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter

from connectors.addresses import AddressRefused
from hub.standalone.describing import SubgraphUnreadable, read_sdl
from hub.standalone.engine import Engine
from hub.standalone.graph_source import GraphSource
from hub.standalone.subgraph_list import BadSubgraphList, ListedSubgraph
from schema.subgraph import Subgraph

ReadList = Callable[[], Sequence[ListedSubgraph]]
"""The list as its files are now. Raises :class:`BadSubgraphList`."""


class Watcher:
    """``say`` is told of each change once."""

    def __init__(self, engine: Engine, read: ReadList, say: Callable[[str], None], pause_seconds: float) -> None:
        self._engine = engine
        self._read = read
        self._say = say
        self._pause_seconds = pause_seconds
        self._tried = GraphSource()
        self._sdl: dict[tuple[str, str], str] = {}
        self._trouble: dict[str, str] = {}

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._pause_seconds)

    async def look(self) -> None:
        """Once: serve what is new and composes."""
        try:
            listed = await asyncio.to_thread(self._read)
        except BadSubgraphList as error:
            self._note_trouble("", str(error))
            return
        self._note_trouble("", None)
        found = await asyncio.gather(*(self._describe(each) for each in listed))
        subgraphs = [each for each in found if each is not None]
        source = GraphSource.of(*subgraphs)
        if len(subgraphs) == len(listed) and source != self._tried:
            self._tried = source
            await self._take_up(source)

    async def _describe(self, listed: ListedSubgraph) -> Subgraph | None:
        """With its SDL, the last one known where it does not answer now; ``None`` when there never was any."""
        if listed.sdl is not None:
            return listed.with_sdl(listed.sdl)
        key = (listed.name, listed.described_at)
        try:
            self._sdl[key] = await read_sdl(listed.described_at, self._engine.client)
            self._note_trouble(listed.name, None)
        except SubgraphUnreadable as error:
            consequence = "its schema of before stays" if key in self._sdl else "waiting for it"
            self._note_trouble(listed.name, f'subgraph "{listed.name}": {error}; {consequence}')
        known = self._sdl.get(key)
        return listed.with_sdl(known) if known is not None else None

    async def _take_up(self, source: GraphSource) -> None:
        began = perf_counter()
        before = self._engine.source
        try:
            composition = await self._engine.check(source)
        except AddressRefused as error:
            self._say(f"ADDRESS_REFUSED: {error} {self._consequence}")
            return
        for hint in composition.hints:
            self._say(f"hint {hint}")
        if composition.supergraph is None:
            for problem in composition.errors:
                self._say(f"{problem} {' '.join(map(str, problem.locations))}".rstrip())
            self._say(f"COMPOSITION_FAILED: {len(composition.errors)} to mend. {self._consequence}")
            return
        version = await self._engine.take_up(source)
        took = (perf_counter() - began) * 1000
        self._say(f"composed in {took:.0f} ms, version {version}: {_difference(before, source)}")

    @property
    def _consequence(self) -> str:
        return "Nothing is served yet." if self._engine.source.is_nothing else "The graph of before goes on."

    def _note_trouble(self, name: str, trouble: str | None) -> None:
        """Told when it comes, when it becomes another, and when it is over."""
        if trouble == self._trouble.get(name):
            return
        if trouble is not None:
            self._trouble[name] = trouble
            self._say(trouble)
            return
        del self._trouble[name]
        self._say(f'subgraph "{name}" is back' if name else "the list can be read again")


def _difference(before: GraphSource, after: GraphSource) -> str:
    old = {each.name: each for each in before.subgraphs}
    new = {each.name: each for each in after.subgraphs}
    words = [
        *(f"{name} added" for name in new if name not in old),
        *(f"{name} changed" for name in new if name in old and new[name] != old[name]),
        *(f"{name} removed" for name in old if name not in new),
    ]
    return ", ".join(words) or "nothing changed"
