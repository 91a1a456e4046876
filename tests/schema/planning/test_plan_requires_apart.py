"""Required fields that stand apart from the client's, and chains that a condition stops."""

from __future__ import annotations

from schema.planning.check_plan import fetches
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok

CATALOGUE = """
  type Query { product: Product }
  type Product @key(fields: "id") { id: ID! weight: Int price(currency: String): Int size: Size }
  type Size { width: Int height: Int }
"""


def test_a_required_field_with_arguments_does_not_mix_with_the_client_s() -> None:
    """The client's price is in another currency than the required one."""
    supergraph = compose_ok(
        {
            "catalogue": CATALOGUE,
            "customs": """
              type Product @key(fields: "id") {
                id: ID! price(currency: String): Int @external
                duty: Int @requires(fields: "price(currency: \\"CNY\\")")
              }
            """,
        }
    )
    assert_plan(
        supergraph,
        '{ product { price(currency: "EUR") duty } }',
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalogue") {
              {
                product {
                  __typename
                  price(currency: "EUR")
                  _1_price: price(currency: "CNY")
                  id
                }
              }
            },
            Flatten(path: "product") {
              Fetch(service: "customs") {
                {
                  ... on Product {
                    __typename
                    id
                    _1_price: price
                  }
                } =>
                {
                  ... on Product {
                    duty
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_a_skipped_field_stops_its_chain_of_requirements() -> None:
    """What only the skipped field needs is not fetched."""
    supergraph = compose_ok(
        {
            "catalogue": 'type Query { product: Product } type Product @key(fields: "id") { id: ID! }',
            "weights": 'type Product @key(fields: "id") { id: ID! weight: Int }',
            "shipping": """
              type Product @key(fields: "id") {
                id: ID! weight: Int @external cost: Int @requires(fields: "weight")
              }
            """,
        }
    )
    assert_plan(
        supergraph,
        "query($off: Boolean!) { product { id cost @skip(if: $off) } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalogue") {
              {
                product {
                  __typename
                  id
                }
              }
            },
            Skip(if: $off) {
              Sequence {
                Flatten(path: "product") {
                  Fetch(service: "weights") {
                    {
                      ... on Product {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Product {
                        weight
                      }
                    }
                  },
                },
                Flatten(path: "product") {
                  Fetch(service: "shipping") {
                    {
                      ... on Product {
                        __typename
                        id
                        weight
                      }
                    } =>
                    {
                      ... on Product {
                        cost
                      }
                    }
                  },
                },
              },
            },
          },
        }
        """,
    )


def test_a_subgraph_is_entered_again_where_its_own_answer_is_waited_for() -> None:
    """The fee needs the class, which needs the weight: both ends in one subgraph, the middle in another."""
    supergraph = compose_ok(
        {
            "shop": 'type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! }',
            "scales": """
              type Parcel @key(fields: "id") {
                id: ID! weight: Int class: Int @external fee: Int @requires(fields: "class")
              }
            """,
            "rules": """
              type Parcel @key(fields: "id") {
                id: ID! weight: Int @external class: Int @requires(fields: "weight")
              }
            """,
        }
    )
    found = plan_ok(supergraph, "{ parcel { fee weight } }")
    assert [fetch.service for fetch in fetches(found.node)] == ["shop", "scales", "rules", "scales"]
