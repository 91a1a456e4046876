"""``/graphql/stream``: one event stream that carries many operations, for clients that hold one connection.

A client reserves a stream (PUT) and is given its token, opens it (GET), starts operations on it (POST, accepted
at once) and ends them (DELETE); events name their operation. A stream lives in the process that reserved it.
Source: GraphQL over Server-Sent Events, "single connection mode".
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.actor import Actor
from connectors.clock import Clock
from hub.doors.event_stream import Pace, event, paced, streaming_response
from hub.doors.graphql_http import EVENT_STREAM, JSON
from hub.doors.http_request import HttpSettings, RequestHeaders, RequestReader
from hub.doors.http_response import WholeResponse, respond
from hub.doors.reserved_streams import ReservedStreams, owner_of
from hub.gateway import Answering, GraphQLAnswer, GraphQLRequest
from hub.gateway.request import RequestRefused, refused
from schema.errors import RuntimeCode

_log = logging.getLogger(__name__)

TOKEN_HEADER = "x-graphql-event-stream-token"  # noqa: S105  # the name of the header
MAXIMUM_RESERVED = 10_000
MAXIMUM_RESERVED_EACH = 200
"""By one person, or by an address of nobody known."""
MAXIMUM_OPERATIONS = 50
PATIENCE = timedelta(seconds=60)
"""How long a reserved stream waits to be opened."""


class EventChannel:
    """One reserved stream of one reader: its operations, and their events on the way to it."""

    def __init__(self, subject: str | None) -> None:
        self.subject = subject
        self.is_open = False
        self._events: asyncio.Queue[bytes] = asyncio.Queue(100)
        self._operations: dict[str, asyncio.Task[None]] = {}

    def start(
        self,
        identifier: str,
        gateway: Answering,
        request: GraphQLRequest,
        actor: Actor | None,
        lifetime: timedelta | None,
    ) -> None:
        """``lifetime`` is what is left of the token that starts it, which may end before the stream's.

        Raises ``RequestRefused`` for an id in use, and for more operations than one stream may carry.
        """
        if identifier in self._operations:
            raise refused(RuntimeCode.CONFLICT, f'Operation "{identifier[:60]}" runs already.', status=409)
        if len(self._operations) >= MAXIMUM_OPERATIONS:
            message = f"This stream carries {MAXIMUM_OPERATIONS} operations already. End one first."
            raise refused(RuntimeCode.RATE_LIMITED, message)
        self._operations[identifier] = asyncio.create_task(
            self._run(identifier, gateway.subscribe(request, actor), lifetime)
        )

    def stop(self, identifier: str) -> None:
        """End an operation. One that is over already is none of anybody's trouble."""
        task = self._operations.pop(identifier, None)
        if task is not None:
            task.cancel()

    async def events(self) -> AsyncGenerator[bytes, None]:
        """The events of all operations, until closed; then all of them end."""
        try:
            while True:
                yield await self._events.get()
        finally:
            await self.close()

    async def close(self) -> None:
        tasks = list(self._operations.values())
        self._operations.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(
        self, identifier: str, answers: AsyncGenerator[GraphQLAnswer, None], lifetime: timedelta | None
    ) -> None:
        seconds = None if lifetime is None else lifetime.total_seconds()
        try:
            async with asyncio.timeout(seconds), aclosing(answers):
                async for answer in answers:
                    await self._events.put(event("next", {"id": identifier, "payload": answer.payload()}))
        except TimeoutError:
            _log.debug("An operation ended with its reader's token")
        await self._events.put(event("complete", {"id": identifier}))
        if self._operations.get(identifier) is asyncio.current_task():
            del self._operations[identifier]


