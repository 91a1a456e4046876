"""@inaccessible hides an element from clients and never leaves the API with a hole."""

from __future__ import annotations

import pytest
from graphql import print_schema

from tests.schema.composition.graphs import codes_of, compose_ok

HIDDEN = "@inaccessible"
CASES: list[tuple[str, str]] = [
    # a code, the graph with @ in the place of the mark
    ("QUERY_ROOT_TYPE_INACCESSIBLE", "type Query @ { a: Int }"),
    ("REFERENCED_INACCESSIBLE", "type Query { a: Int b: B } type B @ { x: Int }"),
    ("REFERENCED_INACCESSIBLE", "type Query { a: Int b(i: I): Int } input I @ { x: Int }"),
    ("REFERENCED_INACCESSIBLE", "type Query { a(i: I): Int } input I { x: Int e: E } enum E @ { X }"),
    ("ONLY_INACCESSIBLE_CHILDREN", "type Query { a: Int @ }"),
    ("ONLY_INACCESSIBLE_CHILDREN", "type Query { a: Int b: B } type B { x: Int @ }"),
    ("ONLY_INACCESSIBLE_CHILDREN", "type Query { a(e: E): Int } enum E { X @ }"),
    ("ONLY_INACCESSIBLE_CHILDREN", "type Query { a: U } union U = B type B @ { x: Int }"),
    ("ONLY_INACCESSIBLE_CHILDREN", "type Query { a(i: I): Int } input I { x: Int @ }"),
    (
        "IMPLEMENTED_BY_INACCESSIBLE",
        "type Query { i: I } interface I { x: Int } type A implements I { x: Int @ y: Int }",
    ),
    (
        "IMPLEMENTED_BY_INACCESSIBLE",
        "type Query { i: I } interface I { x(p: Int): Int } type A implements I { x(p: Int @): Int }",
    ),
    ("REQUIRED_INACCESSIBLE", "type Query { a(x: Int! @): Int }"),
    ("REQUIRED_INACCESSIBLE", "type Query { a(i: I): Int } input I { x: Int! @ y: Int }"),
    (
        "REQUIRED_INACCESSIBLE",
        "type Query { i: I } interface I { x(p: Int! = 1 @): Int } type A implements I { x(p: Int!): Int }",
    ),
    ("DEFAULT_VALUE_USES_INACCESSIBLE", "type Query { a(e: E = X): Int } enum E { X @ Y }"),
    ("DEFAULT_VALUE_USES_INACCESSIBLE", "type Query { a(e: [E] = [Y, X]): Int } enum E { X @ Y }"),
    ("DEFAULT_VALUE_USES_INACCESSIBLE", "type Query { a(i: I = {x: 1}): Int } input I { x: Int @ y: Int }"),
]


@pytest.mark.parametrize(("code", "sdl"), CASES, ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)])
def test_what_stays_public_must_not_need_what_is_hidden(code: str, sdl: str) -> None:
    """Without the mark each graph is fine; with it the API would have a hole."""
    assert codes_of(a=sdl.replace("@", "")) == []
    assert codes_of(a=sdl.replace("@", HIDDEN)) == [code]


@pytest.mark.parametrize("user", ["b: B", "b(i: I): Int"])
def test_hiding_type_and_user_together_is_fine(user: str) -> None:
    """The mend that REFERENCED_INACCESSIBLE proposes works."""
    types = "type B @inaccessible { x: Int } input I @inaccessible { x: Int }"
    assert codes_of(a=f"type Query {{ a: Int {user} }} {types}") == ["REFERENCED_INACCESSIBLE"]
    assert codes_of(a=f"type Query {{ a: Int {user} @inaccessible }} {types}") == []


def test_the_api_schema_has_nothing_that_is_hidden() -> None:
    """Introspection must not tell what exists behind it."""
    supergraph = compose_ok(
        a="""
        type Query { a(x: Int secret: Int @inaccessible): U hidden: Int @inaccessible b(i: I): E }
        union U = A | B type A implements N & M { n: Int m: Int } type B @inaccessible { x: Int }
        interface N @inaccessible { n: Int } interface M { m: Int }
        enum E { X Y @inaccessible } input I { x: Int y: Int @inaccessible }
        scalar S @inaccessible type Mutation @inaccessible { secret: S }
        """
    )
    assert print_schema(supergraph.api_schema) == (
        "type A implements M {\n  n: Int\n  m: Int\n}\n\n"
        "enum E {\n  X\n}\n\n"
        "input I {\n  x: Int\n}\n\n"
        "interface M {\n  m: Int\n}\n\n"
        "type Query {\n  a(x: Int): U\n  b(i: I): E\n}\n\n"
        "union U = A"
    )


def test_a_key_may_be_hidden() -> None:
    """The hub joins departments by a number that no client may see."""
    supergraph = compose_ok(
        a='type Query { a: A } type A @key(fields: "n") { n: ID! @inaccessible x: Int }',
        b='type A @key(fields: "n") { n: ID! @inaccessible y: Int }',
    )
    assert print_schema(supergraph.api_schema).startswith("type A {\n  x: Int\n  y: Int\n}")


def test_one_subgraph_hides_for_all() -> None:
    """Whoever owns a secret keeps it, whatever others say."""
    supergraph = compose_ok(
        a="type Query { a: Int s: Int @shareable @inaccessible }", b="type Query { s: Int @shareable }"
    )
    query = supergraph.api_schema.query_type
    assert query is not None
    assert list(query.fields) == ["a"]
