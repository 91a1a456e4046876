"""Definitions of Federation's directives and types that SDL brings along, as servers print them."""

from __future__ import annotations

import pytest

from schema.composition import compose
from schema.subgraph import Subgraph

_FED = "https://specs.apollo.dev/federation"
_BODY = 'type Query { a: A } type A @key(fields: "id") { id: ID! }'


def _codes(
    definition: str, version: str = "v2.9", imports: str = '"@key", "@shareable", "@tag", "@override"'
) -> list[str]:
    sdl = f'extend schema @link(url: "{_FED}/{version}", import: [{imports}])\n{definition}\n{_BODY}'
    return [error.code for error in compose([Subgraph("a", sdl)]).errors]


def _codes_of_federation_1(definition: str) -> list[str]:
    return [error.code for error in compose([Subgraph("a", f"{definition}\n{_BODY}")]).errors]


@pytest.mark.parametrize(
    "definition",
    [
        "directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT "
        "scalar federation__FieldSet",
        "directive @key(fields: federation__FieldSet!) repeatable on OBJECT | INTERFACE "
        "scalar federation__FieldSet",
        "directive @key(fields: String!) repeatable on OBJECT",
        "directive @key(fields: String!) on OBJECT",
        "directive @key(fields: [String!]!) on OBJECT",
        "directive @key(fields: String!, resolvable: Boolean! = true) on OBJECT",
        "directive @federation__external(reason: String!) on FIELD_DEFINITION",
        "directive @federation__requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION",
        "directive @shareable on OBJECT directive @shared on FIELD_DEFINITION",
        "scalar _Any union _Entity = A type _Service { sdl: String! } "
        "extend type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }",
        "type _Service { sdl: String more: Int }",
        "enum link__Purpose { EXECUTION SECURITY } scalar link__Import",
        "directive @link(url: String!, import: [String]) repeatable on SCHEMA",
        'directive @deprecated(reason: String = "No longer supported") on FIELD_DEFINITION | ENUM_VALUE '
        "directive @specifiedBy(url: String!) on SCALAR scalar Int",
    ],
)
def test_a_compatible_definition_is_accepted(definition: str) -> None:
    """Servers print what their library knows: less, or stricter, or with another scalar."""
    assert _codes(definition) == []


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ("directive @key on OBJECT", "DIRECTIVE_DEFINITION_INVALID"),
        ("directive @key(fields: String) on OBJECT", "DIRECTIVE_DEFINITION_INVALID"),
        ("scalar FieldSet directive @key(fields: FieldSet!) on OBJECT", "DIRECTIVE_DEFINITION_INVALID"),
        ("directive @key(fields: String!, more: Int) on OBJECT", "DIRECTIVE_DEFINITION_INVALID"),
        ("directive @key(fields: String!, resolvable: Boolean) on OBJECT", "DIRECTIVE_DEFINITION_INVALID"),
        ("directive @key(fields: String!, resolvable: Boolean = false) on OBJECT", "DIRECTIVE_DEFINITION_INVALID"),
        ("directive @key(fields: String!) on OBJECT | UNION", "DIRECTIVE_DEFINITION_INVALID"),
        ("directive @federation__inaccessible repeatable on OBJECT", "DIRECTIVE_DEFINITION_INVALID"),
        ("directive @federation__requiresScopes(scopes: [String!]!) on OBJECT", "DIRECTIVE_DEFINITION_INVALID"),
        ("enum federation__FieldSet { A }", "TYPE_DEFINITION_INVALID"),
        ("enum link__Purpose { SECURITY }", "TYPE_DEFINITION_INVALID"),
        ("enum link__Import { SECURITY }", "TYPE_DEFINITION_INVALID"),
        ("type _Any { a: Int }", "INVALID_GRAPHQL"),
        ("directive @shareable on OBJECT directive @shareable on OBJECT", "INVALID_GRAPHQL"),
    ],
)
def test_a_definition_that_means_something_else_is_refused(definition: str, code: str) -> None:
    """A directive of the same name that means something else would be planned wrongly."""
    assert _codes(definition) == [code]


