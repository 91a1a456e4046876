"""Open-loop load: so many requests a second, whether the earlier ones were answered or not.

A server that is slow for a moment then makes those wait that came meanwhile, as it does with people; a closed loop
would politely ask less. A request waits for a free connection within its own time.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MakeRequest = Callable[[int], bytes]
"""The whole HTTP request number so many."""


@dataclass(slots=True)
class OpenLoad:
    """What became of the requests. ``durations`` are seconds, in the order of the answers."""

    durations: list[float] = field(default_factory=list)
    wrong: int = 0

    def percentile(self, percent: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.durations) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000

    @property
    def p50_ms(self) -> float:
        return self.percentile(50)

    @property
    def p99_ms(self) -> float:
        return self.percentile(99)


def post(url: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A POST of JSON."""
    parts = urlsplit(url)
    sent = {"Content-Type": "application/json", **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
    return head.encode() + body


def get(url: str) -> bytes:
    parts = urlsplit(url)
    return f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n\r\n".encode()


async def open_load(
    url: str, request: MakeRequest, *, count: int, rate: float, connections: int, expected: bytes
) -> OpenLoad:
    """Send ``count`` requests to the server of ``url``. An answer that does not hold ``expected`` is wrong."""
    parts = urlsplit(url)
    result = OpenLoad()
    free: deque[_Connection] = deque()
    waiting: deque[tuple[int, float]] = deque()
    loop = asyncio.get_running_loop()
    finished = loop.create_future()

    def count_answer(began: float, answer: bytes | None) -> None:
        result.durations.append(time.perf_counter() - began)
        result.wrong += answer is None or expected not in answer
        if len(result.durations) == count and not finished.done():
            finished.set_result(None)

    def done(connection: _Connection, began: float, answer: bytes) -> None:
        count_answer(began, answer)
        give(connection)

    def give(connection: _Connection) -> None:
        if waiting:
            number, since = waiting.popleft()
            connection.send(request(number), since)
        else:
            free.append(connection)

    def lost(connection: _Connection, began: float | None) -> None:
        """The server closes what was idle for some seconds; in the middle of an answer that one is wrong."""
        if connection in free:
            free.remove(connection)
        if began is not None:
            count_answer(began, None)
        if not finished.done():
            opening.add(task := loop.create_task(another()))
            task.add_done_callback(opening.discard)

    async def another() -> None:
        _, made = await loop.create_connection(
            lambda: _Connection(done, lost), parts.hostname or "", parts.port or 80
        )
        give(made)

    opening: set[asyncio.Task[None]] = set()
    for _ in range(connections):
        await another()
    begins = time.perf_counter() + 0.05
    for number in range(count):
        due = begins + number / rate
        if (pause := due - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        since = time.perf_counter()
        if free:
            free.popleft().send(request(number), since)
        else:
            waiting.append((number, since))
    async with asyncio.timeout(60):
        await finished
    for connection in free:
        connection.close()
    return result


class _Connection(asyncio.Protocol):
    """One connection that is kept; answers have a length."""

    def __init__(
        self,
        done: Callable[[_Connection, float, bytes], None],
        lost: Callable[[_Connection, float | None], None],
    ) -> None:
        self._done, self._lost = done, lost
        self._buffer = bytearray()
        self._began: float | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # TCP's is both

    def send(self, request: bytes, began: float) -> None:
        self._began = began
        if self._transport is not None:
            self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = bytes(self._buffer).partition(b"\r\n\r\n")
        if separator and len(body) >= _content_length(head):
            self._buffer.clear()
            began, self._began = self._began or 0.0, None
            self._done(self, began, body if head.startswith(b"HTTP/1.1 200") else b"")

    def connection_lost(self, error: Exception | None) -> None:
        began, self._began = self._began, None
        self._lost(self, began)


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise ValueError("an answer without a length")
