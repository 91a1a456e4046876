"""Every field of the API can be resolved along each path that leads to it, or the graph is refused."""

from __future__ import annotations

import pytest

from schema import circles
from schema.reachability import Reachability, Standing
from tests.schema.composition.graphs import codes_of, compose_ok, errors_of, hints_of

UNSATISFIABLE = ["SATISFIABILITY_ERROR"]

CASES: list[tuple[str, dict[str, str], dict[str, str]]] = [
    (
        "a key is needed to move",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
        },
        {"a": "type Query { t: T } type T { id: ID! @shareable }", "b": "type T { id: ID! @shareable x: Int }"},
    ),
    (
        "a key that is not resolvable is no door",
        {
            "a": 'type Query { t: T } type T @key(fields: "id", resolvable: false) { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
        },
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id", resolvable: false) { id: ID! x: Int }',
        },
    ),
    (
        "the key's fields must be known where one stands",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") @key(fields: "n") { id: ID! n: ID! x: Int }',
        },
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "n") { n: ID! x: Int }',
        },
    ),
    (
        "one key leads to the next",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") @key(fields: "n") { id: ID! n: ID! }',
            "c": 'type T @key(fields: "n") { n: ID! x: Int }',
        },
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id", resolvable: false) @key(fields: "n") { id: ID! n: ID! }',
            "c": 'type T @key(fields: "n") { n: ID! x: Int }',
        },
    ),
    (
        "a composite key is filled from two subgraphs",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! p: ID! @shareable }',
            "c": 'type T @key(fields: "id") { id: ID! q: ID! @shareable }',
            "d": 'type T @key(fields: "p q") { p: ID! q: ID! x: Int }',
        },
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! p: ID! @shareable }',
            "d": 'type T @key(fields: "p q") { p: ID! q: ID! x: Int }',
        },
    ),
    (
        "a nested key is filled below an entity",
        {
            "a": 'type Query { t: T } type T @key(fields: "o { id }") { o: O } type O { id: ID! @shareable }',
            "b": 'type T @key(fields: "o { id }") { o: O x: Int } type O { id: ID! @shareable }',
        },
        {
            "a": (
                'type Query { t: T } type T @key(fields: "o { n }") { o: O @shareable } type O { n: '
                "ID! @shareable }"
            ),
            "b": 'type T @key(fields: "o { id }") { o: O x: Int } type O { id: ID! @shareable }',
        },
    ),
    (
        "required fields must be reachable",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! e: Int }',
            "b": 'type T @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e") }',
        },
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e") }',
            "c": 'type T @key(fields: "n") { n: ID! e: Int }',
        },
    ),
    (
        "requirements resolve step by step",
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int y: Int @external z: '
                'Int @requires(fields: "y") }'
            ),
            "b": 'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }',
        },
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @requires(fields: '
                '"y") y: Int @external }'
            ),
            "b": 'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }',
        },
    ),
    (
        "provided fields hold below their path only",
        {
            "a": 'type Query { t: T @provides(fields: "x") } type T { x: Int @external }',
            "b": "type T { x: Int @shareable }",
        },
        {
            "a": 'type Query { t: T @provides(fields: "x") u: T } type T { x: Int @external }',
            "b": "type T { x: Int @shareable }",
        },
    ),
    (
        "each member of a union is proven",
        {
            "a": 'type Query { u: U } union U = A | B type A @key(fields: "id") { id: ID! } type B { y: Int }',
            "b": 'type A @key(fields: "id") { id: ID! x: Int }',
        },
        {
            "a": (
                'type Query { u: U } union U = A | B type A @key(fields: "id") { id: ID! } type B '
                "@shareable { y: Int }"
            ),
            "b": 'type A @key(fields: "id") { id: ID! x: Int } type B @shareable { y: Int z: Int }',
        },
    ),
    (
        "mutations and subscriptions are roots too",
        {
            "a": 'type Query { a: Int } type Mutation { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
        },
        {
            "a": "type Query { a: Int } type Mutation { t: T } type T @shareable { id: ID! }",
            "b": "type T @shareable { id: ID! x: Int }",
        },
    ),
    (
        "every gatherer must be reachable",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! l: [Int] @gather }',
            "b": 'type T @key(fields: "id") { id: ID! l: [Int] @gather }',
        },
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! l: [Int] @gather }',
            "b": 'type T @key(fields: "n") { n: ID! l: [Int] @gather }',
        },
    ),
    (
        "each part of a gathered list is proven for itself",
        {
            "a": "type Query { l: [L] @gather } type L @shareable { x: Int }",
            "b": "type Query { l: [L] @gather } type L @shareable { x: Int }",
        },
        {
            "a": "type Query { l: [L] @gather } type L @shareable { x: Int }",
            "b": "type Query { l: [L] @gather } type L @shareable { x: Int y: Int }",
        },
    ),
]


@pytest.mark.parametrize(("why", "right", "wrong"), CASES, ids=[case[0].replace(" ", "-") for case in CASES])
def test_a_field_that_a_path_cannot_resolve_is_an_error(
    why: str, right: dict[str, str], wrong: dict[str, str]
) -> None:
    """A graph that composes promises an answer for each of its fields."""
    assert codes_of(**right) == [], why
    assert codes_of(**wrong) == UNSATISFIABLE, why


