"""No plan needs more requests than the reference planner's, nor as many and more steps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import parse, validate

from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.measure import count_requests, count_steps
from schema.planning.query_plan import QueryPlan
from schema.supergraph import Supergraph
from tests import node_packages
from tests.engine.generate import make_graph
from tests.engine.operations import make_operation
from tests.engine.reference.planner import Question, ask, read_plan
from tests.engine.trial import composed

pytestmark = [pytest.mark.node, pytest.mark.timeout(400)]
HERE = Path(__file__).parent
SEEDS = range(40)
OPERATIONS = 5


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config) -> Path:
    """A folder with the script and the npm packages of the lock file."""
    return node_packages.installed(pytestconfig, "reference", HERE)


@dataclass(frozen=True)
class Made:
    """A graph that composes, and operations over it."""

    seed: int
    supergraph: Supergraph
    question: Question


def made(seed: int) -> Made | None:
    """Without @gather, which the reference does not know."""
    model = make_graph(Random(seed), may_gather=False)
    supergraph = composed(model).supergraph
    if supergraph is None:
        return None
    schema, random = model.whole_schema(), Random(f"operations {seed}")
    drawn = (make_operation(schema, random).text for _ in range(OPERATIONS * 2))
    operations = [text for text in drawn if not validate(schema, parse(text))]
    subgraphs = {name: model.subgraph_sdl(name) for name in model.subgraphs}
    return Made(seed, supergraph, Question(subgraphs, list(islice(operations, OPERATIONS))))


def test_no_plan_needs_more_requests_than_the_reference(installed: Path) -> None:
    """Operation by operation over made-up graphs. Where the reference would need less, the checker has to find
    that its plan does not answer the operation."""
    graphs = [one for seed in SEEDS if (one := made(seed))]
    ours = theirs = compared = 0
    for one, answer in zip(graphs, ask(installed, [each.question for each in graphs]), strict=True):
        for text, planned in zip(one.question.operations, answer["plans"], strict=not answer["refused"]):
            if planned.get("node") is None:
                continue
            mine, other = costs(one.supergraph, text, planned["node"])
            if mine > other:
                assert refuted(one.supergraph, text, planned["node"]), f"seed {one.seed}: {mine} {other} {text}"
                continue
            ours, theirs, compared = ours + mine[0], theirs + other[0], compared + 1
    assert compared > 100
    assert ours < theirs * 0.9  # entities of one step share a request


def costs(supergraph: Supergraph, text: str, node: dict[str, Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Requests and steps of our plan and of the reference's."""
    mine, other = plan(supergraph, parse(text)).node, read_plan(node, "query")
    return (count_requests(mine), count_steps(mine)), (count_requests(other), count_steps(other))


def refuted(supergraph: Supergraph, text: str, node: dict[str, Any]) -> tuple[str, ...]:
    """Why the reference's plan does not answer the operation."""
    document = parse(text)
    (definition, *_) = document.definitions
    kind = definition.operation.value  # type: ignore[attr-defined]  # the operation stands first
    return check_plan(supergraph, document, None, QueryPlan(kind, read_plan(node, kind)))
