"""What the lean connections do not do: WebSockets, and requests through a proxy. Both are aiohttp's.

Every address that a name resolves to is checked here too, but for a proxy's own, which the operator has named.
A proxy resolves once more: where it stands in another network, it has to refuse that network's addresses itself.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from connectors.addresses import AddressRule, normal_host
from connectors.connector import JSON, ConnectorFailure
from connectors.http_message import HttpAnswer, HttpLimits, HttpRequest, WebSocketClosed, failure
from schema.errors import RuntimeCode


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
        """The next message. Raises :class:`WebSocketClosed` when there is none, :class:`ConnectorFailure` for what
        is no JSON."""
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            if message.type is aiohttp.WSMsgType.ERROR and self._socket.close_code == 1009:
                raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, "WebSocket message")
            raise WebSocketClosed(self._socket.close_code)
        try:
            return message.json()
        except ValueError as error:
            raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, error) from error


class HttpStream:
    """An answer whose body is still to come. ``maximum_bytes`` is what one piece of it may have."""

    def __init__(self, response: aiohttp.ClientResponse, maximum_bytes: int) -> None:
        self._response = response
        self.maximum_bytes = maximum_bytes

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def media_type(self) -> str:
        return self._response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    async def chunks(self, broken: RuntimeCode = RuntimeCode.DEPARTMENT_UNREACHABLE) -> AsyncIterator[bytes]:
        """The body as it comes, decompressed. Raises :class:`ConnectorFailure`: ``broken`` where it breaks off."""
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except aiohttp.ClientPayloadError as error:
            raise failure(broken, error) from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise _translate(error) from error

    async def read(self) -> bytes:
        """The whole body, cut off where it is too large. Raises :class:`ConnectorFailure`."""
        limit, announced = self.maximum_bytes, self._response.content_length
        if (announced or 0) > limit:
            self._response.close()
            raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, f"announced {announced} bytes")
        body = bytearray()
        async for chunk in self.chunks(broken=RuntimeCode.DEPARTMENT_MALFORMED_ANSWER):
            body += chunk
            if len(body) > limit:
                self._response.close()
                raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, f"more than {limit} bytes")
        return bytes(body)


class AiohttpSession:
    """An aiohttp session, opened with its first use. With ``proxy`` every request goes through that."""

    def __init__(self, limits: HttpLimits, addresses: AddressRule, proxy: str | None = None) -> None:
        self._limits = limits
        self._addresses = addresses
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Raises :class:`ConnectorFailure`; cancelling closes the connection."""
        async with await self._begin(request) as response:
            body = await HttpStream(response, self._limits.answer_bytes).read()
            headers = {name.lower(): response.headers[name] for name in response.headers}
            return HttpAnswer(response.status, headers, body)

    @asynccontextmanager
    async def open_stream(self, request: HttpRequest) -> AsyncIterator[HttpStream]:
        """Raises :class:`ConnectorFailure`; leaving closes the connection."""
        response = await self._begin(request)
        try:
            yield HttpStream(response, self._limits.answer_bytes)
        finally:
            response.close()

    async def open_websocket(
        self, url: str, protocol: str, headers: Mapping[str, str]
    ) -> aiohttp.ClientWebSocketResponse:
        """Raises :class:`ConnectorFailure`."""
        read = await self._read(url)
        try:
            opened = await self._ready().ws_connect(
                read,
                protocols=(protocol,),
                headers=headers,
                max_msg_size=self._limits.answer_bytes,
                heartbeat=20,
                proxy=self._proxy,
            )
        except (aiohttp.ClientError, ConnectionError) as error:
            raise _translate(error) from error
        if opened.protocol != protocol:
            await opened.close()
            raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, f"WebSocket protocol {opened.protocol}")
        return opened

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _begin(self, request: HttpRequest) -> aiohttp.ClientResponse:
        """Send it and wait for the head of the answer."""
        read = await self._read(request.url)
        try:
            return await self._ready().request(
                request.method,
                read,
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
                proxy=self._proxy,
            )
        except (aiohttp.ClientError, ConnectionError) as error:
            raise _translate(error) from error

    async def _read(self, url: str) -> URL:
        """As aiohttp reads it, which asks no resolver for an address. Raises :class:`ConnectorFailure`."""
        read = URL(url, encoded=True)
        try:
            self._addresses.check_url(str(read.origin()))
            if self._proxy is not None:
                await self._look_behind_proxy(read)
        except ValueError as error:
            raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, error, never_sent=True) from error
        return read

    async def _look_behind_proxy(self, url: URL) -> None:
        """What the proxy would call, as far as it can be told from here: it may know names that this machine does
        not. Raises :class:`AddressRefused`."""
        host, port = url.host or "", url.port
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            return
        for entry in found:
            self._addresses.check_address(str(entry[4][0]), normal_host(host), port)

    def _ready(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = CheckedResolver(self._addresses) if self._proxy is None else None
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._limits.connections,
                    limit_per_host=self._limits.connections_per_host if self._proxy is None else 0,
                    keepalive_timeout=self._limits.keep_alive.total_seconds(),
                    resolver=resolver,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._limits.connect_timeout.total_seconds()
                ),
                headers={"User-Agent": "jiyi"},
                trace_configs=[_no_redirects()],
            )
        return self._session


def _no_redirects() -> aiohttp.TraceConfig:
    """aiohttp follows those of a WebSocket's handshake, and cannot be told not to otherwise."""

    async def refuse(_session: object, _context: object, redirected: aiohttp.TraceRequestRedirectParams) -> None:
        answer = redirected.response
        raise aiohttp.WSServerHandshakeError(answer.request_info, answer.history, status=answer.status)

    config = aiohttp.TraceConfig()
    config.on_request_redirect.append(refuse)
    return config


class CheckedResolver(AbstractResolver):
    """Resolves names and leaves out every address that must not be called."""

    def __init__(self, addresses: AddressRule) -> None:
        self._addresses = addresses
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        allowed = [each for each in found if self._addresses.allows(each["host"], host, port)]
        if not allowed:
            raise OSError(None, "every address of this name is refused")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


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
