"""What is made for somebody is made once for all who ask for it meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Making(Generic[Made]):
    """What is being made, by its key. It is finished even where everybody has left: the next one who asks may be
    near."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Made]] = {}

    async def once(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, Made]]) -> Made:
        """Raises what ``make`` raises."""
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.get_running_loop().create_task(make())
            task.add_done_callback(lambda done: self._end(key, done))
        return await asyncio.shield(task)

    def _end(self, key: Hashable, task: asyncio.Task[Made]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # looked at, so that nobody is told of a failure for which nobody waits
