"""S14: a stream belongs to who showed a token for it, for as long as that token lives.

Start before init (4401), silence (4408), caps and expiry of a quiet connection: tests/hub/test_websocket.py.
Precedents: CVE-2026-35523, CVE-2026-35526, CVE-2023-41317.
"""

from __future__ import annotations

import json
from typing import Any, cast

import aiohttp
import pytest
from starlette.datastructures import Headers
from starlette.websockets import WebSocket, WebSocketState

from connectors.clock import SystemClock
from hub.doors.websocket import SUBPROTOCOL, websocket_routes
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.test_event_channel import (
    STREAM,
    Ticking,
    begin,
    client,
    department,
    next_event,
    reserve,
    until_nobody_listens,
)
from tests.security.test_s12_s13_s26_limits_at_every_door import client as every_door

__all__ = ["client", "department", "every_door"]
SHORT = "Bearer short"


class Chatterbox:
    """A client that always has a message more, so that reading never waits for it."""

    def __init__(self) -> None:
        self.scope = {"subprotocols": [SUBPROTOCOL]}
        self.headers = Headers()
        self.application_state = WebSocketState.CONNECTED
        self.heard = 0
        self.code: int | None = None

    async def accept(self, _subprotocol: str) -> None:
        return

    async def receive(self) -> dict[str, Any]:
        self.heard += 1
        if self.heard > 2_000_000:
            return {"type": "websocket.disconnect"}
        first = {"type": "connection_init", "payload": {"Authorization": SHORT}}
        return {"type": "websocket.receive", "text": json.dumps(first if self.heard == 1 else {"type": "pong"})}

    async def send_text(self, _text: str) -> None:
        return

    async def close(self, code: int, _reason: str) -> None:
        self.code = code


async def test_a_client_that_never_stops_talking_outlives_no_token() -> None:
    """Its messages are there at once each time, so that a timer alone would never have its turn."""
    (route,) = websocket_routes(gateway_for(FakeDepartment({})), verify_token, SystemClock())
    socket = Chatterbox()
    await cast("Any", route).endpoint(cast("WebSocket", socket))
    assert socket.code == 4403


async def test_an_operation_on_one_stream_ends_with_the_token_that_began_it(
    client: aiohttp.ClientSession, department: Ticking
) -> None:
    """The stream was opened by a token that lives longer; the subscription is not carried on by it."""
    token = await reserve(client, Authorization="Bearer citizen")
    long = {**token, "Authorization": "Bearer citizen"}
    async with client.get(STREAM, headers=long) as stream:
        assert await begin(client, {**token, "Authorization": SHORT}, "a", "subscription { ticks }") == 202
        assert [(await next_event(stream))[0] for _ in range(3)] == ["next", "next", "complete"]
        await until_nobody_listens(department)
        assert await begin(client, long, "a", "{ ping }") == 202
        assert (await next_event(stream))[1] == {"id": "a", "payload": {"data": {"ping": "pong"}}}


@pytest.mark.parametrize(
    "query", ["subscription { }", "subscription {}", "subscription", "subscription { __typename }"]
)
async def test_a_subscription_of_nothing_is_refused_and_the_connection_lives(
    every_door: aiohttp.ClientSession, query: str
) -> None:
    """To nobody in particular; and more operations at once than one connection may have."""
    async with every_door.ws_connect("/graphql", protocols=(SUBPROTOCOL,)) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.receive(30)
        await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query}})
        assert (await socket.receive_json(timeout=30))["type"] == "error"
        await socket.send_json({"id": "2", "type": "subscribe", "payload": {"query": "{ ping }"}})
        assert (await socket.receive_json(timeout=30))["payload"] == {"data": {"ping": "pong"}}
