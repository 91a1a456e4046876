"""What time does to cases: due dates in the graph, cards, deemed acceptance, lapse, archive, another calendar.

Monday 23 November 2026 is now; promises of the items: CA-MARRIAGE-RECORD 5 working days, CA-SENIOR-CARD less.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from hub.cases.case_watch import CaseWatch
from hub.catalogue.catalogue import CatalogueStore
from hub.notices.notices import SUPERVISORS, department_desk
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.supervision import CardRow, NoticeRow
from schema.domain.case import Case, CaseState
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, FREE, OPERATOR, WITH_FEE, MovableClock, World

DUES = """query ($case: ID!) { case(id: $case) { state dueAt statutoryDueAt
  timeLimit { state limitDays usedDays leftDays isEstimated isOverdue days { date counts ground name } } } }"""
LIMITS = ("PROMISED_LIMIT", "STATUTORY_LIMIT")
NEW_YEAR = {"name": "元旦", "from": "2031-01-01"}
LOAD = """mutation ($input: CalendarInput!) {
  loadCalendar(input: $input) { year version source isEstimated holidays { date } workdays } }"""


async def accepted(world: World) -> Case:
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    assert await world.says(case, "jiyi.case.accepted") == "acknowledged"
    return case


async def rows(world: World, table: Any) -> list[Any]:
    async with world.database.reading() as session:
        return list((await session.exec(select(table).order_by(col(table.at), col(table.id)))).all())


async def cards(world: World) -> list[tuple[str, str, str]]:
    """Of both limits; a step that is late has cards of its own."""
    found: list[CardRow] = await rows(world, CardRow)
    return [(card.trigger, card.level, card.at.isoformat()) for card in found if card.trigger in LIMITS]


async def test_a_case_says_when_it_is_due_and_why(world: World) -> None:
    """Section 4 (art. 17): the count starts the working day after acceptance."""
    case = await accepted(world)

    found = (await Graph(world).ask(DUES, case=case.id))["case"]

    assert found["dueAt"] == "2026-11-30T16:00:00+00:00"
    assert found["statutoryDueAt"] == "2026-12-21T16:00:00+00:00"
    limit = found["timeLimit"]
    assert (limit["state"], limit["limitDays"], limit["usedDays"], limit["isEstimated"]) == (
        "RUNNING",
        5,
        0,
        False,
    )
    assert sum(day["counts"] for day in limit["days"]) == 5
    assert limit["days"][0] == {"date": "2026-11-23", "counts": False, "ground": "ACCEPTED", "name": None}


async def test_cards_are_raised_once_with_their_true_moment(world: World) -> None:
    """Section 4: raised once, also when the worker was down at the moment (art. 17, 18)."""
    case = await accepted(world)
    await world.says(case, "jiyi.case.review-started")
    world.clock.move(days=8, minutes=1)

    await asyncio.gather(world.watch.look(), world.watch.look())
    await world.watch.look()

    assert await cards(world) == [
        ("PROMISED_LIMIT", "WARNING", "2026-11-26T16:00:00+00:00"),
        ("PROMISED_LIMIT", "YELLOW", "2026-11-29T16:00:00+00:00"),
        ("PROMISED_LIMIT", "RED", "2026-11-30T16:00:00+00:00"),
    ]
    told = [(notice.recipient, notice.at.isoformat()) for notice in await rows(world, NoticeRow)]
    desk = department_desk("civil-affairs")
    assert sorted(told) == sorted(
        [
            (desk, "2026-11-26T16:00:00+00:00"),
            (desk, "2026-11-29T16:00:00+00:00"),
            (SUPERVISORS, "2026-11-29T16:00:00+00:00"),
            (desk, "2026-11-30T16:00:00+00:00"),
            (SUPERVISORS, "2026-11-30T16:00:00+00:00"),
            ("anna", "2026-11-30T16:00:00+00:00"),
        ]
    )
    red = (await rows(world, CardRow))[-1]
    assert (red.case_id, red.department, red.raised_at) == (case.id, "civil-affairs", world.clock.now())


async def test_a_card_is_raised_at_its_moment_not_before(world: World) -> None:
    """An idle look asks and does nothing."""
    case = await accepted(world)
    await world.says(case, "jiyi.case.review-started")
    world.clock.moment = datetime(2026, 11, 26, 15, 59, tzinfo=UTC)
    await world.watch.look()
    assert await world.watch.look() == 0
    world.clock.move(minutes=1)

    assert await world.watch.look() == 1
    assert [level for _, level, _ in await cards(world)] == ["WARNING"]
    assert await world.watch.look() == 0


async def test_what_passed_unseen_is_not_hidden_by_a_late_decision(world: World) -> None:
    """The worker was down, and the department decides late: the case was overdue all the same."""
    case = await accepted(world)
    await world.says(case, "jiyi.case.review-started")
    world.clock.move(days=9)

    await world.says(case, "jiyi.case.decided", decision="approved")

    assert [level for _, level, _ in await cards(world)] == ["WARNING", "YELLOW", "RED"]
    states = {card.level: card.closed_at is None for card in await rows(world, CardRow)}
    assert states == {"WARNING": False, "YELLOW": False, "RED": True}


async def test_two_workers_over_one_database_never_raise_twice(made_url: str) -> None:
    """Any number of workers: each with connections, a clock and a catalogue of its own."""
    first = World(Database(made_url))
    others = [Database(made_url) for _ in range(2)]
    for _ in range(6):
        await first.says(await accepted(first), "jiyi.case.review-started")
    clock = MovableClock(first.clock.moment + timedelta(days=30))
    watches = [CaseWatch(each, CatalogueStore(each, clock), first.people, clock, Wakeups()) for each in others]

    await asyncio.gather(*(watch.look() for watch in watches * 3))

    raised = await cards(first)
    # Thirty days later both limits of each case have gone through all three levels.
    assert Counter((trigger, level) for trigger, level, _ in raised) == {
        (trigger, level): 6
        for trigger in ("PROMISED_LIMIT", "STATUTORY_LIMIT")
        for level in ("WARNING", "YELLOW", "RED")
    }
    notices = await rows(first, NoticeRow)
    assert len(notices) == 6 * 2 * (1 + 2 + 3)
    for database in (first.database, *others):
        await database.close()


async def test_silence_counts_as_acceptance(world: World) -> None:
    """Section 3: nothing said within 5 working days: accepted from the day of submission."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    world.clock.moment = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)
    assert await world.watch.look() == 0
    world.clock.move(minutes=1)

    await world.watch.look()

    assert (await world.read(case)).state is CaseState.ACCEPTED
    found = (await Graph(world).ask(DUES, case=case.id))["case"]
    assert found["dueAt"] == "2026-11-30T16:00:00+00:00"
    assert found["timeLimit"]["isOverdue"]
    assert [level for _, level, _ in await cards(world)] == ["WARNING", "YELLOW", "RED"]


