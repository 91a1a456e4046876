"""A plain GraphQL server's schema becomes an overlay with keys that its own root fields find by."""

from __future__ import annotations

import pytest
from graphql import build_schema, introspection_from_schema

from hub.cli.document_source import document_client
from hub.cli.graphql_server import ask_schema
from schema.composition import compose
from schema.drafting import Draft, Undraftable, draft_graphql, draft_introspection
from schema.overlay import check_overlay
from schema.subgraph import Subgraph
from tests.connectors.plain_server import overlay, plain_server

PLAIN = '''
directive @beta on FIELD_DEFINITION
type Query {
  node(id: ID!): Node
  user(id: ID!, verbose: Boolean = false): User
  usersByIds(ids: [ID!]!): [User]!
  product(sku: String!): Product
  tag(name: String): Tag
  search(text: String!): [Tag!]!
}
type Mutation { rename(id: ID!, name: String!): User }
interface Node { id: ID! }
"""Somebody."""
type User implements Node { id: ID! name: String friends(first: Int): [User!]! }
type Group implements Node { id: ID! }
type Product { sku: String! price: Float }
type Tag { id: ID! name: String! }
type PageInfo { hasNextPage: Boolean! }
'''


def checked(draft: Draft) -> Draft:
    assert check_overlay("people", draft.sdl) == ()
    assert compose([Subgraph("people", draft.sdl, "http://people.example")]).errors == ()
    return draft


def test_keys_are_guessed_from_the_root_fields_that_find_by_them() -> None:
    """Many at once before one at a time, a field of its own before ``node``."""
    sdl = checked(draft_graphql(PLAIN)).sdl
    for text in (
        '# review: the key "id" is guessed from the root field usersByIds\ntype User implements Node\n'
        '  @key(fields: "id")\n  @lookup(query: "usersByIds(ids: $id)", many: true)\n{\n  id: ID!',
        'type Group implements Node\n  @key(fields: "id")\n  @lookup(query: "node(id: $id)")\n{',
        'type Product\n  @key(fields: "sku")\n  @lookup(query: "product(sku: $sku)")\n{',
        "type Tag {",
        "type PageInfo @shareable {",
        '"""Somebody."""\n# review',
    ):
        assert text in sdl, sdl


def test_what_has_an_id_and_no_look_up_is_told() -> None:
    draft = checked(draft_graphql(PLAIN))
    assert [str(note) for note in draft.notes] == [
        "Query.node: is the hub's own, but a look-up needs it: the hub refuses it as it is",
        "Tag: has an id, but no root field finds it by that; it has no key",
    ]
    assert str(draft.coverage[0]) == "3 of 4 types with an id have a key (75.0 %)"


def test_introspection_gives_the_same() -> None:
    """Whichever way the schema comes; with other names for the roots too."""
    schema = build_schema("schema { query: Root } type Root { user(id: ID!): User } type User { id: ID! }")
    draft = checked(draft_introspection({"data": introspection_from_schema(schema)}))
    assert "{\n  query: Root\n}" in draft.sdl
    assert '@lookup(query: "user(id: $id)")' in draft.sdl


async def test_a_server_is_asked_for_its_sdl_or_introspected() -> None:
    """The draft of a plain server is what makes it a subgraph."""
    async with plain_server(overlay()) as server:
        client = document_client()
        draft = checked(await ask_schema(server.url, client, {}))
        await client.close()
    assert '@lookup(query: "user(id: $id)")' in draft.sdl
    async with plain_server(draft.sdl) as server:
        response = await server.entities("... on User { name }", {"__typename": "User", "id": "4"})
    assert response.data == {"_entities": [{"name": "user 4"}]}


def test_a_subgraph_is_left_as_it_is() -> None:
    sdl = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9") type Query { a: Int }'
    draft = draft_graphql(sdl)
    assert draft.sdl == sdl
    assert "Federation subgraph already" in draft.notes[0].reason


def test_what_is_no_schema_is_told() -> None:
    with pytest.raises(Undraftable, match="no GraphQL SDL"):
        draft_graphql("hello")
    with pytest.raises(Undraftable, match="introspection"):
        draft_introspection({"data": {}})
