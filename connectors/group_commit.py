"""Many small writes, one transaction: what arrives while a commit runs goes into the next one.

A caller returns when the commit that holds its item has ended; a failed commit fails all its callers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

Item = TypeVar("Item")
LARGEST_GROUP = 500


class GroupCommit(Generic[Item]):
    """Start with ``open``, leave with ``close``, which commits what is pending."""

    def __init__(self, commit: Callable[[Sequence[Item]], Awaitable[None]]) -> None:
        self._commit = commit
        self._pending: list[tuple[Item, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def open(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def add(self, item: Item) -> None:
        """Return once ``item`` is committed. Raises what the commit raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((item, done))
        self._wake.set()
        await done

    async def close(self) -> None:
        if self._task is None:
            return
        self._closing = True
        self._wake.set()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while self._pending or not self._closing:
            if not self._pending:
                self._wake.clear()
                await self._wake.wait()
                continue
            group, self._pending = self._pending[:LARGEST_GROUP], self._pending[LARGEST_GROUP:]
            await self._commit_group(group)

    async def _commit_group(self, group: list[tuple[Item, asyncio.Future[None]]]) -> None:
        error: Exception | None = None
        try:
            await self._commit([item for item, _ in group])
        except Exception as failure:  # noqa: BLE001  it is the callers' answer
            error = failure
        for _, done in group:
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
