"""No plan needs more requests than the reference planner's, nor more requests and steps together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import DocumentNode, OperationDefinitionNode, parse, validate

from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.measure import count_requests, count_steps
from schema.planning.query_plan import OperationKind, QueryPlan
from schema.supergraph import Supergraph
from tests import node_packages
from tests.engine.generate import make_graph
from tests.engine.operations import make_operation
from tests.engine.reference.by_hand import written_graphs
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


@dataclass(slots=True)
class Totals:
    """Requests and steps of all plans that were compared, ours and the reference's."""

    ours: list[int] = field(default_factory=lambda: [0, 0])
    theirs: list[int] = field(default_factory=lambda: [0, 0])
    compared: int = 0

    def add(self, mine: tuple[int, int], other: tuple[int, int]) -> None:
        self.ours = [one + more for one, more in zip(self.ours, mine, strict=True)]
        self.theirs = [one + more for one, more in zip(self.theirs, other, strict=True)]
        self.compared += 1


def test_no_plan_for_a_made_up_graph_costs_more_than_the_reference_s(installed: Path) -> None:
    """Operation by operation. Where the reference would need less, the checker has to find that its plan does
    not answer the operation."""
    graphs = [one for seed in SEEDS if (one := made(seed))]
    totals = compare(installed, [(f"seed {one.seed}", one.supergraph, one.question) for one in graphs])
    assert totals.compared > 100
    assert totals.ours[0] < totals.theirs[0] * 0.75  # entities of one subgraph share a request
    assert totals.ours[1] < totals.theirs[1]


def test_no_plan_for_a_written_graph_costs_more_than_the_reference_s(installed: Path) -> None:
    """The same where people chose the shapes: chains of keys, circles of requirements, interface objects."""
    totals = compare(installed, [(one.name, one.supergraph, one.question) for one in written_graphs()])
    assert totals.compared > 200
    assert totals.ours[0] < totals.theirs[0] * 0.95
    assert totals.ours[1] <= totals.theirs[1]


def compare(folder: Path, graphs: Sequence[tuple[str, Supergraph, Question]]) -> Totals:
    """Every plan of the reference that answers its operation beside ours."""
    totals = Totals()
    answers = ask(folder, [question for _, _, question in graphs])
    for (name, supergraph, question), answer in zip(graphs, answers, strict=True):
        for text, planned in zip(question.operations, answer["plans"], strict=not answer["refused"]):
            if planned.get("node") is None:
                continue
            mine, other = costs(supergraph, text, planned["node"])
            if mine[0] > other[0] or sum(mine) > sum(other):
                assert refuted(supergraph, text, planned["node"]), f"{name}: {mine} {other} {text}"
                continue
            totals.add(mine, other)
    return totals


def costs(supergraph: Supergraph, text: str, node: dict[str, Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Requests and steps of our plan and of the reference's."""
    document = parse(text)
    kind = kind_of(document)
    mine, other = plan(supergraph, document).node, read_plan(node, kind)
    return (count_requests(mine), count_steps(mine)), (count_requests(other), count_steps(other))


def refuted(supergraph: Supergraph, text: str, node: dict[str, Any]) -> tuple[str, ...]:
    """Why the reference's plan does not answer the operation."""
    document = parse(text)
    kind = kind_of(document)
    return check_plan(supergraph, document, None, QueryPlan(kind, read_plan(node, kind)))


def kind_of(document: DocumentNode) -> OperationKind:
    """Of the only operation that the document has."""
    return next(one for one in document.definitions if isinstance(one, OperationDefinitionNode)).operation.value
