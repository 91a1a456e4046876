"""What was answered of earlier is told with its age and why, where it stands: gathered, joined, or alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.clock import SystemClock
from connectors.connector import FetchResponse, StaleAnswer
from hub.doors.graphql_http import encode_answer
from hub.gateway import Gateway, GraphQLRequest, GraphState
from hub.gateway.policy import nobody
from hub.standalone.open_policy import OpenPolicy
from schema.composition import compose
from schema.errors import RuntimeCode
from schema.subgraph import Subgraph
from tests.hub.execution.fakes import FakeDepartment

LINK = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible", "@shareable"])
  @link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])
"""
PLAIN = """type Query { thing: Thing secret: Thing @inaccessible } type Thing @key(fields: "id") { id: ID! }"""
NAMES = """type Thing @key(fields: "id") { id: ID! name: String }"""
LIST = """type Query { marks: [Mark!]! @gather } type Mark { n: Int! @shareable }"""
STALE = StaleAnswer(12, RuntimeCode.DEPARTMENT_TIMEOUT, "late")


def stale(data: dict[str, Any]) -> FetchResponse:
    return FetchResponse(data, stale=STALE)


async def answered(query: str, **departments: tuple[str, FetchResponse]) -> list[dict[str, Any]]:
    """The same in the exact path, the first time, and in the compiled one, later."""
    composed = compose(tuple(Subgraph(name, LINK + sdl) for name, (sdl, _) in sorted(departments.items())))
    assert composed.supergraph is not None, composed.errors
    connectors = {name: FakeDepartment(answer) for name, (_, answer) in departments.items()}
    gateway = Gateway(OpenPolicy(), nobody, clock=SystemClock())
    gateway.publish(GraphState(composed.supergraph, {**connectors}, {"a": "police"}, 1))
    found = []
    for _ in range(3):
        answer = json.loads(encode_answer(await gateway.answer(GraphQLRequest(query), None)))
        for source in answer.get("extensions", {}).get("sources", []):
            for part in source["parts"]:
                del part["milliseconds"]
        found.append(answer)
    return found


async def test_an_answer_that_nobody_gathered_is_told_at_its_field() -> None:
    """The value is there, and no error beside it: the source says that it is old, and why."""
    thing = {"thing": {"__typename": "Thing", "id": "1"}}
    for answer in await answered("{ t: thing { id } }", a=(PLAIN, stale({"t": thing["thing"]}))):
        assert answer == {
            "data": {"t": {"id": "1"}},
            "extensions": {
                "sources": [
                    {
                        "path": ["t"],
                        "parts": [
                            {
                                "service": "a",
                                "department": "police",
                                "state": "stale",
                                "stale": True,
                                "age": 12,
                                "code": "DEPARTMENT_TIMEOUT",
                            }
                        ],
                    }
                ]
            },
        }


async def test_what_is_joined_by_key_is_told_where_it_was_joined() -> None:
    """Only the department that is old."""
    first = FetchResponse({"thing": {"__typename": "Thing", "id": "1"}})
    second = stale({"_entities": [{"__typename": "Thing", "name": "one"}]})
    for answer in await answered("{ thing { name } }", a=(PLAIN, first), b=(NAMES, second)):
        assert answer["data"] == {"thing": {"name": "one"}}
        assert [(s["path"], [p["service"] for p in s["parts"]]) for s in answer["extensions"]["sources"]] == [
            (["thing"], ["b"])
        ]


async def test_a_gathered_part_is_stale_beside_parts_that_are_not() -> None:
    """One entry for the list; counted like the others."""
    fresh, old = FetchResponse({"marks": [{"n": 1}]}), stale({"marks": [{"n": 2}, {"n": 3}]})
    for answer in await answered("{ marks { n } }", a=(LIST, fresh), b=(LIST, old)):
        assert answer["data"] == {"marks": [{"n": 1}, {"n": 2}, {"n": 3}]}
        assert answer["extensions"]["sources"] == [
            {
                "path": ["marks"],
                "parts": [
                    {"service": "a", "department": "police", "state": "ok", "count": 1},
                    {
                        "service": "b",
                        "state": "stale",
                        "count": 2,
                        "stale": True,
                        "age": 12,
                        "code": "DEPARTMENT_TIMEOUT",
                    },
                ],
            }
        ]


@pytest.mark.parametrize("query", ["{ thing { id } }"])
async def test_what_is_true_now_is_not_told(query: str) -> None:
    """No extensions, as ever."""
    answer = FetchResponse({"thing": {"__typename": "Thing", "id": "1"}})
    assert await answered(query, a=(PLAIN, answer)) == [{"data": {"thing": {"id": "1"}}}] * 3
