"""Frames of the broker's door on their way: JSON objects, several in one array where several wait.

A lone frame leaves at once; while the socket is busy, what comes meanwhile is gathered. Both sides send so and
take both. Source: docs/architecture.md, "The broker's door".
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

LARGEST_GATHERED_BYTES = 256 * 1024


class FrameSender:
    """``send`` passes text to the socket; a break that it raises is told by the reader of the socket."""

    def __init__(self, send: Callable[[str], Awaitable[None]], broken: tuple[type[Exception], ...]) -> None:
        self._send = send
        self._broken = broken
        self._waiting: deque[bytes] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, frame: Mapping[str, Any]) -> None:
        """Send it soon, after those before it."""
        self._waiting.append(msgspec.json.encode(frame))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """What has not left is dropped."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while self._waiting:
            gathered = [self._waiting.popleft()]
            size = len(gathered[0])
            while self._waiting and (size := size + len(self._waiting[0])) <= LARGEST_GATHERED_BYTES:
                gathered.append(self._waiting.popleft())
            body = gathered[0] if len(gathered) == 1 else b"[" + b",".join(gathered) + b"]"
            try:
                await self._send(body.decode())
            except self._broken:
                self._waiting.clear()


def frames_in(text: str | bytes) -> list[Any]:
    """The frames in one text, not yet looked at. Raises :class:`msgspec.DecodeError`."""
    value = msgspec.json.decode(text)
    return value if isinstance(value, list) else [value]