async def test_a_word_that_comes_after_the_silence_changes_nothing(world: World) -> None:
    """Section 3: the case counts as accepted, also where the worker was down; the late acceptance is noted."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    world.clock.move(days=8)

    assert await world.says(case, "jiyi.case.accepted") == "acknowledged"
    assert (await world.says(case, "jiyi.case.supplement-requested", reason="A photo.")).startswith("dead")

    assert (await world.read(case)).state is CaseState.ACCEPTED
    assert await world.events(case) == ["submitted", "accepted"]


async def test_a_supplement_is_reminded_of_and_then_no_longer_waited_for(world: World) -> None:
    """Section 3: default 30 days, reminder 5 days before, then lapsed."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    await world.says(case, "jiyi.case.supplement-requested", notice="A photo is missing.", reason="A photo.")
    world.clock.moment = datetime(2026, 12, 18, 16, 0, tzinfo=UTC)
    await world.watch.look()
    await world.watch.look()

    told = [(n.recipient, n.kind) for n in await rows(world, NoticeRow)]
    assert told == [("anna", "SUPPLEMENT_REQUESTED"), ("anna", "SUPPLEMENT_REMINDER")]
    assert (await world.read(case)).state is CaseState.SUPPLEMENT_REQUESTED
    world.clock.move(days=5)
    await world.watch.look()
    assert (await world.read(case)).state is CaseState.LAPSED
    assert (await world.events(case))[-1] == "lapsed"


async def test_a_completed_case_is_archived_when_its_time_has_come(world: World) -> None:
    """Section 3: completed → archived, after the days that the settings name."""
    case = await world.completed()
    world.clock.move(days=29)
    await world.watch.look()
    assert (await world.read(case)).state is CaseState.COMPLETED
    world.clock.move(days=2)

    await world.watch.look()

    assert (await world.read(case)).state is CaseState.ARCHIVED


