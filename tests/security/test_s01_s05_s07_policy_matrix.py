"""S1, S5, S7: no spelling of an operation gets round a rule.

Every protected field, reached in every way GraphQL has, with and without alias, by everybody.
Precedents: GHSA-mx7m and GHSA-x33c (rules and interfaces), cosmo #1815 (aliases).
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from graphql import build_schema, parse, validate

from auth.actor import Actor
from auth.policy import Policy
from auth.rules import PUBLIC, Rule, role, scope

SCHEMA = build_schema("""
  type Query { things: [Thing!]! anything: [Any!]! one: One two: Two node: Node }
  interface Node { id: ID! }
  interface Thing implements Node { id: ID! secret: String }
  type One implements Thing & Node { id: ID! secret: String self: Thing }
  type Two implements Thing & Node { id: ID! secret: String self: Two }
  type Three implements Node { id: ID! }
  union Any = One | Two | Three
""")

ROOTS: dict[str, Rule] = {f"Query.{name}": PUBLIC for name in ("things", "anything", "one", "two", "node")}
OPEN = ("One", "Two", "Three")

WAYS = {
    "object": "{{ one {{ {field} }} }}",
    "interface": "{{ things {{ {field} }} }}",
    "inline fragment": "{{ things {{ ... on One {{ {field} }} }} }}",
    "inline fragment without type": "{{ one {{ ... {{ ... @include(if: true) {{ {field} }} }} }} }}",
    "named fragment": "{{ one {{ ...F }} }} fragment F on One {{ {field} }}",
    "named fragment on the interface": "{{ one {{ ...F }} }} fragment F on Thing {{ {field} }}",
    "fragment in a fragment": "{{ node {{ ...F }} }} fragment F on Node {{ ...G }} "
    "fragment G on Thing {{ {field} }}",
    "union": "{{ anything {{ ... on One {{ {field} }} }} }}",
    "union by interface": "{{ anything {{ ... on Thing {{ {field} }} }} }}",
    "interface of an interface": "{{ node {{ ... on Thing {{ {field} }} }} }}",
    "below another object": "{{ one {{ self {{ {field} }} }} }}",
    "beside introspection": "{{ __schema {{ queryType {{ name }} }} one {{ __typename {field} }} }}",
    "skipped by a constant": "{{ one {{ id {field} @skip(if: true) }} }}",
    "under a variable": "query ($on: Boolean!) {{ one {{ id {field} @include(if: $on) }} }}",
    "second operation": "query A {{ node {{ id }} }} query B {{ one {{ {field} }} }}",
}
SPELLINGS = {"plain": "secret", "alias": "id2: secret", "alias of an open field": "id: secret"}


def actor(*, roles: tuple[str, ...] = (), scopes: tuple[str, ...] = ()) -> Actor:
    return Actor("s", "s", frozenset(scopes), frozenset(roles), datetime(2027, 1, 1, tzinfo=UTC))


RULES = {
    "role": (role("keeper"), actor(roles=("citizen", "operator")), actor(roles=("keeper",))),
    "scope": (scope("keep:read"), actor(scopes=("citizen",)), actor(scopes=("keep:read",))),
}
PLACES = {"object": {"One.secret"}, "interface": {"Thing.secret"}, "both": {"One.secret", "Thing.secret"}}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("spelling", "kind", "place"), list(product(SPELLINGS, RULES, PLACES)))
def test_a_rule_holds_whatever_way_the_field_is_reached(way: str, spelling: str, kind: str, place: str) -> None:
    """No token: refused as unauthenticated. Wrong token: forbidden. Right token: served."""
    rule, wrong, right = RULES[kind]
    policy = Policy(ROOTS | dict.fromkeys(PLACES[place], rule), open_types=OPEN)
    document = parse(WAYS[way].format(field=SPELLINGS[spelling]))
    codes = {who: {r.code for r in policy.refusals(SCHEMA, document, None, who)} for who in (None, wrong, right)}
    assert codes == {None: {"UNAUTHENTICATED"}, wrong: {"FORBIDDEN"}, right: set()}


@pytest.mark.parametrize("way", ["object", "interface", "union by interface", "named fragment on the interface"])
def test_the_ways_of_the_matrix_are_valid_operations(way: str) -> None:
    """A matrix of documents that validation refuses anyway would prove nothing."""
    assert validate(SCHEMA, parse(WAYS[way].format(field="secret"))) == []


def test_a_rule_on_one_implementation_leaves_the_others_open() -> None:
    """Narrowing to a type that is not protected is allowed; the whole interface is not."""
    policy = Policy(ROOTS | {"One.secret": role("keeper")}, open_types=OPEN)
    served = parse("{ things { ... on Two { secret } } two { ...F } } fragment F on Thing { secret }")
    assert policy.refusals(SCHEMA, served, None, None) == ()
    assert policy.refusals(SCHEMA, parse("{ things { secret } }"), None, None) != ()


def test_a_public_interface_opens_no_implementation() -> None:
    """A rule on an interface adds to what its types demand, it never takes away."""
    policy = Policy(ROOTS | {"Thing.secret": PUBLIC, "One.secret": role("keeper")}, open_types=OPEN)
    assert policy.refusals(SCHEMA, parse("{ one { secret } }"), None, None) != ()
    personal = Policy(ROOTS | {"Thing.secret": PUBLIC}, open_types=("Two", "Three"))
    assert personal.refusals(SCHEMA, parse("{ one { secret } }"), None, None) != ()


def test_introspection_is_no_key() -> None:
    """It is answered, and nothing else is because of it."""
    policy = Policy(ROOTS | {"One.secret": role("keeper")}, open_types=OPEN)
    assert policy.refusals(SCHEMA, parse("{ __schema { types { name fields { name } } } }"), None, None) == ()
    mixed = parse(
        '{ ...I one { ...S } } fragment I on Query { __type(name: "One") { name } } fragment S on One { secret }'
    )
    assert [refusal.path for refusal in policy.refusals(SCHEMA, mixed, None, None)] == [("one", "secret")]
