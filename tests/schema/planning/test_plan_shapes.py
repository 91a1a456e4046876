"""One response name for several types: shapes, paths and shared requests."""

from __future__ import annotations

from schema.planning.check_plan import fetches
from schema.planning.query_plan import Each, OnTypes
from tests.schema.planning.proving import assert_plan, compose_ok


def test_one_response_name_in_two_shapes_gets_an_internal_alias() -> None:
    """The subgraph's own schema refuses `Int!` beside `Int` under one name; the answer maps it back."""
    supergraph = compose_ok(
        {
            "a": """
              type Query { found: [Found!]! }
              union Found = Book | Film
              type Book @key(fields: "id") { id: ID! pages: Int! @shareable }
              type Film @key(fields: "id") { id: ID minutes: Int @shareable }
            """,
            "b": """
              type Book @key(fields: "id") { id: ID! pages: Int @shareable title: String }
              type Film @key(fields: "id") { id: ID minutes: Int @shareable title: String }
            """,
        }
    )
    plan = assert_plan(
        supergraph,
        "{ found { ... on Book { size: pages title } ... on Film { size: minutes title } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                found {
                  __typename
                  ... on Book {
                    size: pages
                    id
                  }
                  ... on Film {
                    _1_size: minutes
                    _2_id: id
                  }
                }
              }
            },
            Flatten(path: "found.@") {
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
                  }
                }
              },
            },
          },
        }
        """,
    )
    (first, *_) = fetches(plan.node)
    assert first.renames == (
        (("found", Each(), OnTypes(("Film",))), "_1_size", "size"),
        (("found", Each(), OnTypes(("Film",))), "_2_id", "id"),
    )


def test_a_field_that_differs_by_type_is_followed_per_type() -> None:
    """The same response name leads to different objects; each path names its types. One request asks for both."""
    supergraph = compose_ok(
        {
            "a": """
              type Query { found: [Found!]! }
              union Found = Book | Film
              type Book { by: Person } type Film { by: Person director: Person }
              type Person @key(fields: "id") { id: ID! }
            """,
            "b": 'type Person @key(fields: "id") { id: ID! name: String age: Int }',
        }
    )
    assert_plan(
        supergraph,
        "{ found { ... on Book { by { name } } ... on Film { by: director { age } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                found {
                  __typename
                  ... on Book {
                    by {
                      __typename
                      id
                    }
                  }
                  ... on Film {
                    by: director {
                      __typename
                      id
                    }
                  }
                }
              }
            },
            Batch(service: "b") {
              Flatten(path: "found.@|[Book].by") {
                Fetch(service: "b") {
                  {
                    ... on Person {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Person {
                      name
                    }
                  }
                },
              },
              Flatten(path: "found.@|[Film].by") {
                Fetch(service: "b") {
                  {
                    ... on Person {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Person {
                      age
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_equal_requests_for_several_types_are_one() -> None:
    """Two branches ask the same of the same field: one path lets both types through."""
    supergraph = compose_ok(
        {
            "a": """
              type Query { found: [Found!]! }
              union Found = Book | Film | Game
              type Book { by: Person } type Film { by: Person } type Game { by: Person }
              type Person @key(fields: "id") { id: ID! }
            """,
            "b": 'type Person @key(fields: "id") { id: ID! name: String }',
        }
    )
    assert_plan(
        supergraph,
        "{ found { ... on Book { by { name } } ... on Film { by { name } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                found {
                  __typename
                  ... on Book {
                    by {
                      __typename
                      id
                    }
                  }
                  ... on Film {
                    by {
                      __typename
                      id
                    }
                  }
                }
              }
            },
            Flatten(path: "found.@|[Book,Film].by") {
              Fetch(service: "b") {
                {
                  ... on Person {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Person {
                    name
                  }
                }
              },
            },
          },
        }
        """,
    )