async def test_another_calendar_moves_open_cases_by_an_event_that_names_both_dates(world: World) -> None:
    """Section 4: loading a year recomputes open cases; closed ones keep the version they were counted by."""
    closed = await world.decided(WITH_FEE, "denied", reason="no", remedy="appeal")
    case = await accepted(world)
    graph = Graph(world)
    before = (await graph.ask(DUES, case=closed.id))["case"]
    holiday = {"name": "临时放假", "nameEn": "A day off", "from": "2026-11-24", "to": "2026-11-25"}
    year = {"year": 2026, "source": "an order", "holidays": [holiday], "workdays": ["2026-11-28"]}

    loaded = (await graph.ask(LOAD, OPERATOR, input=year))["loadCalendar"]
    await world.watch.recompute()
    await world.watch.recompute()

    assert (loaded["isEstimated"], loaded["workdays"]) == (False, ["2026-11-28"])
    found = (await graph.ask(DUES, case=case.id))["case"]
    assert found["dueAt"] == "2026-12-01T16:00:00+00:00"
    events = (await world.cases.events_of((case.id,)))[case.id]
    assert [event.type.value for event in events] == ["submitted", "accepted", "due-date-recomputed"]
    assert events[-1].data == {
        "from": "2026-12-01T00:00:00+08:00",
        "to": "2026-12-02T00:00:00+08:00",
        "statutoryFrom": "2026-12-22T00:00:00+08:00",
        "statutoryTo": "2026-12-23T00:00:00+08:00",
        "calendarVersion": loaded["version"],
    }
    assert events[-1].reason is not None
    assert "an order" in events[-1].reason
    assert (await graph.ask(DUES, case=closed.id))["case"] == before


async def test_another_calendar_moves_the_delivery_of_a_licence_and_no_decision(world: World) -> None:
    """Section 4: a Saturday is worked after all, so the licence is due a day earlier; the decision was in time."""
    world.clock.move(days=4)
    case = await world.decided(FREE)
    await world.watch.look()
    year = {"year": 2026, "source": "an order", "holidays": [], "workdays": ["2026-11-28"]}
    await Graph(world).ask(LOAD, OPERATOR, input=year)
    await world.watch.recompute()
    await world.watch.look()

    world.clock.moment = datetime(2026, 11, 28, 16, 0, tzinfo=UTC)
    assert await world.watch.look() == 1

    found: list[CardRow] = await rows(world, CardRow)
    told = [(card.case_id, card.trigger, card.level, card.at.isoformat()) for card in found]
    assert told[-1] == (case.id, "DELIVERY", "RED", "2026-11-28T16:00:00+00:00")
    assert {card.trigger for card in found} == {"DELIVERY"}


async def test_only_an_operator_loads_a_calendar_and_nothing_is_overwritten(world: World) -> None:
    """A calendar moves every deadline of the district; what it was stays readable."""
    graph = Graph(world)
    year = {
        "year": 2031,
        "source": "国办发明电",
        "holidays": [{"name": "元旦", "from": "2031-01-01"}],
        "workdays": [],
    }

    assert await graph.refused(LOAD, ANNA, input=year) == ["FORBIDDEN"]
    assert await graph.refused(LOAD, OPERATOR, input={**year, "workdays": ["2031-01-06"]}) == ["BAD_USER_INPUT"]
    first = (await graph.ask(LOAD, OPERATOR, input=year))["loadCalendar"]
    again = (await graph.ask(LOAD, OPERATOR, input=year))["loadCalendar"]
    other = (await graph.ask(LOAD, OPERATOR, input={**year, "source": "a correction"}))["loadCalendar"]

    assert again["version"] == first["version"] < other["version"]
    shown = await graph.ask("{ workingCalendar(year: 2031) { version source } }", None)
    assert [each["source"] for each in shown["workingCalendar"]] == ["a correction", "国办发明电"]


async def test_a_deadline_into_a_year_that_nobody_announced_says_so(world: World) -> None:
    """Section 4: an estimated year says so on every deadline that touches it."""
    world.clock.moment = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)
    case = await accepted(world)

    limit = (await Graph(world).ask(DUES, case=case.id))["case"]["timeLimit"]

    assert limit["isEstimated"]


async def test_notices_are_read_by_their_recipients_alone(world: World) -> None:
    """Nobody learns of another's case by what they are told."""
    await accepted(world)
    world.clock.move(days=9)
    await world.watch.look()
    graph = Graph(world)

    mine = (await graph.ask("{ notices { id text textEn receiptNumber readAt } }", ANNA))["notices"]
    assert len(mine) == 1
    assert "红牌" in mine[0]["text"]
    assert "overdue" in mine[0]["textEn"]
    assert (await graph.ask("{ notices { id } }", BO))["notices"] == []
    mark = "mutation ($id: ID!) { markNoticeRead(id: $id) { readAt } }"
    assert await graph.refused(mark, BO, id=mine[0]["id"]) == ["NOT_FOUND"]
    assert (await graph.ask(mark, ANNA, id=mine[0]["id"]))["markNoticeRead"]["readAt"] is not None
    assert (await graph.ask("{ notices(unreadOnly: true) { id } }", ANNA))["notices"] == []


@pytest.mark.parametrize("state", ["approved", "denied"])
async def test_a_decided_case_has_nothing_before_it_but_its_result(world: World, state: str) -> None:
    """A decision in time leaves no card behind."""
    await world.decided(WITH_FEE, state, reason="so", remedy="appeal")
    world.clock.move(days=40)

    await world.watch.look()

    assert await cards(world) == []
