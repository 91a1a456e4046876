"""Several things of a stream are worked on at once, and handed out in their order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from hub.gateway.ahead import in_order


class Desk:
    """Works on numbers, each for as long as a test lets it; knows how many it has in hand."""

    def __init__(self) -> None:
        self.may_end: dict[int, asyncio.Event] = {}
        self.in_hand = 0
        self.most_in_hand = 0
        self.taken = 0
        self.cancelled = 0

    async def numbers(self, until: int) -> AsyncIterator[int]:
        for number in range(until):
            self.taken += 1
            yield number

    async def work(self, number: int) -> int:
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        try:
            await self.may_end.setdefault(number, asyncio.Event()).wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.in_hand -= 1
        if number == 3:
            raise ConnectionError("the third")
        return number

    def let(self, *numbers: int) -> None:
        for number in numbers:
            self.may_end.setdefault(number, asyncio.Event()).set()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_is_done_first_waits_for_what_came_first() -> None:
    """And no more is taken than may be in hand."""
    desk, got = Desk(), []
    handing = in_order(desk.numbers(3), desk.work, 16)

    async def take() -> None:
        got.extend([number async for number in handing])

    taking = asyncio.create_task(take())
    await settle()
    desk.let(2, 1)
    await settle()
    assert got == []
    desk.let(0)
    await taking
    assert (got, desk.most_in_hand) == ([0, 1, 2], 3)


async def test_no_more_is_taken_than_may_be_in_hand() -> None:
    """Nor for a reader who does not come for what is done."""
    desk = Desk()
    desk.let(*range(100))
    async with aclosing(in_order(desk.numbers(100), desk.work, 4)) as handing:
        assert await anext(handing) == 0
        await settle()
        assert (desk.taken <= 6, desk.most_in_hand <= 4) == (True, True)


async def test_a_failure_comes_after_what_was_before_it() -> None:
    """What comes after it is ended."""
    desk, got = Desk(), []
    desk.let(0, 1, 2, 3)

    async def take() -> None:
        async with aclosing(in_order(desk.numbers(6), desk.work, 16)) as handing:
            async for number in handing:
                got.append(number)

    with pytest.raises(ConnectionError, match="the third"):
        await take()
    assert (got, desk.in_hand) == ([0, 1, 2], 0)


async def test_who_leaves_ends_all_that_was_in_hand() -> None:
    """Nothing goes on for nobody."""
    desk = Desk()
    desk.let(0)
    async with aclosing(in_order(desk.numbers(8), desk.work, 4)) as handing:
        assert await anext(handing) == 0
        await settle()
    assert (desk.in_hand, desk.cancelled > 0) == (0, True)
