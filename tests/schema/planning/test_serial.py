"""A mutation's fields take their turns in the order of the selections that hold, whatever the conditions."""

from __future__ import annotations

from itertools import product

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import PlanningError, RuntimeCode
from schema.planning import plan
from schema.planning.selection import Literals
from schema.planning.serial import response_name, turns
from tests.schema.planning.proving import assert_plan, compose_ok

VARIABLES = ("x", "y", "z")
literals = st.frozensets(st.tuples(st.sampled_from(VARIABLES), st.booleans()), max_size=2).filter(
    lambda found: len({name for name, _ in found}) == len(found)
)
asked = st.lists(st.tuples(st.sampled_from("aabc"), literals), min_size=1, max_size=7)


def _node(name: str) -> FieldNode:
    definition = parse(f"{{ {name} }}").definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    node = definition.selection_set.selections[0]
    assert isinstance(node, FieldNode)
    return node


def _holds(condition: Literals, values: dict[str, bool]) -> bool:
    return all(values[name] is value for name, value in condition)


@given(asked)
def test_each_field_is_executed_once_at_its_first_place_with_all_that_holds(
    drawn: list[tuple[str, Literals]],
) -> None:
    """Compared with what section 6.3.2 collects, under every value of the variables."""
    written = [(_node(name), condition) for name, condition in drawn]
    found = list(turns(written))

    for chosen in product((False, True), repeat=len(VARIABLES)):
        values = dict(zip(VARIABLES, chosen, strict=True))
        expected: dict[str, list[int]] = {}
        for node, condition in written:
            if _holds(condition, values):
                expected.setdefault(response_name(node), []).append(id(node))
        taken = [
            (turn.response_name, list(dict.fromkeys(id(node) for node, c in turn.asked if _holds(c, values))))
            for turn in found
            if any(_holds(condition, values) for _, condition in turn.asked)
        ]
        assert taken == list(expected.items())


SUBGRAPHS = {
    "one": "type Query { q: Int } type Mutation { save: Int send: Int }",
    "two": "type Mutation { tell: Int }",
}


def test_what_is_first_asked_under_a_condition_may_come_later() -> None:
    """``save`` is first when it is not skipped, and last when it is."""
    assert_plan(
        compose_ok(SUBGRAPHS),
        "mutation ($x: Boolean!) { save @skip(if: $x) tell save }",
        """
        QueryPlan {
          Sequence {
            Skip(if: $x) {
              Fetch(service: "one") {
                {
                  save
                }
              },
            },
            Fetch(service: "two") {
              {
                tell
              }
            },
            Include(if: $x) {
              Fetch(service: "one") {
                {
                  save
                }
              },
            },
          },
        }
        """,
    )


def test_more_ways_than_can_be_told_apart_are_refused() -> None:
    """Each repetition doubles the ways in which the one after it is the first."""
    fields = " ".join(f"save @skip(if: $a{n}) @include(if: $b{n}) tell @skip(if: $a{n})" for n in range(150))
    declared = ", ".join(f"$a{n}: Boolean!, $b{n}: Boolean!" for n in range(150))

    with pytest.raises(PlanningError) as refused:
        plan(compose_ok(SUBGRAPHS), parse(f"mutation ({declared}) {{ {fields} }}"))

    assert refused.value.code is RuntimeCode.OPERATION_TOO_COMPLEX
