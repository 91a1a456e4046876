"""Plans over fields that several subgraphs resolve: shared, provided, value types, shared root fields."""

from __future__ import annotations

from tests.schema.planning.proving import assert_plan, compose_ok


def test_provides_saves_the_hop_below_that_field_only() -> None:
    """The same field elsewhere in the same subgraph still needs its owner."""
    supergraph = compose_ok(
        {
            "reviews": """
              type Query { latest: Review best: Review }
              type Review { author: User @provides(fields: "name") editor: User }
              type User @key(fields: "id") { id: ID! name: String @external }
            """,
            "users": 'type User @key(fields: "id") { id: ID! name: String @shareable }',
        }
    )
    assert_plan(
        supergraph,
        "{ latest { author { name } editor { name } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "reviews") {
              {
                latest {
                  author {
                    name
                  }
                  editor {
                    __typename
                    id
                  }
                }
              }
            },
            Flatten(path: "latest.editor") {
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


def test_of_the_subgraphs_that_share_a_field_the_needed_one_is_chosen() -> None:
    """`both` is asked where `only` has to be fetched anyway."""
    supergraph = compose_ok(
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! both: Int @shareable }',
            "c": 'type T @key(fields: "id") { id: ID! both: Int @shareable only: Int }',
        }
    )
    assert_plan(
        supergraph,
        "{ t { both only } }",
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
                    both
                    only
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_a_shared_root_field_is_asked_where_most_is_answered() -> None:
    """The subgraph that answers the whole selection wins over the first by name."""
    supergraph = compose_ok(
        {
            "a": 'type Query { t: T @shareable } type T @key(fields: "id") { id: ID! x: Int @shareable }',
            "b": 'type Query { t: T @shareable } type T @key(fields: "id") { id: ID! x: Int @shareable y: Int }',
        }
    )
    assert_plan(
        supergraph,
        "{ t { x y } }",
        """
        QueryPlan {
          Fetch(service: "b") {
            {
              t {
                x
                y
              }
            }
          },
        }
        """,
    )


def test_a_shared_root_object_is_asked_side_by_side_where_that_saves_a_step() -> None:
    """Two requests at once instead of one after the other."""
    supergraph = compose_ok(
        {
            "a": 'type Query { t: T @shareable } type T @key(fields: "id") { id: ID! x: Int }',
            "b": 'type Query { t: T @shareable } type T @key(fields: "id") { id: ID! y: Int }',
        }
    )
    assert_plan(
        supergraph,
        "{ t { x y } }",
        """
        QueryPlan {
          Parallel {
            Fetch(service: "a") {
              {
                t {
                  x
                }
              }
            },
            Fetch(service: "b") {
              {
                t {
                  y
                }
              }
            },
          },
        }
        """,
    )


def test_a_shared_root_list_is_asked_side_by_side() -> None:
    """A shared field promises the same list everywhere: both parts come at once, merged by position."""
    supergraph = compose_ok(
        {
            "a": 'type Query { ts: [T!]! @shareable } type T @key(fields: "id") { id: ID! x: Int }',
            "b": 'type Query { ts: [T!]! @shareable } type T @key(fields: "id") { id: ID! y: Int }',
        }
    )
    assert_plan(
        supergraph,
        "{ ts { x y } }",
        """
        QueryPlan {
          Parallel {
            Fetch(service: "a") {
              {
                ts {
                  x
                }
              }
            },
            Fetch(service: "b") {
              {
                ts {
                  y
                }
              }
            },
          },
        }
        """,
    )


def test_a_value_type_is_completed_from_the_nearest_entity() -> None:
    """The value has no key: up to the entity, over, and down again."""
    supergraph = compose_ok(
        {
            "a": """
              type Query { person: Person }
              type Person @key(fields: "id") { id: ID! home: Home @shareable }
              type Home { address: Address @shareable } type Address { street: String }
            """,
            "b": """
              type Person @key(fields: "id") { id: ID! home: Home @shareable }
              type Home { address: Address @shareable } type Address { zone: Int }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ person { home { address { street zone } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                person {
                  __typename
                  id
                  home {
                    address {
                      street
                    }
                  }
                }
              }
            },
            Flatten(path: "person") {
              Fetch(service: "b") {
                {
                  ... on Person {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Person {
                    home {
                      address {
                        zone
                      }
                    }
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_a_value_type_is_completed_from_the_root() -> None:
    """Where no entity lies above, both subgraphs are asked at the root."""
    supergraph = compose_ok(
        {
            "a": "type Query { version: Version @shareable } type Version { major: Int }",
            "b": "type Query { version: Version @shareable } type Version { minor: Int }",
        }
    )
    assert_plan(
        supergraph,
        "{ version { major minor } }",
        """
        QueryPlan {
          Parallel {
            Fetch(service: "a") {
              {
                version {
                  major
                }
              }
            },
            Fetch(service: "b") {
              {
                version {
                  minor
                }
              }
            },
          },
        }
        """,
    )


def test_a_shared_mutation_runs_where_all_of_its_result_is() -> None:
    """Its value type cannot be completed by running it twice."""
    supergraph = compose_ok(
        {
            "a": "type Query { q: Int } type Mutation { renew: Permit @shareable } "
            "type Permit @shareable { number: Int }",
            "b": "type Mutation { renew: Permit @shareable } type Permit @shareable { number: Int state: Int }",
        }
    )
    assert_plan(
        supergraph,
        "mutation { renew { number state } }",
        """
        QueryPlan {
          Fetch(service: "b") {
            {
              renew {
                number
                state
              }
            }
          },
        }
        """,
    )


def test_a_shared_mutation_runs_in_one_subgraph_and_is_completed_by_key() -> None:
    """Asking both side by side would renew twice."""
    assert_plan(
        compose_ok(
            {
                "a": """
                  type Query { q: Int } type Mutation { renew: Permit @shareable }
                  type Permit @key(fields: "id") { id: ID! number: Int }
                """,
                "b": """
                  type Mutation { renew: Permit @shareable }
                  type Permit @key(fields: "id") { id: ID! state: Int }
                """,
            }
        ),
        "mutation { renew { number state } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                renew {
                  __typename
                  number
                  id
                }
              }
            },
            Flatten(path: "renew") {
              Fetch(service: "b") {
                {
                  ... on Permit {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Permit {
                    state
                  }
                }
              },
            },
          },
        }
        """,
    )
