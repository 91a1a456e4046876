"""Identical queries in flight are one request: who asks while it is under way gets the same answer.

The whole question is compared: query and variables as they are sent, on whose behalf, and all that travels
with it. Commands are never shared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.connector import FetchRequest, FetchResponse
from connectors.graphql_answer import read_as_asked
from connectors.http_message import failure
from schema.errors import RuntimeCode

Key = tuple[object, ...]
Fetch = Callable[[FetchRequest], Coroutine[Any, Any, FetchResponse]]


@dataclass(slots=True)
class _Flight:
    """A request under way, and those who wait for it beside the one who made it."""

    task: asyncio.Task[FetchResponse]
    waiting: list[asyncio.Future[FetchResponse]] = field(default_factory=list)


class SharedQueries:
    """The queries of one connector that are under way. ``fetch`` makes the one request."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._flights: dict[Key, _Flight] = {}

    async def ask(self, request: FetchRequest) -> FetchResponse:
        """Raises what ``fetch`` raises. Cancelling ends the request when nobody else waits for it."""
        if not is_shared(request):
            return await self._ask_alone(request)
        key = _key(request)
        flight = self._flights.get(key)
        is_first = flight is None
        loop = asyncio.get_running_loop()
        if flight is None:
            flight = self._begin(key, request, loop)
        waiter: asyncio.Future[FetchResponse] = loop.create_future()
        flight.waiting.append(waiter)
        try:
            response = await waiter
        except asyncio.CancelledError:
            flight.waiting.remove(waiter)
            if not flight.waiting:
                self._flights.pop(key, None)
                flight.task.cancel()
            raise
        if is_first or response.body is None:
            return response
        try:
            read = read_as_asked(response.body, request.read)
        except ValueError as error:
            raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, error) from error
        return read if response.caching is None else replace(read, caching=response.caching)

    async def _ask_alone(self, request: FetchRequest) -> FetchResponse:
        """Who asks after a command reads what it did: nobody joins a query any more that began before."""
        try:
            return await self._fetch(request)
        finally:
            if request.kind == "mutation":
                self._flights.clear()

    def _begin(self, key: Key, request: FetchRequest, loop: asyncio.AbstractEventLoop) -> _Flight:
        flight = self._flights[key] = _Flight(loop.create_task(self._fetch(request)))

        def land(task: asyncio.Task[FetchResponse]) -> None:
            if self._flights.get(key) is flight:
                del self._flights[key]
            _tell(task, flight.waiting)

        flight.task.add_done_callback(land)
        return flight


def _tell(task: asyncio.Task[FetchResponse], waiting: list[asyncio.Future[FetchResponse]]) -> None:
    error = None if task.cancelled() else task.exception()
    for waiter in waiting:
        if waiter.done():
            continue
        if task.cancelled():
            waiter.cancel()
        elif error is not None:
            waiter.set_exception(error)
        else:
            waiter.set_result(task.result())


def is_shared(request: FetchRequest) -> bool:
    """Whether others may have the answer to it too; what cannot be compared, and commands, are asked for alone."""
    return request.kind == "query" and request.payload is not None and request.idempotency_key is None


def _key(request: FetchRequest) -> Key:
    """Equal for equal questions only. How long each is willing to wait is its own affair."""
    return (request.payload, request.operation_name, request.context.identity)
