"""Running plans: what is asked of whom, and how the answers become one."""

from __future__ import annotations

from typing import Any

from connectors.connector import FetchRequest, FetchResponse
from schema.planning.query_plan import (
    Condition,
    Each,
    Fetch,
    Flatten,
    OnTypes,
    Parallel,
    Representation,
    RepresentationField,
    RepresentationFragment,
    Sequence,
)
from tests.hub.execution.fakes import FakeDepartment, errors, run, timeout

SDL = """
type Query { me: Person people: [Person] holders: [Holder] ping: String }
type Mutation { first: String! second: String! third: String }
type Person { id: ID! name: String fullName: String! friends: [Person!] address: Address tags: JSON }
type Firm { code: ID! title: String }
union Holder = Person | Firm
type Address { street: String city: String! }
scalar JSON
"""

ME = Fetch("register", "{ me { __typename id } }")
PEOPLE = Fetch("register", "{ people { __typename id } }")
BY_ID = Representation("Person", (RepresentationField("id", "id"),), "Person", 1)


def entity(service: str, selection: str, *representations: Representation) -> Fetch:
    return Fetch(
        service,
        "query($representations: [_Any!]!) { _entities(representations: $representations) { ... on Person "
        f"{{ {selection} }} }} }}",
        representations=representations or (BY_ID,),
    )


def person(identifier: str | None, **more: Any) -> dict[str, Any]:
    return {"__typename": "Person", "id": identifier, **more}


async def test_an_entity_fetch_adds_to_the_object_it_was_made_for() -> None:
    """The simplest two hops: the second is asked by key, and its answer lands in the first one's object."""
    names = FakeDepartment({"_entities": [{"name": "王小明"}]})
    plan = Sequence((ME, Flatten(("me",), entity("names", "name"))))
    result = await run(
        SDL, "{ me { name id } }", plan, {"register": FakeDepartment({"me": person("1")}), "names": names}
    )
    assert result.data == {"me": {"name": "王小明", "id": "1"}}
    assert list(result.data["me"]) == ["name", "id"]
    assert names.requests[0].variables == {"representations": [{"__typename": "Person", "id": "1"}]}


async def test_equal_representations_are_sent_once_and_the_answer_reaches_every_object() -> None:
    """A list with one person three times costs one representation."""
    names = FakeDepartment({"_entities": [{"name": "A"}, {"name": "B"}]})
    people = FakeDepartment({"people": [person("1"), None, person("2"), person("1")]})
    plan = Sequence((PEOPLE, Flatten(("people", Each()), entity("names", "name"))))
    result = await run(SDL, "{ people { name } }", plan, {"register": people, "names": names})
    assert result.data == {"people": [{"name": "A"}, None, {"name": "B"}, {"name": "A"}]}
    assert [r["id"] for r in names.requests[0].variables["representations"]] == ["1", "2"]


async def test_objects_without_a_key_are_not_sent_and_cost_no_error() -> None:
    """A null key means that the next subgraph cannot be asked; nullable fields are simply null."""
    names = FakeDepartment({"_entities": [{"name": "B"}]})
    people = FakeDepartment({"people": [person(None), person("2")]})
    plan = Sequence((PEOPLE, Flatten(("people", Each()), entity("names", "name"))))
    result = await run(SDL, "{ people { name } }", plan, {"register": people, "names": names})
    assert result.data == {"people": [{"name": None}, {"name": "B"}]}
    assert result.errors == ()
    assert [r["id"] for r in names.requests[0].variables["representations"]] == ["2"]


async def test_a_key_of_several_fields_is_there_while_one_of_them_is() -> None:
    """Null can be a part of what identifies an object; what is required inside a key's object may be null too."""
    row = RepresentationField("row", "row", (RepresentationField("no", "no"), RepresentationField("tag", "tag")))
    both = Representation("Person", (row, RepresentationField("id", "id")), "Person", 2)
    names = FakeDepartment({"_entities": [{"name": "A"}, {"name": "B"}]})
    rows = [
        person("1", row=None),
        person(None, row={"no": 2, "tag": None}),
        person(None, row={"no": None, "tag": None}),
    ]
    plan = Sequence(
        (Fetch("register", "{ people { __typename row { no tag } id } }"),
         Flatten(("people", Each()), entity("names", "name", both)))
    )  # fmt: skip
    departments = {"register": FakeDepartment({"people": rows}), "names": names}
    result = await run(SDL, "{ people { name } }", plan, departments)
    assert result.data == {"people": [{"name": "A"}, {"name": "B"}, {"name": None}]}
    assert names.requests[0].variables["representations"] == [
        {"__typename": "Person", "row": None, "id": "1"},
        {"__typename": "Person", "row": {"no": 2, "tag": None}, "id": None},
    ]


