"""A department that ends the conversation before a subscription begins, and what that means."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.addresses import AddressRule
from connectors.connector import ConnectorFailure, FetchRequest, RequestContext
from connectors.graphql import GraphQLConnector
from connectors.graphql_streams import SubscriptionDoor, SubscriptionTransport
from connectors.http_client import HttpClient
from schema.errors import RUNTIME_CODES, RuntimeCode

NO_WEBSOCKET = "The department's system takes no subscriptions over a WebSocket with graphql-transport-ws."


class Closing:
    """Closes each WebSocket with ``code`` once it was introduced; ``introductions`` are what it was told."""

    def __init__(self) -> None:
        self.code = 1000
        self.introductions: list[object] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=("graphql-transport-ws",))
        await socket.prepare(request)
        self.introductions.append(await socket.receive_json())
        await socket.close(code=self.code)
        return socket


@pytest.fixture
async def closing() -> AsyncIterator[tuple[Closing, str]]:
    opened, app = Closing(), web.Application()
    app.router.add_get("/graphql", opened.answer)
    async with TestServer(app) as server:
        yield opened, str(server.make_url("/graphql"))


async def refusal(url: str, transport: SubscriptionTransport) -> ConnectorFailure:
    """What comes of a subscription by somebody whose credentials go on to departments."""
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    context = RequestContext(headers={"authorization": "Bearer anna"})
    request = FetchRequest("subscription { ticks }", kind="subscription", context=context)
    connector = GraphQLConnector(url, client, subscriptions=SubscriptionDoor(transport))
    try:
        with pytest.raises(ConnectorFailure) as refused:
            await anext(aiter(connector.subscribe(request)))
    finally:
        await client.close()
    return refused.value


@pytest.mark.parametrize(
    ("close_code", "code", "message"),
    [
        (4403, RuntimeCode.DEPARTMENT_ERROR, RUNTIME_CODES[RuntimeCode.DEPARTMENT_ERROR]),
        (4406, RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, NO_WEBSOCKET),
        (1002, RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, NO_WEBSOCKET),
        (1012, RuntimeCode.DEPARTMENT_UNREACHABLE, RUNTIME_CODES[RuntimeCode.DEPARTMENT_UNREACHABLE]),
    ],
)
async def test_a_close_code_tells_a_refusal_from_an_outage(
    closing: tuple[Closing, str], close_code: int, code: RuntimeCode, message: str
) -> None:
    """Only an outage speaks against the department: a token that it refuses must not open its breaker."""
    department, url = closing
    department.code = close_code
    failure = await refusal(url, "graphql-ws")
    assert (failure.code, failure.message, failure.detail) == (code, message, f"WebSocket closed: {close_code}")
    assert department.introductions == [{"type": "connection_init", "payload": {"authorization": "Bearer anna"}}]


async def test_who_speaks_another_subprotocol_is_asked_for_events_too(closing: tuple[Closing, str]) -> None:
    """Where neither is taken, the answer names both."""
    department, url = closing
    department.code = 4406
    failure = await refusal(url, "detect")
    assert failure.code == RuntimeCode.DEPARTMENT_BAD_STATUS
    assert failure.message == (
        "The department's system takes subscriptions neither over a WebSocket with graphql-transport-ws nor as "
        "Server-Sent Events."
    )
