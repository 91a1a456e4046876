"""Mocks of made-up subgraphs behind the engine: whatever a plan asks, they answer without an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import ExecutionResult

from mocks.generated.graph import MockGraph
from mocks.generated.subgraph import read_subgraph
from mocks.generated.world import Options, Thing, World
from schema.errors import PlanningError
from tests.engine.processes import Process
from tests.engine.trial import Variety, make_asked, make_world, run
from tests.engine.trial import World as Drawn


class MockProcess(Process):
    """A mock in the place of a subgraph's process."""

    def __init__(self, drawn: Drawn, name: str) -> None:
        super().__init__(drawn.data, drawn.processes[name].schema, name)
        self.mock = MockGraph(World(read_subgraph(drawn.model.subgraph_sdl(name)), Options(name=name)))

    def answer(self, query: str, variables: Mapping[str, Any]) -> ExecutionResult:
        return self.mock.answer(query, variables)


def _is_narrow(drawn: Drawn) -> bool:
    """Whether some subgraph knows fewer types behind a union or an interface than another does: which of them
    a shared field may hold, no mock can know."""
    model = drawn.model
    return any(
        model.possible(one.name, name) != model.possible(one.name)
        for one in model.types.values()
        for name in one.present
        if one.kind in ("union", "interface")
    )


@pytest.mark.parametrize("variety", ["plain", "wide"])
@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_planned_over_mocks_is_answered_without_an_error(seed: int, variety: Variety) -> None:
    """Every feature of Federation that the generator draws: keys of all kinds, requirements, interface objects,
    contexts, overrides, gathered lists, mutations."""
    drawn = make_world(seed, variety)
    if drawn.composition.supergraph is None:
        pytest.skip("wild: does not compose")
    mocks = {name: MockProcess(drawn, name) for name in drawn.model.subgraphs}
    for asked in make_asked(drawn, seed, variety):
        found = drawn.planned(asked)
        if isinstance(found, PlanningError):
            continue
        result = run(drawn, drawn.document(asked), found, asked.variables, mocks)
        is_excused = _is_narrow(drawn) and all("Cannot return null" in str(error) for error in result.errors)
        assert not result.errors or is_excused, f"{asked.text}\n{result.errors}"


@pytest.mark.parametrize("seed", range(24))
def test_a_key_leads_back_to_its_object_in_every_mock(seed: int) -> None:
    """Whatever the key is made of: composite, nested, of a value, of a list."""
    drawn = make_world(seed, "wide" if seed % 2 else "plain")
    for name in drawn.model.subgraphs:
        world = World(read_subgraph(drawn.model.subgraph_sdl(name)), Options(name=name))
        for type_name, keys in world.subgraph.keys.items():
            for number in (0, 3, 40, 500):
                thing = world.thing(type_name, number)
                for key in keys:
                    sent = {"__typename": type_name, **world.projected(thing, key)}
                    found = world.represented(sent)
                    assert isinstance(found, Thing)
                    assert found.number == thing.number, (name, type_name, key)
