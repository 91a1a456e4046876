"""Who asks and does not read holds a connection and what it was to carry for a bounded time only."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from hub.doors import direct_protocol
from tests.hub.serving import served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count it")

PIECE = "x" * 65_536
UPGRADE = (
    b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.mark.parametrize("asked", [b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", UPGRADE], ids=["stream", "socket"])
async def test_who_does_not_read_is_left(asked: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the peer is there and says so: its window is closed."""
    monkeypatch.setattr(direct_protocol, "UNREAD_SECONDS", 1.0)
    ended = asyncio.Event()

    async def stream(_request: Request) -> StreamingResponse:
        async def pieces() -> AsyncIterator[str]:
            try:
                while True:
                    yield PIECE
                    await asyncio.sleep(0)
            finally:
                ended.set()

        return StreamingResponse(pieces())

    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(PIECE)
        finally:
            ended.set()

    app = Starlette(routes=[Route("/stream", stream), WebSocketRoute("/socket", talk)])
    async with served(app) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as silent:
            silent.sendall(asked)
            await asyncio.wait_for(ended.wait(), 10)
