"""The wrapper around any connector.

Identical queries under way are one request. Over it stand a deadline, a bound on concurrent requests, retries of
reads that were not answered, and a circuit breaker. Commands are never sent again here: that is the outbox's
affair, which knows whether it may.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import NoReturn, TypeVar

from connectors.clock import Clock
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse
from connectors.http_message import failure
from connectors.resilience.breaker import Breaker
from connectors.resilience.bulkhead import Bulkhead
from connectors.resilience.deadline import until
from connectors.resilience.hedge import hedged, late_after
from connectors.resilience.oversized import OversizedQuestions
from connectors.resilience.retry_budget import RetryBudget
from connectors.resilience.settings import ResilienceSettings
from connectors.resilience.stale import StaleAnswers
from connectors.resilience.state import ConnectorState
from connectors.sharing import SharedQueries, is_shared
from schema.cache_control import CacheRules
from schema.errors import RuntimeCode

_Result = TypeVar("_Result")

_RETRIED = RuntimeCode.DEPARTMENT_UNREACHABLE
_REMEMBERED_DURATIONS = 100


class Resilient:
    """A connector that fails fast and clearly. ``rng`` gives the jitter; ``cache_rules`` say which answers may be
    kept, to stand in for failed ones."""

    def __init__(
        self,
        connector: Connector,
        settings: ResilienceSettings,
        clock: Clock,
        rng: random.Random,
        cache_rules: CacheRules | None = None,
    ) -> None:
        self._connector = connector
        self._settings = settings
        self._clock = clock
        self._rng = rng
        self._bulkhead = Bulkhead(settings.concurrency, settings.queue_length, settings.queue_wait)
        self._breaker = Breaker(clock, settings.failures_to_open, settings.trial_interval)
        self._oversized = OversizedQuestions(clock, settings.failures_to_open, settings.trial_interval)
        self._budget = RetryBudget(settings.retry_percent)
        self._last_failure: tuple[ConnectorFailure, datetime] | None = None
        self._last_success: datetime | None = None
        self._durations: deque[float] = deque(maxlen=_REMEMBERED_DURATIONS)
        self._shared = SharedQueries(self._fetch)
        self._stale = StaleAnswers(cache_rules, clock) if cache_rules is not None else None
        self._stale_served = 0

    @property
    def settings(self) -> ResilienceSettings:
        return self._settings

    @property
    def state(self) -> ConnectorState:
        error, error_at = self._last_failure or (None, None)
        return ConnectorState(
            "open" if self._breaker.is_open else "closed",
            self._breaker.circuits,
            self._bulkhead.state,
            self._settings,
            self._budget.left,
            error.message if error else None,
            error.code if error else None,
            error_at,
            self._last_success,
            round(median(self._durations) * 1000, 1) if self._durations else None,
            self._stale_served,
        )

    def set(self, settings: ResilienceSettings) -> None:
        """Go on with other settings: what was counted stays, what is under way ends by the old ones."""
        self._settings = settings
        self._bulkhead.resize(settings.concurrency, settings.queue_length, settings.queue_wait)
        self._breaker.set(settings.failures_to_open, settings.trial_interval)
        self._oversized.set(settings.failures_to_open, settings.trial_interval)
        self._budget.percent = settings.retry_percent

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """An answer of earlier where there is no other, and it may be."""
        if self._stale is None:
            return await self._ask(request)
        if request.kind == "mutation":
            try:
                return await self._ask(request)
            finally:
                self._stale.forget(request.context.actor)
        try:
            response = await self._ask(request)
        except ConnectorFailure as failure:
            return self._instead_of(request, failure) or _raised(failure)
        if response.failure is not None:
            return self._instead_of(request, response.failure) or response
        self._stale.keep(request, response)
        return response

    async def _ask(self, request: FetchRequest) -> FetchResponse:
        """Within the caller's time and the connector's own, whichever is shorter.

        A shared request has the connector's time, since nobody knows how long those will wait who join it.
        """
        deadline, wanted = self._settings.deadline, request.timeout
        if wanted is None or wanted >= deadline or not is_shared(request):
            return await self._shared.ask(request)
        ends = asyncio.get_running_loop().time() + wanted.total_seconds()
        return await until(ends, self._shared.ask(request.within(deadline)))

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        """A stream has no deadline once it is open; how it begins and breaks counts like any other request."""
        self._breaker.admit()
        timeout = request.timeout or self._settings.deadline
        events = self._connector.subscribe(
            replace(request, timeout=timeout, goes_on_for=self._settings.subscriptions_go_on)
        )
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
        return await until(ends, self._connector.describe())

    async def close(self) -> None:
        await self._connector.close()

    def _instead_of(self, request: FetchRequest, failure: ConnectorFailure) -> FetchResponse | None:
        if self._stale is None:
            return None
        found = self._stale.instead_of(request, failure, self._settings.stale_if_error)
        self._stale_served += found is not None
        return found

    # Sending

    async def _fetch(self, request: FetchRequest) -> FetchResponse:
        now = asyncio.get_running_loop().time
        began = now()
        timeout = min(request.timeout or self._settings.deadline, self._settings.deadline)
        ends = began + timeout.total_seconds()
        self._oversized.admit(request)
        self._breaker.check()
        if not self._bulkhead.try_enter():
            await self._bulkhead.wait(ends)
        try:
            self._breaker.admit()
            self._budget.note_request()
            response = await self._watched(lambda: until(ends, self._send(request, ends, now)))
        except ConnectorFailure as error:
            self._oversized.note_failure(request, error.code)
            raise
        except asyncio.CancelledError:
            self._note_left(now() - began)
            raise
        finally:
            self._bulkhead.leave()
        self._oversized.note_success(request)
        self._durations.append(now() - began)
        return response

    async def _send(self, request: FetchRequest, ends: float, now: Callable[[], float]) -> FetchResponse:
        after = late_after(self._durations) if self._settings.hedge and request.kind == "query" else None
        if after is None:
            return await self._try(request, ends, now)
        return await hedged(lambda: self._try(request, ends, now), after, self._budget.take)

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
                if not self._budget.take():
                    raise
            attempts_left -= 1
            delay *= 2
            await asyncio.sleep(pause)

    # What it says of the department

    async def _watched(self, work: Callable[[], Awaitable[_Result]]) -> _Result:
        try:
            result = await work()
        except ConnectorFailure as error:
            self._note_failure(error)
            raise
        if isinstance(result, FetchResponse) and result.failure is not None:
            self._note_failure(result.failure)
            return result
        self._breaker.note_success()
        self._last_success = self._clock.now()
        return result

    def _note_left(self, waited: float) -> None:
        """Nobody waits any more. What took half of the connector's own time or more speaks against it all the
        same: else one that hangs would never be given a rest by callers who are less patient."""
        if waited * 2 >= self._settings.deadline.total_seconds():
            self._note_failure(failure(RuntimeCode.DEPARTMENT_TIMEOUT, f"left after {waited:.1f} s"))

    def _note_failure(self, error: ConnectorFailure) -> None:
        self._last_failure = (error, self._clock.now())
        self._breaker.note_failure(error.code)


def _raised(failure: ConnectorFailure) -> NoReturn:
    raise failure
