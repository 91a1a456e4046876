"""A made-up graph that is printed and read again is the same graph: same print, same plans."""

from __future__ import annotations

import pytest
from graphql import parse

from schema.composition.supergraph_sdl import read_supergraph
from schema.errors import PlanningError
from schema.planning import plan
from schema.supergraph import Supergraph
from tests.engine.trial import make_asked, make_world

SEEDS = range(30)


@pytest.mark.parametrize("tens", range(len(SEEDS) // 10))
def test_a_printed_graph_reads_as_itself(tens: int) -> None:
    """Gathered, overridden, required, provided and hidden fields; abstract types that differ by subgraph."""
    for seed in SEEDS[tens * 10 : tens * 10 + 10]:
        world = make_world(seed)
        if world.composition.supergraph is None:
            continue
        composed = world.supergraph
        read = read_supergraph(composed.sdl)
        assert read.supergraph is not None, (seed, read.errors)
        assert read.supergraph.sdl == composed.sdl, seed
        assert read.supergraph.sources == composed.sources, seed
        assert read.supergraph.keys == composed.keys, seed
        for asked in make_asked(world, seed)[:2]:
            assert _planned(read.supergraph, asked.text) == _planned(composed, asked.text), (seed, asked.text)


def _planned(supergraph: Supergraph, operation: str) -> str:
    try:
        return str(plan(supergraph, parse(operation)))
    except PlanningError as error:
        return error.code.value
