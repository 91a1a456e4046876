"""What every way of reaching a department has in common.

A connector is a subgraph at the end of a wire: it takes a GraphQL request over the department's own
schema and answers as GraphQL does. How it gets there (HTTP, mapped REST, a queue, a call in process)
is its own affair. Source: docs/architecture.md, "Every department is a subgraph".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, Protocol

from connectors.answer_caching import AnswerCaching
from schema.errors import RuntimeCode

JSON = Any
"""A value as ``json.loads`` gives it. The only place where ``Any`` is at home."""

ReadBody = Callable[[bytes], object]
"""Decodes the text of an answer into what its caller works on. Raises ``ValueError`` for what does not fit."""


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A client's request that may come again: its idempotency key, and a fingerprint of all that it asks."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RequestContext:
    """On whose behalf a request travels. The hub never sends a user's token on (docs/architecture.md, authority).

    ``headers`` are what a client sent and whoever runs the engine alone named to go on, names in lower case.
    ``actor`` is the opaque subject of the token or ``None`` for anonymous; ``purpose`` is a short public
    word ("query", "case", "sign-in"); ``traceparent`` is W3C trace context.
    """

    actor: str | None = None
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    purpose: str = "query"
    case: str | None = None
    traceparent: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    local: Mapping[str, Any] = field(default_factory=dict)
    """Values for the in-process connector only (the authenticated actor object, ...); never sent on a wire."""
    repeatable: Repeatable | None = None
    """For subgraphs of this process; a department's commands have keys of their own."""

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for contexts that mean the same to every department; of local values only the same ones are."""
        local = tuple([(name, id(value)) for name, value in self.local.items()])
        headers = tuple(self.headers.items())
        travelling = (self.actor, self.roles, self.scopes, self.purpose, self.case, self.traceparent, headers)
        return (*travelling, local, self.repeatable)


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One GraphQL request to one subgraph."""

    query: str
    variables: Mapping[str, JSON] = field(default_factory=dict)
    kind: Literal["query", "mutation", "subscription"] = "query"
    operation_name: str | None = None
    context: RequestContext = RequestContext()
    timeout: timedelta | None = None
    """How long the caller is willing to wait; ``None`` is the connector's own deadline."""
    idempotency_key: str | None = None
    """Set on commands: the same key never has its effect twice."""
    goes_on_for: timedelta = timedelta()
    """How long a subscription that lost its department's agent is tried again; zero: it ends at once."""
    payload: bytes | None = None
    """Query and variables as the JSON body of GraphQL over HTTP, where the caller has it already."""
    read: ReadBody | None = None
    """A connector that has the answer as text reads it with this first, and else as it reads every answer."""

    def within(self, timeout: timedelta) -> FetchRequest:
        """The same, for which the caller waits so long."""
        return FetchRequest(
            self.query,
            self.variables,
            self.kind,
            self.operation_name,
            self.context,
            timeout,
            self.idempotency_key,
            self.goes_on_for,
            self.payload,
            self.read,
        )


@dataclass(frozen=True, slots=True)
class StaleAnswer:
    """An answer of ``age`` seconds ago stands in for one that failed: why, in the words of that failure."""

    age: int
    code: RuntimeCode
    message: str


@dataclass(frozen=True, slots=True)
class FetchResponse:
    """A subgraph's answer: ``data`` and ``errors`` exactly as GraphQL has them.

    Where the request's ``read`` took the answer, ``shaped`` is what it made of ``body``, and nothing else is set.
    """

    data: dict[str, JSON] | None
    errors: tuple[dict[str, JSON], ...] = ()
    extensions: Mapping[str, JSON] = field(default_factory=dict)
    shaped: object = None
    body: bytes | None = None
    failure: ConnectorFailure | None = None
    """Why this answer, which its errors tell already, speaks against the department."""
    declares_errors: bool = False
    """Whether its errors hold nothing but what a mapping of ours put there, so that clients may read all of it."""
    caching: AnswerCaching | None = None
    """What the department says of keeping it."""
    stale: StaleAnswer | None = None
    has_gap: bool = False
    """Of an event: others may be missing between it and the one before."""


class ConnectorFailure(Exception):
    """The department could not be asked, or what it said is no GraphQL answer.

    ``message`` is fit for the public: it names no address, query or stack. ``detail`` is for the log.
    ``never_sent`` is true where the request certainly did not reach the department, so that even a command
    may be sent again.
    """

    def __init__(self, code: RuntimeCode, message: str, detail: str = "", *, never_sent: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.detail = detail
        self.never_sent = never_sent


async def failing_stream(failure: ConnectorFailure) -> AsyncIterator[FetchResponse]:
    """A stream that ends in ``failure`` before its first event, for what cannot be subscribed to."""
    nothing: tuple[FetchResponse, ...] = ()
    for response in nothing:
        yield response
    raise failure


class Connector(Protocol):
    """One department's subgraph. All implementations pass ``tests/contracts/connector``."""

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """Answer one query or mutation. Raises :class:`ConnectorFailure`."""
        ...

    def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        """Yield one response per event until closed. Raises :class:`ConnectorFailure`."""
        ...

    async def describe(self) -> str:
        """The subgraph's SDL as the department states it now. Raises :class:`ConnectorFailure`."""
        ...

    async def close(self) -> None:
        """Let go of connections. Safe to call twice."""
        ...
