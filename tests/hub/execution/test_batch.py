"""Batches: entity fetches of one step from one subgraph are one request, whose answer comes apart again."""

from __future__ import annotations

from typing import Any

from hub.execution import ExecutionResult
from schema.planning.query_plan import Batch, Condition, Each, Fetch, Flatten, Sequence
from tests.hub.execution.fakes import FakeDepartment, errors, run, timeout
from tests.hub.execution.test_execute import entity, person

SDL = """
type Query { me: Person people: [Person] }
type Person { id: ID! name: String fullName: String! }
"""

BOTH = Fetch("register", "{ me { __typename id } people { __typename id } }")
TOGETHER = (
    "query($representations_0: [_Any!]!, $representations_1: [_Any!]!) { "
    "_0: _entities(representations: $representations_0) { ... on Person { name } } "
    "_1: _entities(representations: $representations_1) { ... on Person { fullName } } }"
)
NAMES = Batch(
    "names",
    TOGETHER,
    (),
    (Flatten(("me",), entity("names", "name")), Flatten(("people", Each()), entity("names", "fullName"))),
)


async def answered(first: dict[str, Any], names: FakeDepartment) -> ExecutionResult:
    """Me by name and people by full name, in one batch."""
    query = "{ me { name } people { fullName } }"
    return await run(SDL, query, Sequence((BOTH, NAMES)), {"register": FakeDepartment(first), "names": names})


async def test_two_fetches_are_one_request() -> None:
    """Each part has its own representations and its own rows."""
    names = FakeDepartment({"_0": [{"name": "A"}], "_1": [{"fullName": "B B"}, {"fullName": "C C"}]})
    result = await answered({"me": person("1"), "people": [person("2"), person("3")]}, names)
    assert result.data == {"me": {"name": "A"}, "people": [{"fullName": "B B"}, {"fullName": "C C"}]}
    (request,) = names.requests
    assert request.query == TOGETHER
    assert request.variables == {
        "representations_0": [{"__typename": "Person", "id": "1"}],
        "representations_1": [{"__typename": "Person", "id": "2"}, {"__typename": "Person", "id": "3"}],
    }


async def test_a_part_without_entities_leaves_the_other_to_be_asked_alone() -> None:
    """Nobody is sent an empty list; the request is the one that the node has of its own."""
    names = FakeDepartment({"_entities": [{"fullName": "B B"}]})
    result = await answered({"me": None, "people": [person("2")]}, names)
    assert result.data == {"me": None, "people": [{"fullName": "B B"}]}
    assert names.requests[0].query == NAMES.flattened[1].node.document
    nobody = FakeDepartment({})
    assert (await answered({"me": None, "people": []}, nobody)).errors == ()
    assert nobody.requests == []


async def test_a_part_whose_condition_is_off_asks_for_nothing() -> None:
    """The others go on, alone where only one is left."""
    first, second = NAMES.flattened
    batch = Batch("names", TOGETHER, (), (first, Condition("x", True, second)))
    register = FakeDepartment({"me": person("1"), "people": [person("2")]})
    names = FakeDepartment({"_entities": [{"name": "A"}]})
    query = "query ($x: Boolean!) { me { name } people { id fullName @include(if: $x) } }"
    plan, connectors = Sequence((BOTH, batch)), {"register": register, "names": names}
    result = await run(SDL, query, plan, connectors, {"x": False})
    assert result.data == {"me": {"name": "A"}, "people": [{"id": "2"}]}
    assert names.requests[0].query == first.node.document


async def test_an_error_of_one_part_is_told_where_it_belongs() -> None:
    """The other part's values stay."""
    wrong = {"message": "no", "path": ["_1", 0, "fullName"]}
    answer = errors(wrong, data={"_0": [{"name": "A"}], "_1": [None]})
    result = await answered({"me": person("1"), "people": [person("2")]}, FakeDepartment(answer))
    assert result.data == {"me": {"name": "A"}, "people": [None]}
    assert [(error["message"], error["path"]) for error in result.errors] == [("no", ["people", 0, "fullName"])]


async def test_an_error_that_names_no_part_is_told_at_what_is_missing() -> None:
    """A part that came whole has nothing to do with it."""
    answer = errors({"message": "half of it"}, data={"_0": [{"name": "A"}], "_1": None})
    result = await answered({"me": person("1"), "people": [person("2")]}, FakeDepartment(answer))
    assert result.data == {"me": {"name": "A"}, "people": [None]}
    assert [(error["message"], error["path"]) for error in result.errors] == [
        ("half of it", ["people", 0, "fullName"])
    ]


async def test_a_batch_that_fails_takes_all_its_parts_away() -> None:
    """Each field tells the cause once."""
    result = await answered({"me": person("1"), "people": [person("2")]}, FakeDepartment(timeout()))
    assert result.data == {"me": {"name": None}, "people": [None]}
    assert [error["path"] for error in result.errors] == [["me", "name"], ["people", 0, "fullName"]]
