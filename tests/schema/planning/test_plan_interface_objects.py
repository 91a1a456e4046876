"""Plans over interface objects: a subgraph that stands for all implementations and cannot tell which is which."""

from __future__ import annotations

from schema.planning.check_plan import fetches
from tests.schema.planning.graphs import LICENCES
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok


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


def test_a_told_type_takes_the_place_of_the_interface_s_name() -> None:
    """The executor is told which answer reveals the types behind an interface object."""
    found = plan_ok(compose_ok(LICENCES), "{ best { __typename number } }")
    assert [(fetch.service, fetch.reveals) for fetch in fetches(found.node)] == [
        ("ratings", ()),
        ("catalogue", ("Licence",)),
    ]


def test_a_path_is_narrowed_by_types_that_only_a_later_answer_tells() -> None:
    """Where some types need more below a field, the visit that brings it tells the types too: no other's object is
    sent without a key."""
    assert_plan(
        compose_ok(
            {
                "catalogue": """
                type Query { office: Office }
                type Office @key(fields: "id") { id: ID! licences: [Licence!]! @shareable }
                type Licence @key(fields: "id") @interfaceObject { id: ID! mark: String }
                """,
                "inspection": """
                interface Licence @key(fields: "id") { id: ID! place: Place }
                type Permit implements Licence @key(fields: "id") { id: ID! place: Place @shareable }
                type Card implements Licence @key(fields: "id") { id: ID! place: Place serial: String }
                type Place @key(fields: "id") { id: ID! @shareable isOpen: Boolean }
                """,
                "registry": """
                type Office @key(fields: "id") { id: ID! size: Int licences: [Licence!]! @shareable }
                interface Licence @key(fields: "id") { id: ID! }
                type Permit implements Licence @key(fields: "id") { id: ID! place: Place @shareable }
                type Card implements Licence @key(fields: "id") { id: ID! }
                type Place @key(fields: "id") { id: ID! @shareable size: Int }
                """,
            }
        ),
        "{ office { licences { place { size isOpen } mark ... on Card { serial } } size } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalogue") {
              {
                office {
                  __typename
                  id
                  licences {
                    mark
                    id
                  }
                }
              }
            },
            Flatten(path: "office.licences.@") {
              Fetch(service: "inspection") {
                {
                  ... on Licence {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Permit {
                    place {
                      isOpen
                    }
                    __typename
                  }
                  ... on Card {
                    place {
                      __typename
                      isOpen
                      id
                    }
                    __typename
                    serial
                  }
                }
              },
            },
            Batch(service: "registry") {
              Flatten(path: "office") {
                Fetch(service: "registry") {
                  {
                    ... on Office {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Office {
                      licences {
                        __typename
                        ... on Permit {
                          place {
                            size
                          }
                        }
                      }
                      size
                    }
                  }
                },
              },
              Flatten(path: "office.licences.@|[Card].place") {
                Fetch(service: "registry") {
                  {
                    ... on Place {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Place {
                      size
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )
