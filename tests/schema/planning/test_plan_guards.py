"""Plans that bring, for every object of a guarded type, whose it is."""

from __future__ import annotations

import pytest
from graphql import parse

from schema.errors import PlanningError, RuntimeCode
from schema.planning import plan
from schema.planning.check_plan import fetches
from schema.planning.query_plan import Each, Fetch, Guard
from tests.schema.planning.graphs import DISTRICT
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok

IDENTITIES = {"Citizen": ("id", "idNumber")}


def guards(operation: str) -> dict[str, tuple[Guard, ...]]:
    found: list[Fetch] = list(fetches(plan_ok(compose_ok(DISTRICT), operation, IDENTITIES).node))
    return {f"{number} {fetch.service}": fetch.guards for number, fetch in enumerate(found) if fetch.guards}


def test_the_preferred_identity_is_added_and_guarded() -> None:
    """The client asked for no identity; the fetch brings one, hidden."""
    assert guards("{ me { cases { state } } }") == {"0 hub": (Guard(("me",), "Citizen", (("id", "id"),)),)}


def test_an_object_that_is_entered_by_key_is_guarded_once() -> None:
    """It was guarded where it came from; only new objects below it are guarded."""
    assert guards("{ me { name } }") == {"0 hub": (Guard(("me",), "Citizen", (("id", "id"),)),)}


def test_a_union_that_may_be_guarded_is_guarded_even_when_nothing_is_asked_of_it() -> None:
    """Whether someone holds an enterprise's licence is personal too."""
    path = ("me", "licences", Each(), "holder")
    own = (Guard(path, "Citizen", (("idNumber", "idNumber"),)),)
    found = guards("{ me { licences { holder { ... on Enterprise { name } } } } }")
    assert found == {
        "0 hub": (Guard(("me",), "Citizen", (("id", "id"),)),),
        "1 civil-affairs": own,
        "2 market-regulation": own,
        "3 transport": own,
    }


def test_an_alias_on_the_identity_s_name_is_not_read_as_the_identity() -> None:
    """The guard names the response name under which the true identity stands."""
    found = guards("{ me { id: __typename } }")
    assert found == {"0 hub": (Guard(("me",), "Citizen", (("id", "_1_id"),)),)}


def test_a_subgraph_that_cannot_say_whose_an_object_is_is_not_asked() -> None:
    """Without an identity the hub could not keep one person's data from another."""
    supergraph = compose_ok(
        {
            "a": "type Query { mayor: Citizen } type Citizen { name: String }",
        }
    )
    with pytest.raises(PlanningError, match='"a" cannot say whose Citizen stands at "mayor"') as caught:
        plan(supergraph, parse("{ mayor { name } }"), identities=IDENTITIES)
    assert caught.value.code is RuntimeCode.NO_PLAN


def test_the_citizen_s_page_is_planned_with_all_departments() -> None:
    """One page of the portal: gathered licences, fees with their settlement, cases, and every holder guarded."""
    assert_plan(
        compose_ok(DISTRICT),
        """
        {
          me {
            name
            licences {
              number kind issuer { name } validUntil
              holder { __typename ... on Citizen { name enterprises { name } } }
            }
            fees { number amountFen settlement { receiptNumber } }
            cases { receiptNumber state }
          }
        }
        """,
        """
        QueryPlan {
          Sequence {
            Fetch(service: "hub") {
              {
                me {
                  __typename
                  id
                  fees {
                    __typename
                    number
                    amountFen
                  }
                  cases {
                    receiptNumber
                    state
                  }
                  idNumber
                }
              }
            },
            Parallel {
              Sequence {
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
                            kind
                            issuer {
                              __typename
                              code
                            }
                            validUntil
                            holder {
                              __typename
                              ... on Citizen {
                                idNumber
                              }
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
                            kind
                            issuer {
                              __typename
                              code
                            }
                            validUntil
                            holder {
                              __typename
                              ... on Citizen {
                                idNumber
                              }
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
                            kind
                            issuer {
                              __typename
                              code
                            }
                            validUntil
                            holder {
                              __typename
                              ... on Citizen {
                                idNumber
                              }
                            }
                          }
                        }
                      }
                    },
                  },
                },
                Parallel {
                  Batch(service: "public-security") {
                    Flatten(path: "me") {
                      Fetch(service: "public-security") {
                        {
                          ... on Citizen {
                            __typename
                            id
                          }
                        } =>
                        {
                          ... on Citizen {
                            name
                          }
                        }
                      },
                    },
                    Flatten(path: "me.licences.@.holder") {
                      Fetch(service: "public-security") {
                        {
                          ... on Citizen {
                            __typename
                            idNumber
                          }
                        } =>
                        {
                          ... on Citizen {
                            name
                          }
                        }
                      },
                    },
                  },
                  Flatten(path: "me.licences.@.holder") {
                    Fetch(service: "market-regulation") {
                      {
                        ... on Citizen {
                          __typename
                          idNumber
                        }
                      } =>
                      {
                        ... on Citizen {
                          enterprises {
                            name
                          }
                        }
                      }
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
              },
              Flatten(path: "me.fees.@") {
                Fetch(service: "finance") {
                  {
                    ... on FeeOrder {
                      __typename
                      number
                    }
                  } =>
                  {
                    ... on FeeOrder {
                      settlement {
                        receiptNumber
                      }
                    }
                  }
                },
              },
            },
          },
        }
        """,
        IDENTITIES,
    )
