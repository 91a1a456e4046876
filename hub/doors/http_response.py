"""Answers that go out as a whole, ready for the wire: status, headers, body.

Sources: GraphQL over HTTP (draft); RFC 9110.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from hub.doors.graphql_http import encode_answer, status_of
from hub.gateway import GraphQLAnswer
from hub.gateway.request_rate import RETRY_AFTER

HeaderLines = tuple[tuple[bytes, bytes], ...]
"""Names and values as they go out, names in lower case."""

_COMMON: HeaderLines = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class WholeResponse:
    """Status, headers and body of one response; an ASGI application that sends just this.

    ``headers`` are without the body's length, which is added.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: HeaderLines, body: bytes = b"") -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def head(self) -> bytes:
        """The head as it goes out in HTTP/1.1, up to where the server adds lines of its own."""
        return _head_of(self.status, self.headers)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [*self.headers]
        if self.status != HTTPStatus.NO_CONTENT:
            headers.append((b"content-length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def respond(
    answer: GraphQLAnswer, media_type: str, cross_origin: HeaderLines = (), *, is_well_formed: bool = True
) -> WholeResponse:
    """One whole answer; ``is_well_formed`` is false where the request itself was none of GraphQL over HTTP.

    ``cross_origin`` is what a browser is told about pages of other origins.
    """
    status = status_of(answer, media_type, is_well_formed=is_well_formed)
    headers = _headers_of(status, media_type, cross_origin, is_well_formed=is_well_formed)
    if not answer.is_executed and (seconds := answer.errors[0]["extensions"].get(RETRY_AFTER)) is not None:
        headers = (*headers, (b"retry-after", b"%d" % seconds))
    return WholeResponse(status, headers, encode_answer(answer))


@lru_cache(maxsize=256)
def _headers_of(status: int, media_type: str, cross_origin: HeaderLines, *, is_well_formed: bool) -> HeaderLines:
    headers = [*_COMMON, *cross_origin, (b"content-type", f"{media_type}; charset=utf-8".encode())]
    if status == HTTPStatus.UNAUTHORIZED:
        challenge = b"Bearer" if is_well_formed else b'Bearer error="invalid_token"'
        headers.append((b"www-authenticate", challenge))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"GET, POST, OPTIONS"))
    return tuple(headers)


@lru_cache(maxsize=256)
def _head_of(status: int, headers: HeaderLines) -> bytes:
    lines = [b"HTTP/1.1 %d %b" % (status, HTTPStatus(status).phrase.encode())]
    lines += [b"%b: %b" % each for each in headers]
    return b"\r\n".join(lines) + b"\r\n"
