"""What the reference composer says where one type is of several kinds, interface objects among them.

Every line was compared with the reference.
"""

from __future__ import annotations

import pytest

from tests.schema.composition.graphs import codes_of, federation_1, newest

KINDS: list[tuple[str, str, list[str]]] = [
    # a type in one subgraph and in another, the codes
    ("input T { x: Int }", "scalar T", ["EMPTY_MERGED_INPUT_TYPE", "TYPE_KIND_MISMATCH"]),
    ("scalar T", "input T { x: Int }", ["TYPE_KIND_MISMATCH"]),
    (
        "input T { x: Int! }",
        "type T { x: Int }",
        ["EMPTY_MERGED_INPUT_TYPE", "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH", "TYPE_KIND_MISMATCH"],
    ),
    ("extend type T { x: Int }", "extend enum T { A }", ["EXTENSION_WITH_NO_BASE", "TYPE_KIND_MISMATCH"]),
    ("extend type T { x: Int }", "enum T { A }", ["EXTENSION_WITH_NO_BASE", "TYPE_KIND_MISMATCH"]),
    ("enum T { A }", "extend type T { x: Int }", ["TYPE_KIND_MISMATCH"]),
    (
        'type T @key(fields: "id") { id: ID e: Int @external r: Int @requires(fields: "e") }',
        "type Query { other: Int } union T = Query",
        ["EXTERNAL_MISSING_ON_BASE", "TYPE_KIND_MISMATCH"],
    ),
    ('type T @interfaceObject @key(fields: "id") { id: ID! }', "type T { x: Int }", ["TYPE_KIND_MISMATCH"]),
    (
        'type T @interfaceObject @key(fields: "id") { id: ID! x: Int }',
        'type T @interfaceObject @key(fields: "id") { id: ID! x: Int }',
        ["INTERFACE_OBJECT_USAGE_ERROR"],
    ),
]


@pytest.mark.parametrize(("here", "there", "codes"), KINDS)
def test_beside_another_kind_the_parts_of_the_first_are_merged(here: str, there: str, codes: list[str]) -> None:
    """Whatever else is wrong with them is told at once."""
    assert codes_of(*newest(a="type Query { q: Int } " + here, b=there)) == codes


def test_a_field_that_an_interface_object_has_for_all_is_not_taken_over_for_one() -> None:
    """The old subgraph does not know the type, so it could not stop resolving its field."""
    entity = 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
    implementation = 'type N implements I @key(fields: "id") { id: ID! %s: Int @shareable @override(from: "b") }'
    standing = 'type I @interfaceObject @key(fields: "id") { id: ID! x: Int @shareable }'
    assert codes_of(*newest(a=entity + implementation % "x", b=standing)) == [
        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"
    ]
    assert codes_of(*newest(a=entity + implementation % "y", b=standing)) == []


def test_an_external_field_may_be_an_interface_object_s() -> None:
    """It resolves the field for every implementation."""
    entity = 'interface I @key(fields: "id") { id: ID! } type N implements I @key(fields: "id") { id: ID! %s }'
    a = "type Query { i: I } " + entity % 'x: Int @external y: Int @requires(fields: "x")'
    standing = 'type I @interfaceObject @key(fields: "id") { id: ID! x: Int }'
    assert codes_of(*newest(a=a)) == ["EXTERNAL_MISSING_ON_BASE"]
    assert codes_of(*newest(a=a, b=standing)) == []


def test_a_key_of_federation_1_does_not_tell_implementations_apart() -> None:
    """It was never more than a note on an interface."""
    (standing,) = newest(a='type Query { i: I } type I @interfaceObject @key(fields: "id") { id: ID! x: Int }')
    sdl = 'interface I @key(fields: "id") { id: ID! } type N implements I @key(fields: "id") { id: ID! }'
    mismatched = sdl + " type Query { i: String }"
    assert codes_of(standing, *federation_1(b=sdl)) == ["INTERFACE_OBJECT_USAGE_ERROR"]
    assert codes_of(standing, *federation_1(b=mismatched)) == ["INTERFACE_OBJECT_USAGE_ERROR"]
    assert codes_of(standing, *newest(b=sdl)) == []
