"""Plans for arguments that objects above fill."""

from __future__ import annotations

from graphql import parse

from schema.planning import plan
from schema.planning.check_plan import fetches
from tests.schema.planning.proving import assert_plan, compose_ok

SUBGRAPHS = {
    "cases": """
      type Query { case: Case! }
      type Case @key(fields: "id") @context(name: "case") { id: ID! currency: String @external fees: [Fee!]! }
      type Fee @key(fields: "id") {
        id: ID! name: String amount(in: String @fromContext(field: "$case { currency }"), round: Boolean): Int!
      }
    """,
    "offices": 'type Case @key(fields: "id") { id: ID! currency: String }',
}


def test_a_contextual_field_is_asked_by_key_once_the_value_is_there() -> None:
    """The value comes from another subgraph; the field waits for it, what needs no value does not."""
    assert_plan(
        compose_ok(SUBGRAPHS),
        "{ case { fees { name amount(round: true) } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "cases") {
              {
                case {
                  __typename
                  fees {
                    __typename
                    name
                    id
                  }
                  id
                }
              }
            },
            Flatten(path: "case") {
              Fetch(service: "offices") {
                {
                  ... on Case {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Case {
                    currency
                  }
                }
              },
            },
            Flatten(path: "case.fees.@") {
              Fetch(service: "cases") {
                {
                  ... on Fee {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Fee {
                    amount(round: true, in: $_context_1)
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_the_variable_is_filled_from_the_nearest_object_that_sets_the_context() -> None:
    """The path is the beginning of the fetch's own; no client's variable is sent for it."""
    supergraph = compose_ok(SUBGRAPHS)
    found = plan(supergraph, parse("query($r: Boolean) { c: case { f: fees { amount(round: $r) } } }"))
    (fetch,) = [one for one in fetches(found.node) if one.contexts]
    (context,) = fetch.contexts
    assert (context.path, fetch.variables) == (("c",), ("r",))
    assert "$r: Boolean" in fetch.document
    assert f"${context.name}: String" in fetch.document
