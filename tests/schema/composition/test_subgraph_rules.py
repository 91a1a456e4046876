"""Federation's rules for one subgraph: for each code the smallest graph that raises it and one that does not."""

from __future__ import annotations

import pytest

from schema.composition import read_subgraph
from schema.subgraph import Subgraph, ValidSubgraph
from tests.schema.composition.graphs import LINK

Q = "type Query { q: A }\n"

CASES: list[tuple[str, str, str]] = [
    # a code, SDL that is right, SDL that is wrong
    (
        "KEY_INVALID_FIELDS_TYPE",
        Q + 'type A @key(fields: "id") { id: ID! }',
        Q + "type A @key(fields: id) { id: ID! }",
    ),
    (
        "KEY_INVALID_FIELDS",
        Q + 'type A @key(fields: "b { id }") { b: B } type B { id: ID! }',
        Q + 'type A @key(fields: "b { id") { b: B } type B { id: ID! }',
    ),
    (
        "KEY_INVALID_FIELDS",
        Q + 'type A @key(fields: "id") { id: ID! }',
        Q + 'type A @key(fields: "x") { id: ID! }',
    ),
    (
        "KEY_INVALID_FIELDS",
        Q + 'type A @key(fields: "b { id }") { b: B } type B { id: ID! }',
        Q + 'type A @key(fields: "b") { b: B } type B { id: ID! }',
    ),
    (
        "KEY_INVALID_FIELDS",
        Q + 'type A @key(fields: "id") { id: ID! }',
        Q + 'type A @key(fields: "id { x }") { id: ID! }',
    ),
    (
        "KEY_INVALID_FIELDS",
        Q + 'type A @key(fields: "id") { id: ID! }',
        Q + 'type A @key(fields: "x: id") { id: ID! }',
    ),
    (
        "KEY_FIELDS_HAS_ARGS",
        Q + 'type A @key(fields: "id") { id: ID! }',
        Q + 'type A @key(fields: "id") { id(x: Int): ID! }',
    ),
    (
        "KEY_DIRECTIVE_IN_FIELDS_ARG",
        Q + 'type A @key(fields: "id") { id: ID! }',
        Q + 'type A @key(fields: "id @skip(if: true)") { id: ID! }',
    ),
    (
        "KEY_FIELDS_SELECT_INVALID_TYPE",
        Q + 'type A @key(fields: "b { id }") { b: B } type B { id: ID! }',
        Q + 'type A @key(fields: "b { ... on B { id } }") { b: U } type B { id: ID! } union U = B',
    ),
    (
        "KEY_FIELDS_SELECT_INVALID_TYPE",
        Q + 'type A @key(fields: "b { id }") { b: B } type B implements I { id: ID! } interface I { id: ID! }',
        Q + 'type A @key(fields: "b { id }") { b: I } type B implements I { id: ID! } interface I { id: ID! }',
    ),
    (
        "REQUIRES_INVALID_FIELDS_TYPE",
        Q + 'type A @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e") }',
        Q + 'type A @key(fields: "id") { id: ID! e: Int r: Int @requires(fields: 7) }',
    ),
    (
        "REQUIRES_INVALID_FIELDS",
        Q + 'type A @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e") }',
        Q + 'type A @key(fields: "id") { id: ID! e: Int r: Int @requires(fields: "nothing") }',
    ),
    (
        "REQUIRES_INVALID_FIELDS",
        Q + 'type A @key(fields: "id") { id: ID! e(x: Int!): Int @external r: Int @requires(fields: "e(x: 1)") }',
        Q + 'type A @key(fields: "id") { id: ID! e(x: Int!): Int @external r: Int @requires(fields: "e") }',
    ),
    (
        "REQUIRES_INVALID_FIELDS",
        Q + 'type A @key(fields: "id") { id: ID! e(x: Int): Int @external r: Int @requires(fields: "e(x: 1)") }',
        Q + 'type A @key(fields: "id") { id: ID! e(x: Int): Int @external r: Int @requires(fields: "e(y: 1)") }',
    ),
    (
        "REQUIRES_DIRECTIVE_IN_FIELDS_ARG",
        Q + 'type A @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e") }',
        Q + 'type A @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e @deprecated") }',
    ),
    (
        "REQUIRES_FIELDS_MISSING_EXTERNAL",
        Q + 'type A @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e") }',
        Q + 'type A @key(fields: "id") { id: ID! e: Int r: Int @requires(fields: "e") }',
    ),
    (
        "PROVIDES_INVALID_FIELDS_TYPE",
        'type Query { q: A @provides(fields: "e") } type A @key(fields: "id") { id: ID! e: Int @external }',
        "type Query { q: A @provides(fields: 1) } type A { id: ID! }",
    ),
    (
        "PROVIDES_INVALID_FIELDS",
        'type Query { q: A @provides(fields: "e") } type A { id: ID! e: Int @external }',
        'type Query { q: A @provides(fields: "x") } type A { id: ID! }',
    ),
    (
        "PROVIDES_FIELDS_HAS_ARGS",
        'type Query { q: A @provides(fields: "e") } type A { id: ID! e: Int @external }',
        'type Query { q: A @provides(fields: "e") } type A { id: ID! e(x: Int): Int @external }',
    ),
    (
        "PROVIDES_DIRECTIVE_IN_FIELDS_ARG",
        'type Query { q: A @provides(fields: "e") } type A { id: ID! e: Int @external }',
        'type Query { q: A @provides(fields: "e @skip(if: true)") } type A { id: ID! e: Int @external }',
    ),
    (
        "PROVIDES_FIELDS_MISSING_EXTERNAL",
        'type Query { q: A @provides(fields: "e") } type A { id: ID! e: Int @external }',
        'type Query { q: A @provides(fields: "e") } type A { id: ID! e: Int }',
    ),
    (
        "PROVIDES_ON_NON_OBJECT_FIELD",
        'type Query { q: A @provides(fields: "e") } type A { id: ID! e: Int @external }',
        'type Query { q: Int @provides(fields: "e") }',
    ),
    (
        "EXTERNAL_UNUSED",
        Q + 'type A @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e") }',
        Q + 'type A @key(fields: "id") { id: ID! e: Int @external }',
    ),
    (
        "EXTERNAL_UNUSED",
        Q + "interface I { e: Int } type A implements I { e: Int @external }",
        Q + "interface I { f: Int } type A implements I { f: Int e: Int @external }",
    ),
    (
        "INVALID_SHAREABLE_USAGE",
        Q + "interface I { e: Int } type A implements I { e: Int @shareable }",
        Q + "interface I { e: Int @shareable } type A implements I { e: Int }",
    ),
    ("GATHER_ON_NON_LIST", Q + "type A { l: [Int!]! @gather }", Q + "type A { l: Int! @gather }"),
    (
        "GATHER_INVALID_PLACE",
        Q + "type A implements I { l: [Int] @gather } interface I { l: [Int] }",
        Q + "type A implements I { l: [Int] } interface I { l: [Int] @gather }",
    ),
    (
        "GATHER_INVALID_PLACE",
        "type Query { l: [Int] @gather }",
        "type Query { a: Int } type Mutation { l: [Int] @gather }",
    ),
    (
        "GATHER_COLLISION_WITH_ANOTHER_DIRECTIVE",
        Q + 'type A { l: [B] @gather } type B @key(fields: "id") { id: ID! }',
        Q + 'type A { l: [B] @gather @override(from: "x") } type B @key(fields: "id") { id: ID! }',
    ),
    *(
        (
            "GATHER_KEY_INVALID",
            Q + 'type A { l: [B] @gather(key: "id o { code }") } type B { id: ID! o: O n(x: Int): Int m: [Int] }'
            " type O { code: ID }",
            Q + f"type A {{ l: [B] @gather(key: {key}) }} type B {{ id: ID! o: O n(x: Int): Int m: [Int] }}"
            " type O { code: ID }",
        )
        for key in ('"x"', '"o"', '"id { a }"', '"n"', '"m"', '"x: id"', '"id o {"', "7", '"... on B { id }"')
    ),
]


