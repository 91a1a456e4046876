"""One kept connection to the hub's door, and many of them: as little client as one can measure with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec


@dataclass(frozen=True, slots=True)
class Answer:
    """``seconds`` count from the moment at which the request was due."""

    body: dict[str, Any]
    seconds: float


class Connection(asyncio.Protocol):
    """One request at a time; answers have a length."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._buffer = bytearray()
        self._answer: asyncio.Future[bytes] | None = None
        self.is_closed = False

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, self._parts.hostname or "", self._parts.port or 80)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP's is both
        self.is_closed = False

    def close(self) -> None:
        self._transport.close()

    async def post(self, content: Mapping[str, Any], token: str, due: float | None = None) -> Answer:
        """A GraphQL request as the person of this token. ``due`` is when it should have been sent."""
        since = time.perf_counter() if due is None else due
        body = msgspec.json.encode(content)
        head = (
            f"POST {self._parts.path} HTTP/1.1\r\nHost: {self._parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(head.encode() + body)
        text = await self._answer
        return Answer(msgspec.json.decode(text), time.perf_counter() - since)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = bytes(self._buffer).partition(b"\r\n\r\n")
        if self._answer is None or not separator or len(body) < _length(head):
            return
        self._buffer.clear()
        self._answer.set_result(body)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the hub closed the connection"))


class Clients:
    """So many connections; who needs one waits for a free one."""

    def __init__(self, url: str, connections: int) -> None:
        self._all = [Connection(url) for _ in range(connections)]
        self._free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()

    async def open(self) -> None:
        for each in self._all:
            await each.open()
            self._free.put_nowait(each)

    def close(self) -> None:
        for each in self._all:
            each.close()

    async def post(self, content: Mapping[str, Any], token: str, due: float | None = None) -> Answer:
        connection = await self._free.get()
        try:
            if connection.is_closed:
                await connection.open()
            try:
                return await connection.post(content, token, due)
            except ConnectionError:  # the hub ended a connection that rested, just as it was taken up
                await connection.open()
                return await connection.post(content, token, due)
        finally:
            self._free.put_nowait(connection)


def data_of(answer: Answer) -> dict[str, Any]:
    """What was asked for. Ends the benchmark where the hub refused."""
    if answer.body.get("errors") or not answer.body.get("data"):
        raise SystemExit(f"bench: the hub answers {answer.body}")
    found: dict[str, Any] = answer.body["data"]
    return found


def percentile(seconds: list[float], percent: float) -> float:
    """In milliseconds."""
    ordered = sorted(seconds) or [0.0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise ValueError("an answer without a length")
