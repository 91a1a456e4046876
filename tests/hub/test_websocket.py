"""The graphql-transport-ws protocol, message by message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from connectors.clock import SystemClock
from connectors.connector import FetchRequest, FetchResponse
from hub.doors.websocket import WebSocketSettings, websocket_routes
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.serving import served


class Ticking(FakeDepartment):
    """Sends one event at once, then stays silent until the stream is closed."""

    def __init__(self) -> None:
        super().__init__({"ping": "pong"})
        self.open = 0

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        self.requests.append(request)
        self.open += 1
        try:
            yield FetchResponse({"ticks": 1})
            await asyncio.sleep(30)
        finally:
            self.open -= 1


@asynccontextmanager
async def connected(
    department: FakeDepartment,
    *,
    subprotocol: str = "graphql-transport-ws",
    headers: dict[str, str] | None = None,
    **settings: Any,
) -> AsyncIterator[ClientConnection]:
    routes = websocket_routes(gateway_for(department), verify_token, SystemClock(), WebSocketSettings(**settings))
    async with (
        served(Starlette(routes=routes)) as url,
        connect(
            url.replace("http", "ws") + "/graphql",
            subprotocols=[Subprotocol(subprotocol)],
            additional_headers=headers,
        ) as socket,
    ):
        yield socket


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: ClientConnection) -> Any:
    async with asyncio.timeout(5):
        return json.loads(await socket.recv())


async def initialise(socket: ClientConnection, token: str | None = None) -> None:
    await say(socket, type="connection_init", payload={"Authorization": f"Bearer {token}"} if token else None)
    assert await hear(socket) == {"type": "connection_ack"}


async def subscribe(socket: ClientConnection, query: str, identifier: str = "1") -> None:
    await say(socket, type="subscribe", id=identifier, payload={"query": query})


async def close_code(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(5):
        await socket.wait_closed()
    return socket.close_code


async def test_a_subscription_sends_its_events_and_completes() -> None:
    """The whole conversation, once."""
    async with connected(FakeDepartment({}, events=[{"ticks": 1}, {"ticks": 2}])) as socket:
        assert socket.subprotocol == "graphql-transport-ws"
        await initialise(socket)
        await subscribe(socket, "subscription { ticks }")
        assert await hear(socket) == {"type": "next", "id": "1", "payload": {"data": {"ticks": 1}}}
        assert await hear(socket) == {"type": "next", "id": "1", "payload": {"data": {"ticks": 2}}}
        assert await hear(socket) == {"type": "complete", "id": "1"}


async def test_queries_travel_here_too() -> None:
    """A client that keeps one socket needs no second door."""
    async with connected(FakeDepartment({"ping": "pong"})) as socket:
        await initialise(socket)
        await subscribe(socket, "{ ping }")
        assert await hear(socket) == {"type": "next", "id": "1", "payload": {"data": {"ping": "pong"}}}
        assert await hear(socket) == {"type": "complete", "id": "1"}


async def test_a_refused_operation_is_an_error_message_and_the_connection_lives() -> None:
    """The id is free again afterwards."""
    async with connected(FakeDepartment({"ping": "pong"})) as socket:
        await initialise(socket)
        await subscribe(socket, "{ nothing }")
        answer = await hear(socket)
        assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == (
            "error",
            "GRAPHQL_VALIDATION_FAILED",
        )
        await subscribe(socket, "{ ping }")
        assert (await hear(socket))["type"] == "next"


async def test_the_client_can_end_a_subscription_and_nothing_is_left_running() -> None:
    """Complete from the client closes the department's stream."""
    department = Ticking()
    async with connected(department) as socket:
        await initialise(socket)
        await subscribe(socket, "subscription { ticks }")
        await hear(socket)
        assert department.open == 1
        await say(socket, type="complete", id="1")
        await say(socket, type="ping")
        assert await hear(socket) == {"type": "pong"}
        await asyncio.sleep(0.02)
        assert department.open == 0


async def test_leaving_closes_every_stream() -> None:
    """A client that is gone costs nothing."""
    department = Ticking()
    async with connected(department) as socket:
        await initialise(socket)
        for identifier in ("1", "2"):
            await subscribe(socket, "subscription { ticks }", identifier)
            await hear(socket)
        assert department.open == 2
        await socket.close()
        await asyncio.sleep(0.05)
        assert department.open == 0


