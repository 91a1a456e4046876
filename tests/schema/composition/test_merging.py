"""How definitions of one thing in several subgraphs become one: types, nullability, arguments, marks."""

from __future__ import annotations

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLUnionType, print_type

from schema.supergraph import Supergraph
from tests.schema.composition.graphs import codes_of, compose_ok, errors_of, hints_of


def _requiring(field: str) -> str:
    return (
        f'type Query {{ a: A }} type A @key(fields: "id") {{ id: ID! {field} @external r: Int '
        f'@requires(fields: "e") }}'
    )


def _owning(field: str) -> str:
    return f'type A @key(fields: "id") {{ id: ID! {field} }}'


CASES: list[tuple[str, dict[str, str], dict[str, str]]] = [
    # a code, the graph that is right, the graph that is wrong
    ("NO_QUERIES", {"a": "type Query { a: Int }"}, {"a": 'type A @key(fields: "id") { id: ID! }'}),
    (
        "TYPE_KIND_MISMATCH",
        {"a": "type Query { a: A } scalar A", "b": "scalar A"},
        {"a": "type Query { a: A } scalar A", "b": "enum A { X }"},
    ),
    (
        "EXTENSION_WITH_NO_BASE",
        {
            "a": 'type Query { a: Int } extend type A @key(fields: "id") { id: ID! }',
            "b": 'type A @key(fields: "id") { id: ID! }',
        },
        {"a": 'type Query { a: Int } extend type A @key(fields: "id") { id: ID! }'},
    ),
    (
        "FIELD_TYPE_MISMATCH",
        {"a": "type Query { a: Int @shareable }", "b": "type Query { a: Int! @shareable }"},
        {"a": "type Query { a: Int @shareable }", "b": "type Query { a: String @shareable }"},
    ),
    (
        "FIELD_TYPE_MISMATCH",
        {"a": "type Query { a: [Int!] @shareable }", "b": "type Query { a: [Int!]! @shareable }"},
        {"a": "type Query { a: [Int!] @shareable }", "b": "type Query { a: [Int]! @shareable }"},
    ),
    (
        "FIELD_TYPE_MISMATCH",
        {"a": "type Query { a(i: I): Int } input I { x: Int }", "b": "input I { x: Int! }"},
        {"a": "type Query { a(i: I): Int } input I { x: Int }", "b": "input I { x: ID }"},
    ),
    (
        "FIELD_ARGUMENT_TYPE_MISMATCH",
        {"a": "type Query { a(x: Int): Int @shareable }", "b": "type Query { a(x: Int!): Int @shareable }"},
        {"a": "type Query { a(x: Int): Int @shareable }", "b": "type Query { a(x: ID): Int @shareable }"},
    ),
    (
        "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        {"a": "type Query { a(x: Int = 1): Int @shareable }", "b": "type Query { a(x: Int = 1): Int @shareable }"},
        {"a": "type Query { a(x: Int = 1): Int @shareable }", "b": "type Query { a(x: Int = 2): Int @shareable }"},
    ),
    (
        "INPUT_FIELD_DEFAULT_MISMATCH",
        {
            "a": "type Query { a(i: I): Int } input I { x: O = {b: 1, c: 2} } input O { b: Int c: Int }",
            "b": "input I { x: O = {c: 2, b: 1} } input O { b: Int c: Int }",
        },
        {"a": "type Query { a(i: I): Int } input I { x: Int = 1 }", "b": "input I { x: Int = 2 }"},
    ),
    (
        "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        {"a": "type Query { a(x: Int): Int @shareable }", "b": "type Query { a: Int @shareable }"},
        {"a": "type Query { a(x: Int!): Int @shareable }", "b": "type Query { a: Int @shareable }"},
    ),
    (
        "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
        {"a": "type Query { a(i: I): Int } input I { x: Int y: Int }", "b": "input I { x: Int }"},
        {"a": "type Query { a(i: I): Int } input I { x: Int y: Int! }", "b": "input I { x: Int }"},
    ),
    (
        "EMPTY_MERGED_INPUT_TYPE",
        {"a": "type Query { a(i: I): Int } input I { x: Int y: Int }", "b": "input I { x: Int z: Int }"},
        {"a": "type Query { a(i: I): Int } input I { y: Int }", "b": "input I { z: Int }"},
    ),
    (
        "EMPTY_MERGED_ENUM_TYPE",
        {"a": "type Query { a(e: E): Int } enum E { X Y }", "b": "enum E { X Z }"},
        {"a": "type Query { a(e: E): Int } enum E { Y }", "b": "enum E { Z }"},
    ),
    (
        "ENUM_VALUE_MISMATCH",
        {"a": "type Query { a(e: E): E } enum E { X }", "b": "enum E { X }"},
        {"a": "type Query { a(e: E): E } enum E { X Y }", "b": "enum E { X }"},
    ),
    (
        "INVALID_FIELD_SHARING",
        {"a": "type Query { a: Int @shareable }", "b": "type Query { a: Int @shareable }"},
        {"a": "type Query { a: Int @shareable }", "b": "type Query { a: Int }"},
    ),
    (
        "INVALID_FIELD_SHARING",
        {"a": "type Query { a: A } type A @shareable { x: Int }", "b": "type A @shareable { x: Int }"},
        {"a": "type Query { a: A } type A { x: Int }", "b": "type A { x: Int }"},
    ),
    (
        "INTERFACE_FIELD_NO_IMPLEM",
        {
            "a": "type Query { i: I } interface I { x: Int } type A implements I { x: Int }",
            "b": "interface I { x: Int }",
        },
        {
            "a": "type Query { i: I } interface I { x: Int } type A implements I { x: Int }",
            "b": "interface I { x: Int y: Int }",
        },
    ),
    (
        "EXTERNAL_MISSING_ON_BASE",
        {"a": _requiring("e: Int"), "b": _owning("e: Int")},
        {"a": _requiring("e: Int")},
    ),
    (
        "EXTERNAL_TYPE_MISMATCH",
        {"a": _requiring("e: Int!"), "b": _owning("e: Int!")},
        {"a": _requiring("e: Int!"), "b": _owning("e: Int")},
    ),
    (
        "EXTERNAL_ARGUMENT_MISSING",
        {"a": _requiring("e(x: Int): Int"), "b": _owning("e(x: Int): Int")},
        {"a": _requiring("e: Int"), "b": _owning("e(x: Int): Int")},
    ),
    (
        "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
        {"a": _requiring("e(x: Int): Int"), "b": _owning("e(x: Int): Int")},
        {"a": _requiring("e(x: ID): Int"), "b": _owning("e(x: Int): Int")},
    ),
    (
        "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
        {"a": _requiring("e(x: Int = 1): Int"), "b": _owning("e(x: Int = 1): Int")},
        {"a": _requiring("e(x: Int = 2): Int"), "b": _owning("e(x: Int = 1): Int")},
    ),
    (
        "GATHER_NOT_IN_ALL_SUBGRAPHS",
        {"a": "type Query { l: [Int] @gather }", "b": "type Query { l: [Int] @gather }"},
        {"a": "type Query { l: [Int] @gather }", "b": "type Query { l: [Int] @shareable }"},
    ),
    (
        "GATHER_ARGUMENT_MISMATCH",
        {
            "a": "type Query { l(x: Int, y: ID): [Int] @gather }",
            "b": "type Query { l(y: ID, x: Int): [Int] @gather }",
        },
        {"a": "type Query { l(x: Int): [Int] @gather }", "b": "type Query { l: [Int] @gather }"},
    ),
    (
        "GATHER_KEY_MISMATCH",
        {
            "a": 'type Query { l: [A] @gather(key: "id") } type A @shareable { id: ID! }',
            "b": 'type Query { l: [A] @gather(key: "{ id }") } type A @shareable { id: ID! }',
        },
        {
            "a": 'type Query { l: [A] @gather(key: "id") } type A @shareable { id: ID! }',
            "b": "type Query { l: [A] @gather } type A @shareable { id: ID! }",
        },
    ),
    (
        "OVERRIDE_FROM_SELF_ERROR",
        {"a": 'type Query { a: Int @override(from: "b") }', "b": "type Query { a: Int }"},
        {"a": 'type Query { a: Int @override(from: "a") }'},
    ),
    (
        "OVERRIDE_SOURCE_HAS_OVERRIDE",
        {"a": 'type Query { a: Int @override(from: "b") }', "b": "type Query { a: Int }"},
        {"a": 'type Query { a: Int @override(from: "b") }', "b": 'type Query { a: Int @override(from: "c") }'},
    ),
    (
        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        {
            "a": 'type Query { a: B @override(from: "b") } type B @shareable { x: Int }',
            "b": "type Query { a: B } type B @shareable { x: Int }",
        },
        {
            "a": 'type Query { a: B @override(from: "b") } type B { x: Int }',
            "b": 'type Query { a: B @provides(fields: "x") } type B { x: Int @external }',
        },
    ),
    (
        "OVERRIDE_ON_INTERFACE",
        {"a": "type Query { i: I } interface I { x: Int } type A implements I { x: Int }"},
        {"a": 'type Query { i: I } interface I { x: Int @override(from: "b") } type A implements I { x: Int }'},
    ),
]


