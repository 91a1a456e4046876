"""The HTTP doors of the graph: ``/graphql`` for requests and event streams, and what tells whether we serve.

A reader is known by the bearer token alone. No cookie is ever read here, so a foreign page has nothing to
borrow from its visitor, and any origin may be answered.
Sources: GraphQL over HTTP (draft); GraphQL over Server-Sent Events, "distinct connections mode"; RFC 6750.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from re import compile as regex

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from auth.actor import Actor
from auth.remote_jwks import KeysUnavailable
from auth.tokens import InvalidToken, bearer_token
from connectors.clock import Clock
from hub.gateway import Gateway, GraphQLAnswer, GraphQLRequest
from hub.gateway.request import RequestRefused, refused
from hub.graphql_http import (
    EVENT_STREAM,
    GRAPHQL_RESPONSE,
    JSON,
    acceptable,
    check_content_type,
    encode,
    picked,
    read_body,
    read_parameters,
    status_of,
)
from schema.errors import RuntimeCode

VerifyToken = Callable[[str], Awaitable[Actor]]
"""Raises :class:`auth.tokens.InvalidToken`, or :class:`auth.remote_jwks.KeysUnavailable`."""

ReadinessCheck = Callable[[], Awaitable[Mapping[str, bool]]]
"""What the hub needs in order to serve, by name, and whether it is there."""

_ALLOWED_HEADERS = (
    "content-type, authorization, accept, apollographql-client-name, apollographql-client-version, "
    "apollo-require-preflight, x-apollo-operation-name, x-apollo-operation-id, traceparent, tracestate"
)
_TRACEPARENT = regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """``origins`` may call from a browser (``*`` for all). ``explorer`` is where a browser that opens
    ``/graphql`` itself is sent. ``keep_alive`` is how often a silent event stream says that it lives.
    ``forwarded_headers`` of a request go on to every subgraph that it asks, names in lower case."""

    maximum_body_bytes: int = 1_000_000
    origins: tuple[str, ...] = ("*",)
    explorer: str | None = "/explorer"
    keep_alive: timedelta = timedelta(seconds=12)
    forwarded_headers: tuple[str, ...] = ()


def graphql_routes(
    gateway: Gateway,
    verify_token: VerifyToken | None,
    clock: Clock,
    settings: HttpSettings = HttpSettings(),
) -> list[BaseRoute]:
    """``/graphql`` over HTTP. Without ``verify_token`` credentials are not looked at and nobody is known."""
    return [Route("/graphql", GraphQLDoor(gateway, verify_token, clock, settings))]


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

    def __init__(
        self, gateway: Gateway, verify_token: VerifyToken | None, clock: Clock, settings: HttpSettings
    ) -> None:
        self._gateway = gateway
        self._verify_token = verify_token
        self._clock = clock
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._respond(request)
        response.headers.update(self._cors_headers(request))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204)
        wanted = acceptable(request.headers.get("accept"))
        if self._is_browser_looking(request, wanted) and self._settings.explorer:
            return RedirectResponse(self._settings.explorer, 302)
        media_type = next((each for each in wanted if each != EVENT_STREAM), JSON)
        try:
            _check_method(request, wanted)
            actor = await self._actor(request)
            graphql = self._with_headers(await self._read(request), request)
        except RequestRefused as refusal:
            return _response(refusal.answer, media_type, is_well_formed=False)
        if EVENT_STREAM in wanted and (wanted == (EVENT_STREAM,) or await self._gateway.is_subscription(graphql)):
            return self._stream(graphql, actor)
        answer = await self._gateway.answer(graphql, actor, only_queries=request.method == "GET")
        return _response(answer, media_type, is_well_formed=answer.status != 405)

    def _is_browser_looking(self, request: Request, wanted: Sequence[str]) -> bool:
        if request.method != "GET" or "query" in request.query_params:
            return False
        return "text/html" in request.headers.get("accept", "") and GRAPHQL_RESPONSE not in wanted

    async def _actor(self, request: Request) -> Actor | None:
        if self._verify_token is None:
            return None
        try:
            token = bearer_token(request.headers.getlist("authorization"))
            return await self._verify_token(token) if token is not None else None
        except InvalidToken as error:
            raise refused(RuntimeCode.UNAUTHENTICATED, str(error)) from error
        except KeysUnavailable as error:
            message = "Access tokens cannot be verified now. Try again."
            raise refused(RuntimeCode.SERVICE_UNAVAILABLE, message) from error

    async def _read(self, request: Request) -> GraphQLRequest:
        traceparent = request.headers.get("traceparent", "")
        trace = traceparent if _TRACEPARENT.fullmatch(traceparent) else None
        if request.method == "GET":
            return read_parameters(request.query_params, trace)
        check_content_type(request.headers.get("content-type"))
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise refused(RuntimeCode.BAD_REQUEST, "Send the body without Content-Encoding.", status=415)
        return read_body(await self._body(request), trace)

    def _with_headers(self, graphql: GraphQLRequest, request: Request) -> GraphQLRequest:
        wanted = self._settings.forwarded_headers
        return replace(graphql, headers=picked(wanted, request.headers)) if wanted else graphql

    async def _body(self, request: Request) -> bytes:
        limit = self._settings.maximum_body_bytes
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise refused(RuntimeCode.REQUEST_TOO_LARGE, f"The body is over {limit} bytes. Send less at once.")
        return bytes(body)

    def _stream(self, graphql: GraphQLRequest, actor: Actor | None) -> Response:
        events = self._gateway.subscribe(graphql, actor)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        lines = _event_lines(events, self._settings.keep_alive, self._lifetime(actor))
        return StreamingResponse(lines, 200, headers, media_type=EVENT_STREAM)

    def _lifetime(self, actor: Actor | None) -> timedelta | None:
        return actor.expires_at - self._clock.now() if actor else None

    def _cors_headers(self, request: Request) -> dict[str, str]:
        origin, allowed = request.headers.get("origin"), self._settings.origins
        if origin is None or ("*" not in allowed and origin not in allowed):
            return {"Vary": "Origin"}
        headers = {"Access-Control-Allow-Origin": "*" if "*" in allowed else origin, "Vary": "Origin"}
        if request.method == "OPTIONS":
            headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
            headers["Access-Control-Max-Age"] = "7200"
        return headers


def _check_method(request: Request, wanted: Sequence[str]) -> None:
    if request.method not in ("GET", "POST"):
        message = f"{request.method} is not for GraphQL. Use POST, or GET for queries."
        raise refused(RuntimeCode.BAD_REQUEST, message, status=405)
    if not wanted:
        message = f"Answers are {GRAPHQL_RESPONSE}, {JSON} or {EVENT_STREAM}. Accept one of them."
        raise refused(RuntimeCode.BAD_REQUEST, message, status=406)


def _response(answer: GraphQLAnswer, media_type: str, *, is_well_formed: bool) -> Response:
    status = status_of(answer, media_type, is_well_formed=is_well_formed)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer" if is_well_formed else 'Bearer error="invalid_token"'
    if status == 405:
        headers["Allow"] = "GET, POST, OPTIONS"
    return Response(encode(answer.payload()), status, headers, f"{media_type}; charset=utf-8")


async def _event_lines(
    answers: AsyncGenerator[GraphQLAnswer, None], keep_alive: timedelta, lifetime: timedelta | None
) -> AsyncIterator[bytes]:
    """One ``next`` per answer, then ``complete``; ends when the reader's token does."""
    yield b":\n\n"
    loop = asyncio.get_running_loop()
    end = loop.time() + lifetime.total_seconds() if lifetime is not None else None
    following = asyncio.ensure_future(anext(answers, None))
    try:
        while end is None or loop.time() < end:
            patience = (
                keep_alive.total_seconds() if end is None else min(keep_alive.total_seconds(), end - loop.time())
            )
            done, _pending = await asyncio.wait((following,), timeout=patience)
            if not done:
                yield b":\n\n"
                continue
            answer = following.result()
            if answer is None:
                break
            yield b"event: next\ndata: " + encode(answer.payload()) + b"\n\n"
            following = asyncio.ensure_future(anext(answers, None))
        yield b"event: complete\ndata: \n\n"
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await answers.aclose()
