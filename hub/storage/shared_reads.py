"""What many ask for at the same moment, and what cannot change any more, is read once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Read = TypeVar("Read")


class SharedReads(Generic[Read]):
    """Keeps the last ``maximum`` of them; a failure is told to who waits and is not kept."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._reads: OrderedDict[Hashable, asyncio.Task[Read]] = OrderedDict()

    async def once(self, key: Hashable, read: Callable[[], Coroutine[Any, Any, Read]]) -> Read:
        """Raises what ``read`` raises. It goes on where one of those who wait leaves."""
        return await asyncio.shield(self.begin(key, read))

    def begin(self, key: Hashable, read: Callable[[], Coroutine[Any, Any, Read]]) -> asyncio.Task[Read]:
        """Begin to read what will be asked for, unless it was read already."""
        task = self._reads.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._reads[key] = asyncio.get_running_loop().create_task(read())
            task.add_done_callback(look_at_failure)
        self._reads.move_to_end(key)
        while len(self._reads) > self._maximum:
            self._reads.popitem(last=False)
        return task


def look_at_failure(task: asyncio.Task[Any]) -> None:
    """So that nobody is told of a failure for which nobody waits."""
    if not task.cancelled():
        task.exception()