@pytest.mark.parametrize(
    ("definition", "before", "since"),
    [
        ("directive @shareable repeatable on OBJECT", "v2.1", "v2.2"),
        ("directive @tag(name: String!) repeatable on SCHEMA", "v2.2", "v2.3"),
        ("directive @override(from: String!, label: String) on FIELD_DEFINITION", "v2.6", "v2.7"),
    ],
)
def test_a_definition_is_held_against_the_linked_version(definition: str, before: str, since: str) -> None:
    """What a directive may say grew over the years."""
    assert _codes(definition, before) == ["DIRECTIVE_DEFINITION_INVALID"]
    assert _codes(definition, since) == []


def test_an_own_definition_holds_for_its_use() -> None:
    """Whoever makes an argument mandatory wants to be told where it is missing."""
    assert _codes("directive @key(fields: String!, resolvable: Boolean!) on OBJECT") == ["INVALID_GRAPHQL"]
    assert _codes("directive @key(fields: Int!) on OBJECT") == ["INVALID_GRAPHQL"]


def test_the_values_of_directives_have_the_right_type() -> None:
    """Values of custom scalars aside, which the rules of each directive check."""
    assert _codes("type B @tag(name: 3) { b: Int }") == ["INVALID_GRAPHQL"]
    assert _codes("type B @tag(name: null) { b: Int }") == ["INVALID_GRAPHQL"]
    assert _codes(
        'type B { b: Int @own(of: { in: "x" }) } input I { in: Int } directive @own(of: I) on FIELD_DEFINITION'
    ) == ["INVALID_GRAPHQL"]
    assert (
        _codes(
            "type B { b: Int @own(of: { in: 7 }) } input I { in: Int } directive @own(of: I) on FIELD_DEFINITION"
        )
        == []
    )


@pytest.mark.parametrize(
    ("definition", "codes"),
    [
        ("directive @key(fields: String) on OBJECT", []),
        ("scalar _FieldSet directive @key(fields: _FieldSet!) on OBJECT", []),
        ("scalar FieldSet directive @key(fields: FieldSet) on OBJECT", []),
        ("directive @provides on FIELD_DEFINITION", []),
        ("directive @external on FIELD_DEFINITION directive @extends on OBJECT", []),
        ("scalar FieldSet directive @key(fields: FieldSet!) on OBJECT", ["DIRECTIVE_DEFINITION_INVALID"]),
        ("directive @provides(fields: String, more: Int) on FIELD_DEFINITION", ["DIRECTIVE_DEFINITION_INVALID"]),
        ("directive @link(url: String) on FIELD_DEFINITION", []),
    ],
)
def test_known_slips_of_federation_1_are_forgiven(definition: str, codes: list[str]) -> None:
    """Nobody minded them then, and their servers still run."""
    assert _codes_of_federation_1(definition) == codes


def test_a_namespaced_name_does_not_stand_for_an_imported_directive() -> None:
    """One directive, one name: what is said under the other name would be lost."""
    defined = "directive @federation__shareable on FIELD_DEFINITION "
    assert _codes(f"{defined} type B {{ b: Int @federation__shareable }}") == ["INVALID_LINK_DIRECTIVE_USAGE"]
    assert _codes(defined) == []


GRAPHQL_JAVA = """
schema @link(import : ["@key", "@tag", "@shareable"], url : "https://specs.apollo.dev/federation/v2.3") {
  query: Query }
directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @link(as: String, for: link__Purpose, import: [link__Import], url: String!) repeatable on SCHEMA
directive @shareable repeatable on OBJECT | FIELD_DEFINITION
directive @tag(name: String!) repeatable on SCALAR | OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION |
  INTERFACE | UNION
  | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
directive @oneOf on INPUT_OBJECT
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @deprecated(reason: String! = "No longer supported") on FIELD_DEFINITION | ARGUMENT_DEFINITION |
  ENUM_VALUE
  | INPUT_FIELD_DEFINITION
directive @specifiedBy(url: String!) on SCALAR
union _Entity = A
type A @key(fields : "id", resolvable : true) { id: ID! }
type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! a: A @shareable }
type _Service { sdl: String! }
enum link__Purpose { EXECUTION SECURITY }
scalar _Any
scalar federation__FieldSet
scalar link__Import
"""
HOT_CHOCOLATE = r"""
schema @link(url: "https:\/\/specs.apollo.dev\/federation\/v2.6", import: [ "@key", "@tag", "FieldSet" ]) {
  query: Query }
type A @key(fields: "id") { id: ID! }
type Query { a: A _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
"This type provides a field named sdl: String! which exposes the SDL of the service's schema."
type _Service { sdl: String! }
"Union of all types that key directive applied."
union _Entity = A
"Used to indicate a combination of fields."
directive @key(fields: FieldSet! resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @link("Gets imported specification url." url: String! "Gets optional list of imported names." import:
  [String!])
  repeatable on SCHEMA
directive @tag(name: String!) repeatable on SCHEMA | SCALAR | OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION |
  INTERFACE
  | UNION | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
"Scalar representing a set of fields."
scalar FieldSet
scalar _Any
"""
APOLLO_SUBGRAPH = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable"])
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @federation__requires(fields: federation__FieldSet!) on FIELD_DEFINITION
directive @federation__provides(fields: federation__FieldSet!) on FIELD_DEFINITION
directive @federation__external(reason: String) on OBJECT | FIELD_DEFINITION
directive @federation__tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
  | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA
