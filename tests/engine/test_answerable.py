"""What composes although an operation on it has no answer is told apart from what the planner fails to find."""

from __future__ import annotations

import pytest
from graphql import parse

from schema.errors import PlanningError
from schema.planning import plan
from tests.engine.answerable import lost_fields
from tests.schema.planning.proving import compose_ok, plan_ok

GRAPH = {
    "books": """
      type Query { book: Book shelf: Shelf }
      type Shelf { books: [Book!] @provides(fields: "isbn") }
      type Book { isbn: ID! @external title: String }
    """,
    "prices": 'type Book @key(fields: "isbn") { isbn: ID! price: Int }',
}


def test_a_field_that_is_lost_along_one_path_is_told_for_that_path_only() -> None:
    """A shelf's books bring the key that leads to their prices, the book alone does not."""
    graph = compose_ok(GRAPH)
    alone, shelved = parse("{ book { title price } }"), parse("{ shelf { books { title price } } }")
    assert lost_fields(graph, alone) == ("Book.price",)
    assert lost_fields(graph, shelved) == ()
    plan_ok(graph, "{ shelf { books { title price } } }")
    with pytest.raises(PlanningError, match=r'field "Book\.price"'):
        plan(graph, alone)
