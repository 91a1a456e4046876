"""Reading one subgraph: whatever is wrong with it is told with a code and a place, all at once."""

from __future__ import annotations

import pytest
from graphql import parse, print_schema, validate

from schema.composition import read_subgraph
from schema.errors import Location
from schema.subgraph import Subgraph, ValidSubgraph
from tests.schema.composition.graphs import LINK, compose_ok, errors_of, federation_1

FED = "https://specs.apollo.dev/federation"


def _codes(sdl: str, name: str = "a") -> list[str]:
    read = read_subgraph(Subgraph(name, sdl))
    return [] if isinstance(read, ValidSubgraph) else sorted({error.code for error in read})


def _valid(sdl: str) -> ValidSubgraph:
    read = read_subgraph(Subgraph("a", sdl))
    assert isinstance(read, ValidSubgraph), read
    return read


def test_a_syntax_error_carries_line_and_column() -> None:
    """The department must find the place in its own file."""
    read = read_subgraph(Subgraph("a", "type Query {\n  a: [Int\n}"))
    assert isinstance(read, tuple)
    assert read[0].code == "INVALID_GRAPHQL"
    assert read[0].locations == (Location("a", 3, 1),)
    assert read[0].subgraphs == ("a",)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("type Query { a: Int }", "type Query { a: Unknown }"),
        ("type Query { a: Int }", "type Query { a: Int @unknown }"),
        ("type Query { a: Int }", "type Query { a: Int a: Int }"),
        ("type Query { a: Int }", "type Query { a: Int } type Query { b: Int }"),
        ("type Query { a: Int }", "type Query { a: Int } type A"),
        ("type Query { a: Int }", "type Query { a: Int } { a }"),
        ("type Query { a: Int } type B { c: Int }", "type Query { a: Int } type B { c: Int } extend enum B { D }"),
    ],
)
def test_what_graphql_refuses_is_refused(right: str, wrong: str) -> None:
    """Federation adds to GraphQL's rules and takes none away."""
    assert _codes(right) == []
    assert _codes(wrong) == ["INVALID_GRAPHQL"]


def test_an_unimported_directive_is_told_how_to_import_it() -> None:
    """The most frequent mistake gets its mend."""
    read = read_subgraph(
        Subgraph("a", f'extend schema @link(url: "{FED}/v2.9")\ntype Query {{ a: Int @shareable }}')
    )
    assert isinstance(read, tuple)
    assert '"@federation__shareable"' in read[0].message
    assert 'add "@shareable" to the import list' in read[0].message


@pytest.mark.parametrize("name", ["", "_"])
def test_a_subgraph_needs_a_name(name: str) -> None:
    """Every error and every plan speaks of subgraphs by name."""
    assert _codes("type Query { a: Int }", name) == ["INVALID_SUBGRAPH_NAME"]


def test_two_subgraphs_cannot_have_one_name() -> None:
    """Nobody could say which one resolves a field."""
    one, other = Subgraph("a", "type Query { a: Int }"), Subgraph("a", "type Query { b: Int }")
    (error,) = errors_of(one, other)
    assert (error.code, error.subgraphs) == ("INVALID_SUBGRAPH_NAME", ("a",))


@pytest.mark.parametrize(
    ("link", "codes"),
    [
        (f'@link(url: "{FED}/v2.0")', []),
        (f'@link(url: "{FED}/v2.13", import: ["@key"])', []),
        (f'@link(url: "{FED}/v2.9", import: [{{ name: "@key", as: "@primary" }}])', []),
        (f'@link(url: "{FED}/v2.9", as: "fed")', []),
        ('@link(url: "https://specs.apollo.dev/link/v1.0")', []),
        ('@link(url: "https://example.org/own/v1.3", import: ["@mine"])', []),
        (f'@link(url: "{FED}/v3.0")', ["UNKNOWN_FEDERATION_LINK_VERSION"]),
        (f'@link(url: "{FED}/v2.99")', ["UNKNOWN_FEDERATION_LINK_VERSION"]),
        ('@link(url: "https://specs.apollo.dev/link/v9.0")', ["UNKNOWN_LINK_VERSION"]),
        (
            f'@link(url: "https://specs.apollo.dev/link/v9.0") @link(url: "{FED}/v2.9")',
            ["INVALID_LINK_DIRECTIVE_USAGE"],
        ),
        ('@link(url: "https://jiyi.dev/spec/gather/v7.0")', ["UNKNOWN_LINK_VERSION"]),
        ('@link(url: "https://specs.apollo.dev/connect/v0.1")', []),
        (f'@link(url: "{FED}")', ["INVALID_LINK_IDENTIFIER"]),
        (f'@link(url: "{FED}/v2.0") @link', ["INVALID_LINK_DIRECTIVE_USAGE"]),
        (f'@link(url: "{FED}/v2.9", import: ["@nothing"])', ["INVALID_LINK_DIRECTIVE_USAGE"]),
        (f'@link(url: "{FED}/v2.0", import: ["@composeDirective"])', ["INVALID_LINK_DIRECTIVE_USAGE"]),
        (
            f'@link(url: "{FED}/v2.9", import: [{{ name: "@key", as: "primary" }}])',
            ["INVALID_LINK_DIRECTIVE_USAGE"],
        ),
        (f'@link(url: "{FED}/v2.9", import: [7])', ["INVALID_LINK_DIRECTIVE_USAGE"]),
        (f'@link(url: "{FED}/v2.9", as: "a__b")', ["INVALID_LINK_DIRECTIVE_USAGE"]),
        ('@link(url: "https://example.org/own/v1.3", for: SECURITY)', []),
        ('@link(url: "https://specs.apollo.dev/policy/v0.1")', []),
    ],
)
def test_each_link_is_understood_or_refused(link: str, codes: list[str]) -> None:
    """A specification that is not known must not be taken for known."""
    assert _codes(f"extend schema {link}\ntype Query {{ a: Int }}") == codes


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ('import: ["@key"]', "@key"),
        ("", "@federation__key"),
        ('as: "fed"', "@fed__key"),
        ('import: [{ name: "@key", as: "@primary" }]', "@primary"),
    ],
)
def test_a_directive_is_known_by_its_local_name(link: str, key: str) -> None:
    """Imports, renames and namespaces are three ways to say the same."""
    read = _valid(
        f'extend schema @link(url: "{FED}/v2.9" {link})\ntype Query {{ a: A }} type A {key}(fields: '
        f'"id") {{ id: ID! }}'
    )
    assert str(read.types["A"].keys[0].fields) == "id"
    assert "union _Entity = A" in print_schema(read.schema)


