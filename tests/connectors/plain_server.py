"""A GraphQL server that knows no Federation, its overlay, and the connector that reaches it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from graphql import build_schema, graphql_sync

from connectors.addresses import AddressRule
from connectors.build import ConnectorRegistration, build_connector
from connectors.connector import Connector, FetchRequest, FetchResponse
from connectors.http_client import HttpClient
from connectors.overlay import OverlayConnector

HEAD = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external"])
  @link(url: "https://jiyi.dev/spec/overlay/v0.1", import: ["@lookup"])
"""
PLAIN = """
type Query {
  user(id: ID!): User
  node(id: ID!): Node
  search(codes: [String!], year: Int = 2026): ProductPage
  strict(no: Int!): Order!
  hello: String
}
interface Node { id: ID! }
type User implements Node { id: ID! name: String friend: User }
type Group implements Node { id: ID! title: String }
type ProductPage { items: [Product!]! }
type Product { code: String! name(language: String = "zh"): String }
type Order { no: Int! total: Int }
"""
KEYS = {
    "type User implements Node": 'type User implements Node @key(fields: "id") @lookup(query: "user(id: $id)")',
    "type Group implements Node": 'type Group implements Node @key(fields: "id") @lookup(query: "node(id: $id)")',
    "type Product ": 'type Product @key(fields: "code") '
    '@lookup(query: "search(codes: $code) { items }", many: true) ',
    "type Order": 'type Order @key(fields: "no") @lookup(query: "strict(no: $no)")',
}


def overlay(**replaced: str) -> str:
    sdl = HEAD + PLAIN
    for plain, keyed in KEYS.items():
        sdl = sdl.replace(plain, replaced.get(plain.split()[1].lower(), keyed))
    return sdl


@dataclass
class Server:
    """A plain server and the connector that reaches it."""

    url: str
    connector: Connector
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def fetch(self, query: str, **variables: Any) -> FetchResponse:
        return await self.connector.fetch(FetchRequest(query, variables, timeout=timedelta(seconds=5)))

    async def entities(self, selection: str, *representations: dict[str, Any]) -> FetchResponse:
        query = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ {selection} }} }}"
        return await self.fetch(query, r=list(representations))


class Users:
    """Resolvers of the plain server's root."""

    def user(self, _info: Any, id: str) -> Any:
        if id == "broken":
            raise ValueError("user is broken")
        return {"id": id, "name": f"user {id}", "friend": {"id": "9", "name": "friend"}} if id != "0" else None

    def node(self, _info: Any, id: str) -> Any:
        kind = "Group" if id.startswith("g") else "User"
        return {"__typename": kind, "id": id, "title": f"group {id}"}

    def search(self, _info: Any, codes: list[str], year: int) -> Any:
        named = {"name": lambda _info, language: language}
        return {"items": [{"code": code, **named} for code in reversed(codes) if code != "gone"]}

    def strict(self, _info: Any, no: int) -> Any:
        if no < 0:
            raise ValueError("no such order")
        return {"no": no, "total": no * 10}

    def hello(self, _info: Any) -> str:
        return "hello"


@asynccontextmanager
async def plain_server(sdl: str) -> AsyncIterator[Server]:
    schema = build_schema(PLAIN)
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))

    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        server.asked.append(body)
        result = graphql_sync(schema, body["query"], Users(), variable_values=body.get("variables"))
        return web.json_response(result.formatted)

    application = web.Application()
    application.router.add_post("/graphql", answer)
    async with TestServer(application) as listening:
        url = str(listening.make_url("/graphql"))
        server = Server(url, build_connector(ConnectorRegistration("people", "graphql", url, sdl), client))
        assert isinstance(server.connector, OverlayConnector)
        yield server
        await client.close()
