"""What the reference composer says of single subgraphs and their pairs, where ours could easily differ.

Every line was compared with the reference; an empty tuple means that the graphs compose.
"""

from __future__ import annotations

import pytest
from graphql import print_type

from schema.subgraph import Subgraph
from tests.schema.composition.graphs import codes_of, compose_ok, federation_1

T = "type Query { t: T }\n"
NODE = "type N implements I { x: Int } interface I { x: Int } union U = N\n"

FIELD_SETS: list[tuple[str, tuple[str, ...]]] = [
    # SDL of one subgraph, the codes
    (
        T + 'interface I { b: B @provides(fields: "e") } type T implements I { b: B } type B { e: Int }',
        ("PROVIDES_FIELDS_MISSING_EXTERNAL", "PROVIDES_UNSUPPORTED_ON_INTERFACE"),
    ),
    ('type T @key(fields: "id") { id: ID! q: Query }', ("INVALID_GRAPHQL",)),
    ('type T @key(fields: "id") { id: ID! q: Query } extend type Query { t: T }', ()),
    (T + 'type T @key(fields: "") { id: ID! }', ("KEY_INVALID_FIELDS",)),
    (T + 'type T @key(fields: "{ id }") { id: ID! }', ()),
    (T + 'type T @key(fields: "id id") { id: ID! }', ()),
    (T + 'type T @key(fields: "id __typename") { id: ID! }', ()),
    (T + 'type T @key(fields: "id(x: 1)") { id: ID! }', ("KEY_INVALID_FIELDS",)),
    (T + 'type T @key(fields: "id(x: 1)") { id(x: Int): ID! }', ("KEY_FIELDS_HAS_ARGS",)),
    (T + 'type T @key(fields: "query { id }") { id: ID! }', ("KEY_INVALID_FIELDS",)),
    (T + 'type T @key(fields: "k") { k: I } ' + NODE, ("KEY_FIELDS_SELECT_INVALID_TYPE",)),
    (T + 'type T @key(fields: "k { x }") { k: [U] } ' + NODE, ("KEY_FIELDS_SELECT_INVALID_TYPE",)),
    (T + 'type T @key(fields: "k { x }") { k: [[N]] } ' + NODE, ()),
    (T + 'type T @key(fields: "k { ... on I { x } }") { k: N } ' + NODE, ()),
    (T + 'type T @key(fields: "id") @key(fields: "x") { id: ID! }', ("KEY_INVALID_FIELDS",)),
    (
        T + 'interface I { e: Int r: Int @requires(fields: "e") } type T implements I { e: Int r: Int }',
        ("REQUIRES_FIELDS_MISSING_EXTERNAL", "REQUIRES_UNSUPPORTED_ON_INTERFACE"),
    ),
    (
        T + 'interface I { e: Int r: Int @requires(fields: "no") } type T implements I { e: Int r: Int }',
        ("REQUIRES_INVALID_FIELDS", "REQUIRES_UNSUPPORTED_ON_INTERFACE"),
    ),
    (
        'type Query { i: I @provides(fields: "e") } interface I { e: Int } '
        'type T implements I @key(fields: "id") { id: ID! e: Int @external }',
        ("PROVIDES_FIELDS_MISSING_EXTERNAL",),
    ),
    (
        'type Query { i: I } interface I { e: Int @provides(fields: "e") } type T implements I { e: Int }',
        ("PROVIDES_ON_NON_OBJECT_FIELD",),
    ),
    (
        'type Query { t: T @provides(fields: "__typename") } type T @key(fields: "id") { id: ID! }',
        ("PROVIDES_FIELDS_MISSING_EXTERNAL",),
    ),
    (
        'type Query { t: T @provides(fields: "a") } type T @key(fields: "id") { id: ID! a(x: Int!): Int }',
        ("PROVIDES_INVALID_FIELDS",),
    ),
    (
        'type Query { t: T @provides(fields: "a") } type T @key(fields: "id") { id: ID! a(x: Int): Int }',
        ("PROVIDES_FIELDS_HAS_ARGS", "PROVIDES_FIELDS_MISSING_EXTERNAL"),
    ),
    (T + 'type T @key(fields: "n { }") { n: N } ' + NODE, ("KEY_INVALID_FIELDS",)),
    (
        T + 'type T @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "no e") }',
        ("EXTERNAL_UNUSED", "REQUIRES_INVALID_FIELDS"),
    ),
    (
        T + 'type T @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e no") }',
        ("REQUIRES_INVALID_FIELDS",),
    ),
    (
        T + 'interface I @key(fields: "no") { id: ID! } type T implements I @key(fields: "id") { id: ID! }',
        ("KEY_INVALID_FIELDS",),
    ),
]

