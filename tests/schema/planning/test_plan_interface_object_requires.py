"""Plans for what is required of interface objects and of single implementations: who is asked, and sent what."""

from __future__ import annotations

from schema.planning.check_plan import fetches
from schema.planning.query_plan import RepresentationField
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok

MESSAGES = """
  type Query { messages: [Message] }
  interface Message @key(fields: "id") { id: ID! size: Int }
  type Card implements Message @key(fields: "id") { id: ID! size: Int }
  type Letter implements Message @key(fields: "id") { id: ID! size: Int }
"""


def test_what_is_required_for_one_type_only_is_asked_of_that_type_only() -> None:
    """Under the interface's name both would be asked for the weight, but only letters bring their size. It is
    still one request."""
    counts = """
      type Message @interfaceObject @key(fields: "id") {
        id: ID! reads: Int size: Int @external weight: Int @requires(fields: "size")
      }
    """
    assert_plan(
        compose_ok({"mail": MESSAGES, "counts": counts}),
        "{ messages { reads ... on Letter { weight } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "mail") {
              {
                messages {
                  __typename
                  id
                  ... on Letter {
                    size
                  }
                }
              }
            },
            Batch(service: "counts") {
              Flatten(path: "messages.@") {
                Fetch(service: "counts") {
                  {
                    ... on Card {
                      __typename
                      id
                    }
                    ... on Letter {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Message {
                      reads
                    }
                  }
                },
              },
              Flatten(path: "messages.@") {
                Fetch(service: "counts") {
                  {
                    ... on Letter {
                      __typename
                      id
                      size
                    }
                  } =>
                  {
                    ... on Message {
                      weight
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_a_key_of_one_implementation_is_not_looked_for_on_the_others() -> None:
    """A letter's text is known by its code, which cards do not have; their text is something else."""
    supergraph = compose_ok(
        {
            "mail": """
              interface Message @key(fields: "id") { id: ID! }
              type Card implements Message @key(fields: "id") { id: ID! text: Int }
              type Letter implements Message @key(fields: "id") @key(fields: "code") {
                id: ID! code: ID! text: [String] @external isOld: Boolean @requires(fields: "text")
              }
            """,
            "counts": """
              type Query { newest: Message }
              type Message @interfaceObject @key(fields: "id") { id: ID! reads: Int }
            """,
            "texts": 'type Letter @key(fields: "code") { code: ID! text: [String] }',
        }
    )
    found = plan_ok(supergraph, "{ newest { ... on Letter { isOld } } }")
    services = [one.service for one in fetches(found.node)]
    assert services == ["counts", "mail", "texts", "mail"]


def test_objects_inside_a_requirement_are_sent_without_a_name_that_nobody_told() -> None:
    """Both subgraphs know messages as one object type: nothing is asked only to tell which messages the answers
    are."""
    supergraph = compose_ok(
        {
            "mail": MESSAGES.replace("type Query { messages: [Message] }", ""),
            "answers": """
              type Query { newest: Message }
              type Message @interfaceObject @key(fields: "id") { id: ID! answers: [Message] }
            """,
            "weights": """
              type Message @interfaceObject @key(fields: "id") {
                id: ID! size: Int @external answers: [Message] @external
                weight: Int @requires(fields: "answers { size }")
              }
            """,
        }
    )
    found = plan_ok(supergraph, "{ newest { weight } }")
    weights = [one for one in fetches(found.node) if one.service == "weights"]
    sent = {part.name: part.selections for one in weights for part in one.representations[0].selections}  # type: ignore[union-attr]
    assert sent == {"id": (), "answers": (RepresentationField("size", "size"),)}


def test_a_name_that_means_something_else_for_another_type_is_not_asked_of_it() -> None:
    """Under the interface's name letters would be asked for what "same" is of cards, and lose their own."""
    counts = 'type Message @interfaceObject @key(fields: "id") { id: ID! reads: Int }'
    found = plan_ok(
        compose_ok({"mail": MESSAGES, "counts": counts}),
        "{ messages { reads ... on Letter { same: size } ... on Card { same: reads } } }",
    )
    asked = {one.representations[0].type_name: one.document for one in fetches(found.node) if one.representations}
    assert "same: reads" in asked["Card"]
    assert "same" not in asked["Letter"]
    assert len(asked) == 2


def test_a_key_has_no_name_that_a_type_beside_it_gave_away() -> None:
    """Cards call something else "id", and letters are asked for it under the interface's name: the keys of both
    stand elsewhere."""
    counts = 'type Message @interfaceObject @key(fields: "id") { id: ID! reads: Int }'
    supergraph = compose_ok({"mail": MESSAGES, "counts": counts})
    assert_plan(
        supergraph,
        "{ messages { reads ... on Card { id: reads } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "mail") {
              {
                messages {
                  __typename
                  _1_id: id
                }
              }
            },
            Batch(service: "counts") {
              Flatten(path: "messages.@") {
                Fetch(service: "counts") {
                  {
                    ... on Card {
                      __typename
                      _1_id: id
                    }
                  } =>
                  {
                    ... on Message {
                      reads
                      id: reads
                    }
                  }
                },
              },
              Flatten(path: "messages.@") {
                Fetch(service: "counts") {
                  {
                    ... on Letter {
                      __typename
                      _1_id: id
                    }
                  } =>
                  {
                    ... on Message {
                      reads
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_what_one_type_is_asked_below_a_field_that_all_need_is_fetched_for_that_type_only() -> None:
    """The request that brings the places tells the types too: of cards' places no key was asked."""
    mail = MESSAGES.replace("size: Int", "near: Place").replace("type Query { messages: [Message] }", "")
    supergraph = compose_ok(
        {
            "mail": mail + 'type Place @key(fields: "id") { id: ID! half: Int }',
            "counts": """
              type Query { newest: Message }
              type Message @interfaceObject @key(fields: "id") {
                id: ID! near: Place @external weight: Int @requires(fields: "near { half }")
              }
              type Place @key(fields: "id") { id: ID! half: Int @external }
            """,
            "map": 'type Place @key(fields: "id") { id: ID! height: Int }',
        }
    )
    found = plan_ok(supergraph, "{ newest { weight ... on Letter { near { height } } } }")
    assert 'Flatten(path: "newest|[Letter].near")' in str(found)
