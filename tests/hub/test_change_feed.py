"""Followers miss nothing, see nothing of others, and cost nothing while nobody follows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.storage.change_feed import (
    READ_AT_ONCE,
    UNREAD_LIMIT,
    Beginning,
    Change,
    ChangeFeed,
    ChangeKind,
    Interest,
    forget_changes,
    give_positions,
    record_change,
)
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from schema.domain.case import Case
from schema.errors import DomainError, RuntimeCode
from tests.hub.world import ANNA, BO, FREE, World

ANNAS_CASES = Interest("anna", ChangeKind.CASE)


async def relay(world: World) -> None:
    async with world.database.transaction() as session:
        await give_positions(session)
    world.wakeups.changes.set()


async def take(following: AsyncIterator[Beginning | Change], number: int) -> list[tuple[str, int]]:
    taken: list[tuple[str, int]] = []
    async with asyncio.timeout(10):
        while len(taken) < number:
            told = await anext(following)
            if isinstance(told, Change):
                taken.append((told.subject, told.version))
    return taken


async def beginning(following: AsyncIterator[Beginning | Change]) -> Beginning:
    told = await anext(following)
    assert isinstance(told, Beginning)
    return told


async def test_every_change_after_the_first_word_is_told_in_order(world: World) -> None:
    """What was before is not; what comes between subscribing and the first poll is."""
    before = await world.cases.submit_case(ANNA, FREE)
    await relay(world)
    async with world.changes:
        following = world.changes.follow(ANNAS_CASES)
        assert await anext(following) == Beginning(1)
        case = await world.cases.submit_case(ANNA, FREE)
        await world.says(case, "jiyi.case.accepted")
        await world.says(before, "jiyi.case.accepted")
        await relay(world)

        assert await take(following, 3) == [(case.id, 1), (case.id, 2), (before.id, 2)]


async def test_a_change_made_by_another_process_arrives(world: World) -> None:
    """No wake-up comes from there: the database is the only link."""
    elsewhere = ChangeFeed(world.database, Wakeups())
    async with elsewhere:
        following = elsewhere.follow(ANNAS_CASES)
        await anext(following)
        case = await world.cases.submit_case(ANNA, FREE)
        await relay(world)

        assert await take(following, 1) == [(case.id, 1)]


async def test_a_follower_hears_of_own_things_of_a_kind_only_and_of_one_if_asked(world: World) -> None:
    """Another's change is not even counted."""
    mine, other = await world.cases.submit_case(ANNA, FREE), await world.cases.submit_case(ANNA, FREE)
    await relay(world)
    async with world.changes:
        all_mine, one_of_mine = (
            world.changes.follow(ANNAS_CASES),
            world.changes.follow(Interest("anna", ChangeKind.CASE, other.id)),
        )
        tickets = world.changes.follow(Interest("anna", ChangeKind.TICKET))
        await asyncio.gather(anext(all_mine), anext(one_of_mine), anext(tickets))
        await world.cases.submit_case(BO, FREE)
        await world.says(mine, "jiyi.case.accepted")
        async with world.database.transaction() as session:
            record_change(session, ChangeKind.TICKET, "ticket-1", owner="anna", at=world.clock.now())
        await world.says(other, "jiyi.case.accepted")
        await relay(world)

        assert await take(all_mine, 2) == [(mine.id, 2), (other.id, 2)]
        assert await take(one_of_mine, 1) == [(other.id, 2)]
        assert await take(tickets, 1) == [("ticket-1", 1)]


async def test_positions_are_given_once_in_order_however_many_give(world: World) -> None:
    """Two relays take turns; a reader that tails them skips nothing."""
    cases: list[Case] = [await world.cases.submit_case(ANNA, FREE) for _ in range(5)]

    await asyncio.gather(relay(world), relay(world), relay(world))
    cases.append(await world.cases.submit_case(ANNA, FREE))
    await relay(world)

    changes = await world.changes._after(0)
    assert [change.position for change in changes] == [1, 2, 3, 4, 5, 6]
    assert [change.subject for change in changes] == [case.id for case in cases]


