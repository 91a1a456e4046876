"""S6 too: what a department's own directives demand is demanded in the hub too, whatever the hub's policy allows.

Fragments, aliases and interfaces are no way around; the work is bounded by the text.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from graphql import OperationDefinitionNode, parse

from auth.actor import Actor
from connectors.clock import SystemClock
from hub.gateway import Gateway, GraphQLRequest, GraphState
from hub.gateway.access import access_needs
from schema.composition import compose
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import AllowAll, identities_of

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@authenticated", "@requiresScopes", "@policy"])
type Query { node: Node  found: Found  open: Int  secret: Secret  level: Level }
type Mutation @authenticated { change: Int }
interface Node { id: ID!  name: String }
type User implements Node { id: ID!  name: String @requiresScopes(scopes: [["names"]])  friend: User }
type Shop implements Node { id: ID!  name: String }
union Found = Shop | Secret
type Secret @authenticated { word: String }
enum Level @policy(policies: [["insider"]]) { HIGH }
"""


def supergraph() -> Supergraph:
    composed = compose([Subgraph("register", SDL)]).supergraph
    assert composed is not None
    return composed


def actor(*scopes: str, policies: tuple[str, ...] = ()) -> Actor:
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    return Actor("a", "c", frozenset(scopes), frozenset(), expires_at, policies=frozenset(policies))


def refused(query: str, reader: Actor | None) -> list[tuple[str, str]]:
    document = parse(query)
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    needs = access_needs(supergraph(), document, operation)
    return [(".".join(each.path), each.code) for each in needs.refusals(reader)]


@pytest.mark.parametrize(
    ("query", "reader", "refusals"),
    [
        ("{ open __typename __schema { types { name } } }", None, []),
        ("{ node { id } }", None, []),
        ("{ node { title: name } }", None, [("node.title", "UNAUTHENTICATED")]),
        ("{ node { ... on Shop { name } } }", None, []),
        ("{ node { ... on User { name } } }", actor(), [("node.name", "FORBIDDEN")]),
        ("{ node { ...N } } fragment N on Node { ... @skip(if: true) { name } }", actor("names"), []),
        ("{ a: node { ...N } } fragment N on Node { name }", actor(), [("a.name", "FORBIDDEN")]),
        ("{ found { __typename } }", None, []),
        (
            "{ found { ... on Secret { __typename } } }",
            None,
            [("found", "UNAUTHENTICATED"), ("found.__typename", "UNAUTHENTICATED")],
        ),
        ("{ secret { word } }", None, [("secret", "UNAUTHENTICATED"), ("secret.word", "UNAUTHENTICATED")]),
        ("{ secret { word } }", actor(), []),
        ("{ level }", actor("insider"), [("level", "FORBIDDEN")]),
        ("{ level }", actor(policies=("insider",)), []),
        ("mutation { change }", None, [("", "UNAUTHENTICATED"), ("change", "UNAUTHENTICATED")]),
    ],
)
def test_every_way_to_a_guarded_field_is_guarded(
    query: str, reader: Actor | None, refusals: list[tuple[str, str]]
) -> None:
    """By field, by type, by a type condition, by the type that a field gives, by an operation's root."""
    assert refused(query, reader) == refusals


def test_fragments_in_fragments_are_walked_once() -> None:
    """Two spreads of the next in each of a hundred fragments would be 2^100 walks."""
    bomb = "".join(f"fragment F{n} on User {{ friend {{ ...F{n + 1} }} ...F{n + 1} }} " for n in range(100))
    began = time.process_time()
    found = refused("{ node { ...F0 } } " + bomb + "fragment F100 on User { name }", None)
    assert [code for _path, code in found] == ["UNAUTHENTICATED"]
    assert time.process_time() - began < 2


async def test_the_hub_refuses_before_it_fetches() -> None:
    """Its policy lets everybody read here; the department's directive does not."""
    department = FakeDepartment({})
    gateway = Gateway(AllowAll(), identities_of, clock=SystemClock())
    gateway.publish(GraphState(supergraph(), {"register": department}, {"register": "register"}, 1))
    answer = await gateway.answer(GraphQLRequest("{ open secret { word } }"), None)
    assert (answer.status, answer.is_executed) == (401, False)
    assert department.requests == []
    await gateway.close()
