"""What the engine alone makes its graph from: subgraphs that it composes, or a supergraph that somebody composed.

A value, so that processes can send it to each other and the same source is composed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from schema.composition import compose
from schema.composition.supergraph_sdl import read_supergraph
from schema.mapping import check_connectors, is_connector, is_overlay
from schema.overlay import check_overlay
from schema.subgraph import Subgraph
from schema.supergraph import Composition


@dataclass(frozen=True)
class GraphSource:
    """``subgraphs`` in the order of their names, or ``supergraph``, join-spec SDL; nothing at all before the first
    list came."""

    subgraphs: tuple[Subgraph, ...] = ()
    supergraph: str | None = None

    @classmethod
    def of(cls, *subgraphs: Subgraph) -> GraphSource:
        return cls(tuple(sorted(subgraphs)))

    @cached_property
    def mapped(self) -> dict[str, str]:
        """The SDL of each subgraph that is mapped from REST by ``@connect``, and has no server of its own."""
        return {each.name: each.sdl for each in self.subgraphs if is_connector(each.sdl)}

    @cached_property
    def overlays(self) -> dict[str, str]:
        """The SDL of each subgraph whose server knows no Federation: ``@lookup`` says how it is asked."""
        return {each.name: each.sdl for each in self.subgraphs if is_overlay(each.sdl)}

    @property
    def is_nothing(self) -> bool:
        return not self.subgraphs and self.supergraph is None


@lru_cache(maxsize=2)
def composition_of(source: GraphSource) -> Composition:
    """The graph of a source, or every reason why there is none; the last two are remembered, for any thread.

    The mappings of subgraphs with ``@connect`` are checked first: what they cannot give, no plan can ask for.
    """
    if source.supergraph is not None:
        return read_supergraph(source.supergraph)
    errors = tuple(
        error for name, sdl in source.mapped.items() for error in check_connectors(name, sdl, may_be_sql=False)
    )
    errors += tuple(error for name, sdl in source.overlays.items() for error in check_overlay(name, sdl))
    return Composition(None, errors=errors) if errors else compose(source.subgraphs)
