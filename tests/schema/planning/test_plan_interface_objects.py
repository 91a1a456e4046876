"""Plans over interface objects: a subgraph that stands for all implementations and cannot tell which is which."""

from __future__ import annotations

from tests.schema.planning.proving import assert_plan, compose_ok

LICENCES = {
    "catalogue": """
      type Query { licences: [Licence!]! }
      interface Licence @key(fields: "number") { number: ID! name: String }
      type Permit implements Licence @key(fields: "number") { number: ID! name: String scope: String }
      type Certificate implements Licence @key(fields: "number") { number: ID! name: String grade: Int }
    """,
    "ratings": """
      type Query { best: Licence reviews: [Review!]! }
      type Licence @interfaceObject @key(fields: "number") {
        number: ID! name: String @external reviews(first: Int): [Review!]! label: String @requires(fields: "name")
      }
      type Review { id: ID! text: String licence: Licence }
    """,
    "holders": """
      type Permit @key(fields: "number") { number: ID! holder: String }
    """,
}


def test_what_all_implementations_are_asked_alike_needs_no_type() -> None:
    """The interface object answers for every implementation; nothing else is fetched."""
    assert_plan(
        compose_ok(LICENCES),
        "{ best { number reviews { text } } }",
        """
        QueryPlan {
          Fetch(service: "ratings") {
            {
              best {
                __typename
                number
                reviews {
                  text
                }
              }
            }
          },
        }
        """,
    )


def test_the_type_is_told_by_who_has_the_interface() -> None:
    """The interface's own name, which the subgraph would give, never reaches a client."""
    assert_plan(
        compose_ok(LICENCES),
        "{ best { __typename number } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings") {
              {
                best {
                  number
                }
              }
            },
            Flatten(path: "best") {
              Fetch(service: "catalogue") {
                {
                  ... on Licence {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Certificate {
                    __typename
                  }
                  ... on Permit {
                    __typename
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_a_type_condition_is_decided_where_the_interface_is() -> None:
    """One request tells the type and brings the fields of one implementation."""
    assert_plan(
        compose_ok(LICENCES),
        "{ best { number ... on Permit { scope } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings") {
              {
                best {
                  number
                }
              }
            },
            Flatten(path: "best") {
              Fetch(service: "catalogue") {
                {
                  ... on Licence {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Certificate {
                    __typename
                  }
                  ... on Permit {
                    __typename
                    scope
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_fields_of_one_implementation_elsewhere_wait_for_the_type() -> None:
    """A subgraph that knows the implementation only can be entered once the type is known."""
    assert_plan(
        compose_ok(LICENCES),
        "{ best { ... on Permit { holder } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings") {
              {
                best {
                  number
                }
              }
            },
            Flatten(path: "best") {
              Fetch(service: "catalogue") {
                {
                  ... on Licence {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Certificate {
                    __typename
                  }
                  ... on Permit {
                    __typename
                  }
                }
              },
            },
            Flatten(path: "best") {
              Fetch(service: "holders") {
                {
                  ... on Permit {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Permit {
                    holder
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_implementations_enter_by_the_name_of_the_interface() -> None:
    """Representations carry the interface's name, whatever they are."""
    assert_plan(
        compose_ok(LICENCES),
        "{ licences { name reviews { text } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalogue") {
              {
                licences {
                  __typename
                  name
                  number
                }
              }
            },
            Flatten(path: "licences.@") {
              Fetch(service: "ratings") {
                {
                  ... on Certificate {
                    __typename
                    number
                  }
                  ... on Permit {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Licence {
                    reviews {
                      text
                    }
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_requirements_are_fetched_from_the_implementations() -> None:
    """Required fields of an interface object come from whoever resolves them, then it is entered again."""
    assert_plan(
        compose_ok(LICENCES),
        "{ best { label } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings") {
              {
                best {
                  __typename
                  number
                }
              }
            },
            Flatten(path: "best") {
              Fetch(service: "catalogue") {
                {
                  ... on Licence {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Certificate {
                    name
                  }
                  ... on Permit {
                    name
                  }
                }
              },
            },
            Flatten(path: "best") {
              Fetch(service: "ratings") {
                {
                  ... on Licence {
                    __typename
                    number
                    name
                  }
                } =>
                {
                  ... on Licence {
                    label
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_the_same_field_asked_twice_is_fetched_once() -> None:
    """Selections of one field that fit together are fetched for all, without waiting for the type."""
    assert_plan(
        compose_ok(LICENCES),
        "{ best { reviews { id } ... on Permit { reviews { text } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings") {
              {
                best {
                  reviews {
                    id
                    text
                  }
                  number
                }
              }
            },
            Flatten(path: "best") {
              Fetch(service: "catalogue") {
                {
                  ... on Licence {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Certificate {
                    __typename
                  }
                  ... on Permit {
                    __typename
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_one_name_for_two_meanings_waits_for_the_type() -> None:
    """Where implementations ask different things under one name, each is asked for its own only."""
    assert_plan(
        compose_ok(LICENCES),
        """
        { best { ... on Permit { r: reviews(first: 1) { id } }
          ... on Certificate { r: reviews(first: 2) { id } } } }
        """,
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings") {
              {
                best {
                  number
                }
              }
            },
            Flatten(path: "best") {
              Fetch(service: "catalogue") {
                {
                  ... on Licence {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Certificate {
                    __typename
                  }
                  ... on Permit {
                    __typename
                  }
                }
              },
            },
            Parallel {
              Flatten(path: "best") {
                Fetch(service: "ratings") {
                  {
                    ... on Certificate {
                      __typename
                      number
                    }
                  } =>
                  {
                    ... on Licence {
                      r: reviews(first: 2) {
                        id
                      }
                    }
                  }
                },
              },
              Flatten(path: "best") {
                Fetch(service: "ratings") {
                  {
                    ... on Permit {
                      __typename
                      number
                    }
                  } =>
                  {
                    ... on Licence {
                      r: reviews(first: 1) {
                        id
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


def test_a_field_that_leads_back_forgets_the_type() -> None:
    """Below a field of the interface object the type is unknown again."""
    assert_plan(
        compose_ok(LICENCES),
        "{ licences { ... on Permit { reviews { licence { name } } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalogue") {
              {
                licences {
                  __typename
                  ... on Permit {
                    number
                  }
                }
              }
            },
            Flatten(path: "licences.@") {
              Fetch(service: "ratings") {
                {
                  ... on Permit {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Licence {
                    reviews {
                      licence {
                        __typename
                        number
                      }
                    }
                  }
                }
              },
            },
            Flatten(path: "licences.@|[Permit].reviews.@.licence") {
              Fetch(service: "catalogue") {
                {
                  ... on Licence {
                    __typename
                    number
                  }
                } =>
                {
                  ... on Certificate {
                    name
                  }
                  ... on Permit {
                    name
                  }
                }
              },
            },
          },
        }
        """,
    )
