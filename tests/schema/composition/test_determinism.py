"""Composition is a function: no result depends on the order of anything that comes in."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import print_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.composition import compose
from schema.subgraph import Subgraph
from tests.schema.composition.departments import FIVE_DEPARTMENTS, HUMAN_RESOURCES
from tests.schema.composition.graphs import subgraphs

DEPARTMENTS = (*FIVE_DEPARTMENTS, HUMAN_RESOURCES)
BROKEN = (
    *subgraphs(
        a="type Query { f: Int @shareable g: A } type A { x: Int } enum E { X } input I { a: Int! }",
        b="type Query { f: String @shareable } type A { x: Int! } enum E { Y } input I { b: Int! }",
        c="type Query { f(x: Int!): ID @shareable e(i: I): E } type A { y: Int } scalar E input I { c: Int }",
        d='type Query { d: Int } extend type D @key(fields: "d") { d: ID! }',
    ),
)


@settings(max_examples=12, deadline=None)
@given(st.permutations(DEPARTMENTS))
def test_the_same_subgraphs_in_any_order_give_the_same_bytes(order: Sequence[Subgraph]) -> None:
    """Every hub process must arrive at the same version, and a diff must show changes only."""
    first, again = compose(DEPARTMENTS), compose(order)
    assert first.supergraph is not None
    assert again.supergraph is not None
    assert again.supergraph.sdl == first.supergraph.sdl
    assert print_schema(again.supergraph.api_schema) == print_schema(first.supergraph.api_schema)
    assert again.hints == first.hints
    assert list(again.supergraph.sources.items()) == list(first.supergraph.sources.items())
    assert again.supergraph.keys == first.supergraph.keys


@settings(max_examples=12, deadline=None)
@given(st.permutations(BROKEN))
def test_errors_do_not_depend_on_the_order_either(order: Sequence[Subgraph]) -> None:
    """The report of a check is compared with the last one by people and by pipelines."""
    first = compose(BROKEN)
    assert len(first.errors) > 4
    assert compose(order).errors == first.errors
