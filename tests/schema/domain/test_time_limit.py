"""Time limits by worked examples from domain.md, section 4 (art. 17), and the laws that they keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.case import CaseEvent, CaseEventType
from schema.domain.receipt_number import SHANGHAI
from schema.domain.time_limit import Ground, Limits, LimitState, time_limit
from schema.domain.working_days import WorkingCalendar
from tests.schema.domain.calendars import CALENDAR, YEAR_2026, noon, story

T = CaseEventType
FIVE = Limits(5, 20)


def at_end_of(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=SHANGHAI) + timedelta(days=1)


EXAMPLES = {
    "art. 17: the count starts the working day after acceptance": (
        story(("2026-11-02", T.ACCEPTED)), FIVE, "2026-11-09", "2026-11-30", False,
    ),
    "art. 17: National Day 2026 with its adjusted weekends": (
        story(("2026-09-28", T.ACCEPTED)), FIVE, "2026-10-10", "2026-10-30", False,
    ),
    "art. 17: the Sunday before National Day counts": (
        story(("2026-09-18", T.ACCEPTED)), Limits(2, 5), "2026-09-21", "2026-09-24", False,
    ),
    "art. 17: Spring Festival 2026, nine days off and two Saturdays worked": (
        story(("2026-02-12", T.ACCEPTED)), FIVE, "2026-02-26", "2026-03-18", False,
    ),
    "art. 17: acceptance on a Saturday that is a working day": (
        story(("2026-10-10", T.ACCEPTED)), FIVE, "2026-10-16", "2026-11-06", False,
    ),
    "art. 17: acceptance online on a Sunday": (
        story(("2026-11-01", T.ACCEPTED)), Limits(1, 1), "2026-11-02", "2026-11-02", False,
    ),
    "section 4: the year's end, into a 2027 that is estimated": (
        story(("2026-12-28", T.ACCEPTED)), FIVE, "2027-01-05", "2027-01-26", True,
    ),
    "section 4: suspension over a holiday": (
        story(("2026-09-22", T.ACCEPTED), ("2026-09-24", T.SUSPENDED), ("2026-10-08", T.RESUMED)),
        FIVE, "2026-10-12", "2026-11-02", False,
    ),
    "section 4: a suspension that ends on its own day stops nothing": (
        story(("2026-11-02", T.ACCEPTED), ("2026-11-04", T.SUSPENDED), ("2026-11-04", T.RESUMED)),
        FIVE, "2026-11-09", "2026-11-30", False,
    ),
    "section 4: two suspensions": (
        story(
            ("2026-11-02", T.ACCEPTED),
            ("2026-11-03", T.SUSPENDED), ("2026-11-05", T.RESUMED),
            ("2026-11-06", T.SUSPENDED), ("2026-11-10", T.RESUMED),
        ),
        FIVE, "2026-11-13", "2026-12-04", False,
    ),
    "section 4: an extension moves both limits": (
        story(("2026-11-02", T.ACCEPTED), ("2026-11-05", T.EXTENDED, {"workingDays": 10})),
        FIVE, "2026-11-23", "2026-12-14", False,
    ),
    "art. 5: the green channel has a shorter promise": (
        story(("2026-11-02", T.ACCEPTED), ("2026-11-02", T.EXPEDITED)),
        Limits(5, 20, expedited=2), "2026-11-04", "2026-11-30", False,
    ),
    "art. 5: expedited before acceptance, with a limit of its own": (
        story(
            ("2026-10-30", T.SUBMITTED),
            ("2026-10-30", T.EXPEDITED, {"limitDays": 1}),
            ("2026-11-02", T.ACCEPTED),
        ),
        FIVE, "2026-11-03", "2026-11-30", False,
    ),
    "section 3: deemed acceptance counts from the day of submission": (
        story(
            ("2026-11-02", T.SUBMITTED),
            ("2026-11-10", T.ACCEPTED, {"deemed": True, "acceptedSince": "2026-11-02T04:00:00+00:00"}),
        ),
        FIVE, "2026-11-09", "2026-11-30", False,
    ),
    "section 3: a reopened case has a new limit": (
        story(
            ("2026-11-02", T.ACCEPTED), ("2026-11-05", T.EXTENDED, {"workingDays": 10}),
            ("2026-11-06", T.APPROVED), ("2026-11-06", T.COMPLETED), ("2026-11-16", T.REOPENED),
        ),
        FIVE, "2026-11-23", "2026-12-14", False,
    ),
    "art. 17: a joint case has one limit, 45 working days": (
        story(("2026-11-02", T.ACCEPTED), ("2026-11-03", T.EXTENDED, {"workingDays": 15})),
        Limits(10, 45, is_joint=True), "2026-12-07", "2027-01-26", False,
    ),
    "an instant item is due on the day, online on a Sunday on the next": (
        story(("2026-11-01", T.ACCEPTED)), Limits(0, 1), "2026-11-02", "2026-11-02", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_example(name: str) -> None:
    """The table of section 4: promised and statutory deadline, and whether they are estimates."""
    events, limits, promised, statutory, is_estimated = EXAMPLES[name]

    found = time_limit(events, limits, CALENDAR)

    assert found.due_at == at_end_of(promised)
    assert found.statutory_due_at == at_end_of(statutory)
    assert found.is_estimated is is_estimated
    assert found.is_statutory_estimated is (statutory > "2026-12-31")
    assert sum(day.counts for day in found.days) == found.limit_days
    assert sum(day.counts for day in found.statutory_explanation) == found.statutory_days


def test_no_limit_runs_before_acceptance() -> None:
    """Section 4: waiting for a supplement happens before acceptance, when no limit runs (art. 17)."""
    events = story(("2026-11-02", T.SUBMITTED), ("2026-11-03", T.SUPPLEMENT_REQUESTED))

    found = time_limit(events, FIVE, CALENDAR, noon("2026-11-20"))

    assert (found.state, found.due_at, found.used_days) == (LimitState.NOT_STARTED, None, 0)


def test_nothing_is_due_while_the_clock_stands_still() -> None:
    """Section 4: it stops during suspension; a date that crept on by itself would move without an event."""
    events = story(("2026-11-02", T.ACCEPTED), ("2026-11-04", T.SUSPENDED))

    found = time_limit(events, FIVE, CALENDAR, noon("2026-11-20"))

    assert (found.state, found.due_at, found.used_days) == (LimitState.SUSPENDED, None, 2)
    assert [day.date for day in found.days if day.counts] == [date(2026, 11, 3), date(2026, 11, 4)]


def test_every_day_says_why_it_counts() -> None:
    """9.1: every due date explains itself day by day, on what ground."""
    events = story(("2026-09-28", T.ACCEPTED), ("2026-09-29", T.SUSPENDED), ("2026-09-30", T.RESUMED))

    found = time_limit(events, Limits(3, 20), CALENDAR)

    assert [(f"{day.date:%m-%d}", day.counts, day.ground, day.name_en) for day in found.days] == [
        ("09-28", False, Ground.ACCEPTED, None),
        ("09-29", True, Ground.WORKING_DAY, None),
        ("09-30", False, Ground.SUSPENDED, "because"),
        *((f"10-0{n}", False, Ground.HOLIDAY, "National Day") for n in range(1, 8)),
        ("10-08", True, Ground.WORKING_DAY, None),
        ("10-09", True, Ground.WORKING_DAY, None),
    ]


def test_used_and_left_days() -> None:
    """0 left on the last day, negative when overdue."""
    events = story(("2026-11-02", T.ACCEPTED))

    left = [time_limit(events, FIVE, CALENDAR, noon(f"2026-11-{day:02}")).left_days for day in (2, 3, 8, 9, 10)]

    assert left == [5, 4, 1, 0, -1]


def test_a_decision_ends_the_count() -> None:
    """A closed case keeps what was used of its limit, and the calendar by which it was counted."""
    events = story(("2026-11-02", T.ACCEPTED), ("2026-11-04", T.APPROVED))

    found = time_limit(events, FIVE, CALENDAR, noon("2026-12-24"))

    assert (found.state, found.used_days, found.calendar_version) == (LimitState.ENDED, 2, 2)
    assert not found.is_overdue(noon("2026-12-24"))


MOVES = {T.SUSPENDED, T.RESUMED, T.EXTENDED, T.EXPEDITED, T.REOPENED, T.ACCEPTED}
days_later = st.integers(0, 9)


@st.composite
def stories(draw: st.DrawFn) -> tuple[CaseEvent, ...]:
    """A case that was accepted, with some of what can happen to it."""
    day = draw(st.dates(date(2026, 1, 5), date(2026, 10, 30)))
    steps: list[tuple[str, CaseEventType, dict[str, object]]] = [(day.isoformat(), T.ACCEPTED, {})]
    suspended = False
    for _ in range(draw(st.integers(0, 6))):
        day += timedelta(days=draw(days_later))
        choices = [T.RESUMED] if suspended else [T.SUSPENDED, T.EXTENDED, T.EXPEDITED, T.HANDED_OVER, T.URGED]
        kind = draw(st.sampled_from(choices))
        suspended = kind is T.SUSPENDED
        data: dict[str, object] = {"workingDays": draw(st.integers(1, 10))} if kind is T.EXTENDED else {}
        steps.append((day.isoformat(), kind, data))
    return story(*steps)


@given(stories(), st.integers(1, 30))
def test_a_deadline_moves_only_by_an_event_that_says_why(events: tuple[CaseEvent, ...], promised: int) -> None:
    """9.1: one event more moves it only if it is one of those that may; and looking later never does."""
    limits = Limits(promised, 40, expedited=1)
    for length in range(2, len(events) + 1):
        before = time_limit(events[: length - 1], limits, CALENDAR)
        after = time_limit(events[:length], limits, CALENDAR)
        if events[length - 1].type not in MOVES:
            assert (before.due_at, before.statutory_due_at) == (after.due_at, after.statutory_due_at)
    later = time_limit(events, limits, CALENDAR, datetime(2027, 3, 1, tzinfo=UTC))
    assert later.due_at == time_limit(events, limits, CALENDAR).due_at


@given(stories(), st.integers(1, 30))
def test_the_explanation_sums_up_and_has_no_gap(events: tuple[CaseEvent, ...], promised: int) -> None:
    """9.1: the days that count are the limit, and every day between is told once."""
    found = time_limit(events, Limits(promised, 40), CALENDAR)

    told = [day.date for day in found.days]
    assert told == [told[0] + timedelta(days=n) for n in range(len(told))]
    if found.due_at is not None:
        assert sum(day.counts for day in found.days) == found.limit_days
        assert found.days[-1].counts
    else:
        assert sum(day.counts for day in found.days) < found.limit_days


@given(stories(), st.integers(1, 29))
def test_more_days_are_never_due_earlier(events: tuple[CaseEvent, ...], promised: int) -> None:
    """Monotonic: a longer limit brings no deadline forward."""
    shorter = time_limit(events, Limits(promised, 40), CALENDAR)
    longer = time_limit(events, Limits(promised + 1, 41), CALENDAR)

    if shorter.due_at is not None and longer.due_at is not None:
        assert shorter.due_at < longer.due_at
    if shorter.due_at is not None and shorter.statutory_due_at is not None:
        assert shorter.due_at <= shorter.statutory_due_at


def test_another_calendar_counts_otherwise_and_the_old_one_as_before() -> None:
    """9.1: the calendar is versioned, so an old case recomputes the same."""
    events = story(("2026-12-28", T.ACCEPTED))
    announced = WorkingCalendar(3, {2026: YEAR_2026})

    assert time_limit(events, FIVE, announced).due_at == at_end_of("2027-01-04")
    assert time_limit(events, FIVE, CALENDAR).due_at == at_end_of("2027-01-05")
