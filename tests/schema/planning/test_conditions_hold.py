"""However conditions are nested and repeated: what is fetched is what the operation wants, under every value."""

from __future__ import annotations

from itertools import product
from typing import Any

from graphql import GraphQLSchema, build_schema, execute_sync, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.planning import plan
from schema.planning.check_plan import check_plan, fetches
from tests.schema.planning.proving import compose_ok

VARIABLES = ("x", "y", "z")
ALONE = {"only": 'type Query { a: T b: T } type T @key(fields: "id") { id: ID! a: T b: T c: Int d: Int }'}
APART = {
    "one": 'type Query { a: T b: T } type T @key(fields: "id") { id: ID! a: T c: Int }',
    "two": 'type T @key(fields: "id") { id: ID! b: T d: Int }',
}
WHOLE = build_schema("type Query { a: T b: T } type T { id: ID! a: T b: T c: Int d: Int }")

conditions = st.lists(
    st.tuples(st.sampled_from(("include", "skip")), st.sampled_from(VARIABLES)),
    max_size=2,
    unique_by=lambda each: each[0],
).map(lambda found: "".join(f" @{name}(if: ${variable})" for name, variable in found))


@st.composite
def selections(draw: st.DrawFn, depth: int) -> str:
    """A selection set of objects; names come twice and more, beside and inside fragments."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("leaf", "object", "object", "fragment") if depth else ("leaf",)))
        condition = draw(conditions)
        if kind == "leaf":
            parts.append(draw(st.sampled_from(("id", "c", "d", "__typename"))) + condition)
        elif kind == "object":
            parts.append(draw(st.sampled_from("aab")) + condition + draw(selections(depth - 1)))
        else:
            parts.append("..." + condition + draw(selections(depth - 1)))
    return " { " + " ".join(parts) + " }"


@st.composite
def operations(draw: st.DrawFn) -> str:
    fields = [
        draw(st.sampled_from("aab")) + draw(conditions) + draw(selections(3))
        for _ in range(draw(st.integers(1, 3)))
    ]
    declared = ", ".join(f"${name}: Boolean!" for name in VARIABLES)
    return f"query({declared}) {{ {' '.join(map(''.join, fields))} }}"


class Endless(dict[str, Any]):
    """An object with every field: what is an object is one of these, what is a value is its name."""

    def __missing__(self, name: str) -> Any:
        return Endless() if name in "ab" else {"id": "1", "c": 2, "d": 3}[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self[name]


def answer(schema: GraphQLSchema, document: str, values: dict[str, bool]) -> Any:
    result = execute_sync(schema, parse(document), root_value=Endless(), variable_values=values)
    assert result.errors is None, result.errors
    return result.data


def covers(fetched: Any, wanted: Any) -> bool:
    """Whether all that is wanted was fetched; more of it (a type's name) may be there."""
    if isinstance(wanted, dict):
        return isinstance(fetched, dict) and all(
            name in fetched and covers(fetched[name], below) for name, below in wanted.items()
        )
    return bool(fetched == wanted)


@settings(max_examples=60, deadline=None)
@given(operations())
def test_one_subgraph_is_asked_for_all_that_is_wanted(operation: str) -> None:
    """Its answer to the request holds the answer to the operation, whichever conditions hold."""
    supergraph = compose_ok(ALONE)
    requests = list(fetches(plan(supergraph, parse(operation)).node))
    assert len(requests) <= 1
    for chosen in product((True, False), repeat=len(VARIABLES)):
        values = dict(zip(VARIABLES, chosen, strict=True))
        wanted = answer(WHOLE, operation, values)
        schema = supergraph.subgraphs["only"].schema
        fetched = answer(schema, requests[0].document, values) if requests else {}
        assert covers(fetched, wanted), (operation, values, requests)


@settings(max_examples=50, deadline=None)
@given(operations())
def test_several_subgraphs_are_asked_for_all_that_is_wanted(operation: str) -> None:
    """The proof that the plan answers the operation holds for every value at once."""
    supergraph = compose_ok(APART)
    document = parse(operation)
    assert check_plan(supergraph, document, None, plan(supergraph, document)) == ()
