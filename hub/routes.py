"""The HTTP doors of the graph: ``/graphql`` for requests and streams, and what tells whether we serve.

Sources: GraphQL over HTTP (draft); those of :mod:`hub.event_stream`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.actor import Actor
from connectors.clock import Clock
from hub.event_channel import EventChannelDoor
from hub.event_stream import Pace, stream
from hub.gateway import Gateway, GraphQLRequest
from hub.gateway.request import RequestRefused, refused
from hub.graphql_http import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, MULTIPART, STREAMS, acceptable, encode_answer
from hub.http_request import HttpSettings, PlainAnswer, QuickRequest, RequestReader, VerifyToken, respond
from hub.leaving import ClientWatch
from schema.errors import RuntimeCode

ReadinessCheck = Callable[[], Awaitable[Mapping[str, bool]]]
"""What the hub needs in order to serve, by name, and whether it is there."""


def graphql_routes(
    gateway: Gateway,
    verify_token: VerifyToken | None,
    clock: Clock,
    settings: HttpSettings = HttpSettings(),  # noqa: B008  # a frozen value
) -> list[BaseRoute]:
    """``/graphql`` and its streams over HTTP. Without ``verify_token`` nobody is known."""
    reader = RequestReader(verify_token, settings)
    door = GraphQLDoor(gateway, reader, clock, settings)
    channels = EventChannelDoor(gateway, reader, clock, settings, door)
    return [Route("/graphql", door), Route("/graphql/stream", channels)]


def graphql_in_front(routes: Sequence[BaseRoute], app: ASGIApp) -> ASGIApp:
    """``app``, but what is for ``/graphql`` itself goes straight to its door: routing and error pages cost as much
    again as a small answer."""
    door = next(each.app for each in routes if isinstance(each, Route) and each.path == "/graphql")

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        is_for_door = scope["type"] == "http" and scope["path"] == "/graphql"
        await (door if is_for_door else app)(scope, receive, send)

    return front


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

    def __init__(self, gateway: Gateway, reader: RequestReader, clock: Clock, settings: HttpSettings) -> None:
        self._gateway = gateway
        self._reader = reader
        self._clock = clock
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = QuickRequest(scope, receive)
        response = await self._respond(request)
        if isinstance(response, Response):
            response.headers.update(self._reader.cors_headers(request, ("GET", "POST")))
        if response is not None:
            await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response | PlainAnswer | None:
        """``None`` for a client that has left."""
        if request.method == "OPTIONS":
            return Response(status_code=204)
        wanted = acceptable(request.headers.get("accept"))
        if self._is_browser_looking(request, wanted) and self._settings.explorer:
            return RedirectResponse(self._settings.explorer, 302)
        whole = next((each for each in wanted if each not in STREAMS), None)
        try:
            _check_method(request, wanted)
            actor = await self._reader.actor(request)
            graphql = await self._reader.graphql(request)
        except RequestRefused as refusal:
            return respond(refusal.answer, whole or JSON, is_well_formed=False)
        streamed = next((each for each in wanted if each in STREAMS), None)
        if streamed is not None and (whole is None or await self._gateway.is_subscription(graphql)):
            return self._stream(graphql, actor, streamed, no_mutations=request.method == "GET")
        async with ClientWatch(request.receive, lambda: self._gateway.is_query(graphql)):
            answer = await self._gateway.answer(graphql, actor, only_queries=request.method == "GET")
            if answer.is_executed and "origin" not in request.headers:
                return PlainAnswer(encode_answer(answer), whole or JSON)
            return respond(answer, whole or JSON, is_well_formed=answer.status not in (405, 406))
        return None

    def _is_browser_looking(self, request: Request, wanted: Sequence[str]) -> bool:
        if request.method != "GET" or "query" in request.query_params:
            return False
        return "text/html" in request.headers.get("accept", "") and GRAPHQL_RESPONSE not in wanted

    def _stream(
        self, graphql: GraphQLRequest, actor: Actor | None, media_type: str, *, no_mutations: bool
    ) -> Response:
        lifetime = actor.expires_at - self._clock.now() if actor else None
        answers = self._gateway.subscribe(graphql, actor, no_mutations=no_mutations)
        return stream(answers, Pace(self._settings.keep_alive, lifetime), media_type)


def _check_method(request: Request, wanted: Sequence[str]) -> None:
    if request.method not in ("GET", "POST"):
        message = f"{request.method} is not for GraphQL. Use POST, or GET for queries."
        raise refused(RuntimeCode.BAD_REQUEST, message, status=405)
    if not wanted:
        offered = f'{GRAPHQL_RESPONSE}, {JSON}, {EVENT_STREAM} or {MULTIPART};subscriptionSpec="1.0"'
        raise refused(RuntimeCode.BAD_REQUEST, f"Answers are {offered}. Accept one of them.", status=406)