def _codes(sdl: str) -> list[str]:
    read = read_subgraph(Subgraph("a", LINK + sdl))
    return [] if isinstance(read, ValidSubgraph) else sorted({error.code for error in read})


@pytest.mark.parametrize(("code", "right", "wrong"), CASES, ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)])
def test_each_rule_tells_its_code_and_only_where_it_is_broken(code: str, right: str, wrong: str) -> None:
    """Departments mend by the code's public documentation, so it must be the right one and no other."""
    assert _codes(right) == []
    assert _codes(wrong) == [code]


@pytest.mark.parametrize(("version", "codes"), [("2.0", ["KEY_UNSUPPORTED_ON_INTERFACE"]), ("2.3", [])])
def test_keys_on_interfaces_are_refused_before_their_version(version: str, codes: list[str]) -> None:
    """Entity interfaces came with 2.3; an older version would have ignored the key."""
    sdl = (
        f'extend schema @link(url: "https://specs.apollo.dev/federation/v{version}", import: ["@key"])\n'
        'type Query { i: I } interface I @key(fields: "id") { id: ID! } type A implements I '
        '@key(fields: "id") { id: ID! }'
    )
    read = read_subgraph(Subgraph("a", sdl))
    assert [error.code for error in read] == codes if isinstance(read, tuple) else codes == []


def test_an_error_points_at_the_directive() -> None:
    """Line and column are those of the department's own file."""
    sdl = LINK + 'type Query { q: A }\ntype A\n  @key(fields: "x") { id: ID! }'
    read = read_subgraph(Subgraph("a", sdl))
    assert isinstance(read, tuple)
    (location,) = read[0].locations
    assert (location.line, location.column) == (4, 3)


def test_key_fields_through_lists_are_fine() -> None:
    """The reference accepts lists of objects in a key."""
    assert _codes(Q + 'type A @key(fields: "bs { id }") { bs: [B!]! } type B { id: ID! }') == []


def test_fields_below_an_external_field_need_no_external() -> None:
    """The whole value belongs to the other subgraph."""
    sdl = Q + (
        'type A @key(fields: "id") { id: ID! size: Size @external r: Int @requires(fields: "size { width }") }'
        " type Size { width: Int }"
    )
    assert _codes(sdl) == []


def test_what_takes_effect_is_told_by_the_rules() -> None:
    """Planning reads shareable and external as they are meant, not as they are written."""
    read = read_subgraph(
        Subgraph(
            "a",
            LINK + 'type Query { q: A @provides(fields: "name") } extend type A @key(fields: "id o { code }") '
            "{ id: ID! @external o: O! @external name: String @external l: [Int] @gather } type O { "
            "code: ID x: Int }",
        )
    )
    assert isinstance(read, ValidSubgraph)
    assert not read.rules("A", "id").external, "a key field of an extension is resolved by it"
    assert read.rules("A", "id").shareable
    assert read.rules("O", "code").shareable
    assert not read.rules("O", "x").shareable
    assert read.rules("A", "name").external
    assert read.rules("A", "name").shareable
    assert read.rules("A", "l").shareable