async def test_a_reader_that_comes_back_is_told_what_it_missed_and_then_goes_on(world: World) -> None:
    """Between its last event and its return other people's changes have positions too."""
    case = await world.cases.submit_case(ANNA, FREE)
    await relay(world)
    await world.cases.submit_case(BO, FREE)
    await world.says(case, "jiyi.case.accepted")
    await relay(world)
    async with world.changes:
        following = world.changes.follow(ANNAS_CASES, after=1)
        assert await beginning(following) == Beginning(1)
        assert await take(following, 1) == [(case.id, 2)]
        await world.says(case, "jiyi.case.review-started")
        await relay(world)

        assert await take(following, 1) == [(case.id, 3)]


async def test_a_gap_is_told_where_what_was_missed_is_not_kept_any_more(world: World) -> None:
    """Also to who has a cursor that was never given here: of another database, or from before a restore."""
    for version, days in ((1, 0), (2, 31), (3, 0)):
        world.clock.moment += timedelta(days=days)
        async with world.database.transaction() as session:
            record_change(session, ChangeKind.CASE, "case", owner="anna", at=world.clock.now(), version=version)
    await relay(world)
    await forget_changes(world.database, world.clock.now() - timedelta(days=30))
    async with world.changes:

        async def begins(after: int) -> Beginning:
            return await beginning(world.changes.follow(ANNAS_CASES, after))

        assert await begins(0) == Beginning(3, has_gap=True)
        assert await begins(1) == Beginning(1)
        assert await begins(3) == Beginning(3)
        assert await begins(4) == Beginning(3, has_gap=True)
        await forget_changes(world.database, world.clock.now() + timedelta(days=1))
        assert await begins(2) == Beginning(3, has_gap=True)
        assert await begins(3) == Beginning(3)


async def test_a_follower_that_does_not_read_is_told_so(sqlite_tables: str) -> None:
    """Never dropped silently: it is told with a code, and resumes with its last cursor."""
    from hub.storage.database import Database

    database = Database(sqlite_tables)
    feed = ChangeFeed(database, Wakeups())
    following = feed.follow(ANNAS_CASES)
    await anext(following)
    for position in range(UNREAD_LIMIT + 5):
        feed._deliver(Change(position + 1, ChangeKind.CASE, "case", position + 1, "anna"))

    with pytest.raises(DomainError) as told:
        async for _ in following:
            pass
    await database.close()

    assert told.value.code is RuntimeCode.SUBSCRIBER_TOO_SLOW


async def test_one_word_is_enough_for_however_much_is_new(world: World) -> None:
    """Several pages are read before the reader rests."""
    feed = ChangeFeed(world.database, world.wakeups, timedelta(hours=1))
    number = READ_AT_ONCE + 20
    async with feed:
        following = feed.follow(ANNAS_CASES)
        await beginning(following)
        async with world.database.transaction() as session:
            for place in range(number):
                record_change(session, ChangeKind.CASE, f"c{place}", owner="anna", at=world.clock.now())
        async with world.database.transaction() as session:
            await give_positions(session, number)
        world.wakeups.changes.set()
        assert [subject for subject, _ in await take(following, number)] == [
            f"c{place}" for place in range(number)
        ]


async def test_the_reader_goes_on_after_whatever_failed(world: World) -> None:
    """A driver's error that nobody foresaw, too: else all who follow would wait for ever, and not know it."""
    feed = ChangeFeed(FailingOnce(world.database.url), world.wakeups, timedelta(hours=1))
    async with feed:
        following = feed.follow(ANNAS_CASES)
        await beginning(following)
        await world.cases.submit_case(ANNA, FREE)
        await relay(world)
        assert len(await take(following, 1)) == 1


class FailingOnce(Database):
    """Its second reading fails, by no error of the database's."""

    readings = 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        self.readings += 1
        if self.readings == 2:
            raise RuntimeError("File descriptor 12 is used by transport")
        async with super().reading() as session:
            yield session