async def test_ping_is_answered_with_its_payload_and_pong_is_heard_silently() -> None:
    """Both sides may ask whether the other lives, also before the connection is initialised."""
    async with connected(FakeDepartment({})) as socket:
        await say(socket, type="ping", payload={"n": 1})
        assert await hear(socket) == {"type": "pong", "payload": {"n": 1}}
        await say(socket, type="pong")
        await initialise(socket)


async def test_the_reader_is_known_by_the_payload_or_the_handshake() -> None:
    """Browsers cannot set headers on a socket; servers prefer to."""
    department = FakeDepartment({"ping": "pong"})
    async with connected(department) as socket:
        await initialise(socket, "citizen")
        await subscribe(socket, "{ ping }")
        await hear(socket)
    async with connected(department, headers={"Authorization": "Bearer citizen"}) as socket:
        await initialise(socket)
        await subscribe(socket, "{ ping }")
        await hear(socket)
    assert [request.context.actor for request in department.requests] == ["c-1", "c-1"]


async def test_start_before_init_is_4401() -> None:
    """No operation runs before the reader is known; nothing is asked."""
    department = FakeDepartment({"ping": "pong"})
    async with connected(department) as socket:
        await subscribe(socket, "{ ping }")
        assert await close_code(socket) == 4401
    assert department.requests == []


async def test_a_wrong_token_is_4403() -> None:
    """In the payload and in the handshake alike."""
    async with connected(FakeDepartment({})) as socket:
        await say(socket, type="connection_init", payload={"authorization": "Bearer forged"})
        assert await close_code(socket) == 4403
    async with connected(FakeDepartment({}), headers={"Authorization": "Bearer forged"}) as socket:
        await say(socket, type="connection_init")
        assert await close_code(socket) == 4403


async def test_an_expired_token_ends_the_connection() -> None:
    """Whatever stream is open when the token ends is over."""
    department = Ticking()
    async with connected(department) as socket:
        await initialise(socket, "short")
        await subscribe(socket, "subscription { ticks }")
        assert await close_code(socket) == 4403
        await asyncio.sleep(0.02)
        assert department.open == 0


async def test_silence_before_init_is_4408() -> None:
    """A connection that says nothing is not kept."""
    async with connected(FakeDepartment({}), patience=timedelta(seconds=0.05)) as socket:
        assert await close_code(socket) == 4408


async def test_a_second_init_is_4429() -> None:
    """Nobody changes identity in mid-connection."""
    async with connected(FakeDepartment({})) as socket:
        await initialise(socket)
        await say(socket, type="connection_init")
        assert await close_code(socket) == 4429


async def test_an_id_in_use_is_4409() -> None:
    """Two answers under one id cannot be told apart."""
    async with connected(Ticking()) as socket:
        await initialise(socket)
        await subscribe(socket, "subscription { ticks }")
        await subscribe(socket, "subscription { ticks }")
        assert await close_code(socket) == 4409


@pytest.mark.parametrize(
    "message",
    [
        "nonsense",
        "[]",
        "{}",
        '{"type": "unknown"}',
        '{"type": "subscribe", "payload": {"query": "{ ping }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "complete"}',
        "[" * 100_000,
        b"\x00",
    ],
)
async def test_what_is_no_message_is_4400(message: str | bytes) -> None:
    """The protocol has a code for it."""
    async with connected(FakeDepartment({})) as socket:
        await initialise(socket)
        await socket.send(message)
        assert await close_code(socket) == 4400


async def test_another_subprotocol_is_4406() -> None:
    """The older protocol of the same name is not spoken."""
    async with connected(FakeDepartment({}), subprotocol="graphql-ws") as socket:
        assert await close_code(socket) == 4406


async def test_a_connection_has_a_limit_of_operations() -> None:
    """One more is refused; those that run go on."""
    async with connected(Ticking(), maximum_operations=1) as socket:
        await initialise(socket)
        await subscribe(socket, "subscription { ticks }")
        await hear(socket)
        await subscribe(socket, "{ ping }", "2")
        answer = await hear(socket)
        assert (answer["type"], answer["id"]) == ("error", "2")
        assert answer["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
