"""Gathered lists: every department's part side by side, and one that fails takes only its own part away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hub.execution import ExecutionResult
from schema.planning.query_plan import (
    Each,
    Fetch,
    Flatten,
    Gather,
    GatherPart,
    Guard,
    Representation,
    RepresentationField,
    Sequence,
)
from tests.hub.execution.fakes import FakeDepartment, errors, run, timeout
from tests.hub.execution.test_execute import BY_ID, person

SDL = """
type Query { me: Person people: [Person] papers: [Paper!] }
type Person { id: ID! name: String papers: [Paper!]! maybe: [Paper] }
type Paper { issuer: String! number: ID! kind: String holder: Person }
"""
DEPARTMENTS = {"a": "transport", "b": "civil-affairs"}
ME = Fetch("register", "{ me { __typename id } }")


def part(
    service: str, name: str = "papers", path: Any = ("me",), *, fields: str = "issuer number kind"
) -> GatherPart:
    document = (
        "query($representations: [_Any!]!) { _entities(representations: $representations) "
        f"{{ ... on Person {{ {name} {{ {fields} }} }} }} }}"
    )
    return GatherPart(service, Flatten(path, Fetch(service, document, representations=(BY_ID,))))


def papers(issuer: str, *numbers: str, **more: Any) -> list[dict[str, Any]]:
    return [{"issuer": issuer, "number": number, "kind": None, **more} for number in numbers]


def brought(*lists: Any) -> dict[str, Any]:
    return {"_entities": [{"papers": each} for each in lists]}


async def gathered(a: Any, b: Any, query: str = "{ me { papers { number } } }", **gather: Any) -> ExecutionResult:
    plan = Sequence((ME, Gather(("me",), "papers", "Person", "papers", (part("a"), part("b")), **gather)))
    connectors = {
        "register": FakeDepartment({"me": person("1", papers="not a part")}),
        "a": FakeDepartment(a),
        "b": FakeDepartment(b),
    }
    result = await run(SDL, query, plan, connectors, departments=DEPARTMENTS)
    for source in result.extensions.get("sources", ()):
        for each in source["parts"]:
            assert each.pop("milliseconds") >= 0
    return result


async def test_parts_are_joined_in_the_plans_order_with_their_sources() -> None:
    """Who answered stands beside the list."""
    result = await gathered(brought(papers("a", "1", "2")), brought(papers("b", "3")))
    assert result.data == {"me": {"papers": [{"number": "1"}, {"number": "2"}, {"number": "3"}]}}
    assert result.errors == ()
    assert result.extensions == {
        "sources": [
            {
                "path": ["me", "papers"],
                "parts": [
                    {"service": "a", "department": "transport", "state": "ok", "count": 2},
                    {"service": "b", "department": "civil-affairs", "state": "ok", "count": 1},
                ],
            }
        ]
    }


async def test_a_failed_part_leaves_the_others_and_is_told_at_the_list() -> None:
    """The client's path, by its alias; code, service and department of the one that failed."""
    plan = Sequence(
        (ME, Gather(("me",), "p", "Person", "papers", (part("a", "p: papers"), part("b", "p: papers"))))
    )
    connectors = {
        "register": FakeDepartment({"me": person("1")}),
        "a": FakeDepartment(timeout()),
        "b": FakeDepartment({"_entities": [{"p": papers("b", "3")}]}),
    }
    result = await run(SDL, "{ me { p: papers { number } } }", plan, connectors, departments=DEPARTMENTS)
    assert result.data == {"me": {"p": [{"number": "3"}]}}
    assert result.errors == (
        {
            "message": "The department did not answer in time.",
            "path": ["me", "p"],
            "extensions": {"code": "DEPARTMENT_TIMEOUT", "service": "a", "department": "transport"},
        },
    )
    states = [(p["state"], p["count"], p.get("code")) for p in result.extensions["sources"][0]["parts"]]
    assert states == [("failed", 0, "DEPARTMENT_TIMEOUT"), ("ok", 1, None)]


