"""The HTTP doors of the graph: ``/graphql`` for requests and streams, and what tells whether we serve.

Sources: GraphQL over HTTP (draft); those of :mod:`hub.doors.event_stream`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.actor import Actor
from connectors.clock import Clock
from hub.doors.event_channel import EventChannelDoor
from hub.doors.event_stream import Pace, stream
from hub.doors.graphql_http import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, MULTIPART, STREAMS, acceptable
from hub.doors.http_request import HttpSettings, RequestHeaders, RequestReader, VerifyToken
from hub.doors.http_response import HeaderLines, WholeResponse, respond
from hub.doors.leaving import ClientWatch
from hub.doors.stream_place import CURSOR
from hub.gateway import Answering, GraphQLAnswer, GraphQLRequest
from hub.gateway.request import RequestRefused, refused
from schema.errors import RuntimeCode

ReadinessCheck = Callable[[], Awaitable[Mapping[str, bool]]]
"""What the hub needs in order to serve, by name, and whether it is there."""


def graphql_routes(
    gateway: Answering,
    verify_token: VerifyToken | None,
    clock: Clock,
    settings: HttpSettings = HttpSettings(),  # noqa: B008  # a frozen value
) -> list[BaseRoute]:
    """``/graphql`` and its streams over HTTP. Without ``verify_token`` nobody is known."""
    reader = RequestReader(verify_token, settings)
    door = GraphQLDoor(gateway, reader, clock, settings)
    channels = EventChannelDoor(gateway, reader, clock, settings, door)
    return [Route("/graphql", door), Route("/graphql/stream", channels)]


class GraphQLInFront:
    """``app``, but what is for ``/graphql`` itself goes straight to its door: routing and error pages cost as much
    again as a small answer. A server that knows ``door`` asks it without ASGI
    (:mod:`hub.doors.direct_protocol`)."""

    def __init__(self, door: GraphQLDoor, app: ASGIApp) -> None:
        self.door = door
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_for_door = scope["type"] == "http" and scope["path"] == self.door.path
        await (self.door if is_for_door else self._app)(scope, receive, send)


def graphql_in_front(routes: Sequence[BaseRoute], app: ASGIApp) -> GraphQLInFront:
    door = next(each.app for each in routes if isinstance(each, Route) and isinstance(each.app, GraphQLDoor))
    return GraphQLInFront(door, app)


def health_routes(is_ready: ReadinessCheck) -> list[BaseRoute]:
    """``/healthz`` lives, ``/readyz`` and ``/health`` serve."""

    async def alive(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_request: Request) -> Response:
        checks = await is_ready()
        serves = all(checks.values())
        body = {"status": "ok" if serves else "unavailable", "checks": dict(checks)}
        return JSONResponse(body, 200 if serves else 503, {"Cache-Control": "no-store"})

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/health", ready)]


class GraphQLDoor:
    """The ASGI application behind ``/graphql``; it answers every method itself."""

    path = "/graphql"

    def __init__(self, gateway: Answering, reader: RequestReader, clock: Clock, settings: HttpSettings) -> None:
        self._gateway = gateway
        self._reader = reader
        self._clock = clock
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, headers = Request(scope, receive), RequestHeaders(scope["headers"])
        response = await self._respond(request, headers)
        if isinstance(response, Response):
            response.raw_headers.extend(self._reader.cross_origin(headers))
        if response is not None:
            await response(scope, receive, send)

    def begin(self, headers: RequestHeaders, body: bytes) -> PostedOperation | None:
        """A POST that is there as a whole; ``None`` for one whose answer may stay open, or that is too large."""
        wanted = acceptable(headers.get("accept"))
        if _may_stay_open(wanted) or len(body) > self._settings.maximum_body_bytes:
            return None
        return PostedOperation(self._gateway, self._reader, headers, body, wanted)

    async def _respond(self, request: Request, headers: RequestHeaders) -> Response | WholeResponse | None:
        """``None`` for a client that has left."""
        if request.method == "OPTIONS":
            return WholeResponse(204, self._reader.preflight(headers, ("GET", "POST")))
        wanted = acceptable(headers.get("accept"))
        if self._is_browser_looking(request, headers, wanted) and self._settings.explorer:
            return RedirectResponse(self._settings.explorer, 302)
        whole = _whole(wanted)
        cross_origin = self._reader.cross_origin(headers)
        try:
            _check_method(request.method)
            _check_accepted(wanted)
            actor = await self._reader.actor(headers)
            graphql = await self._reader.graphql(request, headers)
        except RequestRefused as refusal:
            return respond(refusal.answer, whole, cross_origin, is_well_formed=False)
        streamed = next((each for each in wanted if each in STREAMS), None)
        if streamed is not None and (whole not in wanted or await self._gateway.is_subscription(graphql)):
            graphql = _resumed(graphql, headers)
            return self._stream(graphql, actor, streamed, no_mutations=request.method == "GET")
        async with ClientWatch(request.receive, lambda: self._gateway.is_query(graphql)):
            answer = await self._gateway.answer(graphql, actor, only_queries=request.method == "GET")
            return _executed(answer, whole, cross_origin)
        return None

    def _is_browser_looking(self, request: Request, headers: RequestHeaders, wanted: Sequence[str]) -> bool:
        if request.method != "GET" or "query" in request.query_params:
            return False
        return "text/html" in (headers.get("accept") or "") and GRAPHQL_RESPONSE not in wanted

    def _stream(
        self, graphql: GraphQLRequest, actor: Actor | None, media_type: str, *, no_mutations: bool
    ) -> Response:
        lifetime = actor.expires_at - self._clock.now() if actor else None
        answers = self._gateway.subscribe(graphql, actor, no_mutations=no_mutations)
        return stream(answers, Pace(self._settings.keep_alive, lifetime), media_type)


class PostedOperation:
    """One operation that was posted as a whole and is answered as a whole."""

    __slots__ = ("_body", "_gateway", "_graphql", "_headers", "_reader", "_wanted")

    def __init__(
        self,
        gateway: Answering,
        reader: RequestReader,
        headers: RequestHeaders,
        body: bytes,
        wanted: tuple[str, ...],
    ) -> None:
        self._gateway = gateway
        self._reader = reader
        self._headers = headers
        self._body = body
        self._wanted = wanted
        self._graphql: GraphQLRequest | None = None

    async def answer(self) -> WholeResponse:
        """Never raises for what a client or a department does."""
        headers, whole = self._headers, _whole(self._wanted)
        cross_origin = self._reader.cross_origin(headers)
        try:
            _check_accepted(self._wanted)
            actor = await self._reader.actor(headers)
            self._graphql = graphql = self._reader.posted(self._body, headers)
        except RequestRefused as refusal:
            return respond(refusal.answer, whole, cross_origin, is_well_formed=False)
        return _executed(await self._gateway.answer(graphql, actor), whole, cross_origin)

    async def may_stop(self) -> bool:
        """Whether it can be left unfinished when nobody waits for it any more."""
        return self._graphql is None or await self._gateway.is_query(self._graphql)


@lru_cache(maxsize=64)
def _may_stay_open(wanted: tuple[str, ...]) -> bool:
    return any(each in STREAMS for each in wanted)


@lru_cache(maxsize=64)
def _whole(wanted: tuple[str, ...]) -> str:
    """The media type of an answer that goes out as a whole; of an error too, where a client accepts none."""
    return next((each for each in wanted if each not in STREAMS), JSON)


def _resumed(graphql: GraphQLRequest, headers: RequestHeaders) -> GraphQLRequest:
    """A browser that comes back says which event was its last."""
    last = headers.get("last-event-id")
    return replace(graphql, extensions={CURSOR: last, **graphql.extensions}) if last else graphql


def _executed(answer: GraphQLAnswer, media_type: str, cross_origin: HeaderLines) -> WholeResponse:
    return respond(answer, media_type, cross_origin, is_well_formed=answer.status not in (405, 406))


def _check_method(method: str) -> None:
    if method not in ("GET", "POST"):
        raise refused(
            RuntimeCode.BAD_REQUEST, f"{method} is not for GraphQL. Use POST, or GET for queries.", status=405
        )


def _check_accepted(wanted: Sequence[str]) -> None:
    if not wanted:
        offered = f'{GRAPHQL_RESPONSE}, {JSON}, {EVENT_STREAM} or {MULTIPART};subscriptionSpec="1.0"'
        raise refused(RuntimeCode.BAD_REQUEST, f"Answers are {offered}. Accept one of them.", status=406)
