"""The root below the root: a field that answers ``Query`` leads to every subgraph again."""

from __future__ import annotations

from tests.schema.planning.proving import assert_plan, compose_ok

SUBGRAPHS = {
    "users": """
      type Query { me: User }
      type Mutation { rename(name: String!): Renamed }
      type Renamed { user: User query: Query! }
      type User @key(fields: "id") { id: ID! }
    """,
    "news": """
      type Query { headlines: [String!]! }
      type Mutation { publish: Int }
    """,
}


def test_a_mutation_leads_back_to_the_root() -> None:
    """What the service itself has at its root comes along; the other's is a query, made after the mutation."""
    assert_plan(
        compose_ok(SUBGRAPHS),
        'mutation { rename(name: "x") { query { me { id } headlines } } publish }',
        """
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                rename(name: "x") {
                  query {
                    __typename
                    me {
                      id
                    }
                  }
                }
              }
            },
            Flatten(path: "rename.query") {
              Fetch(service: "news") {
                {
                  headlines
                }
              },
            },
            Fetch(service: "news") {
              {
                publish
              }
            },
          },
        }
        """,
    )