async def test_when_all_parts_fail_there_is_no_empty_list_that_says_you_have_none() -> None:
    """The field is an error, and its null propagates."""
    result = await gathered(timeout(), errors({"message": "no"}))
    assert result.data == {"me": None}
    assert [e["extensions"]["code"] for e in result.errors] == [
        "DEPARTMENT_TIMEOUT",
        "DEPARTMENT_ERROR",
        "GATHER_FAILED",
    ]
    assert {tuple(e["path"]) for e in result.errors} == {("me", "papers")}


async def test_an_error_at_the_list_fails_the_part_and_one_inside_does_not() -> None:
    """A part is lost when its list is; an element's own null is only that."""
    lost = errors({"message": "no", "path": ["_entities", 0, "papers"]}, data={"_entities": [{"papers": None}]})
    inside = errors(
        {"message": "no kind", "path": ["_entities", 0, "papers", 1, "kind"]}, data=brought(papers("b", "3", "4"))
    )
    result = await gathered(lost, inside, "{ me { papers { number kind } } }")
    assert result.data == {"me": {"papers": [{"number": "3", "kind": None}, {"number": "4", "kind": None}]}}
    assert [(e["message"], e["path"]) for e in result.errors] == [
        ("no", ["me", "papers"]),
        ("no kind", ["me", "papers", 1, "kind"]),
    ]


async def test_a_department_that_does_not_know_the_person_holds_nothing() -> None:
    """That is an answer, not a failure."""
    result = await gathered({"_entities": [None]}, brought([]))
    assert result.data == {"me": {"papers": []}}
    assert result.errors == ()
    assert [p["state"] for p in result.extensions["sources"][0]["parts"]] == ["ok", "ok"]


async def test_an_element_that_may_not_be_null_takes_only_its_own_part_away() -> None:
    """One department's broken record must not hide the other departments' records."""
    broken = brought([*papers("a", "1"), {"issuer": "a", "number": None}])
    result = await gathered(broken, brought(papers("b", "3")), "{ me { papers { number } } }")
    assert result.data == {"me": {"papers": [{"number": "3"}]}}
    assert [(e["path"], e["extensions"]["code"]) for e in result.errors] == [
        (["me", "papers"], "DEPARTMENT_WRONG_TYPE")
    ]
    assert result.errors[0]["extensions"]["service"] == "a"
    assert [p["state"] for p in result.extensions["sources"][0]["parts"]] == ["failed", "ok"]


async def test_who_could_not_complete_the_elements_is_blamed_for_every_part() -> None:
    """The departments that hold the papers did answer; the dead one is named, once, and in the sources."""
    held = {"holder": {"__typename": "Person", "id": "7"}}
    fields = "issuer number holder { __typename id }"
    kinds = Fetch(
        "kinds",
        "query($representations: [_Any!]!) { _entities(representations: $representations) "
        "{ ... on Person { id2: id } } }",
        representations=(BY_ID,),
    )
    plan = Sequence(
        (
            ME,
            Gather(("me",), "papers", "Person", "papers", (part("a", fields=fields), part("b", fields=fields))),
            Flatten(("me", "papers", Each(), "holder"), kinds),
        )
    )
    connectors = {
        "register": FakeDepartment({"me": person("1")}),
        "a": FakeDepartment(brought(papers("a", "1", **held))),
        "b": FakeDepartment(brought(papers("b", "2", **held))),
        "kinds": FakeDepartment(timeout()),
    }
    sdl = SDL.replace("holder: Person", "holder: Person!")
    result = await run(sdl, "{ me { papers { number holder { id2: id } } } }", plan, connectors)
    assert result.data == {"me": None}
    assert [(e["path"], e["extensions"].get("service"), e["extensions"]["code"]) for e in result.errors] == [
        (["me", "papers"], "kinds", "DEPARTMENT_TIMEOUT"),
        (["me", "papers"], None, "GATHER_FAILED"),
    ]
    parts = result.extensions["sources"][0]["parts"]
    assert [p["code"] for p in parts] == ["DEPARTMENT_TIMEOUT", "DEPARTMENT_TIMEOUT"]


async def test_a_part_that_is_no_list_fails() -> None:
    """Nonsense from one department is its own."""
    result = await gathered(brought("x"), brought(papers("b", "3")))
    assert result.data == {"me": {"papers": [{"number": "3"}]}}
    assert [e["extensions"]["code"] for e in result.errors] == ["DEPARTMENT_WRONG_TYPE"]


