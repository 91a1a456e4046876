"""Who asks what over HTTP, whichever door it came through: the bearer token, the body, the origin.

A reader is known by the bearer token alone. No cookie is ever read, so a foreign page has nothing to borrow
from its visitor, and any origin may be answered.
Sources: GraphQL over HTTP (draft); RFC 6750; the Fetch standard, "CORS protocol".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from re import compile as regex
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from auth.actor import Actor
from auth.remote_jwks import KeysUnavailable
from auth.tokens import InvalidToken, bearer_token
from hub.gateway import GraphQLAnswer, GraphQLRequest
from hub.gateway.request import refused
from hub.graphql_http import (
    GRAPHQL_RESPONSE,
    JSON,
    check_content_type,
    decode_body,
    decode_parameters,
    encode_answer,
    picked,
    read_fields,
    status_of,
)
from hub.persisted_queries import PersistedQueries
from schema.errors import RuntimeCode

VerifyToken = Callable[[str], Awaitable[Actor]]
"""Raises :class:`auth.tokens.InvalidToken`, or :class:`auth.remote_jwks.KeysUnavailable`."""

_ALLOWED_HEADERS = (
    "content-type, authorization, accept, apollographql-client-name, apollographql-client-version, "
    "apollo-require-preflight, x-apollo-operation-name, x-apollo-operation-id, x-graphql-event-stream-token, "
    "traceparent, tracestate"
)
_TRACEPARENT = regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """``origins`` may call from a browser (``*`` for all). ``explorer`` is where a browser that opens
    ``/graphql`` itself is sent. ``keep_alive`` is how often a silent event stream says that it lives.
    ``forwarded_headers`` of a request go on to every subgraph that it asks, names in lower case.
    ``persisted_queries`` is how many are kept by their hash, 0 for none."""

    maximum_body_bytes: int = 1_000_000
    origins: tuple[str, ...] = ("*",)
    explorer: str | None = "/explorer"
    keep_alive: timedelta = timedelta(seconds=12)
    forwarded_headers: tuple[str, ...] = ()
    persisted_queries: int = 1_000


class RequestReader:
    """Reads requests. Without ``verify_token`` credentials are not looked at and nobody is known."""

    def __init__(self, verify_token: VerifyToken | None, settings: HttpSettings) -> None:
        self._verify_token = verify_token
        self._settings = settings
        self._persisted = PersistedQueries(settings.persisted_queries)

    async def actor(self, request: Request) -> Actor | None:
        """Raises ``RequestRefused`` for a token that is none of ours."""
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

    async def graphql(self, request: Request) -> GraphQLRequest:
        """The operation, from a POST's body or a GET's query string. Raises ``RequestRefused``."""
        traceparent = request.headers.get("traceparent", "")
        trace = traceparent if _TRACEPARENT.fullmatch(traceparent) else None
        fields = self._persisted.completed(await self._fields(request))
        return self._with_headers(read_fields(fields, trace), request)

    async def _fields(self, request: Request) -> Any:
        if request.method == "GET":
            return decode_parameters(request.query_params)
        check_content_type(request.headers.get("content-type"))
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise refused(RuntimeCode.BAD_REQUEST, "Send the body without Content-Encoding.", status=415)
        return decode_body(await self._body(request))

    def cors_headers(self, request: Request, methods: Sequence[str]) -> dict[str, str]:
        """What a browser is told about pages of other origins."""
        origin, allowed = request.headers.get("origin"), self._settings.origins
        if origin is None or ("*" not in allowed and origin not in allowed):
            return {"Vary": "Origin"}
        headers = {"Access-Control-Allow-Origin": "*" if "*" in allowed else origin, "Vary": "Origin"}
        if request.method == "OPTIONS":
            headers["Access-Control-Allow-Methods"] = ", ".join((*methods, "OPTIONS"))
            headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
            headers["Access-Control-Max-Age"] = "7200"
        return headers

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


class QuickHeaders(Headers):
    """A request's headers, found by name without a search. Names are asked for in lower case."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._first = dict(reversed(self.items()))

    def get(self, key: str, default: Any = None) -> Any:
        return self._first.get(key, default)

    def __getitem__(self, key: str) -> str:
        return self._first[key]

    def __contains__(self, key: object) -> bool:
        return key in self._first


class QuickRequest(Request):
    """A request as the door reads it, some ten times for each."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        self._quick_headers = QuickHeaders(scope)

    @property
    def headers(self) -> Headers:
        return self._quick_headers


class PlainAnswer:
    """The one response that nearly all are: 200, to a client that is no page of another origin."""

    __slots__ = ("_body", "_media_type")

    def __init__(self, body: bytes, media_type: str) -> None:
        self._body = body
        self._media_type = media_type

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [*_PLAIN_HEADERS[self._media_type], (b"content-length", b"%d" % len(self._body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._body})


_PLAIN_HEADERS = {
    media_type: (
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"vary", b"Origin"),
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
    )
    for media_type in (JSON, GRAPHQL_RESPONSE)
}


def respond(answer: GraphQLAnswer, media_type: str, *, is_well_formed: bool) -> Response:
    """One whole answer; ``is_well_formed`` is false where the request itself was none of GraphQL over HTTP."""
    status = status_of(answer, media_type, is_well_formed=is_well_formed)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer" if is_well_formed else 'Bearer error="invalid_token"'
    if status == 405:
        headers["Allow"] = "GET, POST, OPTIONS"
    return Response(encode_answer(answer), status, headers, f"{media_type}; charset=utf-8")
