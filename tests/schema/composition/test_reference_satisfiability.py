"""Which graphs the reference composer takes for answerable, where ours could easily be stricter or laxer."""

from __future__ import annotations

import pytest

from tests.schema.composition.graphs import codes_of, errors_of, hints_of

ID = 'type T @key(fields: "id") { id: ID! %s }'
CLOSED = 'type T @key(fields: "id", resolvable: false) { id: ID! %s }'
T = "type Query { t: T } "
LACKING = ["SATISFIABILITY_ERROR"]
REQUIRING = 'e: Int @external r: Int @requires(fields: "e")'
E = 'type Query { e: E } type E @key(fields: "id") { id: ID! i: %s @shareable } '

CASES: list[tuple[str, list[str], dict[str, str]]] = [
    # the sentence, the codes, the subgraphs
    (
        "what is required is looked for from where it is required",
        [],
        {"a": T + ID % "e: Int", "b": ID % REQUIRING},
    ),
    (
        "and not from where one came, if no key leads back there",
        LACKING,
        {"a": T + CLOSED % "e: Int", "b": ID % REQUIRING},
    ),
    (
        "a key that nobody may use still leads back to its own subgraph",
        [],
        {"a": T + CLOSED % REQUIRING, "b": ID % "e: Int"},
    ),
    (
        "an external key leads back to nothing",
        LACKING,
        {
            "a": T + f'type T @key(fields: "id") {{ id: ID! @external {REQUIRING} }}',
            "b": "type Query { other: T } " + ID % "e: Int",
        },
    ),
    (
        "what is required must not depend on a label",
        LACKING,
        {
            "a": T + ID % "e: Int",
            "b": ID % REQUIRING,
            "c": ID % 'e: Int @override(from: "a", label: "l")',
        },
    ),
    (
        "unless some subgraph resolves it all the time",
        [],
        {
            "a": T + ID % "e: Int @shareable",
            "b": ID % REQUIRING,
            "c": ID % 'e: Int @shareable @override(from: "a", label: "l")',
            "d": ID % "e: Int @shareable",
        },
    ),
    (
        "an interface object leads to nobody who tells its implementations apart",
        LACKING,
        {
            "a": 'type Query { i: I } type I @federation__interfaceObject @key(fields: "id") { id: ID! x: Int }',
            "b": 'interface I @key(fields: "id", resolvable: false) { id: ID! } '
            'type N implements I @key(fields: "id", resolvable: false) { id: ID! }',
        },
    ),
    (
        "an interface object leads to who does",
        [],
        {
            "a": 'type Query { i: I } type I @federation__interfaceObject @key(fields: "id") { id: ID! x: Int }',
            "b": 'interface I @key(fields: "id") { id: ID! } type N implements I @key(fields: "id") { id: ID! }',
        },
    ),
    (
        "a root type has no key to come back by",
        LACKING,
        {"a": f"type Query {{ {REQUIRING} }}", "b": "type Query { e: Int }"},
    ),
    (
        "a fragment that is required for a type which no resolver knows there is never met",
        LACKING,
        {
            "a": T + ID % "f: U" + " union U = T",
            "b": ID % 'f: U @external r: Int @requires(fields: "f { ... on O { x } }")'
            + ' type O @key(fields: "id") { id: ID! x: Int } union U = T | O',
        },
    ),
    (
        "one that some resolver knows there is",
        [],
        {
            "a": T + ID % "f: U @shareable" + " union U = T",
            "b": ID % 'f: U @external r: Int @requires(fields: "f { ... on O { x } }")'
            + ' type O @key(fields: "id") { id: ID! x: Int } union U = T | O',
            "c": ID % "f: U @shareable" + ' type O @key(fields: "id") { id: ID! } union U = T | O',
        },
    ),
    (
        "what a key needs is not looked for in the subgraph that it opens",
        LACKING,
        {
            "a": T + 'type T @key(fields: "id") { id: ID! n: N @shareable } type N @key(fields: "i") { i: ID }',
            "b": 'type N @key(fields: "i") { i: ID j: ID } '
            'type T @key(fields: "n { j }") { n: N @shareable z: Int }',
        },
    ),
    (
        "but in every other one",
        [],
        {
            "a": T + 'type T @key(fields: "id") { id: ID! n: N @shareable } type N @key(fields: "i") { i: ID }',
            "b": 'type N @key(fields: "i") { i: ID j: ID @shareable }',
            "c": 'type N { j: ID @shareable } type T @key(fields: "n { j }") { n: N @shareable z: Int }',
        },
    ),
    (
        "an external field in another type's key is not resolved there",
        LACKING,
        {
            "a": 'type Query { e: E } type E @key(fields: "k { id }") { k: K } '
            'type K @key(fields: "c") { c: ID! id: ID! @external }',
            "b": 'type E @key(fields: "k { id }") { k: K z: Int } '
            'type K @key(fields: "id") @key(fields: "c") { c: ID! id: ID! n: Int }',
        },
    ),
    (
        "one subgraph has to lead to all of a mutation's result",
        LACKING,
        {
            "a": "type Query { q: Int } type Mutation { m: R @shareable } type R { x: Int @shareable y: Int }",
            "b": "type Mutation { m: R @shareable } type R { x: Int @shareable z: Int }",
        },
    ),
    (
        "and one is enough",
        [],
        {
            "a": "type Query { q: Int } type Mutation { m: R @shareable } type R @shareable { x: Int y: Int }",
            "b": "type Mutation { m: R @shareable } type R @shareable { x: Int }",
        },
    ),
    (
        "the root of mutations is the same everywhere",
        [],
        {"a": "type Query { x: Int } type Mutation { m: Mutation }", "b": "type Mutation { y: Int }"},
    ),
    (
        "one object type instead of an interface leaves other types unanswered",
        LACKING,
        {
            "a": E % "A" + "type A implements I { x: Int @shareable } interface I { x: Int }",
            "b": 'type E @key(fields: "id", resolvable: false) { id: ID! i: I @shareable } interface I { x: Int } '
            "type A implements I { x: Int @shareable } type B implements I { x: Int }",
        },
    ),
    (
        "instead of a union it leaves them unasked",
        [],
        {
            "a": E % "A" + "type A { x: Int @shareable }",
            "b": 'type E @key(fields: "id", resolvable: false) { id: ID! i: U @shareable } union U = A | B '
            "type A { x: Int @shareable } type B { x: Int }",
        },
    ),
    (
        "two unions without a common member are never one object",
        ["SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"],
        {
            "a": "type Query { u: U @shareable } union U = A type A { x: Int @shareable }",
            "b": "type Query { u: U @shareable } union U = C type C { x: Int @shareable }",
        },
    ),
    (
        "object types beside one union are not compared",
        [],
        {
            "a": "type Query { t: U @shareable } union U = A | B type A { x: Int @shareable } "
            "type B { x: Int @shareable }",
            "b": "type Query { t: A @shareable } type A { x: Int @shareable }",
            "c": "type Query { t: B @shareable } type B { x: Int @shareable }",
        },
    ),
]