async def test_elements_with_one_key_become_one_and_the_first_part_wins() -> None:
    """A paper that two departments hold is one paper."""
    first = brought([{"issuer": "x", "number": "1", "kind": None}, {"issuer": "x", "number": "2", "kind": "A"}])
    second = brought([{"issuer": "x", "number": "2", "kind": "B"}, {"issuer": "x", "number": "1", "kind": "C"}])
    query = "{ me { papers { number kind } } }"
    result = await gathered(first, second, query, key=("issuer", "number"))
    assert result.data == {"me": {"papers": [{"number": "1", "kind": "C"}, {"number": "2", "kind": "A"}]}}


async def test_the_part_that_came_with_the_parent_is_kept_in_its_place() -> None:
    """A subgraph that brought the person brought its part along."""
    first = Fetch("a", "{ me { __typename id papers { number } } }")
    parts = (GatherPart("a", None), part("b"))
    plan = Sequence((first, Gather(("me",), "papers", "Person", "papers", parts)))
    connectors = {
        "a": FakeDepartment({"me": person("1", papers=papers("a", "1"))}),
        "b": FakeDepartment(brought(papers("b", "3"))),
    }
    result = await run(SDL, "{ me { papers { number } } }", plan, connectors)
    assert result.data == {"me": {"papers": [{"number": "1"}, {"number": "3"}]}}


async def test_parents_in_a_list_are_asked_together_and_each_has_its_sources() -> None:
    """One request per department; a failure is told once, at the first parent."""
    path = ("people", Each())
    plan = Sequence(
        (
            Fetch("register", "{ people { __typename id } }"),
            Gather(path, "papers", "Person", "papers", (part("a", path=path), part("b", path=path))),
        )
    )
    a = FakeDepartment(brought(papers("a", "1"), papers("a", "2")))
    connectors = {
        "register": FakeDepartment({"people": [person("1"), None, person("2"), person("1")]}),
        "a": a,
        "b": FakeDepartment(timeout()),
    }
    result = await run(SDL, "{ people { papers { number } } }", plan, connectors)
    one, two = {"papers": [{"number": "1"}]}, {"papers": [{"number": "2"}]}
    assert result.data == {"people": [one, None, two, one]}
    assert [e["path"] for e in result.errors] == [["people", 0, "papers"]]
    assert [s["path"] for s in result.extensions["sources"]] == [
        ["people", 0, "papers"],
        ["people", 2, "papers"],
        ["people", 3, "papers"],
    ]
    assert len(a.requests) == 1


async def test_a_gathered_root_field_joins_root_fetches() -> None:
    """There is no parent but the operation itself."""
    parts = tuple(GatherPart(name, Fetch(name, "{ papers { number } }")) for name in ("a", "b"))
    plan = Gather((), "papers", "Query", "papers", parts)
    connectors = {"a": FakeDepartment({"papers": papers("a", "1")}), "b": FakeDepartment(timeout())}
    result = await run(SDL, "{ papers { number } }", plan, connectors)
    assert result.data == {"papers": [{"number": "1"}]}
    assert [(e["path"], e["extensions"]["service"]) for e in result.errors] == [(["papers"], "b")]


async def test_follow_up_fetches_see_the_joined_list() -> None:
    """The holder of every paper is asked for in one request, whoever brought the paper."""
    held = {"holder": {"__typename": "Person", "id": "7"}}
    fields = "issuer number holder { __typename id }"
    parts = (part("a", fields=fields), part("b", fields=fields))
    follow = Fetch(
        "names",
        "query($representations: [_Any!]!) { _entities(representations: $representations) "
        "{ ... on Person { name } } }",
        representations=(BY_ID,),
    )
    plan = Sequence(
        (
            ME,
            Gather(("me",), "papers", "Person", "papers", parts),
            Flatten(("me", "papers", Each(), "holder"), follow),
        )
    )
    connectors = {
        "register": FakeDepartment({"me": person("1")}),
        "a": FakeDepartment(brought(papers("a", "1", **held))),
        "b": FakeDepartment(brought(papers("b", "2", **held))),
        "names": FakeDepartment({"_entities": [{"name": "N"}]}),
    }
    result = await run(SDL, "{ me { papers { number holder { name } } } }", plan, connectors)
    assert result.data == {
        "me": {"papers": [{"number": "1", "holder": {"name": "N"}}, {"number": "2", "holder": {"name": "N"}}]}
    }
    assert [r["id"] for r in connectors["names"].requests[0].variables["representations"]] == ["7"]