def test_a_hidden_field_needs_no_path() -> None:
    """Only what clients can ask for is proven."""
    assert (
        codes_of(
            a="type Query { t: T } type T @shareable { id: ID! }",
            b="type T @shareable { id: ID! x: Int @inaccessible }",
        )
        == []
    )


def test_a_shared_root_field_is_proven_as_a_whole() -> None:
    """As strict as the reference: each field has some subgraph, though no single one has all."""
    assert (
        codes_of(
            a="type Query { t: T @shareable } type T { x: Int }",
            b="type Query { t: T @shareable } type T { y: Int }",
        )
        == []
    )


def test_a_type_condition_that_one_holder_never_meets_ends_the_path() -> None:
    """The object can only be of the types that all holders have in common."""
    graphs = {
        "a": "type Query { u: U @shareable } union U = A | B type A @shareable { x: Int } type B { y: Int }",
        "b": "type Query { u: U @shareable } union U = A type A @shareable { x: Int }",
    }
    assert codes_of(**graphs) == []
    assert {hint.code for hint in hints_of(**graphs)} == {
        "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
        "INCONSISTENT_UNION_MEMBER",
    }


def test_holders_without_a_type_in_common_are_an_error() -> None:
    """A shared field must be the same object wherever it is asked."""
    common = "type A @shareable { x: Int } type B @shareable { y: Int }"
    assert codes_of(
        a=f"type Query {{ u: U @shareable }} union U = A {common}",
        b=f"type Query {{ u: U @shareable }} union U = B {common}",
    ) == ["SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"]


def test_the_error_shows_the_operation_and_what_each_subgraph_lacks() -> None:
    """The department sees which question fails and which key to add."""
    (error,) = errors_of(
        a="type Query { ts: [T] } type T { inner: Inner } type Inner { id: ID! @shareable }",
        b='type Inner @key(fields: "id n") { n: ID! @inaccessible id: ID! x: Int }',
    )
    assert error.message == (
        "The operation\n"
        "query {\n  ts {\n    inner {\n      x\n    }\n  }\n}\n"
        "cannot be answered by the subgraphs:\n"
        '- from subgraph "a":\n'
        '  - cannot move to subgraph "b", which has field "Inner.x": @key(fields: "id n") cannot be filled from '
        'subgraph "a". Define these fields there.\n'
        '  - cannot find field "Inner.x" there.'
    )
    assert error.subgraphs == ("b",)


def test_each_field_is_told_once() -> None:
    """A missing key fails thousands of paths for one reason."""
    errors = errors_of(
        a="type Query { p: T q: T r: [R] } type R { t: T r: R } type T @shareable { id: ID! }",
        b="type T @shareable { id: ID! x: Int }",
    )
    assert len(errors) == 1


def test_reachability_says_where_keys_lead() -> None:
    """Shared with planning: the same jumps prove the graph and answer operations."""
    supergraph = compose_ok(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! }',
        b='type T @key(fields: "id") @key(fields: "n") { id: ID! n: ID! }',
        c='type T @key(fields: "n") { n: ID! x: Int }',
    )
    reachability = Reachability(supergraph)
    reached = reachability.reachable("T", Standing("a"))
    assert sorted(each.subgraph for each in reached) == ["a", "b", "c"]
    assert reachability.resolving("T", "x", reached) == {Standing("c")}


def test_a_wide_graph_is_proven_quickly() -> None:
    """Two hundred linked entities over four departments stay within seconds."""
    graphs = {
        f"s{s}": f"type Query {{ q{s}: T0 }}\n"
        + "\n".join(
            f'type T{t} @key(fields: "id") {{ id: ID! f{s}: Int link{s}: T{(t * 7 + s + 1) % 200} }}'
            for t in range(200)
        )
        for s in range(4)
    }
    assert codes_of(**graphs) == []


def test_keys_that_lead_through_each_other_are_followed_once() -> None:
    """A key of each type needs a field of the other, in every subgraph another one: no way is walked twice."""
    graphs = {
        f"s{number}": f'type A @key(fields: "b {{ x{number} }}") {{ b: B! @shareable a{number}: Int }} '
        f'type B @key(fields: "a {{ a{number} }}") @key(fields: "id") '
        f"{{ id: ID! @shareable a: A! @shareable x{number}: ID b{number}: Int }} "
        for number in range(8)
    }
    assert codes_of(**{**graphs, "s0": f"{graphs['s0']} type Query {{ a: A b: B }}"}) == UNSATISFIABLE


def test_a_graph_that_takes_too_long_to_prove_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that need each other's computed fields have more ways than anybody can follow: that is said."""
    monkeypatch.setattr(circles, "MAX_SEARCHES", 500)
    graphs = {
        f"s{number}": f'type A @key(fields: "b {{ id x{other} }}") @key(fields: "id") {{ id: ID! @shareable '
        f'b: B! @shareable a{number}: Int a{other}: Int @external r{number}: Int @requires(fields: "a{other}") }} '
        f'type B @key(fields: "a {{ id r{number} }}") @key(fields: "id") '
        f"{{ id: ID! @shareable a: A! @shareable x{number}: Int x{other}: Int @external b{number}: Int }} "
        for number, other in ((0, 1), (1, 2), (2, 3), (3, 0))
    }
    codes = codes_of(**{**graphs, "s0": f"{graphs['s0']} type Query {{ a: A b: B }}"})
    assert codes == ["MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"]
