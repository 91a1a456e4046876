"""Many small writes at the same moment, one transaction: what arrives while one runs goes into the next.

As :class:`connectors.group_commit.GroupCommit`, but nothing is opened or closed: it works while somebody waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")
MOST_ROWS = 500


class JoinedWrites(Generic[Row]):
    """``write`` puts rows into the database, all of them or none; a failure is told to all whose rows it held."""

    def __init__(self, write: Callable[[Sequence[Row]], Awaitable[None]]) -> None:
        self._write = write
        self._waiting: list[tuple[Sequence[Row], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, rows: Sequence[Row]) -> None:
        """Return once they are written. Raises what ``write`` raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="joined-writes")
        await done

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_ROWS], self._waiting[MOST_ROWS:]
            failure: Exception | None = None
            try:
                await self._write([row for rows, _ in group for row in rows])
            except Exception as error:  # noqa: BLE001  it is told to all who wait
                failure = error
            for _, done in group:
                if not done.done():
                    done.set_result(None) if failure is None else done.set_exception(failure)