def test_a_feature_linked_twice_is_one_feature() -> None:
    """@inaccessible of the federation specification and of its own are the same directive."""
    supergraph = compose_ok(
        a='extend schema @link(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "visibility", '
        'import: [{ name: "@inaccessible", as: "@hidden" }])\n'
        "type Query { a: Int b: Int @inaccessible c: Int @hidden }"
    )
    assert supergraph.api_schema.query_type is not None
    assert list(supergraph.api_schema.query_type.fields) == ["a"]


def test_the_schema_validates_what_is_sent_to_the_department() -> None:
    """Every fetch is checked against it before it leaves."""
    read = _valid(LINK + 'type Query { a: A } type A @key(fields: "id") { id: ID! b: Int }')
    fetch = "query($r: [_Any!]!) { _entities(representations: $r) { ... on A { b } } _service { sdl } }"
    assert validate(read.schema, parse(fetch)) == []
    assert validate(
        read.schema, parse("query($r: [_Any!]!) { _entities(representations: $r) { ... on A { c } } }")
    )


def test_machinery_that_the_sdl_brings_along_is_replaced() -> None:
    """Libraries print _entities, _service and definitions of directives; none of it is the department's data."""
    supergraph = compose_ok(
        a="""
        directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
        directive @link(url: String!, import: [link__Import]) repeatable on SCHEMA
        scalar federation__FieldSet
        scalar link__Import
        scalar _Any
        union _Entity = A
        type _Service { sdl: String! }
        type Query { a: A _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }
        type A @key(fields: "id") { id: ID! }
        """
    )
    assert sorted(name for name in supergraph.api_schema.type_map if not name.startswith("__")) == [
        "A", "Boolean", "ID", "Query", "String",
    ]  # fmt: skip
    assert list(supergraph.sources) == ["A.id", "Query.a"]


@pytest.mark.parametrize("root", ["Query", "Mutation", "Subscription"])
def test_a_default_root_name_cannot_be_a_plain_type(root: str) -> None:
    """Root types are renamed to their defaults when merged, and would collide."""
    operations = {"query": "Q", root.lower(): "R"} if root != "Query" else {"query": "R"}
    declared = " ".join(f"{kind}: {name}" for kind, name in operations.items())
    types = "type Q { a: Int } type R { b: Int }"
    assert _codes(f"schema {{ {declared} }} {types}") == []
    assert _codes(f"schema {{ {declared} }} {types} type {root} {{ c: Int }}") == [f"ROOT_{root.upper()}_USED"]


def test_root_types_get_their_default_names() -> None:
    """Subgraphs that call their roots differently still share one Query."""
    supergraph = compose_ok(a="schema { query: Q } type Q { a: Int me: Q }", b="type Query { b: Int }")
    assert str(supergraph.schema.type_map["Query"].fields["me"].type) == "Query"  # type: ignore[attr-defined]
    assert list(supergraph.sources) == ["Query.a", "Query.me", "Query.b"]


def test_extensions_fold_into_one_type() -> None:
    """In Federation 2 a type may be written in pieces."""
    read = _valid(
        LINK + 'type Query { a: A } type A @key(fields: "id") { id: ID! } extend type A @shareable { b: Int }\n'
        "extend type A { c: Int } extend enum E { X } extend enum E { Y }"
    )
    assert read.rules("A", "b").shareable
    assert not read.rules("A", "c").shareable, "a directive on one block holds for that block"
    assert list(read.schema.type_map["E"].values) == ["X", "Y"]  # type: ignore[attr-defined]


def test_all_errors_of_all_subgraphs_are_told_sorted() -> None:
    """Who mends one at a time publishes ten times."""
    errors = errors_of(b="type Query { b: Nothing }", a='type Query { a: A } type A @key(fields: "x") { y: Int }')
    assert [(error.code, error.subgraphs) for error in errors] == [
        ("INVALID_GRAPHQL", ("b",)),
        ("KEY_INVALID_FIELDS", ("a",)),
    ]
    assert all(error.locations for error in errors)


def test_sdl_without_a_link_is_federation_1() -> None:
    """Its directives need no import, and those of Federation 2 are unknown."""
    (graph,) = federation_1(a='type Query { a: A } type A @key(fields: "id") { id: ID! }')
    assert isinstance(read_subgraph(graph), ValidSubgraph)
    assert _codes("type Query { a: Int @shareable }") == ["INVALID_GRAPHQL"]
