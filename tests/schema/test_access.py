"""Access rules as values: what they let pass, how they add up, and what they say of each field of a graph."""

from __future__ import annotations

import pytest
from graphql import build_schema

from schema.access import NO_DEMAND, AccessRule, Alternatives, access_rules, both, simplest

_DIRECTIVES = """
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
"""


def _rules(sdl: str) -> dict[str, str]:
    return {coordinate: str(rule) for coordinate, rule in access_rules(build_schema(_DIRECTIVES + sdl)).items()}


def test_a_rule_lets_pass_whoever_shows_everything_it_demands() -> None:
    """Signed in, one whole group of scopes, and one whole group of policies."""
    rule = AccessRule(True, (("a", "b"), ("c",)), (("p",),))
    assert rule.allows(authenticated=True, scopes={"a", "b"}, policies={"p"})
    assert rule.allows(authenticated=True, scopes={"c", "x"}, policies={"p", "q"})
    assert not rule.allows(authenticated=False, scopes={"c"}, policies={"p"})
    assert not rule.allows(authenticated=True, scopes={"a"}, policies={"p"})
    assert not rule.allows(authenticated=True, scopes={"c"}, policies=())


def test_no_demand_lets_everybody_pass() -> None:
    """A field without a rule is open."""
    assert NO_DEMAND.allows(authenticated=False, scopes=(), policies=())
    assert str(NO_DEMAND) == "nothing"


@pytest.mark.parametrize(
    ("left", "right", "together"),
    [
        ((("a",),), (("b",),), (("a", "b"),)),
        ((("a",), ("b",)), (("c",),), (("a", "c"), ("b", "c"))),
        ((("x",), ("y",)), (("x",), ("z",)), (("x",), ("y", "z"))),
        ((("a",),), (), (("a",),)),
    ],
)
def test_two_demands_add_up(left: Alternatives, right: Alternatives, together: Alternatives) -> None:
    """Both must be met, and what follows from another group is not said twice."""
    assert both(left, right) == together
    assert both(right, left) == together


def test_a_group_that_demands_nothing_opens_all() -> None:
    """`[[]]` is met by everybody, and so is anything beside it."""
    assert simplest([["a"], []]) == ()
    assert simplest([["b", "a", "a"], ["a"]]) == (("a",),)


@pytest.mark.parametrize(
    ("left", "right", "follows"),
    [
        (AccessRule(True), AccessRule(), True),
        (AccessRule(), AccessRule(True), False),
        (AccessRule(scopes=(("a", "b"),)), AccessRule(scopes=(("a",), ("c",))), True),
        (AccessRule(scopes=(("a",), ("c",))), AccessRule(scopes=(("a",),)), False),
        (AccessRule(), AccessRule(policies=(("a",),)), False),
        (AccessRule(scopes=(("a",),)), AccessRule(policies=(("a",),)), False),
    ],
)
def test_one_rule_implies_another_if_nobody_passes_only_the_first(
    left: AccessRule, right: AccessRule, follows: bool
) -> None:
    """By this, composition knows whether a required field is guarded by the field that requires it."""
    assert left.implies(right) is follows


def test_a_field_demands_what_its_parent_and_its_type_demand_too() -> None:
    """One look-up per field is all that a gateway needs."""
    assert _rules(
        """
        type Query { me: User @authenticated, mood: Mood, open: Int }
        type User @requiresScopes(scopes: [["user"]]) { name: String, number: Secret @policy(policies: ["p"]) }
        scalar Secret @requiresScopes(scopes: [["secret"], ["all"]])
        enum Mood @authenticated { GOOD BAD }
        """
    ) == {
        "Mood": "authenticated",
        "Query.me": "authenticated, scopes user",
        "Query.mood": "authenticated",
        "Secret": "scopes all or secret",
        "User": "scopes user",
        "User.name": "scopes user",
        "User.number": "scopes all and user or secret and user, policies p",
    }


def test_an_interface_demands_what_any_implementation_demands() -> None:
    """Older composers do not say so on the interface itself, and reading through it must not help."""
    assert _rules(
        """
        type Query { node: Node }
        interface Node { id: ID, name: String }
        type Open implements Node { id: ID, name: String }
        type Closed implements Node @authenticated { id: ID, name: String @requiresScopes(scopes: [["n"]]) }
        """
    ) == {
        "Closed": "authenticated",
        "Closed.id": "authenticated",
        "Closed.name": "authenticated, scopes n",
        "Node": "authenticated",
        "Node.id": "authenticated",
        "Node.name": "authenticated, scopes n",
        "Query.node": "authenticated",
    }
