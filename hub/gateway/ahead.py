"""Work on several things of a stream at once, and hand them out one after the other, in their order.

What takes several waits for each thing (a commit of the access log) then takes them once for all that are there:
a reader who fell behind catches up. Nothing is taken from the stream for a reader who has enough waiting.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TypeVar

MOST_AT_ONCE = 16
Thing = TypeVar("Thing")
Done = TypeVar("Done")


async def in_order(
    things: AsyncIterator[Thing], begin: Callable[[Thing], Awaitable[Done]], most: int = MOST_AT_ONCE
) -> AsyncGenerator[Done, None]:
    """``begin`` is called as a thing comes, what it gives is awaited for at most ``most`` at once.

    A failure of one is raised after what was before it is handed out. Whoever leaves ends all of it; to close
    ``things`` is the caller's.
    """
    working: deque[asyncio.Future[Done]] = deque()
    coming: asyncio.Task[Thing] | None = None
    is_over = False
    try:
        while working or not is_over:
            if coming is None and not is_over and len(working) < most:
                coming = asyncio.ensure_future(_next(things))
            first = working[0] if working else None
            waited_for = {each for each in (coming, first) if each is not None}
            await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
            if coming is not None and coming.done():
                try:
                    working.append(asyncio.ensure_future(begin(coming.result())))
                except StopAsyncIteration:
                    is_over = True
                coming = None
            while working and working[0].done():
                yield working.popleft().result()
    finally:
        left = [each for each in (coming, *working) if each is not None]
        for each in left:
            each.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _next(things: AsyncIterator[Thing]) -> Thing:
    return await anext(things)