REQUIRES: list[tuple[str, tuple[str, ...]]] = [
    # what a field requires of T and N below, the codes
    ("a(x: 1)", ()),
    ("a(x: null)", ("REQUIRES_INVALID_FIELDS",)),
    ('a(x: \\"s\\")', ("REQUIRES_INVALID_FIELDS",)),
    ("o { y(z: $v) }", ("REQUIRES_INVALID_FIELDS",)),
    ("o { y(z: 1) }", ()),
    ("", ("REQUIRES_INVALID_FIELDS",)),
    ("a(x: 1) __typename", ("REQUIRES_FIELDS_MISSING_EXTERNAL",)),
    ("o { __typename y }", ()),
    ("o { ... on Query { __typename } y }", ()),
    ("__typename", ("REQUIRES_FIELDS_MISSING_EXTERNAL",)),
]


@pytest.mark.parametrize(("sdl", "codes"), FIELD_SETS)
def test_a_field_set_is_refused_as_by_the_reference(sdl: str, codes: tuple[str, ...]) -> None:
    """A set that cannot be read tells one code, one that can be read tells all that the directive forbids."""
    assert codes_of(a=sdl) == list(codes)


@pytest.mark.parametrize(("requires", "codes"), REQUIRES)
def test_requirements_are_read_with_their_arguments(requires: str, codes: tuple[str, ...]) -> None:
    """Arguments have values of their types; what lies below an external field may be anything."""
    used = "a(x: 1) o { y }"
    assert codes_of(
        a=T
        + 'type T @key(fields: "id") { id: ID! a(x: Int!): Int @external o: N @external '
        + f'r: Int @requires(fields: "{requires}") s: Int @requires(fields: "{used}") }} '
        + "type N { y(z: Int): Int @shareable }",
        b='type T @key(fields: "id") { id: ID! a(x: Int!): Int o: N } type N { y(z: Int): Int @shareable }',
    ) == list(codes)


EXTENSIONS: list[tuple[str, str, tuple[str, ...]]] = [
    # Federation 2 SDL, Federation 1 SDL, the codes
    ('type Query { q: Int } type T @extends @key(fields: "id") { id: ID! }', "", ()),
    ('type Query { q: Int } extend type T @key(fields: "id") { id: ID! }', "", ("EXTENSION_WITH_NO_BASE",)),
    ("", 'type Query { q: Int } type T @extends @key(fields: "id") { id: ID! }', ("EXTENSION_WITH_NO_BASE",)),
    (
        'type T @extends @key(fields: "id") { id: ID! z: Int }',
        'type Query { q: Int } extend type T @key(fields: "id") { id: ID! @external y: Int }',
        (),
    ),
    (
        'extend type T @key(fields: "id") { id: ID! z: Int }',
        'type Query { q: Int } extend type T @key(fields: "id") { id: ID! @external y: Int }',
        ("EXTENSION_WITH_NO_BASE",),
    ),
    ("enum T { A }", "type Query { q: Int } extend type T { y: Int }", ("EXTENSION_WITH_NO_BASE",)),
    (
        'type Query { t: T } type T @key(fields: "id") { id: ID! } extend type T @external { x: Int }',
        "",
        ("EXTERNAL_UNUSED",),
    ),
    (
        'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
        'extend type T @external @key(fields: "id") { id: ID! y: Int }',
        (),
    ),
]