@pytest.mark.parametrize(("code", "right", "wrong"), CASES, ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)])
def test_each_merge_rule_tells_its_code_and_only_where_it_is_broken(
    code: str, right: dict[str, str], wrong: dict[str, str]
) -> None:
    """For each code the smallest graph that raises it, and one that just does not."""
    assert codes_of(**right) == []
    assert code in codes_of(**wrong)
    assert len(codes_of(**wrong)) <= 2


def _field(supergraph: Supergraph, coordinate: str) -> str:
    type_name, name = coordinate.split(".")
    type_ = supergraph.api_schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInputObjectType)
    return str(type_.fields[name].type)


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        ("Int", "Int!", "Int"),
        ("[Int!]!", "[Int!]", "[Int!]"),
        ("[A]", "[U]", "[U]"),
        ("A!", "U", "U"),
        ("A", "I", "I"),
    ],
)
def test_a_shared_field_takes_the_wider_type(one: str, other: str, merged: str) -> None:
    """A client must be ready for what any of the subgraphs may answer."""
    types = "union U = A interface I { x: Int } type A implements I @shareable { x: Int }"
    supergraph = compose_ok(
        a=f"type Query {{ f: {one} @shareable }} {types}", b=f"type Query {{ f: {other} @shareable }} {types}"
    )
    assert _field(supergraph, "Query.f") == merged
    assert [source.type for source in supergraph.sources_of("Query", "f")] == [one, other]


