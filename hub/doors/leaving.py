"""End the work for a client that is gone: nobody would read the answer.

Looked for only where an answer takes long, so that short ones pay nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from starlette.types import Receive

PATIENCE_SECONDS = 0.05


class ClientWatch:
    """``async with`` around the work for one request whose body was read. The work is cancelled when the client
    leaves and ``may_stop`` says that it may be; then ``has_left`` is true and the block ends quietly."""

    def __init__(self, receive: Receive, may_stop: Callable[[], Awaitable[bool]]) -> None:
        self._receive = receive
        self._may_stop = may_stop
        self._task: asyncio.Task[object] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.has_left = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._begin)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        if kind is asyncio.CancelledError and self.has_left and self._task is not None:
            return self._task.uncancel() == 0
        return False

    def _begin(self) -> None:
        self._watcher = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        message = await self._receive()
        if message["type"] == "http.disconnect" and self._task is not None and await self._may_stop():
            self.has_left = True
            self._task.cancel()