directive @federation__extends on OBJECT | INTERFACE
directive @shareable repeatable on OBJECT | FIELD_DEFINITION
directive @federation__override(from: String!, label: String) on FIELD_DEFINITION
directive @federation__composeDirective(name: String) repeatable on SCHEMA
directive @federation__authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @federation__requiresScopes(scopes: [[federation__Scope!]!]!) on FIELD_DEFINITION | OBJECT |
  INTERFACE | SCALAR
  | ENUM
directive @federation__policy(policies: [[federation__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE |
  SCALAR | ENUM
enum link__Purpose {
  "`SECURITY` features provide metadata necessary to securely resolve fields."
  SECURITY
  "`EXECUTION` features provide metadata necessary for operation execution."
  EXECUTION
}
scalar link__Import
scalar federation__FieldSet
scalar federation__Scope
scalar federation__Policy
scalar _Any
type _Service { sdl: String }
union _Entity = A
type A @key(fields: "id") { id: ID! }
type Query { a: A @shareable _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }
"""
STRAWBERRY = """
schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable", "@tag"]) { query:
  Query }
type A @key(fields: "id") { id: ID! name: String @tag(name: "x") }
type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! a: A @shareable }
scalar _Any
union _Entity = A
type _Service { sdl: String! }
"""
GQLGEN = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@external"])
directive @goField(forceResolver: Boolean, name: String, omittable: Boolean) on INPUT_FIELD_DEFINITION |
  FIELD_DEFINITION
directive @goModel(model: String, models: [String!]) on OBJECT | INPUT_OBJECT | SCALAR | ENUM | INTERFACE | UNION
type A @key(fields: "id") @goModel(model: "own.A") { id: ID! @goField(forceResolver: true) }
type Query { a: A @shareable }
"""


@pytest.mark.parametrize("sdl", [APOLLO_SUBGRAPH, STRAWBERRY, GRAPHQL_JAVA, HOT_CHOCOLATE, GQLGEN])
def test_what_servers_print_is_read(sdl: str) -> None:
    """With everything that their libraries add; none of it becomes part of the graph."""
    composition = compose([Subgraph("a", sdl)])
    assert composition.errors == ()
    assert composition.supergraph is not None
    types = composition.supergraph.api_schema.type_map
    assert sorted(name for name in types if not name.startswith("__")) == ["A", "Boolean", "ID", "Query", "String"]


@pytest.mark.parametrize(
    "definition",
    [
        "directive @key(fields: federation__FieldSet!) repeatable on OBJECT",
        "directive @link(url: String!, for: link__Purpose, import: [String]) repeatable on SCHEMA",
        "directive @federation__requiresScopes(scopes: [[federation__Scope!]!]!) on OBJECT",
    ],
)
def test_a_definition_brings_the_types_that_it_names(definition: str) -> None:
    """Half of a specification is no GraphQL."""
    assert _codes(definition) == ["INVALID_GRAPHQL"]


def test_the_types_of_an_own_link_directive_are_no_part_of_the_graph() -> None:
    """A subgraph of Federation 1 may print the definition of @link without a link to Federation."""
    sdl = """
    directive @link(url: String!, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
    enum link__Purpose { SECURITY EXECUTION }
    scalar link__Import
    scalar federation__FieldSet
    type Query { a: Int }
    """
    composition = compose([Subgraph("a", sdl)])
    assert composition.supergraph is not None
    assert [name for name in composition.supergraph.api_schema.type_map if "__" in name[1:]] == []
    assert composition.hints == ()