async def test_a_part_that_cannot_be_asked_for_want_of_a_key_has_failed() -> None:
    """The subgraph that gives the key may not know the parent: that says nothing of what the part holds."""
    by_code = (Representation("Person", (RepresentationField("code", "code"),), "Person", 1),)
    asked = part("b").node
    assert isinstance(asked, Flatten)
    keyless = GatherPart("b", Flatten(asked.path, replace(asked.node, representations=by_code)))
    plan = Sequence((ME, Gather(("me",), "papers", "Person", "papers", (part("a"), keyless))))
    b = FakeDepartment(brought(papers("b", "2")))
    connectors = {
        "register": FakeDepartment({"me": person("1")}),
        "a": FakeDepartment(brought(papers("a", "1"))),
        "b": b,
    }
    result = await run(SDL, "{ me { papers { number } } }", plan, connectors)
    assert result.data == {"me": {"papers": [{"number": "1"}]}}
    assert [(e["path"], e["extensions"]["code"], e["extensions"]["service"]) for e in result.errors] == [
        (["me", "papers"], "SERVICE_UNAVAILABLE", "b")
    ]
    assert b.requests == []


async def test_what_one_part_lacks_is_fetched_for_its_own_elements_only() -> None:
    """A path may lead to the elements of some parts, merged ones counting for the first."""
    follow = Fetch(
        "kinds",
        "query($representations: [_Any!]!) { _entities(representations: $representations) "
        "{ ... on Paper { kind } } }",
        representations=(Representation("Paper", (RepresentationField("number", "number"),), "Paper", 1),),
    )
    parts = (part("a", fields="__typename number"), part("b", fields="__typename number"))
    plan = Sequence(
        (
            ME,
            Gather(("me",), "papers", "Person", "papers", parts, ("number",)),
            Flatten(("me", "papers", Each(("b",))), follow),
        )
    )
    connectors = {
        "register": FakeDepartment({"me": person("1")}),
        "a": FakeDepartment(brought([{"__typename": "Paper", "number": "1"}])),
        "b": FakeDepartment(brought([{"__typename": "Paper", "number": number} for number in ("1", "2")])),
        "kinds": FakeDepartment({"_entities": [{"kind": "K"}]}),
    }
    result = await run(SDL, "{ me { papers { number kind } } }", plan, connectors)
    assert result.data == {"me": {"papers": [{"number": "1", "kind": None}, {"number": "2", "kind": "K"}]}}
    assert [r["number"] for r in connectors["kinds"].requests[0].variables["representations"]] == ["2"]


async def test_guards_of_a_part_are_checked_on_the_joined_list() -> None:
    """Another person's object inside a gathered element is taken away like everywhere else."""
    guard = Guard(("me", "papers", Each(), "holder"), "Person", (("id", "id"),))
    document = (
        "query($representations: [_Any!]!) { _entities(representations: $representations) "
        "{ ... on Person { papers { number holder { __typename id name } } } } }"
    )
    fetch = Fetch("a", document, representations=(BY_ID,), guards=(guard,))
    plan = Sequence(
        (ME, Gather(("me",), "papers", "Person", "papers", (GatherPart("a", Flatten(("me",), fetch)),)))
    )
    held = [{"number": n, "holder": {"__typename": "Person", "id": n, "name": "N"}} for n in ("1", "2")]
    connectors = {"register": FakeDepartment({"me": person("1")}), "a": FakeDepartment(brought(held))}
    result = await run(
        SDL,
        "{ me { papers { holder { name } } } }",
        plan,
        connectors,
        owner_check=lambda _type, identity: identity == {"id": "1"},
    )
    assert result.data == {"me": {"papers": [{"holder": {"name": "N"}}, {"holder": None}]}}
    assert [e["path"] for e in result.errors] == [["me", "papers", 1, "holder"]]
