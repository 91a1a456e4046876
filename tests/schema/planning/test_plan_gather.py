"""Plans for lists whose parts come from several subgraphs."""

from __future__ import annotations

from tests.schema.planning.graphs import DISTRICT
from tests.schema.planning.proving import assert_plan, compose_ok


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
