"""A subgraph that restarts under its subscriptions: each goes on, and is told where something may be missing.

Demands: wundergraph/cosmo #972; apollographql/router PR #9302. Attempt by attempt: test_going_on.py.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from connectors import going_on
from connectors.addresses import AddressRule
from connectors.connector import ConnectorFailure, FetchRequest
from connectors.graphql import GraphQLConnector
from connectors.graphql_streams import SubscriptionDoor, SubscriptionTransport
from connectors.http_client import HttpClient
from schema.errors import RuntimeCode
from tests.connectors.followed import followed

LONG = timedelta(minutes=5)
TRANSPORTS: tuple[SubscriptionTransport, ...] = ("graphql-ws", "graphql-sse")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(going_on, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(going_on, "LONGEST_PAUSE", 0.002)


class Restarting:
    """Each attempt is the next of ``lives``: how many events it sends, and how it ends. ``away`` takes none."""

    def __init__(self) -> None:
        self.lives: list[tuple[int, str]] = []
        self.attempts = 0
        self._events = 0

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        number, end = self._next()
        if end == "away":
            return web.Response(status=503)
        socket = web.WebSocketResponse(protocols=("graphql-transport-ws",))
        await socket.prepare(request)
        await socket.receive_json()
        await socket.send_json({"type": "connection_ack"})
        assert (await socket.receive_json())["type"] == "subscribe"
        for _ in range(number):
            await socket.send_json({"type": "next", "id": "1", "payload": self._event()})
        if end == "complete":
            await socket.send_json({"type": "complete", "id": "1"})
            while (await socket.receive()).type is WSMsgType.TEXT:
                continue
        await socket.close(code={"restart": 1012, "refused": 4403}.get(end, 1000))
        return socket

    async def events(self, request: web.Request) -> web.StreamResponse:
        number, end = self._next()
        if end == "away":
            return web.Response(status=503)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for _ in range(number):
            await response.write(f"event: next\ndata: {json.dumps(self._event())}\n\n".encode())
        if end == "complete":
            await response.write(b"event: complete\ndata: \n\n")
        elif request.transport is not None:
            await asyncio.sleep(0.05)  # what was written is on the wire
            request.transport.abort()
        return response

    def _next(self) -> tuple[int, str]:
        self.attempts += 1
        return self.lives.pop(0)

    def _event(self) -> dict[str, Any]:
        self._events += 1
        return {"data": {"n": self._events}}


@pytest.fixture
async def subgraph() -> AsyncIterator[tuple[Restarting, str]]:
    restarting, app = Restarting(), web.Application()
    app.router.add_get("/graphql", restarting.websocket)
    app.router.add_post("/graphql", restarting.events)
    async with TestServer(app) as server:
        yield restarting, str(server.make_url("/graphql"))


async def told(url: str, transport: SubscriptionTransport, goes_on_for: timedelta = LONG) -> list[object]:
    """Numbers of events (negative where a gap is marked), codes of errors in events, the code at the end."""
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    connector = GraphQLConnector(url, client, subscriptions=SubscriptionDoor(transport))
    request = FetchRequest("subscription { n }", kind="subscription", goes_on_for=goes_on_for)
    try:
        got = await followed(connector.subscribe(request))
    finally:
        await client.close()
    return [each.code if isinstance(each, ConnectorFailure) else each for each in got]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_restart_is_told_as_a_gap_and_the_subscription_goes_on(
    subgraph: tuple[Restarting, str], transport: SubscriptionTransport
) -> None:
    """While it starts, what stands in front of it answers 503; nobody subscribes anew but the connector."""
    restarting, url = subgraph
    restarting.lives = [(2, "restart"), (0, "away"), (0, "away"), (2, "complete")]
    assert await told(url, transport) == [1, 2, "DEPARTMENT_UNREACHABLE", -3, 4]
    assert restarting.attempts == 4


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_who_wants_no_second_attempt_gets_the_loss_as_the_end(
    subgraph: tuple[Restarting, str], transport: SubscriptionTransport
) -> None:
    """``subscriptions_go_on_s`` of 0, and an agent, whose hub goes on itself."""
    restarting, url = subgraph
    restarting.lives = [(1, "restart")]
    assert await told(url, transport, timedelta()) == [1, RuntimeCode.DEPARTMENT_UNREACHABLE]


async def test_a_stream_that_is_ended_on_purpose_is_not_begun_again(subgraph: tuple[Restarting, str]) -> None:
    """A token that ran out is refused each time."""
    restarting, url = subgraph
    restarting.lives = [(1, "refused")]
    assert await told(url, "graphql-ws") == [1, RuntimeCode.DEPARTMENT_ERROR]
    restarting.lives = [(1, "complete")]
    assert await told(url, "graphql-ws") == [2]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_who_is_away_when_it_begins_is_told_at_once(
    subgraph: tuple[Restarting, str], transport: SubscriptionTransport
) -> None:
    """Nothing was missed, and the client is still there to decide."""
    restarting, url = subgraph
    restarting.lives = [(0, "away")]
    assert await told(url, transport) == [RuntimeCode.DEPARTMENT_BAD_STATUS]
