"""The list of subgraphs that the engine alone is given: ``[{"name", "url", "sdl"?}]``, from a file or by ``PUT``.

A value whatever it came from. What has no SDL is asked for it at its address; an SDL with ``@connect`` needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schema.mapping import is_connector
from schema.subgraph import Subgraph

EXPECTED = 'expected a list of subgraphs with "name" and "url"'


class BadSubgraphList(ValueError):
    """What was given is no list of subgraphs; the text names the entry and the mend."""


@dataclass(frozen=True, slots=True)
class ListedSubgraph:
    """One entry. ``described_at`` is where its SDL is read when it has none here; ``url`` where it serves."""

    name: str
    url: str
    sdl: str | None = None
    described_at: str = ""

    def with_sdl(self, sdl: str) -> Subgraph:
        """A subgraph made of ``@connect`` has no server: an address that is listed all the same means nothing."""
        return Subgraph(self.name, sdl, "" if is_connector(sdl) else self.url)


def read_subgraphs(content: Any) -> tuple[ListedSubgraph, ...]:
    """Each entry of a decoded list, checked. Raises :class:`BadSubgraphList`."""
    if isinstance(content, Mapping) and "subgraphs" in content:
        content = content["subgraphs"]
    if not isinstance(content, list):
        raise BadSubgraphList(f"{EXPECTED}.")
    return tuple(_read_entry(entry, number) for number, entry in enumerate(content, 1))


def _read_entry(entry: Any, number: int) -> ListedSubgraph:
    if not isinstance(entry, Mapping):
        raise BadSubgraphList(f"{EXPECTED}; entry {number} is no object.")
    name, url = entry.get("name"), entry.get("url", entry.get("routing_url"))
    sdl = entry.get("sdl")
    if not isinstance(name, str) or not name:
        raise BadSubgraphList(f'{EXPECTED}; entry {number} has no "name".')
    if not (sdl is None or isinstance(sdl, str)):
        raise BadSubgraphList(f'subgraph "{name}": "sdl" must be a string.')
    if not url and sdl is not None and is_connector(sdl):
        return ListedSubgraph(name, "", sdl)
    if not isinstance(url, str) or not url:
        raise BadSubgraphList(f'subgraph "{name}" has no "url". Add the address at which it serves GraphQL.')
    return ListedSubgraph(name, url, sdl, url)
