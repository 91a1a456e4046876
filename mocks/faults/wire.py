"""Apply a fault to a request on its way in or to its answer on the way out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mocks.faults.control import HEADER, Faults
from mocks.faults.fault import Fault
from mocks.faults.spoiling import PAGE, truncated_gzip, with_nulls, with_wrong_types
from mocks.refusal import Refused, answer_refusal

FAULT = "mocks.fault"
"""Where an application that makes partial answers itself finds the fault in its scope."""

_TRANSPORT = "mocks.transport"
_CHUNK = 65_536
_SPOILT = ("wrong-types", "partial", "wrong-content-type", "truncated-gzip", "hang-body", "drip")


class FaultyDoors:
    """ASGI middleware that applies the fault to every request but those of the ``/__`` doors.

    ``makes_partial``: the application answers in part by itself, as a GraphQL server does.
    """

    def __init__(self, app: ASGIApp, faults: Faults, *, makes_partial: bool = False) -> None:
        self.app = app
        self.faults = faults
        self.makes_partial = makes_partial

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(("/__", "/healthz")):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        try:
            fault = self.faults.take(scope["path"], headers.get(HEADER))
        except Refused as refused:
            await answer_refusal(Request(scope), refused)(scope, receive, send)
            return
        scope[FAULT] = fault
        await asyncio.sleep(fault.delayMs.seconds(self.faults.random))
        if scope["type"] == "websocket":
            await self._websocket(fault, scope, receive, send)
        else:
            await self._request(fault, scope, receive, send)

    async def _websocket(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.status or fault.kind in ("drop", "reset", "hang"):
            await receive()
            if fault.kind == "hang":
                await receive()
            await send({"type": "websocket.close", "code": 1011})
            return
        await self.app(scope, receive, send)

    async def _request(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case "drop":
                scope[_TRANSPORT].abort()
                await _until_gone(receive)
            case "reset":
                reset_transport(scope[_TRANSPORT])
                await _until_gone(receive)
            case "hang":
                await _until_gone(receive)
            case "garbage":
                await Response("<<< not JSON", media_type="application/json")(scope, receive, send)
            case "html":
                await Response(PAGE, media_type="text/html")(scope, receive, send)
            case "huge-body":
                await _huge(fault.hugeBytes, send)
            case kind if kind in _SPOILT and not self._spoils_itself(kind, scope):
                await self._spoilt(fault, scope, receive, send)
            case _ if fault.status:
                error = {"code": "FAULT_ON_DEMAND", "message": "This failure was asked for."}
                await JSONResponse({"error": error}, fault.status)(scope, receive, send)
            case _:
                await self.app(scope, receive, send)

    def _spoils_itself(self, kind: str, scope: Scope) -> bool:
        """Partial answers of a GraphQL server are its own; an event stream has no end to wait for."""
        is_stream = b"text/event-stream" in dict(scope["headers"]).get(b"accept", b"")
        return is_stream or (kind == "partial" and self.makes_partial)

    async def _spoilt(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        start, body = await _answer_of(self.app, scope, receive)
        content_type = None
        match fault.kind:
            case "wrong-types":
                body = with_wrong_types(body, self.faults.random)
            case "partial":
                body = with_nulls(body, self.faults.random)
            case "wrong-content-type":
                content_type = b"text/plain"
            case "truncated-gzip":
                body = truncated_gzip(body)
        headers = [
            (name, value)
            for name, value in start["headers"]
            if name != b"content-length" and not (content_type and name == b"content-type")
        ]
        headers.append((b"content-length", str(len(body)).encode()))
        if content_type:
            headers.append((b"content-type", content_type))
        if fault.kind == "truncated-gzip":
            headers.append((b"content-encoding", b"gzip"))
        await send({**start, "headers": headers, "status": fault.status or start["status"]})
        if fault.kind == "hang-body":
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await _until_gone(receive)
        elif fault.kind == "drip":
            await _drip(body, fault.dripMs / 1000, send)
        else:
            await send({"type": "http.response.body", "body": body})


async def _answer_of(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """The whole answer of the application, held back."""
    start: Message = {}
    body = bytearray()

    async def hold(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, hold)
    return start, bytes(body)


async def _drip(body: bytes, pause: float, send: Send) -> None:
    for place in range(len(body)):
        await send({"type": "http.response.body", "body": body[place : place + 1], "more_body": True})
        await asyncio.sleep(pause)
    await send({"type": "http.response.body", "body": b""})


async def _huge(size: int, send: Send) -> None:
    head = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    opening = b'{"data": {"filler": "'
    await send({"type": "http.response.body", "body": opening, "more_body": True})
    left = size - len(opening)
    while left > 0:
        part = b"x" * min(left, _CHUNK)
        await send({"type": "http.response.body", "body": part, "more_body": True})
        left -= len(part)
        # Lets the server see that the client has gone.
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b""})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def reset_transport(transport: Any) -> None:
    """End a connection at once, with a reset instead of an orderly end."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class DroppableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also lets a request reach its own connection, to cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[_TRANSPORT] = self.transport  # type: ignore[literal-required]  # a key of our own
