"""Errors as the client is told them: once per cause, at the place it knows, whatever a department sends."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.connector import FetchResponse
from hub.execution import ExecutionResult
from schema.planning.query_plan import (
    Each,
    Fetch,
    Flatten,
    Guard,
    Parallel,
    Representation,
    RepresentationField,
    Sequence,
)
from tests.hub.execution.fakes import FakeDepartment, errors, run, timeout
from tests.hub.execution.test_execute import BY_ID, ME, PEOPLE, entity, person

SDL = """
type Query { me: Person people: [Person] must: Person! ping: String }
type Person { id: ID! name: String fullName: String! number: String address: Address cars: [Car!] }
type Address { street: String city: String! }
type Car { plate: String! colour: String }
"""

NAMES = Flatten(("people", Each()), entity("names", "name"))
DETAILS = Flatten(("people", Each()), entity("details", "address { street }"))


def told(result: ExecutionResult) -> list[tuple[Any, str]]:
    return [(error.get("path"), error["extensions"]["code"]) for error in result.errors]


async def two(query: str, first: Any, second: Any, node: Flatten, fetch: Fetch = ME) -> ExecutionResult:
    """``fetch`` from the register, then ``node`` from names."""
    connectors = {"register": FakeDepartment(first), "names": FakeDepartment(second)}
    return await run(SDL, query, Sequence((fetch, node)), connectors, departments={"names": "civil-affairs"})


async def test_a_failed_fetch_is_told_once_for_each_field_at_the_first_object_that_shows_it() -> None:
    """A hundred persons without a name have one cause."""
    people = {"people": [None, *(person(str(n)) for n in range(100))]}
    node = Flatten(("people", Each()), entity("names", "name number"))
    result = await two("{ people { id called: name } }", people, timeout(), node, PEOPLE)
    assert result.errors == ()  # the fetch brings "name", the client's "called" is never asked of it
    result = await two("{ people { id number name } }", people, timeout(), node, PEOPLE)
    assert result.errors == (
        {
            "message": "The department did not answer in time.",
            "path": ["people", 1, "number"],
            "extensions": {"code": "DEPARTMENT_TIMEOUT", "service": "names", "department": "civil-affairs"},
        },
        {
            "message": "The department did not answer in time.",
            "path": ["people", 1, "name"],
            "extensions": {"code": "DEPARTMENT_TIMEOUT", "service": "names", "department": "civil-affairs"},
        },
    )
    assert result.data is not None
    assert result.data["people"][100] == {"id": "99", "number": None, "name": None}


async def test_what_would_have_followed_a_failed_fetch_is_told_where_another_one_brings_the_object() -> None:
    """The register failed before anybody knew the persons: what its keys lead to is missing for the same cause."""
    by_register = (Fetch("register", "{ people { __typename id } }"), NAMES, DETAILS)
    plan = Parallel((Sequence(by_register), Fetch("numbers", "{ people { number address { city } } }")))
    connectors = {
        "register": FakeDepartment(timeout()),
        "names": FakeDepartment({}),
        "details": FakeDepartment({}),
        "numbers": FakeDepartment({"people": [{"number": "1", "address": {"city": "C"}}]}),
    }
    result = await run(SDL, "{ people { number address { city street } name } }", plan, connectors)
    assert result.data == {"people": [{"number": "1", "address": {"city": "C", "street": None}, "name": None}]}
    assert [(error["path"], error["extensions"]["service"]) for error in result.errors] == [
        (["people", 0, "address", "street"], "register")
    ]
    assert connectors["names"].requests == []


async def test_a_failed_fetch_that_may_not_be_null_takes_its_parents_away_with_one_error() -> None:
    """Propagation tells nothing of its own when the cause has been told."""
    node = Flatten(("people", Each()), entity("names", "fullName"))
    people = {"people": [person("1"), person("2")]}
    result = await two("{ people { id fullName } }", people, timeout(), node, PEOPLE)
    assert result.data == {"people": [None, None]}
    assert told(result) == [(["people", 0, "fullName"], "DEPARTMENT_TIMEOUT")]


async def test_entity_errors_are_told_in_the_clients_path() -> None:
    """The client has never heard of _entities."""
    answer = errors(
        {"message": "no such person", "path": ["_entities", 1, "name"], "extensions": {"code": "GONE"}},
        data={"_entities": [{"name": "A"}, {"name": None}]},
    )
    people = {"people": [person("1"), None, person("2")]}
    result = await two("{ people { name } }", people, answer, NAMES, PEOPLE)
    assert result.data == {"people": [{"name": "A"}, None, {"name": None}]}
    assert told(result) == [(["people", 2, "name"], "GONE")]


async def test_an_entity_that_was_nulled_by_propagation_tells_its_own_place() -> None:
    """The subgraph's null reached up to the entity; the client learns the field that began it."""
    answer = errors(
        {"message": "no city", "path": ["_entities", 0, "address", "city"]}, data={"_entities": [None]}
    )
    node = Flatten(("me",), entity("names", "name address { city }"))
    result = await two("{ me { id name address { city } } }", {"me": person("1")}, answer, node)
    assert result.data == {"me": {"id": "1", "name": None, "address": None}}
    assert told(result) == [(["me", "address", "city"], "DEPARTMENT_ERROR")]