@pytest.mark.parametrize(("sentence", "codes", "graphs"), CASES, ids=[case[0] for case in CASES])
def test_what_can_be_answered_is_what_the_reference_takes_for_it(
    sentence: str, codes: list[str], graphs: dict[str, str]
) -> None:
    """A department must not be refused here with a graph that other tools accept, nor the other way round."""
    assert codes_of(**graphs) == codes, sentence


def test_a_mutation_without_an_answer_tells_what_each_subgraph_lacks() -> None:
    """It is enough to mend one of them."""
    (error,) = errors_of(
        a="type Query { q: Int } type Mutation { m: R @shareable } type R { x: Int @shareable y: Int }",
        b="type Mutation { m: R @shareable } type R { x: Int @shareable z: Int }",
    )
    assert error.message.splitlines()[:7] == [
        'Mutation field "Mutation.m" is executed by one subgraph, and none of them leads to all of its result.',
        'When subgraph "a" answers, the operation',
        "mutation {",
        "  m {",
        "    z",
        "  }",
        "}",
    ]
    assert 'When subgraph "b" answers, the operation' in error.message


def test_members_that_differ_are_a_hint_where_several_unions_answer() -> None:
    """One union beside an object type is no contradiction."""
    union = "type Query { u: U @shareable } union U = %s type A { x: Int @shareable } type B { x: Int @shareable }"
    differ = hints_of(a=union % "A | B", b=union % "A")
    assert "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN" in {each.code for each in differ}
    beside = hints_of(a=union % "A | B", b="type Query { u: A @shareable } type A { x: Int @shareable }")
    assert "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN" not in {each.code for each in beside}


def test_an_external_field_moved_under_a_label_is_resolved_while_the_label_is_on_only() -> None:
    """Nobody resolves it while the label is off, for the old subgraph never did."""
    requiring = T + ID % REQUIRING
    assert codes_of(a=requiring, b=ID % 'e: Int @override(from: "a", label: "l")') == LACKING
    assert codes_of(a=requiring, b=ID % 'e: Int @override(from: "a")') == []


def test_what_cannot_be_resolved_is_told_for_each_place_where_its_object_is_held() -> None:
    """One key may mend all of them, but each is an operation that clients may send."""
    a = "type Query { t: T } type T { x: Int @shareable y: Int }"
    b = "type Query { u: T } type T { x: Int @shareable z: Int w: Int }"
    operations = [each.message.splitlines()[3].strip() for each in errors_of(a=a, b=b)]
    assert sorted(operations) == ["w", "y", "z"]
    both = 'type Query { t: T } type T { x: Int @external y: Int @requires(fields: "x") }'
    third = "type Query { u: T v: T } type T { x: Int }"
    assert len(errors_of(a=both, b=third)) == 3
