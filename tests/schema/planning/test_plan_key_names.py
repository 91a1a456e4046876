"""Keys and the names that clients give to fields."""

from __future__ import annotations

from tests.schema.planning.proving import assert_plan, compose_ok

USERS = 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String nick: String }'
REVIEWS = """
  type User @key(fields: "id") { id: ID! reviews: [Review!]! }
  type Review { body: String author: User! }
"""


def test_one_subgraph_answers_in_one_fetch() -> None:
    """What one subgraph resolves costs no second request and no hidden field."""
    supergraph = compose_ok({"users": USERS, "reviews": REVIEWS})
    assert_plan(
        supergraph,
        "{ me { name } }",
        """
        QueryPlan {
          Fetch(service: "users") {
            {
              me {
                name
              }
            }
          },
        }
        """,
    )


def test_an_alias_on_the_key_s_name_does_not_become_the_key() -> None:
    """The client may call another field "id"; the key then travels under an internal name."""
    supergraph = compose_ok({"users": USERS, "reviews": REVIEWS})
    assert_plan(
        supergraph,
        "{ me { id: name reviews { body } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  __typename
                  id: name
                  _1_id: id
                }
              }
            },
            Flatten(path: "me") {
              Fetch(service: "reviews") {
                {
                  ... on User {
                    __typename
                    _1_id: id
                  }
                } =>
                {
                  ... on User {
                    reviews {
                      body
                    }
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_an_aliased_key_is_fetched_again_under_its_own_name() -> None:
    """Representations read one name; the client's alias stays the client's."""
    supergraph = compose_ok({"users": USERS, "reviews": REVIEWS})
    assert_plan(
        supergraph,
        "{ me { identity: id reviews { body } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  __typename
                  identity: id
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
                    }
                  }
                }
              },
            },
          },
        }
        """,
    )
