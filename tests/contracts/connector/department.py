"""A department as a stranger on the wire: GraphQL and REST over HTTP, with faults on demand.

The faults happen in the socket, so that what is tested is what a broken department does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import strawberry
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from graphql import build_schema, parse, validate
from strawberry.federation import Schema as FederationSchema

from schema.errors import DomainError, RuntimeCode

CANARY = "canary-5f1c postgres://secret@10.0.0.7/db"
PEOPLE = {"A": "张三", "B": "李四"}
Fault = Literal[
    "none", "hang", "hang-mid-body", "garbage", "html", "not-json", "status-500", "huge", "reset", "truncated"
]


@strawberry.federation.type(keys=["idNumber"])
class Citizen:
    id_number: str
    name: str

    @classmethod
    def resolve_reference(cls, **key: str) -> Citizen | None:
        return find_citizen(key["idNumber"])


def find_citizen(id_number: str) -> Citizen | None:
    return Citizen(id_number=id_number, name=PEOPLE[id_number]) if id_number in PEOPLE else None


@strawberry.type
class Query:
    @strawberry.field
    def citizen(self, id_number: str) -> Citizen | None:
        return find_citizen(id_number)

    @strawberry.field
    def refused(self) -> str | None:
        raise DomainError(RuntimeCode.CONFLICT, "Somebody was faster.")

    @strawberry.field
    def explodes(self) -> str | None:
        raise RuntimeError(CANARY)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, count: int) -> AsyncIterator[int]:
        for number in range(count):
            yield number

    @strawberry.subscription
    async def one_and_silence(self) -> AsyncIterator[int]:
        yield 1
        await asyncio.sleep(3600)


def make_schema() -> FederationSchema:
    return FederationSchema(query=Query, subscription=Subscription, federation_version="2.9")


class Department:
    """The server, what it was asked, and what is wrong with it now. ``arrived`` is set by each request."""

    def __init__(self) -> None:
        self.fault: Fault = "none"
        self.speaks_websocket = True
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.open_requests = 0
        self.arrived = asyncio.Event()
        self.left = asyncio.Event()
        self._schema = make_schema()
        self._server: TestServer | None = None
        self._port: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Serve; a second start takes the same port again."""
        app = web.Application(middlewares=[self._break])
        app.router.add_post("/graphql", self._graphql)
        app.router.add_get("/graphql", self._websocket)
        app.router.add_get("/citizens/{id}", self._citizen)
        app.router.add_get("/refused", self._refused)
        app.router.add_get("/explodes", self._explodes)
        self._server = TestServer(app, port=self._port or 0)
        await self._server.start_server(shutdown_timeout=0.1)
        self._port = self._server.port

    async def stop(self) -> None:
        """From now on connections are refused."""
        if self._server is not None:
            await self._server.close()
            self._server = None

    @web.middleware
    async def _break(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append((request.method, request.raw_path, dict(request.headers), await request.read()))
        self.open_requests += 1
        self.arrived.set()
        try:
            answer: web.StreamResponse = await _FAULTS.get(self.fault, handler)(request)
            return answer
        finally:
            self.open_requests -= 1
            self.left.set()

    async def _graphql(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if request.headers["Accept"].startswith("text/event-stream"):
            return await self._events(request, body["query"])
        result = await self._schema.execute(
            body["query"], variable_values=body.get("variables"), operation_name=body.get("operationName")
        )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return web.json_response(answer)

    async def _events(self, request: web.Request, query: str) -> web.StreamResponse:
        """Server-Sent Events, with a comment and a line of data in two halves, as servers may send them."""
        if mistakes := validate(build_schema(self._schema.as_str(), assume_valid_sdl=True), parse(query)):
            return web.json_response({"errors": [error.formatted for error in mistakes]}, status=400)
        events = await self._schema.subscribe(query)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        await response.write(b":\n\n")
        async for event in events:
            half, rest = json.dumps({"data": event.data}).split(" ", 1)
            await response.write(f"event: next\r\ndata: {half}\r".encode())
            await response.write(f"\ndata: {rest}\r\n\r\n".encode())
        await response.write(b"event: complete\ndata:\n\n")
        return response

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if not self.speaks_websocket:
            return web.Response(status=405)
        socket = web.WebSocketResponse(protocols=("graphql-transport-ws",))
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            command = json.loads(message.data)
            if command["type"] == "connection_init":
                await socket.send_json({"type": "ping"})
                await socket.send_json({"type": "connection_ack"})
            elif command["type"] == "subscribe":
                events = await self._schema.subscribe(command["payload"]["query"])
                async for event in events:
                    await socket.send_json({"id": command["id"], "type": "next", "payload": {"data": event.data}})
                await socket.send_json({"id": command["id"], "type": "complete"})
        return socket

    async def _citizen(self, request: web.Request) -> web.Response:
        found = find_citizen(request.match_info["id"])
        if found is None:
            return web.json_response({"error": CANARY}, status=404)
        return web.json_response({"id": found.id_number, "full_name": found.name})

    async def _refused(self, _: web.Request) -> web.Response:
        return web.json_response({"error": CANARY}, status=409)

    async def _explodes(self, _: web.Request) -> web.Response:
        return web.Response(text=CANARY, status=500)


async def _hang(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError


async def _hang_mid_body(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"data":')
    return await _hang(request)


async def _garbage(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(b"\x00\x01\x02 this is no HTTP \r\n\r\n")
    request.transport.close()
    return web.Response()


async def _html(_: web.Request) -> web.StreamResponse:
    return web.Response(text=f"<html>{CANARY}</html>", content_type="text/html")


async def _not_json(_: web.Request) -> web.StreamResponse:
    return web.Response(text='{"data": NaN', content_type="application/json")


async def _status_500(_: web.Request) -> web.StreamResponse:
    return web.Response(text=CANARY, status=500)


async def _huge(request: web.Request) -> web.StreamResponse:
    """100 MB, without saying so beforehand."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b" " * 1_000_000)
    return response


async def _reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _truncated(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"data": {}}')
    assert request.transport is not None
    request.transport.close()
    return response


_FAULTS: dict[Fault, Any] = {
    "hang": _hang,
    "hang-mid-body": _hang_mid_body,
    "garbage": _garbage,
    "html": _html,
    "not-json": _not_json,
    "status-500": _status_500,
    "huge": _huge,
    "reset": _reset,
    "truncated": _truncated,
}
