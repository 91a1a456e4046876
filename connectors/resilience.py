"""Keep a misbehaving department's trouble to itself: wraps any connector.

Identical queries under way are one request. Over it stand a deadline, a bound on concurrent requests, retries
of reads that were not answered, and a circuit breaker. The breaker counts failures in a row; once open it lets
one request a second through as a trial, so a department that is back serves again within a second. Commands
are never sent again here: that is the outbox's affair, which knows whether it may.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Literal, TypeVar

from connectors.clock import Clock
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse
from connectors.http_message import failure
from connectors.sharing import SharedQueries
from schema.errors import RuntimeCode

_Result = TypeVar("_Result")

BREAKING = frozenset(
    {
        RuntimeCode.DEPARTMENT_UNREACHABLE,
        RuntimeCode.DEPARTMENT_TIMEOUT,
        RuntimeCode.DEPARTMENT_BAD_STATUS,
        RuntimeCode.DEPARTMENT_MALFORMED_ANSWER,
    }
)
"""Failures that speak against the department as a whole. An agent offline fails at once by itself."""

_RETRIED = RuntimeCode.DEPARTMENT_UNREACHABLE
_REMEMBERED_DURATIONS = 100


@dataclass(frozen=True, slots=True)
class ResilienceSettings:
    """``retries`` and ``retry_delay`` (doubling, with jitter) hold for queries only."""

    deadline: timedelta = timedelta(seconds=5)
    concurrency: int = 50
    retries: int = 2
    retry_delay: timedelta = timedelta(milliseconds=50)
    failures_to_open: int = 5
    trial_interval: timedelta = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ConnectorState:
    """What the operator page shows. Latency is the median of the last answers, in milliseconds."""

    circuit: Literal["closed", "open"]
    in_flight: int
    last_error: str | None = None
    last_error_code: RuntimeCode | None = None
    last_error_at: datetime | None = None
    last_success_at: datetime | None = None
    median_milliseconds: float | None = None


class Resilient:
    """A connector that fails fast and clearly. ``rng`` gives the jitter."""

    def __init__(
        self,
        connector: Connector,
        settings: ResilienceSettings,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._connector = connector
        self._settings = settings
        self._clock = clock
        self._rng = rng
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._in_flight = 0
        self._failures_in_row = 0
        self._last_trial: datetime | None = None
        self._last_failure: tuple[ConnectorFailure, datetime] | None = None
        self._last_success: datetime | None = None
        self._durations: deque[float] = deque(maxlen=_REMEMBERED_DURATIONS)
        self._shared = SharedQueries(self._fetch)

    @property
    def state(self) -> ConnectorState:
        error, error_at = self._last_failure or (None, None)
        return ConnectorState(
            "open" if self._is_open else "closed",
            self._in_flight,
            error.message if error else None,
            error.code if error else None,
            error_at,
            self._last_success,
            round(median(self._durations) * 1000, 1) if self._durations else None,
        )

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        return await self._shared.ask(request)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        """A stream has no deadline; how it begins and breaks counts like any other request."""
        self._admit()
        events = self._connector.subscribe(request)
        try:
            while True:
                try:
                    response = await self._watched(lambda: anext(events))
                except StopAsyncIteration:
                    return
                yield response
        finally:
            close: Callable[[], Awaitable[None]] | None = getattr(events, "aclose", None)
            if close is not None:
                await close()

    async def describe(self) -> str:
        """Not held back by the breaker: it is how an operator looks whether the department is there."""
        ends = asyncio.get_running_loop().time() + self._settings.deadline.total_seconds()
        return await self._until(ends, self._connector.describe())

    async def close(self) -> None:
        await self._connector.close()

    # Sending

    async def _fetch(self, request: FetchRequest) -> FetchResponse:
        self._admit()
        now = asyncio.get_running_loop().time
        began = now()
        timeout = min(request.timeout or self._settings.deadline, self._settings.deadline)
        ends = began + timeout.total_seconds()
        response = await self._watched(lambda: self._until(ends, self._send(request, ends, now)))
        self._durations.append(now() - began)
        return response

    async def _send(self, request: FetchRequest, ends: float, now: Callable[[], float]) -> FetchResponse:
        async with self._slots:
            self._in_flight += 1
            try:
                return await self._try(request, ends, now)
            finally:
                self._in_flight -= 1

    async def _try(self, request: FetchRequest, ends: float, now: Callable[[], float]) -> FetchResponse:
        attempts_left = self._settings.retries if request.kind == "query" else 0
        delay = self._settings.retry_delay.total_seconds()
        while True:
            left = timedelta(seconds=max(ends - now(), 0))
            try:
                return await self._connector.fetch(request.within(left))
            except ConnectorFailure as error:
                pause = delay * self._rng.uniform(0.5, 1.5)
                if attempts_left == 0 or error.code != _RETRIED or now() + pause >= ends:
                    raise
            attempts_left -= 1
            delay *= 2
            await asyncio.sleep(pause)

    async def _until(self, ends: float, work: Awaitable[_Result]) -> _Result:
        try:
            async with asyncio.timeout_at(ends):
                return await work
        except TimeoutError as error:
            raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, "deadline of the connector") from error

    # The breaker

    @property
    def _is_open(self) -> bool:
        return self._failures_in_row >= self._settings.failures_to_open

    def _admit(self) -> None:
        """Let a request through, or raise CIRCUIT_OPEN. While open, one in each interval is a trial."""
        if not self._is_open:
            return
        now = self._clock.now()
        if self._last_trial is not None and now - self._last_trial < self._settings.trial_interval:
            raise failure(RuntimeCode.CIRCUIT_OPEN, f"{self._failures_in_row} failures in a row", never_sent=True)
        self._last_trial = now

    async def _watched(self, work: Callable[[], Awaitable[_Result]]) -> _Result:
        try:
            result = await work()
        except ConnectorFailure as error:
            self._record_failure(error)
            raise
        if isinstance(result, FetchResponse) and result.failure is not None:
            self._record_failure(result.failure)
            return result
        self._failures_in_row = 0
        self._last_success = self._clock.now()
        return result

    def _record_failure(self, error: ConnectorFailure) -> None:
        now = self._clock.now()
        self._last_failure = (error, now)
        if error.code in BREAKING:
            self._failures_in_row += 1
            if self._failures_in_row == self._settings.failures_to_open:
                self._last_trial = now
