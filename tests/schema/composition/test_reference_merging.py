"""What the reference composer says of several subgraphs, where ours could easily differ.

Every line was compared with the reference: for each code the smallest graphs that raise it beside some that
just do not. An empty list of codes means that the graphs compose.
"""

from __future__ import annotations

import pytest
from graphql import print_ast, print_schema, print_type

from tests.schema.composition.graphs import codes_of, compose_ok, errors_of, federation_1, hints_of, newest

KEYED = 'type T @key(fields: "id") '
ASKS = "type Query { t: T }\n"

EXTERNAL: list[tuple[str, str, list[str]]] = [
    # how one subgraph names a field that it requires, how the other resolves it, the codes
    ("x: Int @external", "x: Int", []),
    ("x: Int @external", "x: Int!", ["EXTERNAL_TYPE_MISMATCH"]),
    ("x: Int! @external", "x: Int", ["EXTERNAL_TYPE_MISMATCH"]),
    ("x(a: Int): Int @external", "x: Int", []),
    ("x: Int @external", "x(a: Int): Int", ["EXTERNAL_ARGUMENT_MISSING"]),
    ("x(a: String): Int @external", "x(a: Int): Int", ["EXTERNAL_ARGUMENT_TYPE_MISMATCH"]),
    ("x(a: Int = 1): Int @external", "x(a: Int = 2): Int", ["EXTERNAL_ARGUMENT_DEFAULT_MISMATCH"]),
    ("x(a: Float = 1): Int @external", "x(a: Float = 1.0): Int", []),
    ('x: Int @external @tag(name: "a")', "x: Int", ["MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"]),
    ("x: Int @external @deprecated", "x: Int", ["MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"]),
    ("x: Int @external @shareable", "x: Int", []),
]


@pytest.mark.parametrize(("named", "resolved", "codes"), EXTERNAL)
def test_an_external_field_agrees_with_its_owner(named: str, resolved: str, codes: list[str]) -> None:
    """It may take more than the owner does, never give anything else."""
    assert (
        codes_of(
            a=ASKS + KEYED + f'{{ id: ID! {named} y: Int @requires(fields: "x") }}',
            b=KEYED + f"{{ id: ID! {resolved} }}",
        )
        == codes
    )


def test_an_external_field_goes_with_any_of_owners_that_differ() -> None:
    """Where a shared field is ``Int!`` here and ``Int`` there, an external one may be either."""
    a = ASKS + KEYED + '{ id: ID! x: Int! @external y: Int @requires(fields: "x") }'
    shared = KEYED + "{ id: ID! x: Int%s @shareable }"
    assert codes_of(a=a, b=shared % "!", c=shared % "") == []
    assert codes_of(a=a, b=shared % "", c=shared % "") == ["EXTERNAL_TYPE_MISMATCH"]


@pytest.mark.parametrize(
    ("here", "there", "codes"),
    [
        ("x: Int @override(from: \"a\")", "x: Int", []),
        ("x: Int @override(from: \"b\")", "x: Int", ["INVALID_FIELD_SHARING", "OVERRIDE_FROM_SELF_ERROR"]),
        (
            "x: Int @override(from: \"a\")",
            "x: Int @override(from: \"b\")",
            ["INVALID_FIELD_SHARING", "OVERRIDE_SOURCE_HAS_OVERRIDE"],
        ),
        (
            "x: Int @override(from: \"a\") e: Int",
            "e: Int @external x: Int @requires(fields: \"e\")",
            ["INVALID_FIELD_SHARING", "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"],
        ),
        ("x: Int @override(from: \"a\")", "x: Int @external y: Int @requires(fields: \"x\")", []),
        (
            "x: Int @override(from: \"a\") @external y: Int @requires(fields: \"x\")",
            "x: Int",
            ["OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"],
        ),
        ("x: String @override(from: \"a\")", "x: Int", ["FIELD_TYPE_MISMATCH"]),
        ("x(a: Int!): Int @override(from: \"a\")", "x: Int", ["REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH"]),
        ("x: Int @override(from: \"nobody\")", "x: Int", ["INVALID_FIELD_SHARING"]),
    ],
)  # fmt: skip
def test_a_field_is_taken_over_where_nothing_stands_against_it(here: str, there: str, codes: list[str]) -> None:
    """Until it is removed, the old definition still has to fit."""
    assert codes_of(a=ASKS + KEYED + f"{{ id: ID! {there} }}", b=KEYED + f"{{ id: ID! {here} }}") == codes


