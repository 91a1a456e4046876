"""Two subgraphs on real ports, ``products`` and ``inventory``, that remember what they were asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema, build_schema, graphql_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schema.subgraph import Subgraph
from tests.hub.serving import served

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])\n'
PRODUCTS = (
    LINK
    + """
type Query { topProducts(first: Int = 2): [Product!]! }
type Mutation { rename(upc: ID!, name: String!): Product }
type Product @key(fields: "upc") { upc: ID! name: String! }
"""
)
INVENTORY = (
    LINK
    + """
type Query { warehouses: Int! }
type Product @key(fields: "upc") { upc: ID! inStock: Boolean! }
"""
)
_MACHINERY = """
scalar _Any
type _Service { sdl: String! }
extend type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
union _Entity = Product
directive @key(fields: String!) repeatable on OBJECT
directive @authenticated on FIELD_DEFINITION | OBJECT
directive @link(url: String!, import: [String!]) repeatable on SCHEMA
"""


@dataclass
class Subserver:
    """One subgraph. ``headers`` are those of each request so far; ``is_broken`` answers 500 and no JSON."""

    sdl: str
    answers: dict[str, Any]
    headers: list[dict[str, str]] = field(default_factory=list)
    is_broken: bool = False

    @property
    def app(self) -> Starlette:
        schema = build_schema(self.sdl.removeprefix(LINK) + _MACHINERY, assume_valid=True)

        async def answer(request: Request) -> Response:
            self.headers.append(dict(request.headers))
            if self.is_broken:
                return Response("out of order", 500)
            body = await request.json()
            return JSONResponse(self._execute(schema, body))

        return Starlette(routes=[Route("/graphql", answer, methods=["POST"])])

    def _execute(self, schema: GraphQLSchema, body: dict[str, Any]) -> dict[str, Any]:
        root = {
            **self.answers,
            "_service": {"sdl": self.sdl},
            "_entities": lambda _info, representations: [
                {"__typename": "Product", "inStock": each["upc"] != "2", **each} for each in representations
            ],
        }
        result = graphql_sync(schema, body["query"], root, variable_values=body.get("variables"))
        return dict(result.formatted)


@dataclass(frozen=True)
class Shop:
    products: Subserver
    inventory: Subserver
    products_url: str
    inventory_url: str

    @property
    def subgraphs(self) -> tuple[Subgraph, ...]:
        return (
            Subgraph("inventory", INVENTORY, self.inventory_url),
            Subgraph("products", PRODUCTS, self.products_url),
        )

    @property
    def listed(self) -> list[dict[str, str]]:
        """As ``subgraphs.json`` has it, without SDL."""
        return [
            {"name": "products", "url": self.products_url},
            {"name": "inventory", "url": self.inventory_url},
        ]


@asynccontextmanager
async def open_shop() -> AsyncIterator[Shop]:
    products = Subserver(
        PRODUCTS,
        {
            "topProducts": lambda _info, first: [{"upc": str(n), "name": f"P{n}"} for n in range(1, first + 1)],
            "rename": lambda _info, upc, name: {"upc": upc, "name": name},
        },
    )
    inventory = Subserver(INVENTORY, {"warehouses": 3})
    async with AsyncExitStack() as stack:
        urls = [f"{await stack.enter_async_context(served(each.app))}/graphql" for each in (products, inventory)]
        yield Shop(products, inventory, *urls)
