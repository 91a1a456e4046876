"""The direct way from a connection to the door of the graph, without ASGI between.

Nearly all requests are one small POST to one path, answered as a whole. For those the door is called with headers
and body as they were read, and the answer goes out in one piece. Whatever else comes (other paths and methods,
streams, large or chunked bodies, a second request before the first is answered) goes uvicorn's way, on the same
connection; uvicorn also parses, counts connections and ends them.
Source: RFC 9112; uvicorn, ``HttpToolsProtocol`` and its ``RequestResponseCycle``.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any, Protocol, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from hub.doors.http_request import RequestHeaders
from hub.doors.http_response import WholeResponse

MOST_BODY_BYTES = 64 * 1024
SMALL_BYTES = 16 * 1024
UNREAD_SECONDS = 60.0
"""How long a peer may take nothing of what was sent. It holds memory and a connection meanwhile, also when the
answer, the stream or the token has long ended: whoever closes waits for what is unread. The system counts it.
Source: RFC 5482; Linux, tcp(7), "TCP_USER_TIMEOUT", which counts a closed window too."""

_log = logging.getLogger(__name__)
_NOBODY_WAITS = asyncio.Event()
_FAILED = WholeResponse(500, ((b"content-type", b"text/plain; charset=utf-8"),), b"Internal Server Error")


class Work(Protocol):
    """One request under way."""

    async def answer(self) -> WholeResponse: ...

    async def may_stop(self) -> bool:
        """Whether it can be left unfinished when nobody waits for it any more."""
        ...


class Door(Protocol):
    """What takes whole POSTs to its path."""

    @property
    def path(self) -> str: ...

    def begin(self, headers: RequestHeaders, body: bytes) -> Work | None:
        """``None`` for what has to go through ASGI."""
        ...


class DirectProtocol(HttpToolsProtocol):
    """One connection. The application tells its ``door``; without one all goes through ASGI."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._door: Door | None = getattr(config.app, "door", None)
        self._path = self._door.path.encode() if self._door else b""
        self._reading: Exchange | None = None
        self._exchange: Exchange | None = None
        self._silent_since: float | None = None
        """When the last answer went out, while nothing came since."""
        self._defaults: list[tuple[bytes, bytes]] = []
        self._default_lines = b""

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        opened: socket.socket | None = transport.get_extra_info("socket")
        if opened is not None and opened.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNREAD_SECONDS * 1000))

    # httptools

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._reading = None

    def on_headers_complete(self) -> None:
        if self._is_direct():
            self._reading = Exchange(self)
            self.cycle = cast(RequestResponseCycle, self._reading)
        else:
            self._begin_asgi()

    def on_body(self, body: bytes) -> None:
        if self._reading is not None:
            self._reading.body.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        exchange, self._reading = self._reading, None
        if exchange is None:
            super().on_message_complete()
            return
        body = b"".join(exchange.body)
        work = self._door.begin(RequestHeaders(self.headers), body) if self._door else None
        if work is not None:
            self._exchange = exchange
            exchange.start(work)
        else:
            self.cycle = cast(RequestResponseCycle, None)
            self._begin_asgi()
            super().on_body(body)
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        if self._exchange is not None:
            self._exchange.leave()

    def _is_direct(self) -> bool:
        """Whether the request is a small POST to the door, alone on its connection."""
        parser = self.parser
        if self.url != self._path or parser.get_method() != b"POST" or parser.get_http_version() != "1.1":
            return False
        if self.expect_100_continue or not parser.should_keep_alive() or parser.should_upgrade():
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        for name, value in self.headers:
            if name == b"content-length":
                return value.isdigit() and int(value) <= MOST_BODY_BYTES
        return False

    def _begin_asgi(self) -> None:
        """What :meth:`on_message_begin` left out, then uvicorn's way."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    # The answer

    def send(self, response: WholeResponse, *, keep_alive: bool) -> None:
        """Write it, a small one in one piece."""
        ending = b"content-length: %d\r\n" % len(response.body)
        ending += b"\r\n" if keep_alive else b"connection: close\r\n\r\n"
        head = b"".join((response.head, self._date(), ending))
        if len(response.body) < SMALL_BYTES:
            self.transport.write(head + response.body)
        else:
            self.transport.writelines((head, response.body))
        if not keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """As uvicorn does it, but with one timer for a connection's silence instead of one for each answer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._silent_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_for_silence(self.timeout_keep_alive)

    def _unset_keepalive_if_required(self) -> None:
        self._silent_since = None

    def _look_for_silence(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self._end_silence)

    def _end_silence(self) -> None:
        self.timeout_keep_alive_task = None
        if self._silent_since is None or self.transport.is_closing():
            return
        left = self._silent_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_for_silence(left)
        else:
            self.timeout_keep_alive_handler()

    def _date(self) -> bytes:
        """The headers that the server adds to each answer; it makes new ones once a second."""
        defaults = self.server_state.default_headers
        if defaults is not self._defaults:
            self._defaults = defaults
            self._default_lines = b"".join(b"%b: %b\r\n" % each for each in defaults)
        return self._default_lines


class Exchange:
    """One request and its answer. What uvicorn asks of a cycle of its own, it may ask of this too."""

    def __init__(self, connection: DirectProtocol) -> None:
        self._connection = connection
        self._work: Work | None = None
        self._task: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        self.body: list[bytes] = []
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = True
        self.message_event = _NOBODY_WAITS

    def start(self, work: Work) -> None:
        connection = self._connection
        self._work = work
        task = self._task = connection.loop.create_task(self._run(work))
        connection.tasks.add(task)
        task.add_done_callback(connection.tasks.discard)

    def leave(self) -> None:
        """The client is gone: end the work, unless it has effects."""
        if self._work is not None and not self.response_complete:
            self.disconnected = True
            self._leaving = self._connection.loop.create_task(self._stop(self._work))

    async def _run(self, work: Work) -> None:
        connection = self._connection
        try:
            response = await self._answer(work)
            if connection.flow.write_paused:
                await connection.flow.drain()
        except asyncio.CancelledError:
            connection.transport.close()
            raise
        self.response_complete = True
        if not self.disconnected and not connection.transport.is_closing():
            connection.send(response, keep_alive=self.keep_alive)

    async def _answer(self, work: Work) -> WholeResponse:
        try:
            return await work.answer()
        except Exception:  # noqa: BLE001 - whatever it is, the client is answered
            _log.exception("A request failed in an unforeseen way")
            self.keep_alive = False
            return _FAILED

    async def _stop(self, work: Work) -> None:
        if await work.may_stop() and self._task is not None:
            self._task.cancel()