def test_inputs_take_the_narrower_type_and_what_all_understand() -> None:
    """A client must not send what some subgraph would refuse."""
    graphs = {
        "a": "type Query { f(i: I, only: Int): Int @shareable } input I { x: Int y: Int = 3 d: Int = 4 }",
        "b": "type Query { f(i: I): Int @shareable } input I { x: Int! z: Int d: Int }",
    }
    supergraph = compose_ok(**graphs)
    assert print_type(supergraph.api_schema.type_map["I"]) == "input I {\n  x: Int!\n  d: Int\n}"
    assert "f(i: I): Int" in print_type(supergraph.api_schema.type_map["Query"])
    assert {hint.code for hint in hints_of(**graphs)} == {
        "INCONSISTENT_ARGUMENT_PRESENCE",
        "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
        "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
        "INCONSISTENT_INPUT_OBJECT_FIELD",
    }


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("type Query { f: E }", ["X", "Y", "Z"]),
        ("type Query { f(e: E): Int }", ["X"]),
        ("type Query { f: Int }", ["X", "Y", "Z"]),
    ],
)
def test_an_enum_merges_by_where_it_is_used(query: str, values: list[str]) -> None:
    """What only comes out adds up, what only goes in is what all know."""
    supergraph = compose_ok(a=f"{query} enum E {{ X Y }}", b="enum E { X Z }")
    merged = supergraph.api_schema.type_map["E"]
    assert isinstance(merged, GraphQLEnumType)
    assert list(merged.values) == values


def test_an_inaccessible_value_may_be_missing_somewhere() -> None:
    """It is shown to nobody, so subgraphs can roll it out one by one."""
    graphs = {
        "a": (
            "type Query { f(e: E, i: I): E } enum E { X Y @inaccessible } input I { x: Int y: Int @inaccessible }"
        ),
        "b": "enum E { X } input I { x: Int }",
    }
    supergraph = compose_ok(**graphs)
    assert "Y" not in print_type(supergraph.api_schema.type_map["E"])
    assert "Y" in print_type(supergraph.schema.type_map["E"])


def test_unions_and_interfaces_add_up() -> None:
    """A client sees every type that any subgraph can answer with."""
    supergraph = compose_ok(
        a="type Query { u: U @shareable } union U = A type A @shareable { x: Int }",
        b=(
            "type Query { u: U @shareable } union U = A | B type A implements I @shareable { x: Int } "
            "type B { y: Int } interface I { x: Int }"
        ),
    )
    union = supergraph.api_schema.type_map["U"]
    assert isinstance(union, GraphQLUnionType)
    assert [each.name for each in union.types] == ["A", "B"]
    assert "type A implements I" in print_type(supergraph.api_schema.type_map["A"])


