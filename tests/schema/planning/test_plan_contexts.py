"""Plans for arguments that objects above fill."""

from __future__ import annotations

from graphql import parse

from schema.planning import plan
from schema.planning.check_plan import fetches
from schema.planning.query_plan import Each
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok

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


def test_only_the_objects_that_have_readers_below_are_read() -> None:
    """Where a union stands, the other types set nothing, and nothing is asked of them for the context's sake."""
    cases = SUBGRAPHS["cases"].replace("type Query {", "union Found = Case | Office type Query { found: [Found]")
    supergraph = compose_ok({**SUBGRAPHS, "cases": f"{cases} type Office {{ name: String }}"})
    found = plan_ok(supergraph, "{ found { ... on Case { fees { amount } } ... on Office { name } } }")
    (fetch,) = [one for one in fetches(found.node) if one.contexts]
    assert [context.path for context in fetch.contexts] == [("found", Each())]


def test_what_the_client_asks_too_is_fetched_for_either_and_waited_for() -> None:
    """The client's condition on the same field neither takes the value away nor lets the argument go without."""
    assert_plan(
        compose_ok(SUBGRAPHS),
        "query($x: Boolean!, $y: Boolean!) "
        "{ case { currency @include(if: $x) fees @include(if: $y) { amount } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "cases") {
              {
                case {
                  __typename
                  fees @include(if: $y) {
                    __typename
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
                    currency @include(if: $x)
                    currency @include(if: $y)
                  }
                }
              },
            },
            Include(if: $y) {
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
                      amount(in: $_context_1)
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_a_field_under_a_condition_shares_the_request_of_one_that_is_always_asked() -> None:
    """Where the condition does not hold there is no value for the argument, and nobody reads it."""
    subgraphs = {
        "cases": """
          type Query { case: Case! }
          type Case @key(fields: "id") @context(name: "case") { id: ID! currency: String @external fees: [Fee!]! }
          type Fee @key(fields: "id") {
            id: ID! amount(in: String @fromContext(field: "$case { currency }")): Int!
            tax: Int @external total: Int @requires(fields: "tax")
          }
        """,
        "offices": """
          type Case @key(fields: "id") { id: ID! currency: String }
          type Fee @key(fields: "id") {
            id: ID! tax: Int total: Int @external share: Int @requires(fields: "total")
          }
        """,
    }
    made = plan_ok(
        compose_ok(subgraphs),
        "query($x: Boolean!) { case { fees { ... @include(if: $x) { amount total } share } } }",
    )
    contextual = [fetch for fetch in fetches(made.node) if fetch.contexts]

    assert len(contextual) == 1
    assert "amount(in: $_context_1) @include(if: $x)" in contextual[0].document
    assert "total" in contextual[0].document
