"""What a door hands to the gateway, and what it gets back: values, whatever the transport."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from re import compile as regex
from typing import Any

from graphql import GraphQLError
from msgspec import Raw

from hub.execution import ExecutionResult
from schema.errors import RuntimeCode

STATUS_OF_CODE: Mapping[str, int] = {
    RuntimeCode.UNAUTHENTICATED: 401,
    RuntimeCode.FORBIDDEN: 403,
    RuntimeCode.REQUEST_TOO_LARGE: 413,
    RuntimeCode.RATE_LIMITED: 429,
    RuntimeCode.TOO_MANY_SUBSCRIPTIONS: 429,
    RuntimeCode.SERVICE_UNAVAILABLE: 503,
    RuntimeCode.INTERNAL_SERVER_ERROR: 500,
}
"""HTTP status of a request error; every other code is the client's mistake, 400."""
_QUOTED = regex(r"""(?<!\w)'([^'"\\]*)'(?!\w)""")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation to answer. ``traceparent`` is W3C trace context of the transport; ``headers`` are those of
    the client's that every subgraph gets too; ``extensions`` are for the transport, not for the operation.
    ``timeout`` is how long the client is willing to wait, where that is shorter than the gateway's own limit."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    traceparent: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    timeout: timedelta | None = None
    client: tuple[str, str] = ("", "")
    """Name and version that the client gives itself (``apollographql-client-name``): to count, not to trust."""
    idempotency_key: str | None = None
    """Under which the client may send this request again (``Idempotency-Key``); durable mutations heed it."""


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """``is_executed`` is false for a request error: then there is no ``data`` entry, nothing was fetched, and
    ``status`` says as HTTP status what was wrong."""

    data: dict[str, Any] | None
    errors: tuple[dict[str, Any], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    is_executed: bool = True
    status: int = 200
    encoded: bytes | None = None
    """The data as JSON, where it never was a tree of values; then ``data`` is not set."""
    services: tuple[str, ...] = field(default=(), compare=False)
    """The subgraphs that were asked; for the log, never for the client."""

    @classmethod
    def of(cls, result: ExecutionResult) -> GraphQLAnswer:
        return cls(result.data, result.errors, result.extensions, encoded=result.encoded, services=result.services)

    def with_extensions(self, extensions: Mapping[str, Any]) -> GraphQLAnswer:
        """The same, and these entries."""
        return replace(self, extensions={**self.extensions, **extensions}) if extensions else self

    def payload(self) -> dict[str, Any]:
        """The response map of the specification, errors first so that a reader sees them."""
        payload: dict[str, Any] = {}
        if self.errors:
            payload["errors"] = list(self.errors)
        if self.is_executed:
            payload["data"] = self.data if self.encoded is None else Raw(self.encoded)
        if self.extensions:
            payload["extensions"] = dict(self.extensions)
        return payload


class RequestRefused(Exception):
    """The request ends before anything is fetched; ``answer`` tells the client why."""

    def __init__(self, errors: Iterable[dict[str, Any]], status: int | None = None) -> None:
        told = tuple(errors)
        code = told[0]["extensions"]["code"]
        super().__init__(told[0]["message"])
        self.answer = GraphQLAnswer(None, told, is_executed=False, status=status or STATUS_OF_CODE.get(code, 400))


def refused(code: RuntimeCode | str, message: str, *, status: int | None = None) -> RequestRefused:
    """A request error without a place in the document."""
    return RequestRefused([{"message": message, "extensions": {"code": str(code)}}], status)


def told(error: GraphQLError, code: RuntimeCode) -> dict[str, Any]:
    """A library's error as we send it: message, places in the document, our code.

    What it quotes stands in double quotes, as graphql-js writes it: tools tell by its words what a server lacks.
    """
    formatted: dict[str, Any] = {"message": _QUOTED.sub(r'"\1"', error.message)}
    if error.locations:
        formatted["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    return {**formatted, "extensions": {"code": str(code)}}
