"""GraphQL over WebSocket: subscriptions (and queries and mutations) at ``/graphql``.

A connection is known by the bearer token in ``connection_init`` or in the handshake, never by a cookie.
Source: the graphql-transport-ws subprotocol, https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from auth.actor import Actor
from auth.remote_jwks import KeysUnavailable
from auth.tokens import InvalidToken, bearer_token
from connectors.clock import Clock
from hub.doors.graphql_http import CLIENT_HEADERS, encode, picked, read_fields
from hub.doors.http_request import VerifyToken
from hub.gateway import Answering, GraphQLAnswer, GraphQLRequest
from hub.gateway.request import RequestRefused, refused
from schema.errors import RuntimeCode

SUBPROTOCOL = "graphql-transport-ws"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebSocketSettings:
    """``patience`` is how long a connection may stay silent before ``connection_init``. ``forwarded_headers``
    of the handshake, or entries of that name in the payload of ``connection_init``, go on to subgraphs."""

    patience: timedelta = timedelta(seconds=10)
    maximum_operations: int = 50
    maximum_message_bytes: int = 1_000_000
    forwarded_headers: tuple[str, ...] = ()


def websocket_routes(
    gateway: Answering,
    verify_token: VerifyToken | None,
    clock: Clock,
    settings: WebSocketSettings = WebSocketSettings(),
) -> list[BaseRoute]:
    """``/graphql`` over WebSocket."""

    async def serve(websocket: WebSocket) -> None:
        await _Connection(websocket, gateway, verify_token, clock, settings).serve()

    return [WebSocketRoute("/graphql", serve)]


class _Closed(Exception):
    """The protocol demands that the connection ends, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Connection:
    """One client's socket and the operations that run on it."""

    def __init__(
        self,
        websocket: WebSocket,
        gateway: Answering,
        verify_token: VerifyToken | None,
        clock: Clock,
        settings: WebSocketSettings,
    ) -> None:
        self._websocket = websocket
        self._gateway = gateway
        self._verify_token = verify_token
        self._clock = clock
        self._settings = settings
        self._is_initialised = False
        self._actor: Actor | None = None
        self._headers: dict[str, str] = {}
        self._client = ("", "")
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Talk until one side ends; whatever runs then is cancelled."""
        offered = self._websocket.scope.get("subprotocols", ())
        await self._websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        try:
            await self._converse(offered)
        except _Closed as closed:
            await self._close(closed)
        except WebSocketDisconnect:
            _log.debug("The client left")
        finally:
            await self._cancel_all()

    async def _converse(self, offered: Sequence[str]) -> None:
        if SUBPROTOCOL not in offered:
            raise _Closed(4406, "Subprotocol not acceptable")
        loop = asyncio.get_running_loop()
        deadline: float | None = loop.time() + self._settings.patience.total_seconds()
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    if deadline is not None:
                        await asyncio.sleep(0)  # a timer has a turn though the client never stops talking
                    message = self._decode(await self._websocket.receive())
            except TimeoutError:
                if self._is_initialised:
                    raise _Closed(4403, "Forbidden: the access token has expired") from None
                raise _Closed(4408, "Connection initialisation timeout") from None
            await self._handle(message)
            if message["type"] == "connection_init":
                deadline = self._end_of_token(loop)

    def _end_of_token(self, loop: asyncio.AbstractEventLoop) -> float | None:
        if self._actor is None:
            return None
        return loop.time() + (self._actor.expires_at - self._clock.now()).total_seconds()

    def _decode(self, event: Mapping[str, Any]) -> dict[str, Any]:
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1000))
        text = event.get("text")
        if not isinstance(text, str):
            raise _Closed(4400, "Invalid message: text is expected")
        if len(text) > self._settings.maximum_message_bytes:
            raise _Closed(1009, "The message is too large")
        try:
            message = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            raise _Closed(4400, "Invalid message: it is not JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _Closed(4400, "Invalid message: it has no type")
        return message

    async def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._initialise(message)
            case "ping":
                payload = message.get("payload")
                await self._send({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})
            case "pong":
                return
            case "subscribe":
                await self._start(message)
            case "complete":
                self._stop(message)
            case unknown:
                raise _Closed(4400, f"Invalid message: unknown type {unknown[:40]!a}")

    async def _initialise(self, message: Mapping[str, Any]) -> None:
        if self._is_initialised:
            raise _Closed(4429, "Too many initialisation requests")
        payload = message.get("payload")
        if not (payload is None or isinstance(payload, dict)):
            raise _Closed(4400, "Invalid message: the payload must be an object")
        self._headers = self._forwarded(payload or {})
        self._client = self._named(payload or {})
        try:
            self._actor = await self._authenticate(payload or {})
        except InvalidToken:
            raise _Closed(4403, "Forbidden: the access token was refused") from None
        except KeysUnavailable:
            raise _Closed(1013, "Access tokens cannot be verified now. Try again later") from None
        self._is_initialised = True
        await self._send({"type": "connection_ack"})

    async def _authenticate(self, payload: Mapping[str, Any]) -> Actor | None:
        if self._verify_token is None:
            return None
        token = bearer_token(self._credentials(payload))
        return await self._verify_token(token) if token is not None else None

    def _named(self, payload: Mapping[str, Any]) -> tuple[str, str]:
        """How the client wants to be counted: it says so in the payload, else in the handshake."""
        name, version = (
            said if isinstance(said := payload.get(header), str) else self._websocket.headers.get(header, "")
            for header in CLIENT_HEADERS
        )
        return name, version

    def _forwarded(self, payload: Mapping[str, Any]) -> dict[str, str]:
        wanted = self._settings.forwarded_headers
        said = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
        connection = self._websocket.headers.getlist("connection")
        return {**picked(wanted, self._websocket.headers, connection), **picked(wanted, said)}

    def _credentials(self, payload: Mapping[str, Any]) -> list[str]:
        """Values of ``Authorization``: the payload's, else the handshake's."""
        given = [value for name, value in payload.items() if name.lower() == "authorization" and value is not None]
        if given:
            return [value if isinstance(value, str) else "" for value in given]
        return self._websocket.headers.getlist("authorization")

    async def _start(self, message: Mapping[str, Any]) -> None:
        if not self._is_initialised:
            raise _Closed(4401, "Unauthorized")
        identifier = message.get("id")
        if not isinstance(identifier, str) or not identifier:
            raise _Closed(4400, "Invalid message: subscribe needs an id")
        if identifier in self._operations:
            raise _Closed(4409, f"Subscriber for {identifier[:60]} already exists")
        try:
            request = replace(read_fields(message.get("payload"), None, self._client), headers=self._headers)
        except RequestRefused as refusal:
            raise _Closed(4400, f"Invalid message: {refusal}"[:120]) from None
        if len(self._operations) >= self._settings.maximum_operations:
            limit = self._settings.maximum_operations
            too_many = f"This connection runs {limit} operations already. Complete one first."
            await self._send_error(identifier, refused(RuntimeCode.RATE_LIMITED, too_many).answer)
            return
        self._operations[identifier] = asyncio.create_task(self._run(identifier, request))

    def _stop(self, message: Mapping[str, Any]) -> None:
        identifier = message.get("id")
        if not isinstance(identifier, str):
            raise _Closed(4400, "Invalid message: complete needs an id")
        task = self._operations.pop(identifier, None)
        if task is not None:
            task.cancel()

    async def _run(self, identifier: str, request: GraphQLRequest) -> None:
        """Send an operation's answers. It is over for the client before its id can be used again."""
        try:
            async with aclosing(self._gateway.subscribe(request, self._actor)) as answers:
                async for answer in answers:
                    if not answer.is_executed:
                        self._forget(identifier)
                        await self._send_error(identifier, answer)
                        return
                    await self._send({"type": "next", "id": identifier, "payload": answer.payload()})
            self._forget(identifier)
            await self._send({"type": "complete", "id": identifier})
        except WebSocketDisconnect:
            _log.debug("The client left while an answer was under way")
        except Exception:  # noqa: BLE001 - the connection and its other operations go on
            _log.error("An operation over WebSocket failed in an unforeseen way", exc_info=True)
            self._forget(identifier)
            wrong = refused(RuntimeCode.INTERNAL_SERVER_ERROR, "Something went wrong inside the hub.")
            await self._send_error(identifier, wrong.answer)

    def _forget(self, identifier: str) -> None:
        if self._operations.get(identifier) is asyncio.current_task():
            del self._operations[identifier]

    async def _send_error(self, identifier: str, answer: GraphQLAnswer) -> None:
        await self._send({"type": "error", "id": identifier, "payload": list(answer.errors)})

    async def _send(self, message: Mapping[str, Any]) -> None:
        async with self._sending:
            if self._websocket.application_state is WebSocketState.CONNECTED:
                await self._websocket.send_text(encode(message).decode())

    async def _close(self, closed: _Closed) -> None:
        async with self._sending:
            if self._websocket.application_state is WebSocketState.CONNECTED:
                await self._websocket.close(closed.code, closed.reason)

    async def _cancel_all(self) -> None:
        tasks = list(self._operations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
