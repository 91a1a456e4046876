"""Who asks what over HTTP, whichever door it came through: the bearer token, the body, the origin.

A reader is known by the bearer token alone. No cookie is ever read, so a foreign page has nothing to borrow
from its visitor, and any origin may be answered.
Sources: GraphQL over HTTP (draft); RFC 6750; the Fetch standard, "CORS protocol".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from re import compile as regex
from typing import Any

from starlette.requests import Request

from auth.actor import Actor
from auth.remote_jwks import KeysUnavailable
from auth.tokens import InvalidToken, bearer_token
from hub.doors.graphql_http import (
    CLIENT_HEADERS,
    check_content_type,
    decode_body,
    decode_parameters,
    picked,
    read_fields,
)
from hub.doors.http_response import HeaderLines
from hub.doors.persisted_queries import PersistedQueries
from hub.doors.request_body import read_body
from hub.gateway import GraphQLRequest
from hub.gateway.request import refused
from schema.errors import RuntimeCode

VerifyToken = Callable[[str], Awaitable[Actor]]
"""Raises :class:`auth.tokens.InvalidToken`, or :class:`auth.remote_jwks.KeysUnavailable`."""

_ALLOWED_HEADERS = (
    "content-type, authorization, accept, apollographql-client-name, apollographql-client-version, "
    "apollo-require-preflight, x-apollo-operation-name, x-apollo-operation-id, x-graphql-event-stream-token, "
    "traceparent, tracestate, jiyi-timeout-ms, last-event-id, idempotency-key"
)
_VARY: HeaderLines = ((b"vary", b"Origin"),)
_TIMEOUT = "jiyi-timeout-ms"
_KEY = "idempotency-key"
_MILLISECONDS = regex(r"[0-9]{1,9}")
_CLIENT_NAME, _CLIENT_VERSION = (name.encode() for name in CLIENT_HEADERS)
_NO_CLIENT = ("", "")
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


_bearer_token = lru_cache(maxsize=1_000)(bearer_token)


class RequestHeaders:
    """A request's headers as the server read them, found by name. Names are in lower case."""

    __slots__ = ("_all", "_first")

    def __init__(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._all = headers
        self._first = dict(reversed(headers))

    def get(self, name: str) -> str | None:
        """The first value of that name."""
        value = self._first.get(name.encode())
        return None if value is None else value.decode("latin-1")

    def every(self, name: str) -> list[str]:
        """All values of that name."""
        wanted = name.encode()
        if len(self._first) == len(self._all):  # none of them is there twice
            return [self._first[wanted].decode("latin-1")] if wanted in self._first else []
        return [value.decode("latin-1") for each, value in self._all if each == wanted]

    @property
    def client(self) -> tuple[str, str]:
        """Name and version by which the client wants to be counted, "" for what it does not say."""
        name, version = self._first.get(_CLIENT_NAME), self._first.get(_CLIENT_VERSION)
        if name is None and version is None:
            return _NO_CLIENT
        return (name or b"").decode("latin-1"), (version or b"").decode("latin-1")

    def picked(self, names: Sequence[str]) -> dict[str, str]:
        """The headers of these names that are there and may go on, of a repeated one the first."""
        found = {name: value for name in names if (value := self.get(name)) is not None}
        return picked(names, found, self.every("connection")) if found else found


class RequestReader:
    """Reads requests. Without ``verify_token`` credentials are not looked at and nobody is known."""

    def __init__(self, verify_token: VerifyToken | None, settings: HttpSettings) -> None:
        self._verify_token = verify_token
        self._settings = settings
        self._persisted = PersistedQueries(settings.persisted_queries)

    async def actor(self, headers: RequestHeaders) -> Actor | None:
        """Raises ``RequestRefused`` for a token that is none of ours."""
        if self._verify_token is None:
            return None
        try:
            token = _bearer_token(tuple(headers.every("authorization")))
            return await self._verify_token(token) if token is not None else None
        except InvalidToken as error:
            raise refused(RuntimeCode.UNAUTHENTICATED, str(error)) from error
        except KeysUnavailable as error:
            message = "Access tokens cannot be verified now. Try again."
            raise refused(RuntimeCode.SERVICE_UNAVAILABLE, message) from error

    async def graphql(self, request: Request, headers: RequestHeaders) -> GraphQLRequest:
        """The operation, from a POST's body or a GET's query string. Raises ``RequestRefused``."""
        if request.method == "GET":
            return self._read(decode_parameters(request.query_params), headers)
        _check_body_is_read(headers)
        return self._read(decode_body(await self._body(request)), headers)

    def posted(self, body: bytes, headers: RequestHeaders) -> GraphQLRequest:
        """The operation in a POST's body that is there as a whole. Raises ``RequestRefused``."""
        _check_body_is_read(headers)
        return self._read(decode_body(body), headers)

    def cross_origin(self, headers: RequestHeaders) -> HeaderLines:
        """What a browser is told about pages of other origins."""
        origin, allowed = headers.get("origin"), self._settings.origins
        if origin is None or ("*" not in allowed and origin not in allowed):
            return _VARY
        return ((b"access-control-allow-origin", b"*" if "*" in allowed else origin.encode("latin-1")), *_VARY)

    def preflight(self, headers: RequestHeaders, methods: Sequence[str]) -> HeaderLines:
        """The same, and what pages may send."""
        told = self.cross_origin(headers)
        if told == _VARY:
            return told
        allowed = {
            b"access-control-allow-methods": ", ".join((*methods, "OPTIONS")),
            b"access-control-allow-headers": ", ".join((_ALLOWED_HEADERS, *self._settings.forwarded_headers)),
            b"access-control-max-age": "7200",
        }
        return (*told, *((name, value.encode()) for name, value in allowed.items()))

    def _read(self, fields: Any, headers: RequestHeaders) -> GraphQLRequest:
        traceparent = headers.get("traceparent")
        trace = traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None
        graphql = read_fields(self._persisted.completed(fields), trace, headers.client)
        wanted = self._settings.forwarded_headers
        if wanted:
            graphql = replace(graphql, headers=headers.picked(wanted))
        if (key := headers.get(_KEY)) is not None:
            graphql = replace(graphql, idempotency_key=key.strip().strip('"'))
        waits = headers.get(_TIMEOUT)
        return graphql if waits is None else replace(graphql, timeout=_patience(waits))

    async def _body(self, request: Request) -> bytes:
        limit = self._settings.maximum_body_bytes
        body = await read_body(request, limit)
        if body is None:
            raise refused(RuntimeCode.REQUEST_TOO_LARGE, f"The body is over {limit} bytes. Send less at once.")
        return body


def _patience(text: str) -> timedelta:
    """How long the client waits. Raises ``RequestRefused``."""
    if _MILLISECONDS.fullmatch(text) is None or int(text) == 0:
        raise refused(RuntimeCode.BAD_REQUEST, "Jiyi-Timeout-Ms is a whole number of milliseconds, 1 or more.")
    return timedelta(milliseconds=int(text))


def _check_body_is_read(headers: RequestHeaders) -> None:
    check_content_type(headers.get("content-type"))
    coding = headers.get("content-encoding")
    if coding is not None and coding.lower() != "identity":
        raise refused(RuntimeCode.BAD_REQUEST, "Send the body without Content-Encoding.", status=415)
