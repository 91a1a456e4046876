"""Plans for fields of interface objects: how they are entered, required, shared and kept apart."""

from __future__ import annotations

from schema.planning.check_plan import fetches
from tests.schema.planning.graphs import LICENCES
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok


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
            Batch(service: "ratings") {
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


def test_requirements_of_an_implementation_enter_by_its_own_name() -> None:
    """The type is told first: under the interface's name what is required would not be declared."""
    supergraph = compose_ok(
        {
            "mail": """
              interface Message @key(fields: "id") { id: ID! }
              type Letter implements Message @key(fields: "id") {
                id: ID! reads: Int @external isOld: Boolean @requires(fields: "reads")
              }
              type Card implements Message @key(fields: "id") { id: ID! }
            """,
            "counts": """
              type Query { newest: Message }
              type Message @interfaceObject @key(fields: "id") { id: ID! reads: Int }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ newest { ... on Letter { isOld } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "counts") {
              {
                newest {
                  id
                  reads
                }
              }
            },
            Flatten(path: "newest") {
              Fetch(service: "mail") {
                {
                  ... on Message {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Card {
                    __typename
                  }
                  ... on Letter {
                    __typename
                  }
                }
              },
            },
            Flatten(path: "newest") {
              Fetch(service: "mail") {
                {
                  ... on Letter {
                    __typename
                    id
                    reads
                  }
                } =>
                {
                  ... on Letter {
                    isOld
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_implementations_that_require_unlike_things_are_sent_apart() -> None:
    """An interface object is asked the same for all that a selection sends: what was not sent cannot be asked."""
    assert_plan(
        compose_ok(LICENCES),
        "{ licences { ... on Permit { label } ... on Certificate { reviews { text } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalogue") {
              {
                licences {
                  __typename
                  number
                  ... on Permit {
                    name
                  }
                }
              }
            },
            Batch(service: "ratings") {
              Flatten(path: "licences.@") {
                Fetch(service: "ratings") {
                  {
                    ... on Certificate {
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
              Flatten(path: "licences.@") {
                Fetch(service: "ratings") {
                  {
                    ... on Permit {
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
          },
        }
        """,
    )


def test_one_name_for_unlike_fields_of_known_types_is_asked_apart() -> None:
    """In one selection of the interface object both types would be given both fields."""
    operation = """
      { licences {
        ... on Permit { it: reviews(first: 1) { id } } ... on Certificate { it: reviews(first: 2) { id } }
      } }
    """
    _, *apart = (fetch.document for fetch in fetches(plan_ok(compose_ok(LICENCES), operation).node))
    asked = "query($representations: [_Any!]!) { _entities(representations: $representations) "
    assert apart == [
        asked + "{ ... on Licence { it: reviews(first: 2) { id } } } }",
        asked + "{ ... on Licence { it: reviews(first: 1) { id } } } }",
    ]
