"""The graphs of our own tests, composed by the reference composer from npm: the same codes, or none, as here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from schema.composition import compose
from schema.subgraph import Subgraph
from tests import node_packages
from tests.schema.composition import test_merging, test_reference_satisfiability, test_satisfiability
from tests.schema.composition import test_subgraph_rules as subgraph_rules
from tests.schema.composition.graphs import LINK

HERE = Path(__file__).parent
GATHER = '@link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])'
REFERENCE_LINK = LINK.replace(GATHER, "")
Graph = Mapping[str, str]
ComposeThere = Callable[[Sequence[Graph]], list[list[str] | None]]

pytestmark = pytest.mark.node


@pytest.fixture(scope="session")
def compose_there(pytestconfig: pytest.Config) -> ComposeThere:
    """The reference composer of the lock file, installed once and kept in pytest's cache."""
    folder = node_packages.installed(pytestconfig, "reference-composer", HERE)

    def run(graphs: Sequence[Graph]) -> list[list[str] | None]:
        done = subprocess.run(
            ["node", "compose.mjs"],
            cwd=folder,
            input=json.dumps(graphs),
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        answer: list[list[str] | None] = json.loads(done.stdout)
        return answer

    return run


def _graphs() -> Iterator[Graph]:
    for _, right, wrong in subgraph_rules.CASES:
        yield from ({"a": sdl} for sdl in (right, wrong))
    for _, accepted, refused in (*test_merging.CASES, *test_satisfiability.CASES):
        yield from (accepted, refused)
    for _, _, graphs in test_reference_satisfiability.CASES:
        yield graphs


def test_both_composers_say_the_same_of_every_graph_in_our_tables(compose_there: ComposeThere) -> None:
    """Whoever moves from one to the other finds the same graphs accepted, and the same codes to look up."""
    graphs = [
        {name: REFERENCE_LINK + sdl for name, sdl in graph.items()}
        for graph in _graphs()
        if not any("@gather" in sdl for sdl in graph.values())
    ]
    assert len(graphs) > 100
    here = [_codes(graph) for graph in graphs]
    there = compose_there(graphs)
    # Where the reference breaks, there is nothing to compare but that the graph is refused.
    different = [
        (graph, own, other)
        for graph, own, other in zip(graphs, here, there, strict=True)
        if (own != other if other is not None else not own)
    ]
    assert different == []


def _codes(graph: Graph) -> list[str]:
    return sorted({each.code for each in compose([Subgraph(*each) for each in graph.items()]).errors})
