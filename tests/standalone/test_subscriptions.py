"""A subscription begins in one subgraph, and others complete each of its events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from connectors.graphql_streams import SubscriptionDoor
from hub.standalone.application import GatewayOptions
from schema.subgraph import Subgraph
from tests.hub.serving import served
from tests.standalone.conftest import Serve
from tests.standalone.shop import LINK, Shop

NEWS = (
    LINK
    + """
type Subscription { productChanged: Product! }
type Product @key(fields: "upc") { upc: ID! }
"""
)


Told = tuple[tuple[str, SubscriptionDoor], ...]


class Newsroom:
    """A subgraph that announces two products as Server-Sent Events, and speaks no WebSocket. ``asked`` has the
    credentials of each request."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/graphql", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        self.asked.append(request.headers.get("authorization", ""))
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _events(self) -> AsyncIterator[str]:
        for upc in ("1", "2"):
            product = {"__typename": "Product", "upc": upc}
            yield f"event: next\ndata: {json.dumps({'data': {'productChanged': product}})}\n\n"
        yield "event: complete\ndata:\n\n"


@pytest.fixture
async def newsroom() -> AsyncIterator[tuple[Newsroom, Subgraph]]:
    opened = Newsroom()
    async with served(opened.app) as url:
        yield opened, Subgraph("news", NEWS, f"{url}/graphql")


@pytest.mark.parametrize(
    "transports", [(), (("news", SubscriptionDoor("graphql-sse")),)], ids=["found out", "told"]
)
async def test_each_event_is_completed_for_its_subscriber(
    gateway: Serve, shop: Shop, newsroom: tuple[Newsroom, Subgraph], transports: Told
) -> None:
    """A subgraph that speaks events only; what its events lack is asked with the same credentials."""
    announcer, listed = newsroom
    options = GatewayOptions(forwarded_headers=("authorization",), subscriptions=transports)
    headers = {"Accept": "text/event-stream", "Authorization": "Bearer subscriber"}
    body = {"query": "subscription { productChanged { upc inStock } }"}
    async with gateway(subgraphs=(*shop.subgraphs, listed), options=options) as client:
        answer = await client.post("/graphql", json=body, headers=headers)
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    assert events == [
        {"data": {"productChanged": {"upc": "1", "inStock": True}}},
        {"data": {"productChanged": {"upc": "2", "inStock": False}}},
    ]
    assert announcer.asked == ["Bearer subscriber"]
    assert [sent["authorization"] for sent in shop.inventory.headers] == ["Bearer subscriber"] * 2
