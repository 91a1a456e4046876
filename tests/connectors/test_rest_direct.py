"""The short way of a mapped query and the long one give the same, whatever the service sends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.rest_service import service

SDL = """
type Query {
  item(id: ID, sort: Sort = NEW): Item @connect(source: "api", http: { GET: "/items/{$args.id}/{$args.sort}" },
    selection: "name count size open state needed tags inner { deep } rest: more")
  by(id: ID!, name: String!): Item @connect(source: "api", http: { GET: "/by/{$args.id}/{$args.name}" },
    selection: "name")
  list: [Item!] @connect(source: "api", http: { GET: "/list" }, selection: "name needed")
}
enum Sort { NEW OLD }
type Item { name: String count: Int size: Float open: Boolean state: Sort needed: String! tags: [String!]
  inner: Inner rest: ID }
type Inner { deep: [[Int]] }
"""
WELL = {"name": "甲", "count": 1, "size": 1.5, "open": True, "state": "OLD", "needed": "x", "tags": ["a"],
        "inner": {"deep": [[1], None, [None]]}, "more": "7"}  # fmt: skip
ANSWERS: list[Any] = [
    WELL,
    {},
    None,
    [],
    "text",
    {**WELL, "name": 5},
    {**WELL, "name": {"a": 1}},
    {**WELL, "count": 1.0},
    {**WELL, "count": 1.5},
    {**WELL, "count": 2**31},
    {**WELL, "count": True},
    {**WELL, "size": 2},
    {**WELL, "open": "yes"},
    {**WELL, "state": "ELSE"},
    {**WELL, "needed": None},
    {**WELL, "tags": [None]},
    {**WELL, "tags": "a"},
    {**WELL, "tags": []},
    {**WELL, "inner": None},
    {**WELL, "inner": [1]},
    {**WELL, "inner": {"deep": "x"}},
    {**WELL, "more": 7},
    {key: value for key, value in WELL.items() if key != "needed"},
    {key: value for key, value in WELL.items() if key != "name"},
    (500, {"error": 1}),
    (404, {}),
]
ALL = "name count size open state needed tags inner { deep } rest"


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
async def test_both_ways_answer_alike_and_ask_once(answer: Any) -> None:
    """A condition that is always on sends the second one the long way."""
    async with service(SDL, lambda _: answer) as api:
        for inside in (ALL, "n: name", "rest"):
            query = f"query($id: ID) {{ a: item(id: $id) {{ {inside} }} item ON {{ {inside} }} }}"
            short, long = [await api.fetch(query.replace("ON", on), id="3") for on in ("", "@include(if: true)")]
            assert (short.data, short.errors) == (long.data, long.errors)
            assert (short.failure is None) == (long.failure is None)
            assert sorted(api.lines) == ["GET /api/items//NEW"] * 2 + ["GET /api/items/3/NEW"] * 2
            api.asked.clear()


async def test_a_variable_that_cannot_be_is_refused_in_the_same_words() -> None:
    """And nothing is asked."""
    async with service(SDL, lambda _: WELL) as api:
        short, long = [
            await api.fetch(f"query($sort: Sort) {{ item(sort: $sort) {on} {{ name }} }}", sort="ELSE")
            for on in ("", "@include(if: true)")
        ]
        assert short.errors
        assert short == long
        assert api.lines == []


@pytest.mark.parametrize(("given", "lines"), [("3", ["GET /api/by/3/a%2Fb"] * 2), (3, ["GET /api/by/3/a%2Fb"] * 2),
                                              (None, []), (True, []), (["3"], [])])  # fmt: skip
async def test_required_texts_need_no_coercion_and_everything_else_gets_it(given: Any, lines: list[str]) -> None:
    """A number is an ID too; what is none is refused in the same words on both ways."""
    async with service(SDL, lambda _: WELL) as api:
        query = "query($id: ID!, $name: String!) { by(id: $id, name: $name) ON { name } }"
        short, long = [
            await api.fetch(query.replace("ON", on), id=given, name="a/b") for on in ("", "@include(if: true)")
        ]
        assert short == long
        assert api.lines == lines


async def test_one_root_that_fails_leaves_the_other_and_is_not_asked_again() -> None:
    """Side by side, each once."""
    async with service(SDL, lambda asked: (503, {}) if "list" in asked.url else WELL) as api:
        answer = await api.fetch("{ item(id: 1) { name } list { name } }")
        assert answer.data == {"item": {"name": "甲"}, "list": None}
        assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
            (["list"], "CONNECTOR_FETCH")
        ]
        assert sorted(api.lines) == ["GET /api/items/1/NEW", "GET /api/list"]