def test_descriptions_deprecations_and_urls_are_kept() -> None:
    """The most frequent text wins; one subgraph's deprecation holds for all."""
    supergraph = compose_ok(
        a=(
            '"once" type Query { "f" f: S @shareable @deprecated(reason: "old") } scalar S '
            '@specifiedBy(url: "http://s")'
        ),
        b='"twice" type Query { f: S @shareable } scalar S',
        c='"twice" type Query { f: S @shareable } scalar S',
    )
    query = supergraph.api_schema.query_type
    assert query is not None
    assert query.description == "twice"
    assert (query.fields["f"].description, query.fields["f"].deprecation_reason) == ("f", "old")
    assert 'scalar S @specifiedBy(url: "http://s")' in print_type(supergraph.api_schema.type_map["S"])


def test_executable_directives_stay_where_all_define_them() -> None:
    """A directive that one subgraph does not know cannot be sent to it; type-system ones mean nothing outside."""
    supergraph = compose_ok(
        a=(
            "directive @both(x: Int) on FIELD | QUERY directive @one on FIELD directive @own on OBJECT "
            "type Query @own { a: Int }"
        ),
        b="directive @both(x: Int) on FIELD | MUTATION type Query { b: Int }",
    )
    names = {directive.name for directive in supergraph.api_schema.directives}
    assert "both" in names
    assert names.isdisjoint({"one", "own", "tag", "inaccessible", "key"})


def test_an_overridden_field_has_one_source() -> None:
    """The old subgraph keeps the field in its SDL and is never asked for it again."""
    supergraph = compose_ok(
        a='type Query { a: A } type A @key(fields: "id") { id: ID! f: Int @override(from: "b") }',
        b='type A @key(fields: "id") { id: ID! f: Int }',
    )
    assert [source.subgraph for source in supergraph.sources_of("A", "f")] == ["a"]


def test_an_overridden_field_that_is_still_required_becomes_external() -> None:
    """The old subgraph needs the value, and gets it from the new one."""
    supergraph = compose_ok(
        a='type Query { a: A } type A @key(fields: "id") { id: ID! f: Int @override(from: "b") }',
        b='type A @key(fields: "id f") { id: ID! f: Int } ',
    )
    assert [(each.subgraph, each.external) for each in supergraph.sources_of("A", "f")] == [
        ("a", False),
        ("b", True),
    ]
    assert "usedOverridden: true" in supergraph.sdl


def test_an_override_from_nowhere_is_a_hint() -> None:
    """The old subgraph may have been retired already."""
    graphs = {"a": 'type Query { a: Int @override(from: "gone") }'}
    assert codes_of(**graphs) == []
    assert [hint.code for hint in hints_of(**graphs)] == ["FROM_SUBGRAPH_DOES_NOT_EXIST"]


def test_a_gathered_field_takes_the_widest_type_and_every_source() -> None:
    """docs/spec/gather.md, "Type and nullability"."""
    supergraph = compose_ok(
        b='type A @key(fields: "id") { id: ID! l: [L!]! @gather(key: "n") } type L @shareable { n: ID! }',
        a='type Query { a: A } type A @key(fields: "id") { id: ID! l: [L!] @gather(key: "n") } '
        "type L @shareable { n: ID! }",
    )
    assert _field(supergraph, "A.l") == "[L!]"
    assert [source.subgraph for source in supergraph.sources_of("A", "l")] == ["a", "b"]
    gather = supergraph.gather_of("A", "l")
    assert gather is not None
    assert str(gather.key) == "n"


def test_a_merge_error_names_the_subgraphs_and_every_place() -> None:
    """Two departments have to agree, so both must see where."""
    (error,) = errors_of(a="type Query { f: Int @shareable }", b="type Query {\n  f: String @shareable\n}")
    assert error.subgraphs == ("a", "b")
    assert [(each.subgraph, each.line, each.column) for each in error.locations] == [("a", 2, 14), ("b", 3, 3)]
    assert '"Int" in subgraph "a" but "String" in subgraph "b"' in error.message


def test_merge_errors_stop_before_satisfiability() -> None:
    """A graph that does not merge has no paths to prove."""
    assert codes_of(
        a="type Query { f: Int @shareable a: A } type A @shareable { x: Int }",
        b="type Query { f: String @shareable } type A @shareable { y: Int }",
    ) == ["FIELD_TYPE_MISMATCH"]
