"""The one HTTP client for everything that goes out to departments.

Wraps aiohttp behind a small noun: a request goes in, a whole answer comes out or a
:class:`ConnectorFailure` says why not. Connections are kept alive and shared; answers are cut off at a
size while they are read; redirects are answers, never followed; every address is checked.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from connectors.addresses import AddressRefused, AddressRule
from connectors.connector import JSON, ConnectorFailure
from schema.errors import RUNTIME_CODES, RuntimeCode


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """``url`` is percent-encoded already and sent as it is."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """``headers`` have lower-case names; of a repeated one the first value."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """``answer_bytes`` counts after decompression; ``connect_timeout`` is part of each request's own time."""

    connections: int = 200
    connections_per_host: int = 50
    answer_bytes: int = 16 * 1024 * 1024
    connect_timeout: timedelta = timedelta(seconds=2)
    keep_alive: timedelta = timedelta(seconds=15)


class WebSocket:
    """An open WebSocket that speaks JSON text."""

    def __init__(self, socket_: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket_

    async def send(self, message: JSON) -> None:
        """Raises :class:`ConnectorFailure` when the other side is gone."""
        try:
            await self._socket.send_json(message)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, error) from error

    async def receive(self) -> JSON:
        """The next message. Raises :class:`ConnectorFailure` when the stream ended or is no JSON."""
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            if message.type is aiohttp.WSMsgType.ERROR and self._socket.close_code == 1009:
                raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, "WebSocket message")
            raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, f"WebSocket closed: {self._socket.close_code}")
        try:
            return message.json()
        except ValueError as error:
            raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, error) from error


class HttpClient:
    """Make one per process and share it. Opens nothing before the first request."""

    def __init__(self, limits: HttpLimits = HttpLimits(), addresses: AddressRule = AddressRule()) -> None:  # noqa: B008  # frozen values
        self.addresses = addresses
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: HttpRequest, timeout: timedelta) -> HttpAnswer:  # noqa: ASYNC109  # a deadline
        """Raises :class:`ConnectorFailure`; cancelling closes the connection."""
        self._check(request.url)
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                return await self._exchange(request)
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
        self._check(url)
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                opened = await self._open(url, protocol, headers)
        except TimeoutError as error:
            raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, f"no answer within {timeout}") from error
        try:
            yield WebSocket(opened)
        finally:
            await opened.close()

    async def close(self) -> None:
        """Let go of all connections. Safe to call twice."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _check(self, url: str) -> None:
        try:
            self.addresses.check_url(url)
        except AddressRefused as error:
            raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, error, never_sent=True) from error

    async def _exchange(self, request: HttpRequest) -> HttpAnswer:
        try:
            async with self._ready_session().request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
            ) as response:
                body = await self._read(response)
                headers = {name.lower(): response.headers[name] for name in response.headers}
                return HttpAnswer(response.status, headers, body)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise _translate(error) from error

    async def _open(self, url: str, protocol: str, headers: Mapping[str, str]) -> aiohttp.ClientWebSocketResponse:
        try:
            opened = await self._ready_session().ws_connect(
                URL(url, encoded=True),
                protocols=(protocol,),
                headers=headers,
                max_msg_size=self._limits.answer_bytes,
                heartbeat=20,
            )
        except (aiohttp.ClientError, ConnectionError) as error:
            raise _translate(error) from error
        if opened.protocol != protocol:
            await opened.close()
            raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, f"WebSocket protocol {opened.protocol}")
        return opened

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self._limits.answer_bytes
        if (response.content_length or 0) > limit:
            response.close()
            raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, f"announced {response.content_length} bytes")
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > limit:
                response.close()
                raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, f"more than {limit} bytes")
        return bytes(body)

    def _ready_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._limits.connections,
                    limit_per_host=self._limits.connections_per_host,
                    keepalive_timeout=self._limits.keep_alive.total_seconds(),
                    resolver=_CheckedResolver(self.addresses),
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._limits.connect_timeout.total_seconds()
                ),
                headers={"User-Agent": "jiyi"},
            )
        return self._session


class _CheckedResolver(AbstractResolver):
    """Resolves names and leaves out every address that must not be called."""

    def __init__(self, addresses: AddressRule) -> None:
        self._addresses = addresses
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        allowed = [each for each in found if self._is_allowed(each["host"])]
        if not allowed:
            raise OSError(None, "every address of this name is refused")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()

    def _is_allowed(self, address: str) -> bool:
        try:
            self._addresses.check_address(address)
        except AddressRefused:
            return False
        return True


def failure(code: RuntimeCode, cause: object, *, never_sent: bool = False) -> ConnectorFailure:
    """A failure in the public words of its code; the cause is for the log."""
    return ConnectorFailure(code, RUNTIME_CODES[code], str(cause) or repr(cause), never_sent=never_sent)


def _translate(error: Exception) -> ConnectorFailure:
    """What aiohttp says, in our codes. The order matters: its errors inherit from several others."""
    match error:
        case aiohttp.WSServerHandshakeError():
            return failure(RuntimeCode.DEPARTMENT_BAD_STATUS, error)
        case aiohttp.ConnectionTimeoutError() | aiohttp.ClientConnectorError() | aiohttp.ClientSSLError():
            return failure(RuntimeCode.DEPARTMENT_UNREACHABLE, error, never_sent=True)
        case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError():
            return failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, error)
        case _:
            return failure(RuntimeCode.DEPARTMENT_UNREACHABLE, error)
