"""S8, S11, S26: an operation made to be expensive costs the authorisation check no more than its size.

Precedents: CVE-2025-32030 and -32034 (named fragments expanded at every spread), cyclic fragments.
"""

from __future__ import annotations

import time

from graphql import GraphQLError, build_schema, parse

from auth.policy import Policy
from auth.refusal import MAXIMUM_REFUSALS
from auth.selected_fields import selected_fields

SCHEMA = build_schema(
    "type Query { me: Node open: A } interface Node { id: ID! next: Node }"
    + "".join(f" type {n} implements Node {{ id: ID! next: Node only{n}: ID }}" for n in "ABCDEFGH")
    + "".join(f" interface I{k} {{ id: ID! }}" for k in range(4))
)


def _spread_on_each_type(level: int) -> str:
    spreads = " ".join(f"... on {name} {{ ...F{level + 1} }}" for name in "ABCDEFGH")
    return f"fragment F{level} on Node {{ {spreads} next {{ {spreads} }} }}"


def _seconds(text: str) -> float:
    document = parse(text)
    began = time.process_time()
    Policy().refusals(SCHEMA, document, None, None)
    return time.process_time() - began


def test_a_bomb_of_named_fragments_is_walked_once() -> None:
    """24 levels of two spreads are 16 million leaves, in 1 KB."""
    levels = " ".join(
        f"fragment F{n} on Node {{ next {{ ...F{n + 1} }} more: next {{ ...F{n + 1} }} }}" for n in range(24)
    )
    assert _seconds(f"{{ me {{ ...F0 }} }} {levels} fragment F24 on Node {{ id }}") < 1


def test_a_bomb_of_type_conditions_is_walked_a_bounded_number_of_times() -> None:
    """Each fragment is spread below eight conditions, so that every spread stands on another set of types."""
    levels = " ".join(_spread_on_each_type(n) for n in range(24))
    assert _seconds(f"{{ me {{ ...F0 }} }} {levels} fragment F24 on Node {{ id }}") < 1


def test_cycles_end() -> None:
    """Validation refuses them; the check does not depend on it."""
    text = "{ me { ...F } } fragment F on Node { id next { ...G } } fragment G on Node { next { ...F } ...G }"
    assert _seconds(text) < 1


def test_a_chain_of_five_thousand_fragments_does_not_exhaust_the_stack() -> None:
    """The walk is not recursive."""
    links = " ".join(f"fragment F{n} on Node {{ ...F{n + 1} }}" for n in range(5000))
    document = parse(f"{{ me {{ ...F0 }} }} {links} fragment F5000 on A {{ onlyA }}")
    found = {each.coordinate for each in selected_fields(SCHEMA, document, None)}
    assert "A.onlyA" in found


def test_eight_thousand_repetitions_are_linear() -> None:
    """The same field under as many aliases: one refusal."""
    fields = " ".join(f"a{n}: me {{ id }}" for n in range(8000))
    document = parse(f"{{ {fields} }}")
    began = time.process_time()
    refusals = Policy().refusals(SCHEMA, document, None, None)
    assert time.process_time() - began < 2
    assert len(refusals) <= MAXIMUM_REFUSALS


def test_refusals_do_not_amplify() -> None:
    """However many coordinates are refused, the answer stays small."""
    schema = build_schema("type Query { " + " ".join(f"f{n}: ID" for n in range(500)) + " }")
    document = parse("{ " + " ".join(f"f{n}" for n in range(500)) + " }")
    assert len(Policy().refusals(schema, document, None, None)) == MAXIMUM_REFUSALS


def test_a_parser_that_gives_up_is_the_only_other_end() -> None:
    """Deep nesting is refused when it is parsed, before it comes here."""
    try:
        document = parse("{ me " + "{ next " * 5000 + "{ id }" + "}" * 5000 + "}")
    except (RecursionError, GraphQLError):
        return
    assert Policy().refusals(SCHEMA, document, None, None) != ()
