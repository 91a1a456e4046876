"""Federation 1 SDL, without @link, composes as Federation 1 meant it."""

from __future__ import annotations

from tests.schema.composition.graphs import codes_of, compose_ok, federation_1, subgraphs


def test_an_extension_resolves_its_own_fields_and_its_key() -> None:
    """`extend type` with @external keys is how Federation 1 adds to an entity."""
    supergraph = compose_ok(
        *federation_1(
            accounts='type Query { me: User } type User @key(fields: "id") { id: ID! name: String }',
            reviews='extend type User @key(fields: "id") { id: ID! @external reviews: [String] }',
        )
    )
    assert [(each.subgraph, each.external) for each in supergraph.sources_of("User", "id")] == [
        ("accounts", False),
        ("reviews", False),
    ]
    assert [each.subgraph for each in supergraph.sources_of("User", "reviews")] == ["reviews"]


def test_extends_is_another_way_to_write_it() -> None:
    """Libraries without `extend type` print @extends."""
    supergraph = compose_ok(
        *federation_1(
            accounts='type Query { me: User } type User @key(fields: "id") { id: ID! name: String }',
            reviews='type User @extends @key(fields: "id") { id: ID! @external name: String @external '
            'shout: String @requires(fields: "name") }',
        )
    )
    (source,) = supergraph.sources_of("User", "shout")
    assert str(source.requires) == "name"
    assert [each.external for each in supergraph.sources_of("User", "name")] == [False, True]


def test_value_types_are_shared_without_a_word() -> None:
    """Federation 1 has no @shareable."""
    supergraph = compose_ok(
        *federation_1(
            a="type Query { a: Money } type Money { amount: Int currency: String }",
            b="type Query { b: Money } type Money { amount: Int currency: String }",
        )
    )
    assert len(supergraph.sources_of("Money", "amount")) == 2


def test_a_federation_2_subgraph_still_has_to_say_shareable() -> None:
    """Only what Federation 1 says is read generously."""
    (one,) = federation_1(a="type Query { a: Money } type Money { amount: Int }")
    (other,) = subgraphs(b="type Query { b: Money } type Money { amount: Int }")
    (shared,) = subgraphs(b="type Query { b: Money } type Money { amount: Int @shareable }")
    assert codes_of(one, other) == ["INVALID_FIELD_SHARING"]
    assert codes_of(one, shared) == []


def test_unused_externals_and_marks_on_interfaces_say_nothing() -> None:
    """Federation 1 tools print them freely."""
    supergraph = compose_ok(
        *federation_1(
            a=(
                'type Query { i: I } type T implements I @key(fields: "id") { id: ID! x: Int } '
                "interface I { id: ID! }"
            ),
            b='extend type T @key(fields: "id") { id: ID! @external x: Int @external y: Int }'
            ' interface J @key(fields: "id") { id: ID! @external }',
        )
    )
    assert [each.subgraph for each in supergraph.sources_of("T", "x")] == ["a"]


def test_a_key_field_that_nobody_else_defines_belongs_to_the_extension() -> None:
    """It is marked @external by custom, though there is no owner."""
    supergraph = compose_ok(
        *federation_1(
            a='type Query { t: T } type T @key(fields: "id") { id: ID! }',
            b='type Query { u: T } extend type T @key(fields: "id") @key(fields: "n") '
            "{ id: ID! @external n: ID! @external }",
        )
    )
    assert [(each.subgraph, each.external) for each in supergraph.sources_of("T", "n")] == [("b", False)]


def test_an_extension_needs_a_definition_somewhere() -> None:
    """Otherwise a spelling mistake makes a new type."""
    assert codes_of(*federation_1(a='type Query { a: Int } type T @extends @key(fields: "id") { id: ID! }')) == [
        "EXTENSION_WITH_NO_BASE"
    ]
    assert codes_of(*federation_1(a="extend type Query { a: Int }")) == []


def test_machinery_of_federation_1_is_no_part_of_the_graph() -> None:
    """Old libraries print their own definitions."""
    supergraph = compose_ok(
        *federation_1(
            a="""
            scalar _FieldSet
            directive @key(fields: _FieldSet!) repeatable on OBJECT | INTERFACE
            directive @external on FIELD_DEFINITION
            type Query { t: T }
            type T @key(fields: "id") { id: ID! }
            """
        )
    )
    assert "_FieldSet" not in supergraph.api_schema.type_map


def test_a_type_of_nothing_but_unused_externals_is_an_error_where_it_is_used() -> None:
    """Without them it has no field at all; unused itself, it goes with them."""
    used = "type Query { t: T } extend type T { x: Int @external }"
    unused = "type Query { t: Int } extend type T { x: Int @external }"
    owner = 'type T @key(fields: "k") { k: ID x: Int }'
    assert codes_of(*federation_1(a=used, b=owner)) == ["TYPE_WITH_ONLY_UNUSED_EXTERNAL"]
    assert codes_of(*federation_1(a=unused, b=owner)) == []


def test_requiring_what_one_resolves_oneself_asks_for_nothing() -> None:
    """Federation 1 tools accepted it, and no hop is needed."""
    supergraph = compose_ok(*federation_1(a='type Query { t: T } type T { x: Int y: Int @requires(fields: "x") }'))
    (source,) = supergraph.sources_of("T", "y")
    assert source.requires is None


def test_an_extension_without_a_key_goes_by_the_owner_s_first() -> None:
    """It has to know the key to be reached at all, so that it answers these fields itself."""
    extension = "type Query { t: T } %s { id: ID! @external x: Int }"
    first = 'type T @key(fields: "id") @key(fields: "k") { id: ID! k: ID y: Int }'
    second = 'type T @key(fields: "k") @key(fields: "id") { id: ID! k: ID y: Int }'
    assert codes_of(*federation_1(a=extension % "extend type T", b=first)) == []
    assert codes_of(*federation_1(a=extension % "type T @extends", b=first)) == []
    assert codes_of(*federation_1(a=extension % "extend type T", b=second)) == ["SATISFIABILITY_ERROR"]
    assert codes_of(*federation_1(a=extension % "type T", b=first)) == ["SATISFIABILITY_ERROR"]


def test_what_only_extends_is_told_before_its_field_sets_are_read() -> None:
    """The owner is missing; what the extension says of its fields may well be right beside it."""
    wrong = 'type Query { t: Int } type T @key(fields: "no") { x: Int }'
    extension = "extend type U { x: Int }"
    assert codes_of(*federation_1(a=wrong)) == ["KEY_INVALID_FIELDS"]
    assert codes_of(*federation_1(a=wrong + extension)) == ["EXTENSION_WITH_NO_BASE"]
    assert codes_of(*federation_1(a=wrong, b=extension)) == ["EXTENSION_WITH_NO_BASE", "KEY_INVALID_FIELDS"]
    assert codes_of(*federation_1(b=extension), *subgraphs(a=wrong)) == ["KEY_INVALID_FIELDS"]


def test_a_root_type_of_nothing_but_unused_externals_is_an_error() -> None:
    """The schema itself refers to it."""
    sdl = "type Query { q: Int } type Mutation { a: Int%s }"
    assert codes_of(*federation_1(a=sdl % "", b=sdl % "")) == []
    assert codes_of(*federation_1(a=sdl % "", b=sdl % " @external")) == ["TYPE_WITH_ONLY_UNUSED_EXTERNAL"]
