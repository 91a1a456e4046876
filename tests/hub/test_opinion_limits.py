"""Departments that are silent beyond their own limit: consent once, cards once, also after downtime. 9.6, 9.7."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from hub.notices.notices import SUPERVISORS, department_desk
from hub.tables.case import CaseEventRow
from hub.tables.supervision import CardRow, NoticeRow
from schema.domain.case import Case
from tests.hub.joint_item import ADVISER, LEAD, REFUSAL, RESTAURANT, approve, forget, offer
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, World

pytestmark = pytest.mark.usefixtures("offered")
WARNED, ENDED = datetime(2026, 11, 24, 16, tzinfo=UTC), datetime(2026, 11, 26, 16, tzinfo=UTC)
"""Told on Monday 23 November, three working days: warned as Wednesday begins, over as Thursday ends (Beijing)."""
PARTS = "query ($case: ID!) { case(id: $case) { subCases { code state dueAt } } }"


@pytest.fixture
async def offered(world: World) -> AsyncIterator[None]:
    await offer(world.database)
    yield
    await forget(world.database)


async def cards(world: World) -> list[tuple[str, str, str, datetime, str, bool]]:
    async with world.database.reading() as session:
        found = (await session.exec(select(CardRow).order_by(col(CardRow.at)))).all()
    return [
        (card.department, card.trigger, card.level, card.at, card.sub_case, card.closed_at is None)
        for card in found
        if card.sub_case
    ]


async def hygiene(world: World, case: Case) -> tuple[str, str | None]:
    parts = (await Graph(world).ask(PARTS, case=case.id))["case"]["subCases"]
    return next((each["state"], each["dueAt"]) for each in parts if each["code"] == "hygiene")


async def deemed(world: World, case: Case) -> list[CaseEventRow]:
    async with world.database.reading() as session:
        wanted = (col(CaseEventRow.case_id) == case.id, col(CaseEventRow.type) == "opinion-deemed")
        return list((await session.exec(select(CaseEventRow).where(*wanted))).all())


async def test_consent_is_deemed_once_also_when_nobody_looked_at_the_moment(world: World) -> None:
    """9.6: three workers come two days late; the event and the card name the true moment."""
    case = await world.cases.submit_case(ANNA, RESTAURANT)
    assert await hygiene(world, case) == ("STARTED", ENDED.isoformat())
    world.clock.moment = ENDED + timedelta(days=2)

    await asyncio.gather(*(world.watch.look() for _ in range(3)))
    await world.watch.look()

    assert await hygiene(world, case) == ("DEEMED", None)
    (event,) = await deemed(world, case)
    assert (event.data["subCase"], event.data["limitDays"]) == ("hygiene", 3)
    assert datetime.fromisoformat(event.data["dueAt"]) == ENDED
    assert await cards(world) == [
        (ADVISER, "OPINION_UNANSWERED", "WARNING", WARNED, "hygiene", True),
        (ADVISER, "OPINION_UNANSWERED", "YELLOW", ENDED, "hygiene", True),
    ]
    desk = department_desk(ADVISER)
    async with world.database.reading() as session:
        notices = (await session.exec(select(NoticeRow).where(col(NoticeRow.text_en).contains("hygiene")))).all()
    assert sorted((each.recipient, each.at) for each in notices) == sorted(
        [(desk, WARNED), *((each, ENDED) for each in (desk, department_desk(LEAD), SUPERVISORS))]
    )


async def test_a_word_after_the_end_is_noted_and_changes_nothing(world: World) -> None:
    """Both were right when they spoke: the late refusal is a trace, not a dead letter."""
    case = await world.cases.submit_case(ANNA, RESTAURANT)
    world.clock.moment = ENDED
    await world.watch.look()

    late = await world.says(case, "jiyi.sub-case.decided", ADVISER, subCase="hygiene", **REFUSAL)

    assert late == "acknowledged"
    assert (await hygiene(world, case))[0] == "DEEMED"
    assert len(await deemed(world, case)) == 1


async def test_the_end_counts_before_a_later_word_also_where_nobody_looked(world: World) -> None:
    """9.6: whose system speaks after its limit is too late, be the worker late as well; the card is not hidden."""
    case = await world.cases.submit_case(ANNA, RESTAURANT)
    world.clock.moment = ENDED + timedelta(minutes=5)

    late = await world.says(case, "jiyi.sub-case.decided", ADVISER, subCase="hygiene", **REFUSAL)

    assert late == "acknowledged"
    assert (await hygiene(world, case))[0] == "DEEMED"
    assert [card[2] for card in await cards(world)] == ["WARNING", "YELLOW"]


async def test_an_answer_in_time_lifts_the_warning_and_nothing_is_deemed(world: World) -> None:
    case = await world.cases.submit_case(ANNA, RESTAURANT)
    world.clock.moment = ENDED - timedelta(minutes=1)
    await world.watch.look()
    assert [card[2] for card in await cards(world)] == ["WARNING"]

    await approve(world, case, ADVISER, "hygiene")
    world.clock.move(days=9)
    await world.watch.look()

    assert await cards(world) == [(ADVISER, "OPINION_UNANSWERED", "WARNING", WARNED, "hygiene", False)]
    assert await hygiene(world, case) == ("APPROVED", None)
    assert await deemed(world, case) == []
