"""The doors of a mock subgraph: ``/graphql`` over HTTP, event streams and WebSocket.

Sources: https://graphql.github.io/graphql-over-http, graphql-sse (distinct connections),
graphql-transport-ws.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from random import Random
from typing import Any

from graphql import ExecutionResult
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from mocks.faults.fault import NOTHING, Fault
from mocks.faults.wire import FAULT
from mocks.generated.answering import Breaks
from mocks.generated.graph import MockGraph

_PROTOCOL = "graphql-transport-ws"
_STREAM = "text/event-stream"


class GraphDoors:
    """The routes of one graph. What it was asked last is remembered, for ``/__requests``."""

    def __init__(self, graph: MockGraph, random: Random) -> None:
        self.graph = graph
        self.random = random
        self.requests: list[dict[str, Any]] = []

    @property
    def routes(self) -> tuple[BaseRoute, ...]:
        return (
            Route("/graphql", self.http, methods=["GET", "POST"]),
            Route("/", self.http, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", self.websocket),
            WebSocketRoute("/", self.websocket),
        )

    async def http(self, request: Request) -> Response:
        """A query or mutation by POST, a query by GET; a subscription where an event stream is accepted."""
        body = await _body(request)
        if isinstance(body, Response):
            return body
        query, variables, name = body
        self._note(query, variables)
        wants_stream = _STREAM in request.headers.get("accept", "")
        kind = self.graph.kind(query, name)
        if kind == "subscription":
            if not wants_stream:
                return _mistake(f"Subscriptions are answered as an event stream. Accept {_STREAM}.", 406)
            return StreamingResponse(self._stream(query, variables, name), media_type=_STREAM)
        if kind == "mutation" and request.method == "GET":
            return _mistake("Mutations are sent by POST.", 405)
        result = self.graph.answer(query, variables, name, self._breaks(request.scope.get(FAULT, NOTHING)))
        if wants_stream and "application/json" not in request.headers.get("accept", ""):
            return StreamingResponse(_events_of(result), media_type=_STREAM)
        return JSONResponse(result.formatted)

    def _note(self, query: str, variables: Any) -> None:
        self.requests = [*self.requests[-99:], {"query": query, "variables": variables}]

    def _breaks(self, fault: Fault) -> Breaks | None:
        """Which fields fail, for a partial answer."""
        if fault.kind != "partial":
            return None
        if fault.fields:
            return lambda coordinate: coordinate in fault.fields
        is_root = self.graph.world.subgraph.is_root
        return lambda coordinate: (
            not is_root(coordinate.partition(".")[0]) and self.random.random() < fault.fieldRate
        )

    async def _stream(self, query: str, variables: Any, name: str | None) -> AsyncIterator[bytes]:
        async with aclosing(self.graph.events(query, variables, name)) as events:
            async for result in events:
                yield _event("next", result.formatted)
                if result.data is None:
                    break
        yield b"event: complete\ndata:\n\n"

    async def websocket(self, socket: WebSocket) -> None:
        """graphql-transport-ws: any number of operations on one connection."""
        if _PROTOCOL not in socket.scope.get("subprotocols", []):
            await socket.close(4406)
            return
        await socket.accept(_PROTOCOL)
        running: dict[str, asyncio.Task[None]] = {}
        try:
            await self._converse(socket, running)
        except WebSocketDisconnect:
            return
        finally:
            for task in running.values():
                task.cancel()

    async def _converse(self, socket: WebSocket, running: dict[str, asyncio.Task[None]]) -> None:
        is_open = False
        while True:
            message = json.loads(await socket.receive_text())
            match message.get("type"):
                case "connection_init":
                    is_open = True
                    await socket.send_json({"type": "connection_ack"})
                case "ping":
                    await socket.send_json({"type": "pong"})
                case "subscribe" if not is_open:
                    await socket.close(4401)
                    return
                case "subscribe":
                    task = asyncio.create_task(self._operate(socket, message["id"], message["payload"]))
                    running[message["id"]] = task
                case "complete":
                    if task_or_none := running.pop(message["id"], None):
                        task_or_none.cancel()

    async def _operate(self, socket: WebSocket, key: str, payload: dict[str, Any]) -> None:
        query, variables, name = payload["query"], payload.get("variables"), payload.get("operationName")
        self._note(query, variables)
        if self.graph.kind(query, name) != "subscription":
            # An error ends the operation by itself.
            if not await _send(socket, key, self.graph.answer(query, variables, name)):
                return
        else:
            async with aclosing(self.graph.events(query, variables, name)) as events:
                async for result in events:
                    if not await _send(socket, key, result):
                        return
        await socket.send_json({"id": key, "type": "complete"})


async def _send(socket: WebSocket, key: str, result: ExecutionResult) -> bool:
    """Whether the operation goes on."""
    if result.data is None and result.errors:
        errors = [error.formatted for error in result.errors]
        await socket.send_json({"id": key, "type": "error", "payload": errors})
        return False
    await socket.send_json({"id": key, "type": "next", "payload": result.formatted})
    return True


async def _events_of(result: ExecutionResult) -> AsyncIterator[bytes]:
    yield _event("next", result.formatted)
    yield b"event: complete\ndata:\n\n"


def _event(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


async def _body(request: Request) -> tuple[str, Any, str | None] | Response:
    """Query, variables and the operation's name, or what is wrong with the request."""
    try:
        if request.method == "GET":
            found: Any = dict(request.query_params)
            found["variables"] = json.loads(found["variables"]) if found.get("variables") else None
        else:
            found = json.loads(await request.body())
    except ValueError as error:
        return _mistake(f"This is not JSON: {error}")
    if not isinstance(found, dict) or not isinstance(found.get("query"), str):
        return _mistake('A request has "query", and may have "variables" and "operationName".')
    variables = found.get("variables")
    if variables is not None and not isinstance(variables, dict):
        return _mistake('"variables" is an object.')
    name = found.get("operationName")
    return found["query"], variables, name if isinstance(name, str) and name else None


def _mistake(message: str, status: int = 400) -> Response:
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}, status)