def test_a_field_that_was_taken_over_still_shapes_the_merged_one() -> None:
    """A router may go on asking the old subgraph for a while."""
    supergraph = compose_ok(
        a=ASKS + KEYED + "{ id: ID! x(a: Int, b: Int): Int }",
        b=KEYED + '{ id: ID! x(a: Int): Int! @override(from: "a") }',
    )
    assert print_type(supergraph.api_schema.type_map["T"]) == "type T {\n  id: ID!\n  x(a: Int): Int\n}"


@pytest.mark.parametrize(
    ("sdl", "codes"),
    [
        ("type S { s: Int @shareable }", []),
        ("type S { s: Int @shareable @shareable }", ["INVALID_SHAREABLE_USAGE"]),
        ("type S @shareable { s: Int } extend type S @shareable { u: Int }", []),
        ("type S @shareable @shareable { s: Int }", ["INVALID_SHAREABLE_USAGE"]),
        ("type Subscription @shareable { s: Int }", []),
        ("type Subscription { s: Int @shareable }", ["INVALID_FIELD_SHARING"]),
    ],
)
def test_shareable_is_said_once_and_never_of_events(sdl: str, codes: list[str]) -> None:
    """It is repeatable only so that a type and its extensions may each say it."""
    assert codes_of(a="type Query { q: Int }\n" + sdl) == codes


def test_each_shared_subscription_field_is_told_once() -> None:
    """Whoever marks it."""
    sdl = "type Query { q: Int @shareable } type Subscription { a: Int @shareable b: Int @shareable }"
    assert [each.subgraphs for each in errors_of(a=sdl, b=sdl)] == [("a", "b"), ("a", "b")]


def test_federation_1_shares_no_subscriptions() -> None:
    """Everything else it shares without a word."""
    sdl = "type Query { q: Int } type Mutation { m: Int } %s"
    shared = federation_1(a=sdl % "", b=sdl % "")
    streaming = federation_1(a=sdl % "type Subscription { s: Int }", b=sdl % "type Subscription { s: Int }")
    assert codes_of(*shared) == []
    assert codes_of(*streaming) == ["INVALID_FIELD_SHARING"]


def test_federation_1_may_repeat_the_tags_of_the_owner() -> None:
    """A tag of its own on an external field would say something that nobody answers."""
    owner, same, other = federation_1(
        a=ASKS + KEYED + '{ id: ID! x: Int @tag(name: "a") }',
        b='extend type T @key(fields: "id") { id: ID! @external x: Int @external @tag(name: "a") '
        'y: Int @requires(fields: "x") }',
        c='extend type T @key(fields: "id") { id: ID! @external x: Int @external @tag(name: "c") '
        'z: Int @requires(fields: "x") }',
    )
    assert codes_of(owner, same) == []
    assert codes_of(owner, other) == ["MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"]


@pytest.mark.parametrize(
    ("here", "there", "hints"),
    [
        (KEYED + "{ id: ID! x: Int @shareable }", "type T { x: Int @shareable }", ["INCONSISTENT_ENTITY"]),
        (
            "type T @shareable { x: Int y: Int }",
            "type T @shareable { x: Int }",
            ["INCONSISTENT_OBJECT_VALUE_TYPE_FIELD"],
        ),
        (
            "interface T { x: Int y: Int } type N implements T @shareable { x: Int y: Int }",
            "interface T { x: Int } type N implements T @shareable { x: Int y: Int }",
            ["INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD"],
        ),
        (
            'type T @shareable { x: Int @deprecated(reason: "a") }',
            "type T @shareable { x: Int @deprecated }",
            ["INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"],
        ),
        (
            'type T @shareable { x: S } scalar S @specifiedBy(url: "https://a")',
            'type T @shareable { x: S } scalar S @specifiedBy(url: "https://b")',
            ["INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"],
        ),
        (
            "type T @shareable { x(i: I): Int } input I { a: Int }",
            "type T @shareable { x(i: I): Int } input I { a: Int! }",
            ["INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE"],
        ),
        (
            "type T @shareable { x: E } enum E { A B @inaccessible }",
            "type T @shareable { x: E } enum E { A }",
            ["INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM"],
        ),
        (
            "type T @shareable { x(e: E): Int } enum E { A B @inaccessible }",
            "type T @shareable { x(e: E): Int } enum E { A }",
            [],
        ),
        (
            'type T @shareable { x: Int @override(from: "") }',
            "type T @shareable { x: Int }",
            ["FROM_SUBGRAPH_DOES_NOT_EXIST"],
        ),
        (
            "type T @shareable { x(i: Int): Int }",
            "type T @shareable { x(i: Int!): Int }",
            ["INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE"],
        ),
    ],
)
def test_what_composes_but_differs_is_a_hint(here: str, there: str, hints: list[str]) -> None:
    """A hint is the only trace of a subgraph that says something else."""
    asked = "type Query { t: T @shareable }\n"
    found = hints_of(a=asked + here, b=asked + there)
    assert sorted({each.code for each in found}) == hints


