"""Plans of whole operations: mutations in order, subscriptions, what needs no fetch, limits."""

from __future__ import annotations

import time

import pytest
from graphql import parse

from schema.errors import PlanningError, RuntimeCode
from schema.planning import plan
from tests.schema.planning.graphs import DISTRICT
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok


def test_mutations_run_in_the_client_s_order() -> None:
    """Neighbours in one subgraph share a request; what a result needs comes before the next mutation."""
    assert_plan(
        compose_ok(DISTRICT),
        """
        mutation {
          submitCase(item: "marriage") { applicant { name } }
          withdrawCase(case: "1") { state }
          moveHouse(street: "Beilishi Lu") { name }
          last: withdrawCase(case: "2") { state }
        }
        """,
        """
        QueryPlan {
          Sequence {
            Fetch(service: "hub") {
              {
                submitCase(item: "marriage") {
                  applicant {
                    __typename
                    id
                  }
                }
                withdrawCase(case: "1") {
                  state
                }
              }
            },
            Flatten(path: "submitCase.applicant") {
              Fetch(service: "public-security") {
                {
                  ... on Citizen {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Citizen {
                    name
                  }
                }
              },
            },
            Fetch(service: "public-security") {
              {
                moveHouse(street: "Beilishi Lu") {
                  name
                }
              }
            },
            Fetch(service: "hub") {
              {
                last: withdrawCase(case: "2") {
                  state
                }
              }
            },
          },
        }
        """,
    )


def test_a_subscription_has_a_stream_and_a_rest() -> None:
    """Each event of the first subgraph is completed by the others."""
    assert_plan(
        compose_ok(DISTRICT),
        """
        subscription($case: ID) {
          caseChanged(case: $case) { state applicant { name } fees { settlement { settledAt } } }
        }
        """,
        """
        QueryPlan {
          Subscription {
            Primary: {
              Fetch(service: "hub") {
                {
                  caseChanged(case: $case) {
                    state
                    applicant {
                      __typename
                      id
                    }
                    fees {
                      __typename
                      number
                    }
                  }
                }
              }
            },
            Rest: {
              Parallel {
                Flatten(path: "caseChanged.applicant") {
                  Fetch(service: "public-security") {
                    {
                      ... on Citizen {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Citizen {
                        name
                      }
                    }
                  },
                },
                Flatten(path: "caseChanged.fees.@") {
                  Fetch(service: "finance") {
                    {
                      ... on FeeOrder {
                        __typename
                        number
                      }
                    } =>
                    {
                      ... on FeeOrder {
                        settlement {
                          settledAt
                        }
                      }
                    }
                  },
                },
              }
            },
          },
        }
        """,
    )


def test_a_subscription_that_one_subgraph_completes_has_no_rest() -> None:
    """The stream alone is the answer."""
    assert_plan(
        compose_ok(DISTRICT),
        "subscription { caseChanged { state } }",
        """
        QueryPlan {
          Subscription {
            Primary: {
              Fetch(service: "hub") {
                {
                  caseChanged {
                    state
                  }
                }
              }
            },
          },
        }
        """,
    )


@pytest.mark.parametrize(
    "operation",
    ["{ __typename }", "{ a: __typename __schema { types { name } } }", "{ me @skip(if: true) { id } }"],
)
def test_what_the_gateway_knows_costs_no_fetch(operation: str) -> None:
    """The root's `__typename` and introspection are answered without any subgraph."""
    assert str(plan_ok(compose_ok(DISTRICT), operation)) == "QueryPlan {}"


def test_typename_below_the_root_joins_the_fetch() -> None:
    """It is an ordinary field of the object's own fetch, under any alias."""
    assert_plan(
        compose_ok(DISTRICT),
        "{ __typename me { kind: __typename } }",
        """
        QueryPlan {
          Fetch(service: "hub") {
            {
              me {
                kind: __typename
              }
            }
          },
        }
        """,
    )


def test_named_fragments_are_written_out_once() -> None:
    """The same fields from two fragments are asked once."""
    assert_plan(
        compose_ok(DISTRICT),
        """
        query Mine { me { ...Name cases { ...Short } ...Name } }
        fragment Name on Citizen { name cases { receiptNumber } }
        fragment Short on Case { id receiptNumber }
        """,
        """
        QueryPlan {
          Sequence {
            Fetch(service: "hub") {
              {
                me {
                  __typename
                  cases {
                    receiptNumber
                    id
                  }
                  id
                }
              }
            },
            Flatten(path: "me") {
              Fetch(service: "public-security") {
                {
                  ... on Citizen {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Citizen {
                    name
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_the_named_operation_is_planned() -> None:
    """A document may hold several."""
    supergraph = compose_ok(DISTRICT)
    document = parse("query A { me { id } } query B { organisations { code } }")
    assert "organisations" in str(plan(supergraph, document, "B"))


def test_a_fragment_bomb_is_refused_before_it_is_written_out() -> None:
    """24 levels of doubled fragments would be 16 million fields."""
    bomb = "".join(
        f"fragment F{n} on Case {{ a: applicant {{ {inner} }} b: applicant {{ {inner} }} }} "
        for n in range(24)
        for inner in [f"cases {{ ...F{n + 1} }}"]
    )
    document = parse(f'{{ case(id: "1") {{ ...F0 }} }} {bomb} fragment F24 on Case {{ id }}')
    supergraph = compose_ok(DISTRICT)
    begin = time.process_time()
    with pytest.raises(PlanningError) as caught:
        plan(supergraph, document)
    assert caught.value.code is RuntimeCode.OPERATION_TOO_COMPLEX
    assert time.process_time() - begin < 0.5


def test_a_too_deep_operation_is_refused() -> None:
    """Depth is counted through fragments; the limit stands well inside the interpreter's."""
    deep = "applicant { cases { " * 40 + "id" + " } }" * 40
    with pytest.raises(PlanningError) as caught:
        plan(compose_ok(DISTRICT), parse(f'{{ case(id: "1") {{ {deep} }} }}'))
    assert caught.value.code is RuntimeCode.OPERATION_TOO_COMPLEX


def test_an_operation_at_the_depth_limit_is_planned() -> None:
    """Fifty levels with a hop at the end."""
    deep = "applicant { cases { " * 23 + "applicant { name }" + " } }" * 23
    assert "public-security" in str(plan_ok(compose_ok(DISTRICT), f'{{ case(id: "1") {{ {deep} }} }}'))


def test_a_plan_does_not_depend_on_the_order_of_subgraphs() -> None:
    """The same graph in any order prints the same bytes."""
    operation = "{ me { name licences { kind issuer { name } } fees { settlement { receiptNumber } } } }"
    one = compose_ok(DISTRICT)
    other = compose_ok(dict(reversed(DISTRICT.items())))
    assert str(plan_ok(one, operation)) == str(plan_ok(other, operation))