async def test_nothing_is_asked_when_no_object_stands_at_the_path() -> None:
    """A null person has no name to ask for."""
    names = FakeDepartment({})
    plan = Sequence((ME, Flatten(("me",), entity("names", "name"))))
    result = await run(SDL, "{ me { name } }", plan, {"register": FakeDepartment({"me": None}), "names": names})
    assert result.data == {"me": None}
    assert names.requests == []


async def test_type_conditions_on_the_path_let_only_those_types_through() -> None:
    """The firms in a union are not sent to the register of persons."""
    names = FakeDepartment({"_entities": [{"name": "A"}]})
    holders = FakeDepartment({"holders": [{"__typename": "Firm", "code": "F"}, person("1")]})
    plan = Sequence(
        (
            Fetch("register", "{ holders { __typename ... on Firm { code } ... on Person { id } } }"),
            Flatten(("holders", Each(), OnTypes(("Person",))), entity("names", "name")),
        )
    )
    query = "{ holders { __typename ... on Firm { code } ... on Person { name } } }"
    result = await run(SDL, query, plan, {"register": holders, "names": names})
    assert result.data == {"holders": [{"__typename": "Firm", "code": "F"}, {"__typename": "Person", "name": "A"}]}


async def test_required_fields_travel_nested_and_may_be_null() -> None:
    """Beyond the key, what @requires names is sent with it; only a missing key keeps an object back."""
    representation = Representation(
        "Person",
        (
            RepresentationField("id", "id"),
            RepresentationField("address", "where", (RepresentationField("city", "city"),)),
            RepresentationFragment(("Person",), (RepresentationField("name", "name"),)),
        ),
        "Person",
        1,
    )
    second = FakeDepartment({"_entities": [{"fullName": "x"}, {"fullName": "y"}]})
    people = [person("1", where={"city": "Beijing", "street": "s"}, name=None), person("2", where=None, name="B")]
    first = Fetch("register", "{ people { __typename id where: address { city } name } }")
    plan = Sequence((first, Flatten(("people", Each()), entity("second", "fullName", representation))))
    connectors = {"register": FakeDepartment({"people": people}), "second": second}
    result = await run(SDL, "{ people { fullName } }", plan, connectors)
    assert result.data == {"people": [{"fullName": "x"}, {"fullName": "y"}]}
    assert second.requests[0].variables["representations"] == [
        {"__typename": "Person", "id": "1", "address": {"city": "Beijing"}, "name": None},
        {"__typename": "Person", "id": "2", "address": None, "name": "B"},
    ]


async def test_value_types_from_two_subgraphs_merge_deeply_and_lists_by_position() -> None:
    """Two subgraphs each know half of the same values."""
    one = Fetch("one", "{ me { address { street } friends { id } } }")
    two = Fetch("two", "{ me { address { city } friends { name } } }")
    connectors = {
        "one": FakeDepartment({"me": {"address": {"street": "s"}, "friends": [{"id": "1"}, {"id": "2"}]}}),
        "two": FakeDepartment({"me": {"address": {"city": "c"}, "friends": [{"name": "A"}, {"name": "B"}]}}),
    }
    query = "{ me { address { city street } friends { id name } } }"
    result = await run(SDL, query, Parallel((one, two)), connectors)
    assert result.data == {
        "me": {
            "address": {"city": "c", "street": "s"},
            "friends": [{"id": "1", "name": "A"}, {"id": "2", "name": "B"}],
        }
    }