@pytest.mark.parametrize(("federation_2", "old", "codes"), EXTENSIONS)
def test_what_counts_as_an_extension_depends_on_the_version(
    federation_2: str, old: str, codes: tuple[str, ...]
) -> None:
    """Federation 1 reads ``@extends`` as ``extend``, Federation 2 as a definition like any other."""
    graphs = federation_1(old=old) if old else []
    assert codes_of(*graphs, **({"new": federation_2} if federation_2 else {})) == list(codes)


@pytest.mark.parametrize(
    ("sdl", "codes"),
    [
        (
            "type Query { i: I } interface I { e: Int @external } type A implements I { e: Int }",
            ("EXTERNAL_ON_INTERFACE", "EXTERNAL_UNUSED"),
        ),
        (
            'type Query { o: O } type O @key(fields: "id") { id: ID! s: S @external @provides(fields: "x") '
            'r: Int @requires(fields: "s { x }") } type S { x: Int @external }',
            ("EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",),
        ),
        (
            'type Query { i: Int @provides(fields: "no") @requires(fields: "no") }',
            ("PROVIDES_ON_NON_OBJECT_FIELD",),
        ),
        (
            'type Query { o: O } type O @key(fields: "no") { id: ID! s: S @external @provides(fields: "no") } '
            "type S { x: Int @external }",
            ("EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",),
        ),
    ],
)
def test_external_stands_where_something_is_resolved(sdl: str, codes: tuple[str, ...]) -> None:
    """An interface resolves nothing, and a field of others provides nothing."""
    assert codes_of(a=sdl) == list(codes)


@pytest.mark.parametrize(
    ("sdl", "codes"),
    [
        ("schema { query: Q } type Q { a: Int }", ()),
        ("schema { query: Q } type Q { a: Int } type Query { b: Int }", ("ROOT_QUERY_USED",)),
        ("schema { query: Q } type Q { a: Int } extend type Query { b: Int }", ("ROOT_QUERY_USED",)),
        ("schema { query: Unknown } type Query { a: Int }", ("INVALID_GRAPHQL",)),
        ("schema { query: E } enum E { A }", ("INVALID_GRAPHQL",)),
        ("schema { query: Query mutation: Query } type Query { a: Int }", ("INVALID_GRAPHQL",)),
    ],
)
def test_a_root_is_an_object_type_of_its_own(sdl: str, codes: tuple[str, ...]) -> None:
    """Under whatever name the subgraph gives it."""
    assert codes_of(a=sdl) == list(codes)


@pytest.mark.parametrize("fields", ['["id", "x"]', "[id, x]", '"id x"', '["id x"]'])
def test_federation_1_writes_field_sets_as_lists_too(fields: str) -> None:
    """Old libraries print them so."""
    sdl = "type Query { t: T } type T @key(fields: %s) { id: ID! x: Int }"
    assert codes_of(*federation_1(a=sdl % fields)) == []
    assert codes_of(*federation_1(a=sdl % "id")) == []
    assert codes_of(a=sdl % "id") == ["KEY_INVALID_FIELDS_TYPE"]


def test_federation_1_provides_nothing_below_a_scalar() -> None:
    """It is nonsense that old schemas are full of."""
    sdl = 'type Query { a: Int @provides(fields: "x") }'
    assert codes_of(*federation_1(a=sdl)) == []
    assert codes_of(a=sdl) == ["PROVIDES_ON_NON_OBJECT_FIELD"]


def test_an_implementation_may_be_deprecated_before_its_interface() -> None:
    """GraphQL's newest rule against it would refuse graphs that every composer accepts."""
    sdl = "type Query { i: I } interface I { x: Int y: Int } type A implements I { x: Int @deprecated y: Int }"
    assert codes_of(a=sdl) == []