async def test_errors_deep_in_lists_keep_their_indices() -> None:
    """Positions below the entity are the client's own."""
    answer = errors(
        {"message": "no", "path": ["_entities", 0, "cars", 1, "colour"]},
        data={"_entities": [{"cars": [{"plate": "A", "colour": "red"}, {"plate": "B", "colour": None}]}]},
    )
    node = Flatten(("me",), entity("names", "cars { plate colour }"))
    result = await two("{ me { cars { colour plate } } }", {"me": person("1")}, answer, node)
    assert told(result) == [(["me", "cars", 1, "colour"], "DEPARTMENT_ERROR")]
    assert result.data == {"me": {"cars": [{"colour": "red", "plate": "A"}, {"colour": None, "plate": "B"}]}}


async def test_root_errors_keep_their_path_and_data_null_is_every_fields_null() -> None:
    """Errors without data have one cause here, at the place they name."""
    answer = errors({"message": "down", "path": ["me", "name"], "extensions": {"code": "lower"}})
    fetch = Fetch("register", "{ me { name } ping }")
    result = await run(SDL, "{ me { name } ping }", fetch, {"register": FakeDepartment(answer)})
    assert result.data == {"me": None, "ping": None}
    assert told(result) == [(["me", "name"], "DEPARTMENT_ERROR")]


async def test_an_error_without_a_path_is_told_all_the_same() -> None:
    """At the fetch's own place, once."""
    answer = errors({"message": "slow today"}, data={"_entities": [{"name": "A"}]})
    result = await two("{ me { name } }", {"me": person("1")}, answer, Flatten(("me",), entity("names", "name")))
    assert result.data == {"me": {"name": "A"}}
    assert told(result) == [(["me"], "DEPARTMENT_ERROR")]


async def test_a_hidden_fields_error_is_told_at_the_field_that_needed_it() -> None:
    """The client did not ask for the number; it asked for the name that needs it."""
    answer = errors(
        {"message": "no number today", "path": ["me", "number"], "extensions": {"code": "NUMBERS_DOWN"}},
        data={"me": person("1", number=None)},
    )
    needs_number = Representation(
        "Person", (RepresentationField("id", "id"), RepresentationField("number", "number")), "Person", 1
    )
    first = Fetch("register", "{ me { __typename id number } }")
    node = Flatten(("me",), entity("names", "name", needs_number))
    result = await two("{ me { id name } }", answer, {"_entities": [{"name": "wrong"}]}, node, first)
    assert result.data == {"me": {"id": "1", "name": None}}
    assert told(result) == [(["me", "name"], "NUMBERS_DOWN")]


async def test_what_needs_no_failed_value_is_asked_all_the_same() -> None:
    """The name needs the number and is not believed without it; the full name is there."""
    answer = errors({"message": "no", "path": ["me", "number"]}, data={"me": person("1", number=None)})
    fields = (RepresentationField("id", "id"), RepresentationField("number", "number"))
    needs = (("name", frozenset({"number"})), ("fullName", frozenset[str]()))
    node = Flatten(
        ("me",), entity("names", "name fullName", Representation("Person", fields, "Person", 1, needs=needs))
    )
    first = Fetch("register", "{ me { __typename id number } }")
    result = await two(
        "{ me { name fullName } }", answer, {"_entities": [{"name": "wrong", "fullName": "A"}]}, node, first
    )
    assert result.data == {"me": {"name": None, "fullName": "A"}}
    assert told(result) == [(["me", "name"], "DEPARTMENT_ERROR")]


async def test_messages_are_cut_to_size_and_codes_to_shape() -> None:
    """A department's text passes as text: no control characters, no novel, no stack in the extensions."""
    error = {
        "message": "bad\x00 \x1b[31m" + "x" * 9_000,
        "path": ["ping"],
        "extensions": {"code": 3, "stack": "secret"},
    }
    answer = errors(error, data={"ping": None})
    result = await run(SDL, "{ ping }", Fetch("register", "{ ping }"), {"register": FakeDepartment(answer)})
    (found,) = result.errors
    assert found["message"].startswith("bad [31mxxx")
    assert len(found["message"]) == 500
    assert found["extensions"] == {"code": "DEPARTMENT_ERROR", "service": "register"}


async def test_a_hundred_errors_are_enough() -> None:
    """The rest is counted, so that one list cannot make an answer of errors."""
    found = [{"message": f"no {n}", "path": ["people", n]} for n in range(130)]
    answer = errors(*found, data={"people": [None] * 130})
    result = await run(SDL, "{ people { id } }", PEOPLE, {"register": FakeDepartment(answer)})
    assert len(result.errors) == 101
    assert result.errors[-1]["message"] == "30 more errors."


NONSENSE: list[Any] = [
    {"_entities": "x"},
    {"_entities": None},
    {"_entities": {}},
    {"_entities": []},
    {"_entities": [3]},
    {"_entities": [[{"name": "A"}]]},
    {},
    None,
    [],
    "text",
]


@pytest.mark.parametrize("answer", NONSENSE, ids=repr)
async def test_nonsense_never_breaks_the_rest(answer: Any) -> None:
    """What should have come is null with an error; everything else is there."""
    people = {"people": [person("1")]}
    result = await two("{ people { id name } }", people, FetchResponse(answer), NAMES, PEOPLE)
    assert result.data == {"people": [{"id": "1", "name": None}]}
    assert told(result) == [(["people", 0, "name"], "DEPARTMENT_MALFORMED_ANSWER")]


BAD_ERRORS: list[Any] = [
    {},
    "text",
    {"message": 3, "path": "me"},
    {"message": "x", "path": ["_entities", 7, "name"]},
    {"message": "x", "path": ["_entities", -1]},
    {"message": "x", "path": ["_entities", True]},
    {"message": "x", "path": ["__class__", {}]},
    {"message": "x", "path": ["_entities"] * 1_000},
    {"message": "x", "path": ["_entities", 0, "name", 5, "deep"]},
    {"message": "x", "extensions": "y"},
]


@pytest.mark.parametrize("error", BAD_ERRORS, ids=repr)
async def test_odd_errors_beside_good_data_leave_the_data_alone(error: Any) -> None:
    """One error is told, with whatever of it makes sense."""
    answer = FetchResponse({"_entities": [{"name": "A"}]}, (error,))
    result = await two("{ people { name } }", {"people": [person("1")]}, answer, NAMES, PEOPLE)
    assert result.data == {"people": [{"name": "A"}]}
    assert len(result.errors) == 1
    assert result.errors[0]["extensions"]["code"] == "DEPARTMENT_ERROR"


async def test_more_rows_than_asked_are_dropped_and_missing_ones_are_told() -> None:
    """Rows are matched by position; the surplus belongs to nobody."""
    people = {"people": [person("1"), person("2")]}
    more = {"_entities": [{"name": "A"}, {"name": "B"}, {"name": "C"}]}
    assert (await two("{ people { name } }", people, more, NAMES, PEOPLE)).data == {
        "people": [{"name": "A"}, {"name": "B"}]
    }
    fewer = await two("{ people { name } }", people, {"_entities": [{"name": "A"}]}, NAMES, PEOPLE)
    assert fewer.data == {"people": [{"name": "A"}, {"name": None}]}
    assert told(fewer) == [(["people", 1, "name"], "DEPARTMENT_MALFORMED_ANSWER")]


async def test_an_entity_the_department_does_not_know_is_null_without_an_error() -> None:
    """Nullable fields are null; only one that may not be null is worth an error."""
    result = await two("{ people { id name } }", {"people": [person("1")]}, {"_entities": [None]}, NAMES, PEOPLE)
    assert result.data == {"people": [{"id": "1", "name": None}]}
    assert result.errors == ()
    node = Flatten(("people", Each()), entity("names", "fullName"))
    result = await two("{ people { fullName } }", {"people": [person("1")]}, {"_entities": [None]}, node, PEOPLE)
    assert result.data == {"people": [None]}
    assert told(result) == [(["people", 0, "fullName"], "DEPARTMENT_WRONG_TYPE")]


async def test_errors_come_in_the_operations_order_whoever_answers_first() -> None:
    """Arrival decides nothing."""
    slow = FakeDepartment(timeout())
    plan = Parallel((Fetch("one", "{ ping }"), Fetch("two", "{ me { id } }")))
    result = await run(SDL, "{ me { id } ping }", plan, {"one": slow, "two": FakeDepartment(timeout())})
    assert told(result) == [(["me"], "DEPARTMENT_TIMEOUT"), (["ping"], "DEPARTMENT_TIMEOUT")]


async def test_a_subgraph_without_a_connector_is_told_as_unreachable() -> None:
    """A graph may be published before a connector is."""
    result = await run(SDL, "{ ping }", Fetch("nowhere", "{ ping }"), {})
    assert told(result) == [(["ping"], "DEPARTMENT_UNREACHABLE")]


