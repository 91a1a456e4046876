"""The one HTTP client for everything that goes out to departments.

A request goes in, a whole answer comes out or a :class:`ConnectorFailure` says why not. Connections are kept
and shared; answers are cut off at a size while they are read; redirects are answers, never followed; every
address is checked. Plain requests go over the lean connections of ``http_pool``; WebSockets and proxies over
aiohttp. Which is how fast: docs/performance.md, "The outgoing hop".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from re import compile as regex
from urllib.parse import urlsplit
from urllib.request import getproxies

from connectors.addresses import AddressRefused, AddressRule, AllowedHost
from connectors.connector import ConnectorFailure
from connectors.http_aiohttp import AiohttpSession, HttpStream, WebSocket
from connectors.http_message import HttpAnswer, HttpLimits, HttpRequest, failure
from connectors.http_pool import HttpPool, Origin
from schema.errors import RuntimeCode

__all__ = ["HttpClient", "WebSocket"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"})
"""Headers that say how a request travels: nobody else sets them."""
_REMEMBERED_ORIGINS = 1_000
_AFTER_HOST = regex("[/?#]")


@dataclass(frozen=True, slots=True)
class _Target:
    """An origin that may be called: where to, what it is called by, through what proxy."""

    origin: Origin
    host: str
    proxy: str | None


class HttpClient:
    """Make one per process and share it. Opens nothing before the first request.

    ``proxies`` by scheme (``http``, ``https``, ``no`` for the names that need none) are those of the environment
    unless given. Loopback is never called through a proxy.
    """

    def __init__(
        self,
        limits: HttpLimits = HttpLimits(),  # noqa: B008  # frozen values
        addresses: AddressRule = AddressRule(),  # noqa: B008
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        self.addresses = addresses
        self._limits = limits
        self._proxies = dict(getproxies() if proxies is None else proxies)
        self._pool = HttpPool(limits, addresses)
        self._sessions: dict[str | None, AiohttpSession] = {}
        self._open: dict[str | None, AiohttpSession] = {}
        self._targets: dict[str, _Target] = {}

    def allowing(self, hosts: tuple[AllowedHost, ...]) -> HttpClient:
        """One with connections of its own that may call these hosts too."""
        addresses = replace(self.addresses, allowed=(*self.addresses.allowed, *hosts))
        return HttpClient(self._limits, addresses, self._proxies)

    async def send(self, request: HttpRequest, timeout: timedelta) -> HttpAnswer:  # noqa: ASYNC109  # a deadline
        """Raises :class:`ConnectorFailure`; cancelling closes the connection."""
        target = self._target(request.url)
        seconds = timeout.total_seconds()
        try:
            if target.proxy is not None or request.method == "HEAD":
                async with asyncio.timeout(seconds):
                    return await self._session(target.proxy).send(request)
            is_repeatable = request.is_repeatable or request.method == "GET"
            return await self._pool.send(
                target.origin, _encoded(request, target), seconds, is_repeatable=is_repeatable
            )
        except TimeoutError as error:
            raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, f"no answer within {timeout}") from error

    @asynccontextmanager
    async def websocket(
        self,
        url: str,
        protocol: str,
        headers: Mapping[str, str],
        timeout: timedelta,  # noqa: ASYNC109
    ) -> AsyncIterator[WebSocket]:
        """Open a WebSocket within ``timeout``. Raises :class:`ConnectorFailure`."""
        target = self._target(url)
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                opened = await self._streams(target.proxy).open_websocket(url, protocol, headers)
        except TimeoutError as error:
            raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, f"no answer within {timeout}") from error
        try:
            yield WebSocket(opened)
        finally:
            await opened.close()

    @asynccontextmanager
    async def stream(
        self,
        request: HttpRequest,
        timeout: timedelta,  # noqa: ASYNC109
    ) -> AsyncIterator[HttpStream]:
        """An answer that begins within ``timeout`` and then takes any time. Raises :class:`ConnectorFailure`."""
        target = self._target(request.url)
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(timeout.total_seconds()):
                    opened = await stack.enter_async_context(self._streams(target.proxy).open_stream(request))
            except TimeoutError as error:
                raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, f"no answer within {timeout}") from error
            yield opened

    async def close(self) -> None:
        """Let go of all connections. Safe to call twice."""
        self._pool.close()
        self._pool = HttpPool(self._limits, self.addresses)
        sessions = (*self._sessions.values(), *self._open.values())
        self._sessions, self._open = {}, {}
        for session in sessions:
            await session.close()

    def _target(self, url: str) -> _Target:
        origin = url[: _end_of_origin(url)]
        known = self._targets.get(origin)
        if known is None:
            try:
                self.addresses.check_url(origin)
            except AddressRefused as error:
                raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, error, never_sent=True) from error
            if len(self._targets) >= _REMEMBERED_ORIGINS:
                self._targets.clear()
            known = self._targets[origin] = _target_of(origin, self._proxies)
        return known

    def _session(self, proxy: str | None) -> AiohttpSession:
        session = self._sessions.get(proxy)
        if session is None:
            session = self._sessions[proxy] = AiohttpSession(self._limits, self.addresses, proxy)
        return session

    def _streams(self, proxy: str | None) -> AiohttpSession:
        """For what stays open as long as a client listens: as many connections as there are listeners."""
        session = self._open.get(proxy)
        if session is None:
            limits = replace(self._limits, connections=0, connections_per_host=0)
            session = self._open[proxy] = AiohttpSession(limits, self.addresses, proxy)
        return session


def _target_of(url: str, proxies: Mapping[str, str]) -> _Target:
    parts = urlsplit(url)
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    proxy = proxies.get(parts.scheme)
    if proxy is not None and (host in _LOOPBACK or _needs_none(host, proxies.get("no", ""))):
        proxy = None
    netloc = parts.netloc.rpartition("@")[2]
    netloc = netloc if netloc.isascii() else netloc.encode("idna").decode()
    return _Target(Origin(host, parts.port or (443 if is_secure else 80), is_secure), netloc, proxy)


def _end_of_origin(url: str) -> int:
    """Where the path or query begins."""
    found = _AFTER_HOST.search(url, url.find("://") + 3)
    return found.start() if found else len(url)


def _path_of(url: str) -> str:
    """What is asked of the origin; a fragment is for readers."""
    path = url[_end_of_origin(url) :].partition("#")[0]
    return path if path.startswith("/") else f"/{path}"


def _needs_none(host: str, names: str) -> bool:
    """Whether a name is among those, or below one of those, that ``NO_PROXY`` lists."""
    listed = [name.strip().lstrip(".").lower() for name in names.split(",")]
    return "*" in listed or any(name and (host == name or host.endswith(f".{name}")) for name in listed)


def _encoded(request: HttpRequest, target: _Target) -> bytes:
    """The request as it goes over the wire. Raises :class:`ConnectorFailure` for what would be two requests."""
    line = f"{request.method} {_path_of(request.url)} HTTP/1.1"
    if not line.isprintable():
        raise _two_requests()
    head = line.encode() + _head(target.host, tuple(request.headers.items()))
    if request.body is None and request.method == "GET":
        return head + b"\r\n"
    body = request.body or b""
    return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


@lru_cache(maxsize=256)
def _head(host: str, given: tuple[tuple[str, str], ...]) -> bytes:
    """Line break and header lines: the same for most requests to an origin. Raises :class:`ConnectorFailure`."""
    headers = {"Host": host, "User-Agent": "jiyi", "Accept-Encoding": "gzip"}
    headers |= {name.title(): value for name, value in given if name.lower() not in _OURS}
    lines = ["", *[f"{name}: {value}" for name, value in headers.items()]]
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1 or "\0" in head:
        raise _two_requests()
    return head.encode() + b"\r\n"


def _two_requests() -> ConnectorFailure:
    cause = "a header, or the URL, holds a line break"
    return failure(RuntimeCode.DEPARTMENT_UNREACHABLE, cause, never_sent=True)
