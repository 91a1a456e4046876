"""A value that is kept for a while: one look for all who ask, and no queue for what is there."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from hub.storage.kept_value import KeptValue
from tests.hub.world import MovableClock

KEPT_FOR = timedelta(seconds=3)


class Source:
    """Counts looks; each waits until it may end, and gives the next number or fails."""

    def __init__(self) -> None:
        self.looks = 0
        self.may_end = asyncio.Event()
        self.fails = False

    async def look(self, known: int | None) -> int:
        self.looks += 1
        number = self.looks
        await self.may_end.wait()
        if self.fails:
            raise ConnectionError("away")
        return number


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


async def test_those_who_ask_at_one_moment_share_one_look(clock: MovableClock) -> None:
    """And so again once it is old."""
    source = Source()
    kept = KeptValue(source.look, KEPT_FOR, clock)
    for looks in (1, 2):
        source.may_end.clear()
        asking = [asyncio.create_task(kept.get()) for _ in range(100)]
        await asyncio.sleep(0)
        source.may_end.set()
        assert (await asyncio.gather(*asking), source.looks) == ([looks] * 100, looks)
        clock.move(seconds=KEPT_FOR.total_seconds())


async def test_what_is_fresh_is_there_without_a_turn_of_the_loop(clock: MovableClock) -> None:
    """Under load a queue of those who want what is there would never end."""
    source = Source()
    source.may_end.set()
    kept = KeptValue(source.look, KEPT_FOR, clock)
    await kept.get()
    asking = kept.get()
    with pytest.raises(StopIteration) as at_once:
        asking.send(None)
    assert at_once.value.value == 1


async def test_a_failure_is_told_to_all_and_the_next_one_looks_again(clock: MovableClock) -> None:
    """One who leaves takes the look from nobody."""
    source = Source()
    source.fails = True
    kept = KeptValue(source.look, KEPT_FOR, clock)
    asking = [asyncio.create_task(kept.get()) for _ in range(3)]
    await asyncio.sleep(0)
    asking[0].cancel()
    source.may_end.set()
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(each) for each in told] == [asyncio.CancelledError, ConnectionError, ConnectionError]
    source.fails = False
    assert (await kept.get(), source.looks) == (2, 2)


async def test_a_look_that_began_before_a_change_does_not_count_after_it(clock: MovableClock) -> None:
    """Who changed something sees it at the next question."""
    source = Source()
    kept = KeptValue(source.look, KEPT_FOR, clock)
    before = asyncio.create_task(kept.get())
    await asyncio.sleep(0)
    kept.forget()
    after = asyncio.create_task(kept.get())
    await asyncio.sleep(0)
    source.may_end.set()
    assert (await before, await after, await kept.get(), source.looks) == (1, 2, 2, 2)