REQUIRED_ARGUMENTS: list[tuple[str, str, str, list[str]]] = [
    # the external field, what is required of it, the field where it is resolved, the codes
    ("x(a: Int): Int", "x", "x(a: Int): Int", []),
    ("x(a: Int!): Int", "x(a: 1)", "x(a: Int!): Int", []),
    ("x(a: Int): Int", "x", "x(a: Int!): Int", ["REQUIRES_INVALID_FIELDS"]),
    ("x(a: Int!): Int", "x(a: 1)", "x: Int", ["REQUIRES_INVALID_FIELDS"]),
]


@pytest.mark.parametrize(("external", "required", "resolved", "codes"), REQUIRED_ARGUMENTS)
def test_requirements_fit_the_arguments_of_the_merged_field(
    external: str, required: str, resolved: str, codes: list[str]
) -> None:
    """The owner is asked with the arguments that the requirement names, and with no others."""
    assert (
        codes_of(
            a=ASKS + KEYED + f'{{ id: ID! {external} @external y: Int @requires(fields: "{required}") }}',
            b=KEYED + f"{{ id: ID! {resolved} }}",
        )
        == codes
    )


def test_below_a_provided_field_sharing_is_said_as_everywhere() -> None:
    """Only what is itself external is shared by being provided."""
    owner = 'type T @key(fields: "id") { id: ID! s: S @shareable } type S @shareable { x: Int }'
    providing = (
        'type Query { t: T @provides(fields: "s { x }") } type T @key(fields: "id") { id: ID! s: S @external } '
        "type S { x: Int%s }"
    )
    assert codes_of(a=providing % "", b=owner) == ["INVALID_FIELD_SHARING"]
    assert codes_of(a=providing % " @shareable", b=owner) == []
    assert codes_of(a=providing % " @external", b=owner) == []


@pytest.mark.parametrize(
    ("sdl", "values", "codes"),
    [
        ("type Query { q: Int @shareable } directive @d(e: E) on FIELD", ("A B", "A"), []),
        ("type Query { q: Int @shareable } directive @d(e: E) on FIELD", ("A", "B"), ["EMPTY_MERGED_ENUM_TYPE"]),
        ("type Query { q: E @shareable } directive @d(e: E) on FIELD", ("A", "A B"), ["ENUM_VALUE_MISMATCH"]),
        ("type Query { q: E @shareable } directive @d(e: E) on OBJECT", ("A", "A B"), []),
    ],
)
def test_an_argument_of_an_executable_directive_takes_an_enum_in(
    sdl: str, values: tuple[str, str], codes: list[str]
) -> None:
    """Clients write such directives, and every subgraph gets them."""
    first, second = (f"{sdl} enum E {{ {each} }}" for each in values)
    assert codes_of(a=first, b=second) == codes


def test_an_input_field_that_is_left_out_still_takes_its_enum_in() -> None:
    """The subgraph that knows the field has both uses."""
    a = "type Query { t(i: I): E } input I { e: E x: Int } enum E { A B }"
    b = "type Query { s(i: I): Int } input I { x: Int } enum E { A }"
    assert codes_of(a=a, b=b) == ["ENUM_VALUE_MISMATCH"]


