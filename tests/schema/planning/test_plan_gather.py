"""Plans for lists whose parts come from several subgraphs."""

from __future__ import annotations

from tests.schema.planning.graphs import DISTRICT
from tests.schema.planning.proving import assert_plan, compose_ok

ALERTS = """
  type Alert @shareable { code: ID! text: String }
"""


def test_every_part_is_fetched_and_followed_up_on_the_joined_list() -> None:
    """The issuers' names are one request for the licences of all departments."""
    assert_plan(
        compose_ok(DISTRICT),
        "{ me { licences { number issuer { name } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "hub") {
              {
                me {
                  __typename
                  idNumber
                }
              }
            },
            Gather(path: "me", field: "licences") {
              Flatten(path: "me") {
                Fetch(service: "civil-affairs") {
                  {
                    ... on Citizen {
                      __typename
                      idNumber
                    }
                  } =>
                  {
                    ... on Citizen {
                      licences {
                        number
                        issuer {
                          __typename
                          code
                        }
                      }
                    }
                  }
                },
              },
              Flatten(path: "me") {
                Fetch(service: "market-regulation") {
                  {
                    ... on Citizen {
                      __typename
                      idNumber
                    }
                  } =>
                  {
                    ... on Citizen {
                      licences {
                        number
                        issuer {
                          __typename
                          code
                        }
                      }
                    }
                  }
                },
              },
              Flatten(path: "me") {
                Fetch(service: "transport") {
                  {
                    ... on Citizen {
                      __typename
                      idNumber
                    }
                  } =>
                  {
                    ... on Citizen {
                      licences {
                        number
                        issuer {
                          __typename
                          code
                        }
                      }
                    }
                  }
                },
              },
            },
            Flatten(path: "me.licences.@.issuer") {
              Fetch(service: "hub") {
                {
                  ... on Organisation {
                    __typename
                    code
                  }
                } =>
                {
                  ... on Organisation {
                    name
                  }
                }
              },
            },
          },
        }
        """,
    )


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


def test_a_list_of_scalars_at_the_root_is_gathered() -> None:
    """Parts of a root field are root fetches."""
    assert_plan(
        compose_ok(
            {
                "one": "type Query { warnings(since: Int): [String!] @gather }",
                "two": "type Query { warnings(since: Int): [String!] @gather }",
            }
        ),
        "query($since: Int) { warnings(since: $since) }",
        """
        QueryPlan {
          Gather(path: "", field: "warnings") {
            Fetch(service: "one") {
              {
                warnings(since: $since)
              }
            },
            Fetch(service: "two") {
              {
                warnings(since: $since)
              }
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


def test_gathers_nest_and_keep_aliases_and_conditions() -> None:
    """The inner list is gathered once for the elements of all outer parts."""
    assert_plan(
        compose_ok(
            {
                "one": """
                  type Query { zones: [Zone!]! @gather }
                  type Zone @key(fields: "id") @shareable { id: ID! signs: [String!]! @gather }
                """,
                "two": """
                  type Query { zones: [Zone!]! @gather }
                  type Zone @key(fields: "id") @shareable { id: ID! signs: [String!]! @gather }
                """,
            }
        ),
        "query($on: Boolean!) { areas: zones { id marks: signs @include(if: $on) } }",
        """
        QueryPlan {
          Sequence {
            Gather(path: "", field: "areas") {
              Fetch(service: "one") {
                {
                  areas: zones {
                    __typename
                    id
                  }
                }
              },
              Fetch(service: "two") {
                {
                  areas: zones {
                    __typename
                    id
                  }
                }
              },
            },
            Include(if: $on) {
              Gather(path: "areas.@", field: "marks") {
                Flatten(path: "areas.@") {
                  Fetch(service: "one") {
                    {
                      ... on Zone {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Zone {
                        marks: signs
                      }
                    }
                  },
                },
                Flatten(path: "areas.@") {
                  Fetch(service: "two") {
                    {
                      ... on Zone {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Zone {
                        marks: signs
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


def test_two_gathered_fields_of_one_parent_run_side_by_side() -> None:
    """Neither waits for the other."""
    graph = {
        "base": 'type Query { me: Person } type Person @key(fields: "id") { id: ID! }',
        "x": 'type Person @key(fields: "id") { id: ID! cards: [String!]! @gather cars: [String!]! @gather }',
        "y": 'type Person @key(fields: "id") { id: ID! cards: [String!]! @gather }',
    }
    assert_plan(
        compose_ok(graph),
        "{ me { cards cars } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "base") {
              {
                me {
                  __typename
                  id
                }
              }
            },
            Parallel {
              Gather(path: "me", field: "cards") {
                Flatten(path: "me") {
                  Fetch(service: "x") {
                    {
                      ... on Person {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Person {
                        cards
                      }
                    }
                  },
                },
                Flatten(path: "me") {
                  Fetch(service: "y") {
                    {
                      ... on Person {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Person {
                        cards
                      }
                    }
                  },
                },
              },
              Gather(path: "me", field: "cars") {
                Flatten(path: "me") {
                  Fetch(service: "x") {
                    {
                      ... on Person {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on Person {
                        cars
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
