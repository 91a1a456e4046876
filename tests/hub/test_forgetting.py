"""Doubles are known for 30 days at least, and what is older goes in small steps. Issue 6, "Outbox and inbox"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel, col, func, select

from hub.durable.tickets import Tickets
from hub.storage import forgetting
from hub.storage.change_feed import ChangeKind, forget_changes, give_positions, record_change
from hub.storage.insertion import insert_rows
from hub.tables.change import ChangeRow
from hub.tables.inbox import SeenRow
from hub.tables.outbox import OutboxRow
from hub.tables.ticket import TicketKeyRow
from schema.domain.case import CaseState
from tests.hub.world import ANNA, WITH_FEE, World


async def number(world: World, table: type[SQLModel]) -> int:
    async with world.database.reading() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def test_a_double_has_no_effect_for_thirty_days_and_is_then_unknown(world: World) -> None:
    """The clock is moved; forgetting runs every hour, and takes nothing that is not older than is promised."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    message = world.event(case, "jiyi.case.accepted")
    assert await world.deliver(message) == "acknowledged"
    events = await world.events(case)

    for days in (1, 28):
        world.clock.move(days=days)
        await world.deadlines.forget()
        assert await world.deliver(message) == "acknowledged"
    world.clock.move(hours=23, minutes=59)
    await world.deadlines.forget()
    assert await world.deliver(message) == "acknowledged"
    assert await world.events(case) == events
    assert await number(world, SeenRow) == 1

    world.clock.move(minutes=2)
    await world.deadlines.forget()
    assert await number(world, SeenRow) == 0
    assert (await world.read(case)).state is CaseState.ACCEPTED
    # Nobody remembers it: what keeps a case from going back is its own rules then.
    assert (await world.deliver(message)).startswith("dead: ")


async def steps_counted(forget: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each transaction deleted, with seven at most in one."""
    steps: list[int] = []
    forget_some = forgetting.forget_some

    async def counted(*asked: Any) -> int:
        steps.append(await forget_some(*asked))
        return steps[-1]

    monkeypatch.setattr(forgetting, "FORGOTTEN_AT_ONCE", 7)
    monkeypatch.setattr(forgetting, "forget_some", counted)
    await forget()
    return steps


async def test_what_is_old_goes_in_small_steps_and_what_is_open_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much there is, no transaction deletes more than its share; a command without an outcome is kept."""
    await world.cases.submit_case(ANNA, WITH_FEE)
    old, new = world.clock.now() - timedelta(days=31), world.clock.now() - timedelta(days=29)
    async with world.database.transaction() as session:
        rows = [{"source": "s", "id": str(place), "at": old if place < 17 else new} for place in range(20)]
        await insert_rows(session, {SeenRow: rows})

    world.clock.move(minutes=1)
    steps = await steps_counted(world.deadlines.forget, monkeypatch)

    assert max(steps) == 7
    assert sum(steps) == 17
    assert await number(world, SeenRow) == 3
    assert await number(world, OutboxRow) == 1


async def test_old_changes_go_in_small_steps_the_oldest_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off after any step, what is missing is still at the beginning."""
    old, new = world.clock.now() - timedelta(days=31), world.clock.now() - timedelta(days=29)
    async with world.database.transaction() as session:
        for place in range(20):
            at = old if place < 17 else new
            record_change(session, ChangeKind.CASE, "case", owner="anna", at=at, version=place)
    async with world.database.transaction() as session:
        await give_positions(session)

    await forgetting_broken_off(world, monkeypatch)
    assert await positions(world) == list(range(8, 21))

    steps = await steps_counted(world.deadlines.forget, monkeypatch)
    assert max(steps) == 7
    assert await positions(world) == [18, 19, 20]


async def forgetting_broken_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first step that deleted anything."""
    forget_some = forgetting.forget_some

    async def once(*asked: Any) -> int:
        await forget_some(*asked)
        raise ConnectionError("the process ends")

    with monkeypatch.context() as patched:
        patched.setattr(forgetting, "FORGOTTEN_AT_ONCE", 7)
        patched.setattr(forgetting, "forget_some", once)
        with pytest.raises(ConnectionError):
            await forget_changes(world.database, world.clock.now() - timedelta(days=30))


async def positions(world: World) -> list[int | None]:
    async with world.database.reading() as session:
        return list((await session.exec(select(ChangeRow.position).order_by(col(ChangeRow.position)))).all())


async def test_old_tickets_and_their_keys_go_in_small_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A department that was asked a hundred thousand things stops nobody else when they are forgotten."""
    now = world.clock.now()
    async with world.database.transaction() as session:
        keys = [
            {"owner": "anna", "key": str(place), "fingerprint": "f", "at": now - timedelta(hours=20 + place)}
            for place in range(20)
        ]
        await insert_rows(session, {TicketKeyRow: keys})

    tickets = Tickets(world.database, world.clock, world.wakeups)
    steps = await steps_counted(tickets.forget, monkeypatch)

    assert max(steps) == 7
    assert await number(world, TicketKeyRow) == 5