@pytest.mark.parametrize(
    ("here", "there", "hint"),
    [
        ("on FIELD", "on QUERY", "NO_EXECUTABLE_DIRECTIVE_INTERSECTION"),
        ("on FIELD", "on OBJECT", "NO_EXECUTABLE_DIRECTIVE_INTERSECTION"),
        ("on FIELD | QUERY", "on QUERY", "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS"),
        ("repeatable on FIELD", "on FIELD", "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE"),
    ],
)
def test_executable_directives_that_differ_are_hinted(here: str, there: str, hint: str) -> None:
    """Clients may use what all subgraphs understand."""
    found = hints_of(
        a=f"type Query {{ a: Int }} directive @d {here}", b=f"type Query {{ b: Int }} directive @d {there}"
    )
    assert [each.code for each in found] == [hint]


@pytest.mark.parametrize(
    ("directive", "codes"),
    [
        ("@d(x: Int @inaccessible) on FIELD", []),
        ("@d(x: Int! @inaccessible) on FIELD", ["REQUIRED_INACCESSIBLE"]),
        ("@d(x: E = A) on FIELD", ["DEFAULT_VALUE_USES_INACCESSIBLE"]),
        ("@d(x: F) on FIELD", ["REFERENCED_INACCESSIBLE"]),
        ("@d(x: F @inaccessible) on FIELD", []),
        ("@d(x: Int! @inaccessible) on OBJECT", []),
    ],
)
def test_arguments_of_executable_directives_are_hidden_as_those_of_fields(
    directive: str, codes: list[str]
) -> None:
    """They are part of the API; those of other directives are nobody's business."""
    enums = "enum E { A @inaccessible B } enum F @inaccessible { A }"
    assert codes_of(a=f"type Query {{ q: Int }} {enums} directive {directive}") == codes


def test_a_described_schema_stays_described() -> None:
    """Explorers show the text above everything else."""
    one, other = (f'"Ours." schema {{ query: Q }} type Q {{ {name}: Int }}' for name in "ab")
    supergraph = compose_ok(a=one, b=other)
    assert supergraph.api_schema.description == "Ours."
    assert '"Ours."\nschema\n' in supergraph.sdl
    different = hints_of(a=one, b=other.replace("Ours", "Theirs"))
    assert [each.code for each in different] == ["INCONSISTENT_DESCRIPTION"]


def test_an_argument_of_an_executable_directive_stays_deprecated() -> None:
    """It cannot be required any more, then."""
    sdl = "type Query { %s: Int } directive @d(x: Int%s) on FIELD"
    supergraph = compose_ok(a=sdl % ("a", " @deprecated"), b=sdl % ("b", ""))
    assert "directive @d(x: Int @deprecated) on FIELD" in print_schema(supergraph.api_schema)
    assert codes_of(a=sdl % ("a", " @deprecated"), b=sdl % ("b", "!")) == ["INVALID_GRAPHQL"]


def test_what_an_interface_object_costs_each_implementation_costs() -> None:
    """A client pays by the field that it selects, whoever resolves it."""
    supergraph = compose_ok(
        *newest(
            a='type Query { i: I } interface I @key(fields: "id") { id: ID! } '
            'type N implements I @key(fields: "id") { id: ID! }',
            b='type I @interfaceObject @key(fields: "id") { id: ID! x: Int @cost(weight: 3) }',
        )
    )
    node = supergraph.schema.type_map["N"].ast_node
    assert node is not None
    assert "x: Int @cost(weight: 3)" in print_ast(node)


@pytest.mark.parametrize(
    ("defined", "applied", "taken", "codes"),
    [
        ("(a: Int)", "(a: 1)", "(a: Int)", []),
        ("(a: Int)", "", "(a: Int!)", ["INVALID_GRAPHQL"]),
        ("(b: Int)", "(b: 1)", "(a: Int!)", ["INVALID_GRAPHQL"]),
        ("(a: String)", '(a: "s")', "(a: Int!)", ["INVALID_GRAPHQL"]),
    ],
)
def test_a_composed_directive_fits_the_definition_that_is_taken(
    defined: str, applied: str, taken: str, codes: list[str]
) -> None:
    """The supergraph has one definition, that of the last subgraph, and applications of all."""
    link = 'extend schema @link(url: "https://ex.com/my/v1.0", import: ["@my"]) @composeDirective(name: "@my")'
    assert (
        codes_of(
            *newest(
                a=f"{link} directive @my{defined} on FIELD_DEFINITION type Query {{ a: Int @my{applied} }}",
                b=f"{link} directive @my{taken} on FIELD_DEFINITION type Query {{ b: Int @my(a: 1) }}",
            )
        )
        == codes
    )
