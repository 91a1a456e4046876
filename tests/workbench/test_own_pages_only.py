"""A foreign page in the developer's browser gets nothing of the department's."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from hub.workbench.own_pages_only import OwnPagesOnly


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("inside")(scope, receive, send)


async def ask(kind: str, **headers: str) -> Any:
    """The status of an answer, or what a WebSocket is told first."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": "POST", "path": "/graphql", "headers": raw}
    await OwnPagesOnly(inside, ("dev.test",))(scope, receive, send)
    return sent[0].get("status", sent[0]["type"])


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "127.0.0.1:4000"},
        {"host": "localhost:4000", "origin": "http://localhost:4000"},
        {"host": "[::1]:4000", "origin": "http://[::1]:4000"},
        {"host": "dev.test", "origin": "http://dev.test"},
    ],
)
async def test_its_own_pages_and_programmes_are_let_in(headers: dict[str, str]) -> None:
    """A programme names no origin."""
    assert await ask("http", **headers) == 200
    assert await ask("websocket", **headers) == "websocket.accept"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "127.0.0.1:4000", "origin": "http://evil.test"},
        {"host": "127.0.0.1:4000", "origin": "http://127.0.0.1:5000"},
        {"host": "127.0.0.1:4000", "origin": "null"},
        {"host": "evil.test:4000", "origin": "http://evil.test:4000"},
        {"host": "evil.test:4000"},
        {},
    ],
)
async def test_other_pages_are_not(headers: dict[str, str]) -> None:
    """Not by WebSocket either, and not by a name that points here."""
    assert await ask("http", **headers) == 403
    assert await ask("websocket", **headers) == "websocket.close"
