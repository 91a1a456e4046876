"""Made-up graphs, split and asked at random: the federated answer is what one process says.

``make fuzz N=20000`` goes on where these fixed seeds end, and prints each counterexample as small as it gets;
``VARIETY=wide`` has it draw what ``tests.engine.wide`` adds.
"""

from __future__ import annotations

from copy import deepcopy
from random import Random

import pytest
from graphql import parse, print_ast
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schema.composition import compose
from schema.subgraph import Subgraph
from tests.engine.fuzz import trials
from tests.engine.generate import make_graph
from tests.engine.graph_model import FieldModel, GraphModel, KeyModel, Source, TypeModel
from tests.engine.operations import Asked
from tests.engine.shrink import shrunk
from tests.engine.trial import Finding, World, make_asked, make_world, tried

pytestmark = pytest.mark.timeout(600)

# The trials make their findings small themselves: the next seed is no smaller graph.
SEEDED = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@given(seed=st.integers(0, 1_000_000))
@SEEDED
def test_a_federated_answer_is_the_answer_of_one_process(seed: int) -> None:
    """Same data, same key order, nulls and errors as far; every plan is proven; failures are told."""
    findings = [finding for _, finding in trials(seed, smallest=False) if finding]
    assert not findings, f"seed {seed}: {findings[0]}"


@given(seed=st.integers(0, 1_000_000))
@settings(SEEDED, max_examples=30)
def test_a_wide_graph_is_answered_as_by_one_process(seed: int) -> None:
    """Interface objects, contexts, chained and nested keys, inputs, labels and the like; up to six subgraphs."""
    findings = [finding for _, finding in trials(seed, "wide", smallest=False) if finding]
    assert not findings, f"seed {seed}: {findings[0]}"


@given(seed=st.integers(0, 1_000_000))
@settings(SEEDED, max_examples=20)
def test_a_field_that_no_path_reaches_is_refused_at_composition(seed: int) -> None:
    """In any surroundings composition names the very field: what composes can be planned."""
    random = Random(seed)
    model = make_graph(random)
    lock(model, random)
    composition = compose(Subgraph(name, model.subgraph_sdl(name)) for name in model.subgraphs)
    told = [error for error in composition.errors if error.code == "SATISFIABILITY_ERROR"]
    others = {error.code for error in composition.errors} - {"SATISFIABILITY_ERROR"}
    assert composition.supergraph is None
    assert others or any("secret" in error.message and "locked" in error.message for error in told)


def lock(model: GraphModel, random: Random) -> None:
    """Add an entity whose ``secret`` is held by a subgraph that nobody can hand it to."""
    here, there = random.sample(model.subgraphs, 2)
    keys = {
        "no door": KeyModel("id", resolvable=False),
        "another key": KeyModel("code"),
        "half of the key": KeyModel("id code"),
    }
    key = keys[random.choice(sorted(keys))]
    one = model.types["Locked"] = TypeModel("Locked", present={here, there})
    one.keys = {here: [KeyModel("id")], there: [key]}
    one.fields["id"] = FieldModel("id", "ID!", sources={here: Source(), there: Source()})
    one.fields["secret"] = FieldModel("secret", "Int", sources={there: Source()})
    if "code" in key.fields:
        one.fields["code"] = FieldModel("code", "String", sources={there: Source()})
    query = model.types["Query"]
    query.present.add(here)
    query.fields["locked"] = FieldModel("locked", "Locked", sources={here: Source()})


def test_a_counterexample_is_made_small() -> None:
    """Of a whole operation that is wrong for its ``f0`` little more than that is left."""
    world = make_world(3)
    asked = next(one for one in make_asked(world, 3) if " f0" in one.text)

    def wrong(_world: World, smaller: Asked) -> Finding | None:
        return Finding("answer", "") if "f0" in smaller.text else None

    found = shrunk(world, asked, Finding("answer", ""), wrong, seconds=5)
    operation = parse(found.text.partition("\n{")[0].rpartition("}")[0] + "}")
    assert len(print_ast(operation).split()) < len(print_ast(parse(asked.text)).split()) / 2


def test_a_subgraph_that_lies_is_a_finding() -> None:
    """A value that differs between a subgraph and the whole does not pass unseen."""
    world = make_world(3)
    asked = next(one for one in make_asked(world, 3) if "size" in one.text and tried(world, one) is None)
    lying = deepcopy(world.data)
    for row in (row for rows in lying.tables.values() for row in rows if "size" in row):
        row["size"] += 1
    for process in world.processes.values():
        process.data = lying
    finding = tried(world, asked)
    assert finding is not None
    assert finding.kind == "answer"


@pytest.mark.slow
def test_more_seeds_of_the_same() -> None:
    """As many as a night has; ``make fuzz`` prints what this only counts."""
    findings = [finding for seed in range(2_000, 2_400) for _, finding in trials(seed, smallest=False) if finding]
    assert not findings, findings[0]
