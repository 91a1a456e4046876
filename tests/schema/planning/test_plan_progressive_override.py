"""Plans while a field moves: which subgraph is asked depends on the labels that are on."""

from __future__ import annotations

from graphql import parse

from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.query_plan import Fetch, Flatten, Sequence
from schema.supergraph import Supergraph
from tests.schema.planning.proving import compose_ok

SUBGRAPHS = {
    "old": 'type Query { me: Person } type Person @key(fields: "id") { id: ID! phone: String mail: String }',
    "new": """
      type Person @key(fields: "id") { id: ID! phone: String @override(from: "old", label: "move-phone") }
    """,
    "bills": """
      type Person @key(fields: "id") {
        id: ID! mail: String @external bill: String @requires(fields: "mail")
      }
    """,
}


def _services(supergraph: Supergraph, query: str, *labels: str) -> list[str]:
    document = parse(query)
    found = plan(supergraph, document, labels=frozenset(labels))
    assert check_plan(supergraph, document, None, found, frozenset(labels)) == ()
    nodes = found.node.nodes if isinstance(found.node, Sequence) else (found.node,)
    fetches = [node.node if isinstance(node, Flatten) else node for node in nodes]
    return [fetch.service for fetch in fetches if isinstance(fetch, Fetch)]


def test_the_field_stays_where_it_was_while_the_label_is_off() -> None:
    """Nothing changes for those who are not moved yet."""
    assert _services(compose_ok(SUBGRAPHS), "{ me { phone } }") == ["old"]


def test_the_field_is_asked_in_its_new_place_while_the_label_is_on() -> None:
    """The old place still resolves it, and is not asked."""
    assert _services(compose_ok(SUBGRAPHS), "{ me { phone } }", "move-phone") == ["old", "new"]


def test_a_label_of_another_field_changes_nothing() -> None:
    """Labels are compared whole."""
    assert _services(compose_ok(SUBGRAPHS), "{ me { phone bill } }", "move") == ["old", "bills"]
