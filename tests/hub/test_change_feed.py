"""Followers of cases miss nothing, see nothing of others, and cost nothing while nobody follows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.change_feed import UNREAD_LIMIT, Change, ChangeFeed, give_positions
from hub.wakeups import Wakeups
from schema.domain.case import Case
from schema.errors import DomainError, RuntimeCode
from tests.hub.world import ANNA, BO, FREE, World


async def relay(world: World) -> None:
    async with world.database.transaction() as session:
        await give_positions(session)
    world.wakeups.changes.set()


async def take(following: AsyncIterator[Change | None], number: int) -> list[tuple[str, int]]:
    taken: list[tuple[str, int]] = []
    async with asyncio.timeout(10):
        while len(taken) < number:
            change = await anext(following)
            if change is not None:
                taken.append((change.case_id, change.version))
    return taken


async def test_every_change_after_the_first_word_is_told_in_order(world: World) -> None:
    """What was before is not; what comes between subscribing and the first poll is."""
    before = await world.cases.submit_case(ANNA, FREE)
    await relay(world)
    async with world.changes:
        following = world.changes.follow("anna")
        assert await anext(following) is None
        case = await world.cases.submit_case(ANNA, FREE)
        await world.says(case, "jiyi.case.accepted")
        await world.says(before, "jiyi.case.accepted")
        await relay(world)

        assert await take(following, 3) == [(case.id, 1), (case.id, 2), (before.id, 2)]


async def test_a_change_made_by_another_process_arrives(world: World) -> None:
    """No wake-up comes from there: the database is the only link."""
    elsewhere = ChangeFeed(world.database, Wakeups())
    async with elsewhere:
        following = elsewhere.follow("anna")
        await anext(following)
        case = await world.cases.submit_case(ANNA, FREE)
        await relay(world)

        assert await take(following, 1) == [(case.id, 1)]


async def test_a_follower_hears_of_own_cases_only_and_of_one_if_asked(world: World) -> None:
    """Another's change is not even counted."""
    mine, other = await world.cases.submit_case(ANNA, FREE), await world.cases.submit_case(ANNA, FREE)
    await relay(world)
    async with world.changes:
        all_mine, one_of_mine = world.changes.follow("anna"), world.changes.follow("anna", other.id)
        await asyncio.gather(anext(all_mine), anext(one_of_mine))
        await world.cases.submit_case(BO, FREE)
        await world.says(mine, "jiyi.case.accepted")
        await world.says(other, "jiyi.case.accepted")
        await relay(world)

        assert await take(all_mine, 2) == [(mine.id, 2), (other.id, 2)]
        assert await take(one_of_mine, 1) == [(other.id, 2)]


async def test_positions_are_given_once_in_order_however_many_give(world: World) -> None:
    """Two relays take turns; a reader that tails them skips nothing."""
    cases: list[Case] = [await world.cases.submit_case(ANNA, FREE) for _ in range(5)]

    await asyncio.gather(relay(world), relay(world), relay(world))
    cases.append(await world.cases.submit_case(ANNA, FREE))
    await relay(world)

    changes = await world.changes._after(0)
    assert [change.position for change in changes] == [1, 2, 3, 4, 5, 6]
    assert [change.case_id for change in changes] == [case.id for case in cases]


async def test_a_follower_that_does_not_read_is_told_so(sqlite_url: str) -> None:
    """Never dropped silently: it reads the cases again and subscribes again."""
    from hub.database import Database

    database = Database(sqlite_url)
    await database.create_tables_for_tests()
    feed = ChangeFeed(database, Wakeups())
    following = feed.follow("anna")
    await anext(following)
    for position in range(UNREAD_LIMIT + 5):
        feed._deliver(Change(position + 1, "case", position + 1, "anna"))

    with pytest.raises(DomainError) as told:
        async for _ in following:
            pass
    await database.close()

    assert told.value.code is RuntimeCode.SERVICE_UNAVAILABLE
