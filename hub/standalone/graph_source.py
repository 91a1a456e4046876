"""What the engine alone makes its graph from: subgraphs that it composes, or a supergraph that somebody composed.

A value, so that processes can send it to each other and the same source is composed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from schema.composition import compose
from schema.composition.supergraph_sdl import read_supergraph
from schema.subgraph import Subgraph
from schema.supergraph import Composition


@dataclass(frozen=True, slots=True)
class GraphSource:
    """``subgraphs`` in the order of their names, or ``supergraph``, join-spec SDL; nothing at all before the first
    list came."""

    subgraphs: tuple[Subgraph, ...] = ()
    supergraph: str | None = None

    @classmethod
    def of(cls, *subgraphs: Subgraph) -> GraphSource:
        return cls(tuple(sorted(subgraphs)))

    @property
    def is_nothing(self) -> bool:
        return not self.subgraphs and self.supergraph is None


@lru_cache(maxsize=2)
def composition_of(source: GraphSource) -> Composition:
    """The graph of a source, or every reason why there is none; the last two are remembered, for any thread."""
    if source.supergraph is not None:
        return read_supergraph(source.supergraph)
    return compose(source.subgraphs)
