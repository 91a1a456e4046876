"""One kept connection: a request goes out, a whole answer comes in, one at a time.

Parsing is llhttp's (by httptools); here stand only the bounds: size of the head, size of the body while it is
read and after decompression, and what the end of a connection means. Source: RFC 9112.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import Any

import httptools

from connectors.http_large_answers import LARGE_BYTES, LargeAnswers
from connectors.http_message import HttpAnswer, failure
from schema.errors import RuntimeCode

HEAD_BYTES = 64 * 1024

_STEP = 256 * 1024
"""What is unpacked at once."""
_MOST_PACKED = 200
"""How many times its size on the wire a large answer may have; text seldom has twenty."""

_UNREACHABLE = RuntimeCode.DEPARTMENT_UNREACHABLE
_MALFORMED = RuntimeCode.DEPARTMENT_MALFORMED_ANSWER
_TOO_LARGE = RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE


class HttpConnection(asyncio.Protocol):
    """A connection to one origin. ``answer_bytes`` bounds a body; ``large`` are the origin's large answers;
    ``is_used``: it has answered before.

    It has one timer, which looks whether the request under way is late, and is not set anew for each.
    """

    def __init__(self, answer_bytes: int, loop: asyncio.AbstractEventLoop, large: LargeAnswers) -> None:
        self._answer_bytes = answer_bytes
        self._large = large
        self._is_large = False
        self._body: list[bytes] = []
        self._body_bytes = self._wire_bytes = 0
        self._inflate: Any = None
        self._loop = loop
        self._ends = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._transport: Any = None
        self._parser: Any = None
        self._waiter: asyncio.Future[HttpAnswer] | None = None
        self._head_bytes = 0
        self.is_used = False
        self.is_open = False
        self.idle_since = 0.0
        self.has_received = False

    async def exchange(self, request: bytes, ends: float) -> HttpAnswer:
        """Raises :class:`ConnectorFailure`, and ``TimeoutError`` at ``ends`` by the loop's clock. Cancelling ends
        the connection."""
        waiter: asyncio.Future[HttpAnswer] = self._loop.create_future()
        self._waiter = waiter
        self._ends = ends
        if self._timer is None or ends < self._timer.when():
            self._look_at(ends)
        self._parser = httptools.HttpResponseParser(self)
        self._head_bytes = 0
        self.has_received = False
        self._transport.write(request)
        try:
            return await waiter
        except BaseException:
            self.close()
            raise
        finally:
            self._waiter = None
            self.is_used = True
            if self._is_large:
                self._let_go()

    def close(self) -> None:
        """Let go of the connection at once."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def pause(self) -> None:
        """Leave the rest of an answer on the wire until there is room for it."""
        self._transport.pause_reading()

    def go_on(self) -> None:
        if self.is_open:
            self._transport.resume_reading()

    def _breathe(self) -> None:
        """Let others have their turn between two pieces of a large answer."""
        if self.is_open and self._transport.is_reading():
            self._transport.pause_reading()
            self._loop.call_later(self._large.breath_seconds(self._loop.time()), self._read_on)

    def _read_on(self) -> None:
        if self.is_open and self._is_large and self._large.may_read(self):
            self._transport.resume_reading()

    def _let_go(self) -> None:
        """Of a large answer, and of the right to read one."""
        self._is_large = False
        self._body = []
        self._inflate = None
        self._large.leave(self)

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        """Let go of a request that is late; look again later where it began after the timer was set."""
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._ends:
            self._look_at(self._ends)
        else:
            self._waiter.set_exception(TimeoutError())

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._waiter.done():
            self.close()  # it speaks without being asked
            return
        self.has_received = True
        if self._head_bytes >= 0:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(_MALFORMED, "an upgrade that nobody asked for")
        except httptools.HttpParserError as error:
            self._fail(_MALFORMED, error.__context__ or error)
        if self._head_bytes > HEAD_BYTES:
            self._fail(_MALFORMED, "a head without end")
        if self._is_large and self._waiter is not None and not self._waiter.done():
            self._breathe()

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if self._timer is not None:
            self._timer.cancel()
        if self._waiter is None or self._waiter.done():
            return
        if self._head_bytes < 0 and self._ends_with_connection and error is None:
            self._complete()
        elif self._head_bytes < 0:
            self._fail(_MALFORMED, "the answer was cut off")
        else:
            self._fail(_UNREACHABLE, error or "the connection was closed before an answer")

    # httptools

    def on_message_begin(self) -> None:
        self._headers: dict[str, str] = {}
        self._body = []
        self._body_bytes = self._wire_bytes = 0
        self._inflate = None

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if key == "cache-control" and key in self._headers:
            self._headers[key] += f", {text}"  # a list, of which no word may be lost
        else:
            self._headers.setdefault(key, text)

    def on_headers_complete(self) -> None:
        self._status: int = self._parser.get_status_code()
        if self._status < 200:
            return
        self._head_bytes = -1
        headers = self._headers
        announced = headers.get("content-length")
        self._ends_with_connection = announced is None and "transfer-encoding" not in headers
        if announced is not None and announced.isdigit() and int(announced) > self._answer_bytes:
            self._fail(_TOO_LARGE, f"announced {announced} bytes")
        coding = headers.get("content-encoding")
        if coding is not None and coding.lower() not in ("", "identity"):
            self._set_coding(coding.lower())

    def on_body(self, body: bytes) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if self._inflate is None:
            self._wire_bytes += len(body)
            self._keep(body)
            return
        while body and not self._waiter.done():
            try:
                unpacked = self._inflate.decompress(body, _STEP)
            except zlib.error as error:
                self._fail(_MALFORMED, error)
                return
            rest = self._inflate.unconsumed_tail
            self._wire_bytes += len(body) - len(rest)
            self._keep(unpacked)
            body = rest

    def _keep(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > self._answer_bytes:
            self._large.note_too_large(self._loop.time())
            self._fail(_TOO_LARGE, f"more than {self._answer_bytes} bytes")
        elif self._body_bytes > LARGE_BYTES and self._body_bytes > _MOST_PACKED * self._wire_bytes:
            self._fail(_TOO_LARGE, f"{self._body_bytes} bytes packed in {self._wire_bytes}")
        else:
            self._body.append(body)
            if self._body_bytes > LARGE_BYTES and not self._is_large:
                self._is_large = True
                self._large.enter(self)

    def on_message_complete(self) -> None:
        if self._head_bytes >= 0:
            return  # an interim answer (1xx), the final one follows
        if not self._parser.should_keep_alive():
            self.is_open = False
        self._complete()

    def _set_coding(self, coding: str) -> None:
        if coding in ("gzip", "x-gzip", "deflate"):
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
        else:
            self._fail(_MALFORMED, f"content-encoding {coding}, which was not asked for")

    def _complete(self) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if self._inflate is not None and not self._inflate.eof:
            self._fail(_MALFORMED, "the compressed answer was cut off")
            return
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._waiter.set_result(HttpAnswer(self._status, self._headers, body))
        if not self.is_open:
            self._transport.abort()

    def _fail(self, code: RuntimeCode, cause: object) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(failure(code, cause))
        self.close()
