"""What a developer sees of each request: one line, and on demand its plan and every fetch that was made.

Fetches are noted where connectors are called, under the request that is current in this task, so nothing of
the gateway or the executor knows that it is watched. Only ``jiyi dev`` puts this in.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.actor import Actor
from connectors.clock import Clock
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse
from hub.gateway import Gateway, GatewaySettings, GraphQLAnswer, GraphQLRequest, IdentityLookup, Policy

EXPLAIN_HEADER = "jiyi-explain"
Say = Callable[[str], None]

_current: ContextVar[Trace | None] = ContextVar("_current", default=None)
_is_asked: ContextVar[bool] = ContextVar("_is_asked", default=False)


@dataclass(slots=True)
class TracedFetch:
    """One request to a subgraph. ``outcome`` is "ok", or the code of what went wrong."""

    service: str
    document: str
    variables: Mapping[str, Any]
    started_ms: float
    took_ms: float = 0.0
    outcome: str = "ok"

    def as_json(self) -> dict[str, Any]:
        return {
            "service": self.service,
            "startedMs": round(self.started_ms, 1),
            "tookMs": round(self.took_ms, 1),
            "outcome": self.outcome,
            "query": self.document,
            "variables": dict(self.variables),
        }

    def __str__(self) -> str:
        return f"{self.started_ms:6.1f} ms  +{self.took_ms:.1f}  {self.service}  {self.outcome}  {self.document}"


@dataclass(slots=True)
class Trace:
    """One request of a client while it is answered."""

    began: float = field(default_factory=perf_counter)
    fetches: list[TracedFetch] = field(default_factory=list)

    @property
    def age_ms(self) -> float:
        return (perf_counter() - self.began) * 1000


class TracedConnector:
    """A connector whose requests are noted in the current trace."""

    def __init__(self, service: str, connector: Connector) -> None:
        self._service = service
        self._connector = connector

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        trace = _current.get()
        if trace is None:
            return await self._connector.fetch(request)
        fetch = TracedFetch(self._service, request.query, request.variables, trace.age_ms)
        trace.fetches.append(fetch)
        try:
            response = await self._connector.fetch(request)
            fetch.outcome = f"{len(response.errors)} errors" if response.errors else "ok"
            return response
        except ConnectorFailure as failure:
            fetch.outcome = str(failure.code)
            raise
        finally:
            fetch.took_ms = trace.age_ms - fetch.started_ms

    def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        return self._connector.subscribe(request)

    async def describe(self) -> str:
        return await self._connector.describe()

    async def close(self) -> None:
        await self._connector.close()


class TracedGateway(Gateway):
    """Tells each answer to ``say``; with ``shows_plans`` its plan and fetches too. Each has fetches of its own."""

    def __init__(
        self, policy: Policy, identities: IdentityLookup, *, clock: Clock, say: Say, shows_plans: bool
    ) -> None:
        settings = GatewaySettings(shares_runs=False, tells_suggestions=True)
        super().__init__(policy, identities, clock=clock, settings=settings)
        self._say = say
        self._shows_plans = shows_plans

    async def answer(
        self, request: GraphQLRequest, actor: Actor | None, *, only_queries: bool = False
    ) -> GraphQLAnswer:
        trace = Trace()
        restore = _current.set(trace)
        try:
            answer = await super().answer(request, actor, only_queries=only_queries)
        finally:
            _current.reset(restore)
        self._tell(request, answer, trace)
        return self._explained(request, answer, trace) if _is_asked.get() else answer

    async def subscribe(
        self, request: GraphQLRequest, actor: Actor | None, *, no_mutations: bool = False
    ) -> AsyncGenerator[GraphQLAnswer, None]:
        """Each stream has a task of its own, so that its events can be traced one after the other."""
        is_stream = await self.is_subscription(request)
        _current.set(trace := Trace())
        async with aclosing(super().subscribe(request, actor, no_mutations=no_mutations)) as answers:
            async for answer in answers:
                if is_stream:  # any other operation was told when it was answered
                    self._tell(request, answer, trace)
                yield answer
                _current.set(trace := Trace())

    def _tell(self, request: GraphQLRequest, answer: GraphQLAnswer, trace: Trace) -> None:
        services = ", ".join(dict.fromkeys(fetch.service for fetch in trace.fetches)) or "no subgraph"
        errors = f"{len(answer.errors)} {'error' if len(answer.errors) == 1 else 'errors'}"
        requests = f"{len(trace.fetches)} {'fetch' if len(trace.fetches) == 1 else 'fetches'}"
        name = f"  {request.operation_name}" if request.operation_name else ""
        self._say(f"{trace.age_ms:7.1f} ms  {requests}  {services}  {errors}{name}")
        for error in answer.errors[:5]:
            code = error.get("extensions", {}).get("code", "")
            self._say(f"            {code}: {error.get('message', '')}")
        if self._shows_plans:
            plan = self.plan_of(request)
            self._say(str(plan) if plan is not None else "no plan")
            for fetch in trace.fetches:
                self._say(f"  {fetch}")

    def _explained(self, request: GraphQLRequest, answer: GraphQLAnswer, trace: Trace) -> GraphQLAnswer:
        plan = self.plan_of(request)
        explanation = {
            "plan": str(plan) if plan is not None else None,
            "tookMs": round(trace.age_ms, 1),
            "fetches": [fetch.as_json() for fetch in trace.fetches],
        }
        return replace(answer, extensions={**answer.extensions, "explain": explanation})


class ExplainOnDemand:
    """Notes which requests ask for their plan by the header ``Jiyi-Explain``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            _is_asked.set(Headers(scope=scope).get(EXPLAIN_HEADER, "0").lower() not in ("", "0", "false", "no"))
        await self._app(scope, receive, send)