async def test_lists_of_unlike_length_are_as_long_as_the_longer() -> None:
    """Whichever answers first: the answer depends on nobody's haste."""
    one = Fetch("one", "{ me { friends { id } } }")
    two = Fetch("two", "{ me { friends { name } } }")
    connectors = {
        "one": FakeDepartment({"me": {"friends": [{"id": "1"}, {"id": "2"}]}}),
        "two": FakeDepartment({"me": {"friends": [{"name": "A"}]}}),
    }
    for order in ((one, two), (two, one)):
        result = await run(SDL, "{ me { friends { id name } } }", Sequence(order), connectors)
        assert result.data == {"me": {"friends": [{"id": "1", "name": "A"}, {"id": "2", "name": None}]}}


async def test_a_condition_decides_by_the_variables_value_or_default() -> None:
    """@include on a variable stops the fetch, not only the field."""
    ping = FakeDepartment({"ping": "pong"})
    query = "query($on: Boolean = true) { ping @include(if: $on) }"
    plan = Condition("on", True, Fetch("register", "{ ping }"))
    assert (await run(SDL, query, plan, {"register": ping})).data == {"ping": "pong"}
    assert (await run(SDL, query, plan, {"register": ping}, {"on": False})).data == {}
    assert len(ping.requests) == 1


async def test_variables_travel_as_the_client_gave_them_and_defaults_where_it_gave_none() -> None:
    """A subgraph coerces for itself; what the client left out it must still be told."""
    sdl = "type Query { f(a: Int, b: Float, c: String): String }"
    register = FakeDepartment({"f": "x"})
    query = 'query($a: Int, $b: Float, $c: String = "d", $n: String) { f(a: $a, b: $b, c: $c) g: f(c: $n) }'
    plan = Fetch("register", "{ f g }", variables=("a", "b", "c"))
    await run(sdl, query, plan, {"register": register}, {"a": 1, "b": 2})
    assert register.requests[0].variables == {"a": 1, "b": 2, "c": "d"}


async def test_mutations_stop_once_the_answer_is_lost() -> None:
    """A failed field that may not be null makes the answer null; no further effect is wanted."""
    plan = Sequence(tuple(Fetch(name, f"mutation {{ {name} }}", kind="mutation") for name in ("first", "second")))
    second = FakeDepartment({"second": "done"})
    result = await run(
        SDL, "mutation { first second }", plan, {"first": FakeDepartment(timeout()), "second": second}
    )
    assert result.data is None
    assert second.requests == []
    assert [e["path"] for e in result.errors] == [["first"]]


async def test_mutations_go_on_after_a_nullable_failure() -> None:
    """The order is the client's, and a null in between is only a null."""
    plan = Sequence(
        (
            Fetch("third", "mutation { third }", kind="mutation"),
            Fetch("second", "mutation { second }", kind="mutation"),
        )
    )
    connectors = {"third": FakeDepartment(timeout()), "second": FakeDepartment({"second": "done"})}
    result = await run(SDL, "mutation { third second }", plan, connectors)
    assert result.data == {"third": None, "second": "done"}
    assert [e["extensions"]["code"] for e in result.errors] == ["DEPARTMENT_TIMEOUT"]


async def test_internal_aliases_are_mapped_back_before_merging() -> None:
    """Two branches that a subgraph refuses side by side are asked under different names."""
    sdl = "type Query { holders: [Holder] } type P { x: Int } type F { x: Int } union Holder = P | F"
    document = "{ holders { __typename ... on P { x } ... on F { x__1: x } } }"
    fetch = Fetch("one", document, renames=((("holders", Each(), OnTypes(("F",))), "x__1", "x"),))
    answer = errors(
        {"message": "no", "path": ["holders", 1, "x__1"]},
        data={"holders": [{"__typename": "P", "x": 1}, {"__typename": "F", "x__1": None}]},
    )
    query = "{ holders { ... on P { x } ... on F { x } } }"
    result = await run(sdl, query, fetch, {"one": FakeDepartment(answer)})
    assert result.data == {"holders": [{"x": 1}, {"x": None}]}
    assert [e["path"] for e in result.errors] == [["holders", 1, "x"]]