def test_federation_1_lets_field_sets_name_what_the_subgraph_resolves() -> None:
    """It has no effect, so that not even arguments matter."""
    sdl = 'type Query { t: T @provides(fields: "x") } type T @key(fields: "id") { id: ID! x(a: Int): Int }'
    marked = sdl.replace('"x"', '"x @skip(if: true)"')
    assert codes_of(*federation_1(a=sdl)) == []
    assert codes_of(*federation_1(a=marked)) == []
    assert codes_of(a=sdl) == ["PROVIDES_FIELDS_HAS_ARGS", "PROVIDES_FIELDS_MISSING_EXTERNAL"]


def test_without_a_known_version_its_directives_are_unknown_too() -> None:
    """Both are told, as by the reference; a subgraph that uses none of them has the version to mend only."""
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.99", import: ["@key"])\n'
    unused, used = (
        Subgraph("a", link + sdl)
        for sdl in ("type Query { a: Int }", 'type Query { t: T } type T @key(fields: "id") { id: ID }')
    )
    assert codes_of(unused) == ["UNKNOWN_FEDERATION_LINK_VERSION"]
    assert codes_of(used) == ["INVALID_GRAPHQL", "UNKNOWN_FEDERATION_LINK_VERSION"]


FOREIGN: list[tuple[str, list[str]]] = [
    # types of others in one's own fields, the codes
    ("type Query { a: Int @deprecated(reason: 3) }", ["INVALID_GRAPHQL"]),
    ("scalar S @specifiedBy(url: true) type Query { s: S }", ["INVALID_GRAPHQL"]),
    ("type Query { a: __Schema }", ["INVALID_GRAPHQL"]),
    ("type Query { a: _Any }", ["INVALID_GRAPHQL"]),
    ("scalar _Any type Query { a: _Any }", ["REFERENCED_INACCESSIBLE"]),
    ("enum link__Purpose { SECURITY EXECUTION } type Query { a: link__Purpose }", ["REFERENCED_INACCESSIBLE"]),
    ("scalar _FieldSet type Query { a: _FieldSet }", []),
    ("type String { x: Int } type Query { a: String }", ["TYPE_KIND_MISMATCH"]),
    ("enum Mutation { A } type Query { a: Mutation }", []),
    ("input Subscription { x: Int } type Query { a(s: Subscription): Int }", []),
]


@pytest.mark.parametrize(("sdl", "codes"), FOREIGN)
def test_names_of_others_are_told_apart_from_names_that_only_look_like_them(sdl: str, codes: list[str]) -> None:
    """What belongs to introspection or to a specification is no part of the graph; a root is an object type."""
    assert codes_of(a=sdl) == codes


@pytest.mark.parametrize(
    ("sdl", "codes"),
    [
        ("interface I @shareable @shareable { x: Int }", ["INVALID_GRAPHQL"]),
        ("union U @shareable @shareable = Query", ["INVALID_GRAPHQL"]),
        ("extend schema @shareable @shareable", ["INVALID_GRAPHQL"]),
        ("type T @shareable @shareable { x: Int }", ["INVALID_SHAREABLE_USAGE"]),
    ],
)
def test_where_shareable_may_not_stand_at_all_it_is_no_matter_how_often(sdl: str, codes: list[str]) -> None:
    """GraphQL's own rule is the first to be broken."""
    assert codes_of(a="type Query { q: Int } " + sdl) == codes


def test_federation_1_may_define_inaccessible_for_itself() -> None:
    """Contracts were made by it before there was a Federation 2."""
    sdl = "type Query { a: Int @inaccessible b: Int } directive @inaccessible%s on FIELD_DEFINITION"
    (hiding,) = federation_1(a=sdl % "")
    (strange,) = federation_1(a=sdl % "(x: Int)")
    assert print_type(compose_ok(hiding).api_schema.type_map["Query"]) == "type Query {\n  b: Int\n}"
    assert codes_of(strange) == ["DIRECTIVE_DEFINITION_INVALID"]