class EventChannelDoor:
    """The ASGI application behind ``/graphql/stream``. Without a stream's token a request is one of its own, as at
    ``/graphql``, so that a client may use either mode at one address."""

    def __init__(
        self, gateway: Answering, reader: RequestReader, clock: Clock, settings: HttpSettings, alone: ASGIApp
    ) -> None:
        self._gateway = gateway
        self._reader = reader
        self._clock = clock
        self._settings = settings
        self._alone = alone
        self._waiting: ReservedStreams[EventChannel] = ReservedStreams(
            time.monotonic, PATIENCE, most=MAXIMUM_RESERVED, most_each=MAXIMUM_RESERVED_EACH
        )
        self._open: dict[str, EventChannel] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, headers = Request(scope, receive), RequestHeaders(scope["headers"])
        token = headers.get(TOKEN_HEADER) or request.query_params.get("token")
        if token is None and request.method in ("GET", "POST"):
            await self._alone(scope, receive, send)
            return
        response: Response | WholeResponse
        try:
            response = await self._respond(request, headers, token)
        except RequestRefused as refusal:
            response = respond(refusal.answer, JSON, self._reader.cross_origin(headers), is_well_formed=False)
        if isinstance(response, Response):
            response.raw_headers.extend(self._reader.cross_origin(headers))
        await response(scope, receive, send)

    async def _respond(
        self, request: Request, headers: RequestHeaders, token: str | None
    ) -> Response | WholeResponse:
        if request.method == "OPTIONS":
            return WholeResponse(204, self._reader.preflight(headers, ("GET", "POST", "PUT", "DELETE")))
        actor = await self._reader.actor(headers)
        if request.method == "PUT":
            return self._reserve(actor, request.client.host if request.client else "unknown")
        if token is None or request.method not in ("GET", "POST", "DELETE"):
            message = f"{request.method} is not for a stream. Reserve one with PUT, open it with GET."
            raise refused(RuntimeCode.BAD_REQUEST, message, status=405)
        channel = self._find(token, actor)
        if request.method == "GET":
            return self._stream(token, channel, actor)
        if request.method == "DELETE":
            channel.stop(_identifier(request.query_params.get("operationId")))
            return Response(status_code=200)
        if not channel.is_open:
            raise refused(RuntimeCode.CONFLICT, "This stream is not open yet. Open it with GET.", status=409)
        graphql = await self._reader.graphql(request, headers)
        channel.start(
            _identifier(graphql.extensions.get("operationId")),
            self._gateway,
            graphql,
            actor,
            self._lifetime(actor),
        )
        return Response(status_code=202)

    def _reserve(self, actor: Actor | None, address: str) -> Response:
        token = token_urlsafe(24)
        self._waiting.put(token, owner_of(actor, address), EventChannel(_subject(actor)))
        return PlainTextResponse(token, 201, {"Cache-Control": "no-store"})

    def _find(self, token: str, actor: Actor | None) -> EventChannel:
        channel = self._open.get(token) or self._waiting.get(token)
        if channel is None or channel.subject != _subject(actor):
            raise refused(RuntimeCode.NOT_FOUND, "There is no such stream. Reserve one with PUT.", status=404)
        return channel

    def _stream(self, token: str, channel: EventChannel, actor: Actor | None) -> Response:
        if channel.is_open:
            raise refused(RuntimeCode.CONFLICT, "This stream is open already. Reserve another.", status=409)
        channel.is_open = True
        self._waiting.take(token)
        self._open[token] = channel
        pace = Pace(self._settings.keep_alive, self._lifetime(actor))
        return streaming_response(self._lines(token, channel, pace), EVENT_STREAM)

    def _lifetime(self, actor: Actor | None) -> timedelta | None:
        return actor.expires_at - self._clock.now() if actor else None

    async def _lines(self, token: str, channel: EventChannel, pace: Pace) -> AsyncIterator[bytes]:
        yield b":\n\n"
        try:
            async with aclosing(paced(channel.events(), pace)) as events:
                async for each in events:
                    yield b":\n\n" if each is None else each
        finally:
            self._open.pop(token, None)


def _identifier(given: object) -> str:
    if not isinstance(given, str) or not given:
        message = "Name the operation: extensions.operationId when it begins, ?operationId= when it ends."
        raise refused(RuntimeCode.BAD_REQUEST, message)
    return given


def _subject(actor: Actor | None) -> str | None:
    return actor.key if actor else None