async def test_an_answer_cannot_bring_what_was_not_asked() -> None:
    """A hostile subgraph that plants a key would steer the next fetch to another person."""
    names = FakeDepartment({"_entities": [{"name": "A", "id": "victim", "number": "victim"}, {"name": "more"}]})
    third = FakeDepartment({"_entities": [{"fullName": "A A"}]})
    plan = Sequence(
        (ME, Flatten(("me",), entity("names", "name id")), Flatten(("me",), entity("third", "fullName")))
    )
    connectors = {"register": FakeDepartment({"me": person("1")}), "names": names, "third": third}
    result = await run(SDL, "{ me { name fullName } }", plan, connectors)
    assert result.data == {"me": {"name": "A", "fullName": "A A"}}
    assert third.requests[0].variables["representations"] == [{"__typename": "Person", "id": "1"}]


async def test_parallel_parts_run_side_by_side() -> None:
    """Neither waits for the other."""
    import asyncio

    meeting = asyncio.Barrier(2)

    class Meeting(FakeDepartment):
        async def fetch(self, request: FetchRequest) -> FetchResponse:
            async with asyncio.timeout(1):
                await meeting.wait()
            return await super().fetch(request)

    one = Meeting({"ping": "pong"})
    two = Meeting({"me": person("1")})
    plan = Parallel((Fetch("one", "{ ping }"), Fetch("two", "{ me { id } }")))
    result = await run(SDL, "{ ping me { id } }", plan, {"one": one, "two": two})
    assert result.data == {"ping": "pong", "me": {"id": "1"}}


async def test_a_connectors_own_mistake_takes_only_its_values_away() -> None:
    """An unforeseen exception is answered without its text, which may hold a secret."""
    plan = Parallel((Fetch("one", "{ ping }"), Fetch("two", "{ me { id } }")))
    connectors = {"one": FakeDepartment(ZeroDivisionError("secret")), "two": FakeDepartment({"me": person("1")})}
    result = await run(SDL, "{ ping me { id } }", plan, connectors)
    assert result.data == {"ping": None, "me": {"id": "1"}}
    assert [(e["path"], e["extensions"]) for e in result.errors] == [
        (["ping"], {"code": "INTERNAL_SERVER_ERROR", "service": "one"})
    ]
    assert "secret" not in str(result)


LOOPED = """
type Query { visits: [Visit] ping: String pong: Int! }
type Visit { query: Query }
"""
VISITS = Fetch("shop", "{ visits { query { __typename } } }")
BELOW = Flatten(("visits", Each(), "query"), Fetch("other", "{ ping pong }"))


async def test_the_root_below_another_field_is_asked_once_for_all_its_objects() -> None:
    """What is null has no root to answer for; where all are, nobody is asked."""
    other = FakeDepartment({"ping": "a", "pong": 1})
    visits = FakeDepartment({"visits": [{"query": {}}, {"query": None}, None, {"query": {}}]})
    query = "{ visits { query { pong ping } } }"
    result = await run(LOOPED, query, Sequence((VISITS, BELOW)), {"shop": visits, "other": other})
    answered = {"query": {"pong": 1, "ping": "a"}}
    assert result.data == {"visits": [answered, {"query": None}, None, answered]}
    assert len(other.requests) == 1
    nobody = FakeDepartment({"visits": [{"query": None}]})
    result = await run(LOOPED, query, Sequence((VISITS, BELOW)), {"shop": nobody, "other": other})
    assert (result.data, len(other.requests)) == ({"visits": [{"query": None}]}, 1)


async def test_an_error_of_the_root_below_another_field_is_told_once_in_the_clients_path() -> None:
    """At the first object that shows it; the value beside it stays."""
    other = FakeDepartment(FetchResponse({"ping": None, "pong": 1}, ({"message": "no", "path": ["ping"]},)))
    visits = FakeDepartment({"visits": [{"query": {}}, {"query": {}}]})
    query = "{ visits { query { ping pong } } }"
    result = await run(LOOPED, query, Sequence((VISITS, BELOW)), {"shop": visits, "other": other})
    assert result.data == {"visits": [{"query": {"ping": None, "pong": 1}}] * 2}
    assert [(one["message"], one["path"]) for one in result.errors] == [("no", ["visits", 0, "query", "ping"])]
    dead = FakeDepartment(timeout())
    result = await run(LOOPED, query, Sequence((VISITS, BELOW)), {"shop": visits, "other": dead})
    assert result.data == {"visits": [{"query": None}, {"query": None}]}
    assert [one["path"] for one in result.errors] == [
        ["visits", 0, "query", "ping"],
        ["visits", 0, "query", "pong"],
    ]
