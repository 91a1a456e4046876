"""Kept connections by origin, a bounded number of each and of all, and how a new one is opened.

Names are resolved here, and every address is looked at before it is called, so that a name cannot change its
mind between the check and the connection.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property

from connectors.addresses import AddressRule
from connectors.connector import ConnectorFailure
from connectors.http_connection import HttpConnection
from connectors.http_large_answers import LargeAnswers
from connectors.http_message import HttpAnswer, HttpLimits, failure
from schema.errors import RuntimeCode


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection leads to. ``host`` is a name, or an address without brackets."""

    host: str
    port: int
    is_secure: bool


@dataclass(slots=True)
class _Connections:
    """Those to one origin. ``opened`` counts the idle ones and those at work or being opened."""

    idle: list[HttpConnection] = field(default_factory=list)
    opened: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)
    large: LargeAnswers = field(default_factory=LargeAnswers)


class HttpPool:
    """Sends requests over kept connections. Belongs to one event loop."""

    def __init__(self, limits: HttpLimits, addresses: AddressRule) -> None:
        self._limits = limits
        self._addresses = addresses
        self._by_origin: dict[Origin, _Connections] = {}
        self._opened = 0
        self._keep_alive = limits.keep_alive.total_seconds()

    async def send(
        self,
        origin: Origin,
        request: bytes,
        timeout: float,  # noqa: ASYNC109  # seconds until a deadline that most connections keep without a timer
        *,
        is_repeatable: bool,
    ) -> HttpAnswer:
        """Raises :class:`ConnectorFailure` and ``TimeoutError``. A repeatable request goes out once more where a
        kept connection turns out to have been closed by the other side."""
        ends = self._loop.time() + timeout
        connections = self._by_origin.get(origin)
        if connections is None:
            connections = self._by_origin[origin] = _Connections()
        while True:
            connection = self._take_idle(connections)
            if connection is None:
                async with asyncio.timeout_at(ends):
                    connection = await self._take(origin, connections)
            was_used = connection.is_used
            try:
                return await connection.exchange(request, ends)
            except ConnectorFailure as error:
                is_stale = was_used and not connection.has_received
                if not (is_repeatable and is_stale and error.code == RuntimeCode.DEPARTMENT_UNREACHABLE):
                    raise
            finally:
                self._give_back(connections, connection)

    def close(self) -> None:
        """Close the idle connections; those at work close when they are given back."""
        self._keep_alive = -1.0
        for connections in self._by_origin.values():
            for connection in connections.idle:
                self._forget(connections, connection)
            connections.idle.clear()

    async def _take(self, origin: Origin, connections: _Connections) -> HttpConnection:
        while True:
            if self._may_open(connections):
                return await self._open_counted(origin, connections)
            await self._wait(connections)
            connection = self._take_idle(connections)
            if connection is not None:
                return connection

    def _take_idle(self, connections: _Connections) -> HttpConnection | None:
        while connections.idle:
            connection = connections.idle.pop()
            if connection.is_open and self._loop.time() - connection.idle_since < self._keep_alive:
                return connection
            self._forget(connections, connection)
        return None

    def _may_open(self, connections: _Connections) -> bool:
        if connections.opened >= self._limits.connections_per_host:
            return False
        return self._opened < self._limits.connections or self._close_an_idle_one()

    def _close_an_idle_one(self) -> bool:
        for connections in self._by_origin.values():
            if connections.idle:
                self._forget(connections, connections.idle.pop(0))
                return True
        return False

    async def _open_counted(self, origin: Origin, connections: _Connections) -> HttpConnection:
        connections.opened += 1
        self._opened += 1
        try:
            return await self._open(origin, connections.large)
        except BaseException:
            self._uncount(connections)
            raise

    async def _wait(self, connections: _Connections) -> None:
        waiter = self._loop.create_future()
        connections.waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._wake(connections)
            raise

    def _give_back(self, connections: _Connections, connection: HttpConnection) -> None:
        if connection.is_open and self._keep_alive > 0:
            connection.idle_since = self._loop.time()
            connections.idle.append(connection)
            self._wake(connections)
        else:
            self._forget(connections, connection)

    def _forget(self, connections: _Connections, connection: HttpConnection) -> None:
        connection.close()
        self._uncount(connections)

    def _uncount(self, connections: _Connections) -> None:
        connections.opened -= 1
        self._opened -= 1
        self._wake(connections)
        if self._opened == self._limits.connections - 1:
            for others in self._by_origin.values():
                self._wake(others)

    def _wake(self, connections: _Connections) -> None:
        while connections.waiting:
            waiter = connections.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def _open(self, origin: Origin, large: LargeAnswers) -> HttpConnection:
        try:
            async with asyncio.timeout(self._limits.connect_timeout.total_seconds()):
                return await self._connect(origin, large)
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, error, never_sent=True) from error

    async def _connect(self, origin: Origin, large: LargeAnswers) -> HttpConnection:
        """Try the allowed addresses one after the other. A ``TimeoutError`` is an ``OSError``."""
        last: OSError | None = None
        for address in await self._addresses_of(origin):
            try:
                _transport, connection = await self._loop.create_connection(
                    lambda: HttpConnection(self._limits.answer_bytes, self._loop, large),
                    address,
                    origin.port,
                    ssl=self._tls if origin.is_secure else None,
                    server_hostname=origin.host if origin.is_secure else None,
                )
            except OSError as error:
                last = error
            else:
                return connection
        raise last or OSError(None, "every address of this name is refused")

    async def _addresses_of(self, origin: Origin) -> list[str]:
        found = await self._loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
        addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
        return [each for each in addresses if self._addresses.allows(each, origin.host, origin.port)]

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()
