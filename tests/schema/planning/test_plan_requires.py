"""Plans for fields that need other subgraphs' fields first."""

from __future__ import annotations

from tests.schema.planning.proving import assert_plan, compose_ok

CATALOGUE = """
  type Query { product: Product }
  type Product @key(fields: "id") { id: ID! weight: Int price(currency: String): Int size: Size }
  type Size { width: Int height: Int }
"""


def test_required_fields_are_fetched_sent_and_hidden() -> None:
    """The object is entered again by its key, with the required field beside it."""
    supergraph = compose_ok(
        {
            "catalogue": CATALOGUE,
            "shipping": """
              type Product @key(fields: "id") {
                id: ID! weight: Int @external cost: Int @requires(fields: "weight")
              }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ product { cost } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalogue") {
              {
                product {
                  __typename
                  weight
                  id
                }
              }
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
        }
        """,
    )


def test_required_fields_may_be_nested() -> None:
    """Only the required part of the inner object is fetched; what the client asks of it stays apart."""
    supergraph = compose_ok(
        {
            "catalogue": CATALOGUE,
            "shipping": """
              type Product @key(fields: "id") {
                id: ID! size: Size @external cost: Int @requires(fields: "size { width }")
              }
              type Size { width: Int @external }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ product { cost size { height } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalogue") {
              {
                product {
                  __typename
                  size {
                    height
                    width
                  }
                  id
                }
              }
            },
            Flatten(path: "product") {
              Fetch(service: "shipping") {
                {
                  ... on Product {
                    __typename
                    id
                    size {
                      width
                    }
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
        }
        """,
    )


def test_a_requirement_inside_an_object_may_need_a_hop_of_its_own() -> None:
    """The fetch waits for what is fetched below the required object, too."""
    supergraph = compose_ok(
        {
            "catalogue": """
              type Query { product: Product }
              type Product @key(fields: "id") { id: ID! maker: Maker }
              type Maker @key(fields: "id") { id: ID! }
            """,
            "makers": 'type Maker @key(fields: "id") { id: ID! country: String }',
            "shipping": """
              type Product @key(fields: "id") {
                id: ID! maker: Maker @external duty: Int @requires(fields: "maker { country }")
              }
              type Maker @key(fields: "id") { id: ID! country: String @external }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ product { duty } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalogue") {
              {
                product {
                  __typename
                  maker {
                    __typename
                    id
                  }
                  id
                }
              }
            },
            Flatten(path: "product.maker") {
              Fetch(service: "makers") {
                {
                  ... on Maker {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Maker {
                    country
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
                    maker {
                      country
                    }
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


def test_requirements_chain_over_subgraphs() -> None:
    """c needs b, b needs a."""
    supergraph = compose_ok(
        {
            "one": 'type Query { t: T } type T @key(fields: "id") { id: ID! a: Int }',
            "two": 'type T @key(fields: "id") { id: ID! a: Int @external b: Int @requires(fields: "a") }',
            "three": 'type T @key(fields: "id") { id: ID! b: Int @external c: Int @requires(fields: "b") }',
        }
    )
    assert_plan(
        supergraph,
        "{ t { c } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "one") {
              {
                t {
                  __typename
                  a
                  id
                }
              }
            },
            Flatten(path: "t") {
              Fetch(service: "two") {
                {
                  ... on T {
                    __typename
                    id
                    a
                  }
                } =>
                {
                  ... on T {
                    b
                  }
                }
              },
            },
            Flatten(path: "t") {
              Fetch(service: "three") {
                {
                  ... on T {
                    __typename
                    id
                    b
                  }
                } =>
                {
                  ... on T {
                    c
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_requirements_in_a_circle_resolve_step_by_step() -> None:
    """a needs b, b needs c, c stands where a does: the first subgraph is visited twice."""
    supergraph = compose_ok(
        {
            "one": """
              type Query { t: T }
              type T @key(fields: "id") { id: ID! c: Int b: Int @external a: Int @requires(fields: "b") }
            """,
            "two": 'type T @key(fields: "id") { id: ID! c: Int @external b: Int @requires(fields: "c") }',
        }
    )
    assert_plan(
        supergraph,
        "{ t { a } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "one") {
              {
                t {
                  __typename
                  c
                  id
                }
              }
            },
            Flatten(path: "t") {
              Fetch(service: "two") {
                {
                  ... on T {
                    __typename
                    id
                    c
                  }
                } =>
                {
                  ... on T {
                    b
                  }
                }
              },
            },
            Flatten(path: "t") {
              Fetch(service: "one") {
                {
                  ... on T {
                    __typename
                    id
                    b
                  }
                } =>
                {
                  ... on T {
                    a
                  }
                }
              },
            },
          },
        }
        """,
    )
