"""What each part of a gathered list is asked, and how parts are joined."""

from __future__ import annotations

from tests.schema.planning.proving import assert_plan, compose_ok

ALERTS = """
  type Alert @shareable { code: ID! text: String }
"""


def test_the_parent_s_own_fetch_brings_its_part_along() -> None:
    """Where the parent comes from a gathering subgraph, that part needs no request of its own."""
    assert_plan(
        compose_ok(
            {
                "east": """
                  type Query { park: Park }
                  type Park @key(fields: "id") { id: ID! trees: [Tree!]! @gather }
                  type Tree @shareable { kind: String }
                """,
                "west": """
                  type Park @key(fields: "id") { id: ID! trees: [Tree!]! @gather }
                  type Tree @shareable { kind: String }
                """,
            }
        ),
        "{ park { id trees { kind } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "east") {
              {
                park {
                  __typename
                  id
                  trees {
                    kind
                  }
                }
              }
            },
            Gather(path: "park", field: "trees") {
              Inline(service: "east"),
              Flatten(path: "park") {
                Fetch(service: "west") {
                  {
                    ... on Park {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Park {
                      trees {
                        kind
                      }
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_equal_elements_are_merged_by_a_hidden_key() -> None:
    """Each part brings the key that the elements are joined by."""
    assert_plan(
        compose_ok(
            {
                "one": f'type Query {{ alerts: [Alert!]! @gather(key: "code") }} {ALERTS}',
                "two": f'type Query {{ alerts: [Alert!]! @gather(key: "code") }} {ALERTS}',
            }
        ),
        "{ alerts { text } }",
        """
        QueryPlan {
          Gather(path: "", field: "alerts", key: "code") {
            Fetch(service: "one") {
              {
                alerts {
                  text
                  code
                }
              }
            },
            Fetch(service: "two") {
              {
                alerts {
                  text
                  code
                }
              }
            },
          },
        }
        """,
    )


def test_a_union_is_gathered_from_subgraphs_that_know_unlike_members() -> None:
    """Each part is asked for its own members only."""
    assert_plan(
        compose_ok(
            {
                "roads": """
                  type Query { events: [Event!]! @gather }
                  union Event = Works | Jam
                  type Works @shareable { street: String } type Jam { length: Int }
                """,
                "water": """
                  type Query { events: [Event!]! @gather }
                  union Event = Works
                  type Works @shareable { street: String }
                """,
            }
        ),
        "{ events { ... on Works { street } ... on Jam { length } } }",
        """
        QueryPlan {
          Gather(path: "", field: "events") {
            Fetch(service: "roads") {
              {
                events {
                  __typename
                  ... on Jam {
                    length
                  }
                  ... on Works {
                    street
                  }
                }
              }
            },
            Fetch(service: "water") {
              {
                events {
                  __typename
                  ... on Works {
                    street
                  }
                }
              }
            },
          },
        }
        """,
    )


def test_parts_without_a_key_in_common_are_followed_up_each_by_its_own() -> None:
    """County and village give the same key and go together; the subgraph behind is asked once for all."""
    trees_by_code = """
      type Park @key(fields: "id") { id: ID! trees: [Tree!]! @gather }
      type Tree @key(fields: "code") { code: ID! @shareable }
    """
    assert_plan(
        compose_ok(
            {
                "city": """
                  type Query { park: Park }
                  type Park @key(fields: "id") { id: ID! trees: [Tree!]! @gather }
                  type Tree @key(fields: "number") { number: ID! @shareable }
                """,
                "county": trees_by_code,
                "register": """
                  type Tree @key(fields: "number") @key(fields: "code") {
                    number: ID! @shareable code: ID! @shareable kind: String
                  }
                """,
                "village": trees_by_code,
            }
        ),
        "{ park { trees { kind } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "city") {
              {
                park {
                  __typename
                  id
                  trees {
                    __typename
                    number
                  }
                }
              }
            },
            Gather(path: "park", field: "trees") {
              Inline(service: "city"),
              Flatten(path: "park") {
                Fetch(service: "county") {
                  {
                    ... on Park {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Park {
                      trees {
                        __typename
                        code
                      }
                    }
                  }
                },
              },
              Flatten(path: "park") {
                Fetch(service: "village") {
                  {
                    ... on Park {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Park {
                      trees {
                        __typename
                        code
                      }
                    }
                  }
                },
              },
            },
            Batch(service: "register") {
              Flatten(path: "park.trees.@[city]") {
                Fetch(service: "register") {
                  {
                    ... on Tree {
                      __typename
                      number
                    }
                  } =>
                  {
                    ... on Tree {
                      kind
                    }
                  }
                },
              },
              Flatten(path: "park.trees.@[county,village]") {
                Fetch(service: "register") {
                  {
                    ... on Tree {
                      __typename
                      code
                    }
                  } =>
                  {
                    ... on Tree {
                      kind
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )
