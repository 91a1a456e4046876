"""Plans that follow keys from subgraph to subgraph."""

from __future__ import annotations

from tests.schema.planning.proving import assert_plan, compose_ok

USERS = 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String nick: String }'
REVIEWS = """
  type User @key(fields: "id") { id: ID! reviews: [Review!]! }
  type Review { body: String author: User! }
"""


def test_a_key_leads_into_another_subgraph_and_back() -> None:
    """The key is fetched and hidden; a list of objects is one request."""
    supergraph = compose_ok({"users": USERS, "reviews": REVIEWS})
    assert_plan(
        supergraph,
        "{ me { name reviews { body author { name } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  __typename
                  name
                  id
                }
              }
            },
            Flatten(path: "me") {
              Fetch(service: "reviews") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    reviews {
                      body
                      author {
                        __typename
                        id
                      }
                    }
                  }
                }
              },
            },
            Flatten(path: "me.reviews.@.author") {
              Fetch(service: "users") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    name
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_of_two_keys_the_one_at_hand_is_used() -> None:
    """A key that needs no further fetch wins over the one declared first."""
    supergraph = compose_ok(
        {
            "a": 'type Query { book: Book } type Book @key(fields: "isbn") { isbn: ID! }',
            "b": """
              type Book @key(fields: "shelf") @key(fields: "isbn") { isbn: ID! shelf: ID! title: String }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ book { title } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                book {
                  __typename
                  isbn
                }
              }
            },
            Flatten(path: "book") {
              Fetch(service: "b") {
                {
                  ... on Book {
                    __typename
                    isbn
                  }
                } =>
                {
                  ... on Book {
                    title
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_composite_and_nested_keys_travel_whole() -> None:
    """Every part of the key is fetched, also inside objects."""
    supergraph = compose_ok(
        {
            "a": """
              type Query { licence: Licence }
              type Licence @key(fields: "number issuer { code }") { number: ID! issuer: Issuer! }
              type Issuer @shareable { code: ID! }
            """,
            "b": """
              type Licence @key(fields: "number issuer { code }") { number: ID! issuer: Issuer! state: String }
              type Issuer @shareable { code: ID! }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ licence { state } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                licence {
                  __typename
                  number
                  issuer {
                    code
                  }
                }
              }
            },
            Flatten(path: "licence") {
              Fetch(service: "b") {
                {
                  ... on Licence {
                    __typename
                    number
                    issuer {
                      code
                    }
                  }
                } =>
                {
                  ... on Licence {
                    state
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_keys_chain_through_a_subgraph_that_knows_both() -> None:
    """A leads to B by x, B to C by y: no other way exists."""
    supergraph = compose_ok(
        {
            "a": 'type Query { t: T } type T @key(fields: "x") { x: ID! }',
            "b": 'type T @key(fields: "x") @key(fields: "y") { x: ID! y: ID! }',
            "c": 'type T @key(fields: "y") { y: ID! deep: String }',
        }
    )
    assert_plan(
        supergraph,
        "{ t { deep } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                t {
                  __typename
                  x
                }
              }
            },
            Flatten(path: "t") {
              Fetch(service: "b") {
                {
                  ... on T {
                    __typename
                    x
                  }
                } =>
                {
                  ... on T {
                    y
                  }
                }
              },
            },
            Flatten(path: "t") {
              Fetch(service: "c") {
                {
                  ... on T {
                    __typename
                    y
                  }
                } =>
                {
                  ... on T {
                    deep
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_a_key_is_gathered_from_two_subgraphs() -> None:
    """Its parts are fetched side by side before the third subgraph is entered."""
    supergraph = compose_ok(
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! x: ID! @shareable }',
            "c": 'type T @key(fields: "id") { id: ID! y: ID! @shareable }',
            "d": 'type T @key(fields: "x y") { x: ID! @shareable y: ID! @shareable far: String }',
        }
    )
    assert_plan(
        supergraph,
        "{ t { far } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                t {
                  __typename
                  id
                }
              }
            },
            Parallel {
              Flatten(path: "t") {
                Fetch(service: "b") {
                  {
                    ... on T {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on T {
                      x
                    }
                  }
                },
              },
              Flatten(path: "t") {
                Fetch(service: "c") {
                  {
                    ... on T {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on T {
                      y
                    }
                  }
                },
              },
            },
            Flatten(path: "t") {
              Fetch(service: "d") {
                {
                  ... on T {
                    __typename
                    x
                    y
                  }
                } =>
                {
                  ... on T {
                    far
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_a_key_that_is_not_resolvable_is_no_door() -> None:
    """``resolvable: false`` names an entity without answering for it."""
    supergraph = compose_ok(
        {
            "a": "type Query { case: Case } type Case { id: ID! item: Item! } "
            'type Item @key(fields: "code", resolvable: false) { code: ID! }',
            "b": 'type Item @key(fields: "code") { code: ID! name: String }',
        }
    )
    assert_plan(
        supergraph,
        "{ case { item { name } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                case {
                  item {
                    __typename
                    code
                  }
                }
              }
            },
            Flatten(path: "case.item") {
              Fetch(service: "b") {
                {
                  ... on Item {
                    __typename
                    code
                  }
                } =>
                {
                  ... on Item {
                    name
                  }
                }
              },
            },
          },
        }
        """,
    )
