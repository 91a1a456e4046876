"""A second request where the first is late; the first answer wins, and the other request is cancelled.

For reads only. Source: Dean and Barroso, "The Tail at Scale" (2013), "Hedged requests".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_ENOUGH = 20


def late_after(durations: Sequence[float]) -> float | None:
    """The seconds in which 95 of 100 were answered; ``None`` while too few are known."""
    if len(durations) < _ENOUGH:
        return None
    return sorted(durations)[len(durations) * 95 // 100]


async def hedged(
    ask: Callable[[], Coroutine[Any, Any, _Result]], after: float, may_ask_again: Callable[[], bool]
) -> _Result:
    """What the first of two to succeed gives; the last failure where neither does.

    The second is begun ``after`` so many seconds, if it ``may_ask_again`` then.
    """
    tasks = {asyncio.ensure_future(ask())}
    try:
        done, _ = await asyncio.wait(tasks, timeout=after)
        if not done and may_ask_again():
            tasks.add(asyncio.ensure_future(ask()))
        pending = tasks
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            succeeded = next((task for task in done if task.exception() is None), None)
            if succeeded is not None or not pending:
                return (succeeded or done.pop()).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    raise AssertionError("one of them has ended")
