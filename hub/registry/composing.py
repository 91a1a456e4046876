"""Composition remembered: the same subgraphs make the same supergraph, and checks ask for it again and again."""

from __future__ import annotations

from functools import lru_cache

from schema.composition import compose
from schema.subgraph import Subgraph
from schema.supergraph import Composition


@lru_cache(maxsize=8)
def composed(subgraphs: tuple[Subgraph, ...]) -> Composition:
    """``compose``, kept for the last few graphs. Values only, so that it may be asked from any thread."""
    return compose(subgraphs)
