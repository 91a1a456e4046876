"""Fewest requests, then fewest steps: what stands at one place of one subgraph is asked once.

Source: the reference planner's cost model.
"""

from __future__ import annotations

from schema.planning.check_plan import fetches
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok

TAXES = {
    "people": """
      type Query { me: Person people: [Person!]! @shareable }
      type Person @key(fields: "id") { id: ID! name: String @shareable age: Int! income: Int home: Home }
      type Home @key(fields: "id") { id: ID! }
    """,
    "taxes": """
      type Query { people: [Person!]! @shareable }
      type Person @key(fields: "id") {
        id: ID! name: String @shareable age: Int! @external income: Int @external home: Home @external rate: Int
        tax: Int @requires(fields: "age income")
        rent: Int @requires(fields: "home { size }")
      }
      type Home @key(fields: "id") { id: ID! street: String size: Int! }
    """,
}

MOVING = {
    "a": """
      type Query { room: Room }
      type Room @key(fields: "id") { id: ID! inside: Inside @shareable }
      union Inside = Chair | Table
      type Chair @key(fields: "id") { id: ID! } type Table @key(fields: "id") { id: ID! }
    """,
    "b": """
      type Room @key(fields: "id") { id: ID! inside: Inside @shareable size: Int }
      union Inside = Chair | Table
      type Chair @key(fields: "maker { id }") @key(fields: "id") { id: ID! maker: Maker! legs: Int }
      type Table @key(fields: "id") { id: ID! } type Maker { id: ID! @shareable }
    """,
    "c": """
      type Chair @key(fields: "maker { id }") @key(fields: "id") { id: ID! maker: Maker! @external price: Int }
      type Maker { id: ID! @shareable }
    """,
}


def test_a_requirement_and_the_client_share_a_fetch() -> None:
    """The client's part of the home is conditional, the requirement's is not."""
    assert_plan(
        compose_ok(TAXES),
        "query ($x: Boolean!) { me { home @include(if: $x) { street } rent } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "people") {
              {
                me {
                  __typename
                  home @include(if: $x) {
                    __typename
                    id
                  }
                  home {
                    __typename
                    id
                  }
                  id
                }
              }
            },
            Flatten(path: "me.home") {
              Fetch(service: "taxes") {
                {
                  ... on Home {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Home {
                    street @include(if: $x)
                    size
                  }
                }
              },
            },
            Flatten(path: "me") {
              Fetch(service: "taxes") {
                {
                  ... on Person {
                    __typename
                    id
                    home {
                      size
                    }
                  }
                } =>
                {
                  ... on Person {
                    rent
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_requirements_at_hand_are_asked_always() -> None:
    """A conditional field joins the visit that is made anyway; what it requires costs nothing there."""
    assert_plan(
        compose_ok(TAXES),
        "query ($x: Boolean!) { me { rate tax @include(if: $x) } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "people") {
              {
                me {
                  __typename
                  id
                  age
                  income
                }
              }
            },
            Flatten(path: "me") {
              Fetch(service: "taxes") {
                {
                  ... on Person {
                    __typename
                    id
                    age
                    income
                  }
                } =>
                {
                  ... on Person {
                    rate
                    tax @include(if: $x)
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_a_requirement_that_costs_a_fetch_is_asked_when_it_is_wanted() -> None:
    """The home's size is fetched only with the rent."""
    assert_plan(
        compose_ok(TAXES),
        "query ($x: Boolean!) { me { rate rent @include(if: $x) } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "people") {
              {
                me {
                  __typename
                  id
                  home @include(if: $x) {
                    __typename
                    id
                  }
                }
              }
            },
            Batch(service: "taxes") {
              Flatten(path: "me") {
                Fetch(service: "taxes") {
                  {
                    ... on Person {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Person {
                      rate
                    }
                  }
                },
              },
              Include(if: $x) {
                Flatten(path: "me.home") {
                  Fetch(service: "taxes") {
                    {
                      ... on Home {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Home {
                        size
                      }
                    }
                  },
                },
              },
            },
            Include(if: $x) {
              Flatten(path: "me") {
                Fetch(service: "taxes") {
                  {
                    ... on Person {
                      __typename
                      id
                      home {
                        size
                      }
                    }
                  } =>
                  {
                    ... on Person {
                      rent
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_conditions_that_never_hold_together_fetch_nothing() -> None:
    """The street would need $x to be true and false."""
    assert_plan(
        compose_ok(TAXES),
        "query ($x: Boolean!) { me { home @include(if: $x) { id @include(if: $x) street @skip(if: $x) } } }",
        """
        QueryPlan {
          Fetch(service: "people") {
            {
              me {
                home @include(if: $x) {
                  id
                }
              }
            }
          },
        }
        """,
    )


def test_entities_of_one_step_and_subgraph_are_one_request() -> None:
    """Homes and persons are both asked of the taxes once the people are there."""
    assert_plan(
        compose_ok(TAXES),
        "{ me { home { street } rate } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "people") {
              {
                me {
                  __typename
                  home {
                    __typename
                    id
                  }
                  id
                }
              }
            },
            Batch(service: "taxes") {
              Flatten(path: "me") {
                Fetch(service: "taxes") {
                  {
                    ... on Person {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Person {
                      rate
                    }
                  }
                },
              },
              Flatten(path: "me.home") {
                Fetch(service: "taxes") {
                  {
                    ... on Home {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Home {
                      street
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_a_key_comes_from_the_fetch_that_is_there_first() -> None:
    """The chair's id is known a step earlier than its maker."""
    assert_plan(
        compose_ok(MOVING),
        "{ room { size inside { ... on Chair { legs price } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                room {
                  __typename
                  id
                  inside {
                    __typename
                    ... on Chair {
                      id
                    }
                  }
                }
              }
            },
            Parallel {
              Flatten(path: "room") {
                Fetch(service: "b") {
                  {
                    ... on Room {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Room {
                      inside {
                        __typename
                        ... on Chair {
                          legs
                        }
                      }
                      size
                    }
                  }
                },
              },
              Flatten(path: "room.inside") {
                Fetch(service: "c") {
                  {
                    ... on Chair {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Chair {
                      price
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_two_subgraphs_that_share_the_fields_go_before_the_one_that_has_most() -> None:
    """The largest answers four of six fields, and would need two more beside it."""
    having = {
        "east": "a b d e",
        "south": "a b c",
        "west": "d e f",
        "moon": "c",
        "north": "f",
    }
    supergraph = compose_ok(
        {"shop": 'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! name: String }'}
        | {
            name: 'type Thing @key(fields: "id") { id: ID! '
            + " ".join(f"{field}: Int @shareable" for field in fields.split())
            + " }"
            for name, fields in having.items()
        }
    )
    found = plan_ok(supergraph, "{ thing { name a b c d e f } }")
    assert sorted(fetch.service for fetch in fetches(found.node)) == ["shop", "south", "west"]
