"""S14: what one person keeps open is bounded over all doors together; no reservation pushes out another.

Precedent: CVE-2026-35526, subscriptions without a bound on one connection; connections are as cheap.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from hub.doors import event_channel
from hub.doors.routes import graphql_routes
from hub.doors.websocket import SUBPROTOCOL, websocket_routes
from hub.gateway import GatewaySettings
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.serving import served
from tests.hub.test_event_channel import STREAM, Ticking, begin, next_event, reserve, until_nobody_listens

CITIZEN = {"Authorization": "Bearer citizen"}
TICKS = {"query": "subscription { ticks }"}
TOO_MANY = "TOO_MANY_SUBSCRIPTIONS"


@pytest.fixture
def department() -> Ticking:
    return Ticking()


@pytest.fixture
async def client(department: Ticking) -> AsyncIterator[aiohttp.ClientSession]:
    """Three subscriptions for each."""
    gateway = gateway_for(department, settings=GatewaySettings(subscriptions_each=3))
    clock = SystemClock()
    routes = [*graphql_routes(gateway, verify_token, clock), *websocket_routes(gateway, verify_token, clock)]
    async with served(Starlette(routes=routes)) as url, aiohttp.ClientSession(url) as session:
        yield session


async def streamed(client: aiohttp.ClientSession, accept: str, headers: dict[str, str]) -> aiohttp.ClientResponse:
    return await client.post("/graphql", json=TICKS, headers={"Accept": accept, **headers})


async def over_websocket(client: aiohttp.ClientSession) -> tuple[aiohttp.ClientWebSocketResponse, dict[str, Any]]:
    """The first message after a subscription."""
    socket = await client.ws_connect("/graphql", protocols=[SUBPROTOCOL])
    await socket.send_json({"type": "connection_init", "payload": CITIZEN})
    assert (await socket.receive_json())["type"] == "connection_ack"
    await socket.send_json({"type": "subscribe", "id": "a", "payload": TICKS})
    return socket, await socket.receive_json()


async def test_doors_count_one_persons_subscriptions_together(
    client: aiohttp.ClientSession, department: Ticking
) -> None:
    """Events, parts and a WebSocket fill it; each door refuses one more; others go on; an end makes room."""
    async with AsyncExitStack() as stack:
        events = await streamed(client, "text/event-stream", CITIZEN)
        stack.callback(events.close)
        assert (await next_event(events))[1] == {"data": {"ticks": 1}}
        parts = await streamed(client, 'multipart/mixed;subscriptionSpec="1.0"', CITIZEN)
        stack.callback(parts.close)
        await parts.content.readuntil(b'"ticks":1')
        socket, first = await over_websocket(client)
        assert first["type"] == "next"

        refused = await streamed(client, "text/event-stream", CITIZEN)
        assert TOO_MANY in await refused.text()
        second, answer = await over_websocket(client)
        assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", TOO_MANY)
        await second.close()
        token = {**await reserve(client, **CITIZEN), **CITIZEN}
        async with client.get(STREAM, headers=token) as stream:
            assert await begin(client, token, "a", TICKS["query"]) == 202
            assert (await next_event(stream))[1]["payload"]["errors"][0]["extensions"]["code"] == TOO_MANY
        assert department.listeners == 3

        nobody = await streamed(client, "text/event-stream", {})
        stack.callback(nobody.close)
        assert (await next_event(nobody))[1] == {"data": {"ticks": 1}}
        await socket.close()
        async with asyncio.timeout(5):
            while department.listeners == 4:  # noqa: ASYNC110 - it is the other side that changes it
                await asyncio.sleep(0.01)
        again, first = await over_websocket(client)
        assert first["type"] == "next"
        await again.close()
    await until_nobody_listens(department)


async def test_reservations_of_strangers_push_out_nobody(client: aiohttp.ClientSession) -> None:
    """One too many of a stranger's is refused; the citizen's, reserved before, is opened afterwards."""
    citizens = {**await reserve(client, **CITIZEN), **CITIZEN}
    statuses = []
    for _ in range(event_channel.MAXIMUM_RESERVED_EACH + 1):
        async with client.put(STREAM) as response:
            statuses.append(response.status)
    assert statuses == [201] * event_channel.MAXIMUM_RESERVED_EACH + [429]
    async with client.get(STREAM, headers=citizens) as stream:
        assert stream.status == 200
