"""Plans over interfaces and unions: each subgraph is asked only what its own schema knows."""

from __future__ import annotations

from tests.schema.planning.proving import assert_plan, compose_ok

MEDIA = {
    "a": """
      type Query { items: [Item!]! }
      interface Item { id: ID! }
      type Book implements Item @key(fields: "id") { id: ID! pages: Int }
      type Film implements Item @key(fields: "id") { id: ID! }
    """,
    "b": """
      interface Item { id: ID! title: String }
      type Book implements Item @key(fields: "id") { id: ID! title: String }
      type Film implements Item @key(fields: "id") { id: ID! title: String minutes: Int }
      type Game implements Item @key(fields: "id") { id: ID! title: String }
    """,
}


def test_an_interface_field_of_another_subgraph_is_resolved_per_concrete_type() -> None:
    """The first subgraph's interface lacks the field; one request takes all types."""
    supergraph = compose_ok(MEDIA)
    assert_plan(
        supergraph,
        "{ items { id title ... on Book { pages } ... on Film { minutes } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                items {
                  __typename
                  id
                  ... on Book {
                    pages
                  }
                }
              }
            },
            Flatten(path: "items.@") {
              Fetch(service: "b") {
                {
                  ... on Book {
                    __typename
                    id
                  }
                  ... on Film {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Book {
                    title
                  }
                  ... on Film {
                    title
                    minutes
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_a_type_condition_that_the_subgraph_does_not_know_is_dropped() -> None:
    """No Game can stand where the answering subgraph knows none."""
    supergraph = compose_ok(MEDIA)
    assert_plan(
        supergraph,
        "{ items { ... on Game { title } ... on Book { pages } } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              items {
                __typename
                ... on Book {
                  pages
                }
              }
            }
          },
        }
        """,
    )


def test_a_condition_on_an_unknown_interface_becomes_conditions_on_its_types() -> None:
    """`Titled` exists in one subgraph only; the other is asked for its concrete types."""
    supergraph = compose_ok(
        {
            "a": """
              type Query { things: [Thing!]! }
              union Thing = Book | Film
              type Book @key(fields: "id") { id: ID! title: String @shareable }
              type Film @key(fields: "id") { id: ID! title: String @shareable }
            """,
            "b": """
              interface Titled { title: String }
              type Book implements Titled @key(fields: "id") { id: ID! title: String @shareable }
              type Film implements Titled @key(fields: "id") { id: ID! title: String @shareable }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ things { ... on Titled { title } } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              things {
                __typename
                ... on Book {
                  title
                }
                ... on Film {
                  title
                }
              }
            }
          },
        }
        """,
    )


def test_members_that_no_other_candidate_may_answer_are_asked_nothing() -> None:
    """Both subgraphs promise the same value, so only the members of both can stand there."""
    supergraph = compose_ok(
        {
            "a": """
              type Query { found: Found @shareable }
              union Found = Book | Film
              type Book @key(fields: "id") { id: ID! title: String @shareable }
              type Film @key(fields: "id") { id: ID! title: String @shareable }
            """,
            "b": """
              type Query { found: Found @shareable }
              union Found = Book | Game
              type Book @key(fields: "id") { id: ID! title: String @shareable }
              type Game @key(fields: "id") { id: ID! title: String @shareable }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ found { ... on Book { title } ... on Film { title } ... on Game { title } } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              found {
                __typename
                ... on Book {
                  title
                }
              }
            }
          },
        }
        """,
    )


def test_nested_and_wider_types_are_asked_in_each_subgraph_s_own_terms() -> None:
    """One subgraph answers an object where the graph has a union: no fragment is needed there."""
    supergraph = compose_ok(
        {
            "a": """
              type Query { case: Case }
              type Case @key(fields: "id") { id: ID! subject: Book @shareable }
              type Book @key(fields: "id") { id: ID! }
            """,
            "b": """
              type Case @key(fields: "id") { id: ID! subject: Subject @shareable note: String }
              union Subject = Book | Film
              type Book @key(fields: "id") { id: ID! title: String }
              type Film { minutes: Int }
            """,
        }
    )
    assert_plan(
        supergraph,
        "{ case { subject { ... on Book { title } ... on Film { minutes } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                case {
                  subject {
                    __typename
                    id
                  }
                }
              }
            },
            Flatten(path: "case.subject") {
              Fetch(service: "b") {
                {
                  ... on Book {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Book {
                    title
                  }
                }
              },
            },
          },
        }
        """,
    )