GUARDED = Fetch(
    "register",
    "{ people { __typename id name } }",
    guards=(Guard(("people", Each()), "Person", (("id", "id"),)),),
)


async def test_a_guard_takes_away_what_is_another_persons_before_more_is_fetched() -> None:
    """The second department never hears of the other person."""
    second = FakeDepartment({"_entities": [{"number": "1"}]})
    people = FakeDepartment({"people": [person("1", name="A"), person("2", name="B"), person(None, name="C")]})
    plan = Sequence((GUARDED, Flatten(("people", Each()), entity("second", "number", BY_ID))))
    result = await run(
        SDL,
        "{ people { name number } }",
        plan,
        {"register": people, "second": second},
        owner_check=lambda type_name, identity: (type_name, identity) == ("Person", {"id": "1"}),
    )
    assert result.data == {"people": [{"name": "A", "number": "1"}, None, None]}
    assert told(result) == [(["people", 1], "FORBIDDEN"), (["people", 2], "FORBIDDEN")]
    assert second.requests[0].variables == {"representations": [{"__typename": "Person", "id": "1"}]}


async def test_a_forbidden_object_that_may_not_be_null_takes_its_parent_away() -> None:
    """Null propagation by the operation's types, and no value of the object anywhere."""
    fetch = Fetch(
        "register",
        "{ must { __typename id name } }",
        guards=(Guard(("must",), "Person", (("id", "id"),)),),
    )
    register = FakeDepartment({"must": person("2", name="canary")})
    result = await run(SDL, "{ must { name } }", fetch, {"register": register})
    assert result.data is None
    assert told(result) == [(["must"], "FORBIDDEN")]
    assert "canary" not in str(result)


TYPENAME_LOST = (
    Fetch("register", "{ me { id } }"),
    Flatten(("me",), entity("names", "__typename name")),
)


async def test_a_lost_type_name_does_not_keep_others_from_answering() -> None:
    """The fetch that was to bring the object's type name failed; where one type can stand, that is its name."""
    plan = Sequence((*TYPENAME_LOST, Flatten(("me",), entity("numbers", "number"))))
    connectors = {
        "register": FakeDepartment({"me": {"id": "1"}}),
        "names": FakeDepartment(timeout()),
        "numbers": FakeDepartment({"_entities": [{"number": "n1"}]}),
    }
    result = await run(SDL, "{ me { name number } }", plan, connectors)
    assert result.data == {"me": {"name": None, "number": "n1"}}
    assert [(e["path"], e["extensions"]["service"]) for e in result.errors] == [(["me", "name"], "names")]


async def test_a_lost_type_name_does_not_open_another_persons_object() -> None:
    """Who cannot be told not to be a person is looked at as one."""
    guard = Guard(("me",), "Person", (("id", "id"),))
    numbers = Fetch("numbers", entity("numbers", "id number").document, representations=(BY_ID,), guards=(guard,))
    plan = Sequence((*TYPENAME_LOST, Flatten(("me",), numbers)))
    connectors = {
        "register": FakeDepartment({"me": {"id": "2"}}),
        "names": FakeDepartment(timeout()),
        "numbers": FakeDepartment({"_entities": [{"id": "2", "number": "n2"}]}),
    }
    result = await run(
        SDL,
        "{ me { name number } }",
        plan,
        connectors,
        owner_check=lambda _type, identity: identity == {"id": "1"},
    )
    assert result.data == {"me": None}
    assert [e["extensions"]["code"] for e in result.errors] == ["FORBIDDEN"]


@pytest.mark.parametrize("order", [("register", "names"), ("names", "register")])
@pytest.mark.parametrize(
    "failure",
    [timeout(), errors({"message": "no", "path": ["people"]}, data={"people": None})],
    ids=["dead", "null"],
)
async def test_what_only_a_failed_fetch_brings_is_told(order: tuple[str, str], failure: Any) -> None:
    """A shared object that another department brought hides no failure, whoever answers first."""
    fetches = {
        "register": Fetch("register", "{ people { id number } }"),
        "names": Fetch("names", "{ people { name address { street } } }"),
    }
    connectors = {
        "register": FakeDepartment({"people": [{"id": "1", "number": "n"}, None, {"id": "2", "number": None}]}),
        "names": FakeDepartment(failure),
    }
    plan = Sequence(tuple(fetches[name] for name in order))
    result = await run(SDL, "{ people { number name address { street } } }", plan, connectors)
    assert result.data == {
        "people": [
            {"number": "n", "name": None, "address": None},
            None,
            {"number": None, "name": None, "address": None},
        ]
    }
    assert {e["extensions"]["service"] for e in result.errors} == {"names"}
    assert result.errors[0]["path"][:1] == ["people"]
