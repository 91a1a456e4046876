"""Cards by the letter of domain.md, section 4 (art. 17, 18), and the other triggers of 9.7."""

from __future__ import annotations

from datetime import datetime

import pytest

from schema.domain.case import CaseActor, CaseEvent, CaseEventType
from schema.domain.receipt_number import SHANGHAI
from schema.domain.supervision import CardLevel, CardTrigger, card_moments, level_at, warning_day
from schema.domain.time_limit import Limits, time_limit
from tests.schema.domain.calendars import CALENDAR, noon, story

T, L, Why = CaseEventType, CardLevel, CardTrigger


def cards(events: tuple[CaseEvent, ...], limits: Limits, *triggers: CardTrigger) -> list[tuple[str, CardLevel]]:
    """When which card is raised, in Beijing."""
    moments = card_moments(
        events, time_limit(events, limits, CALENDAR), CALENDAR, answer_days=3, issue_step=limits.issue_step
    )
    wanted = triggers or (Why.PROMISED_LIMIT,)
    return [(f"{m.at.astimezone(SHANGHAI):%m-%d %H:%M}", m.level) for m in moments if m.trigger in wanted]


@pytest.mark.parametrize(
    ("limit_days", "day"),
    [(0, None), (1, None), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (10, 8), (20, 16), (45, 36)],
)
def test_the_warning_begins_at_80_percent_or_one_day_before_the_last(limit_days: int, day: int | None) -> None:
    """Section 4: whichever is earlier, never on the last; its examples are 1, 2, 3 and 20 days."""
    assert warning_day(limit_days) == day


@pytest.mark.parametrize(
    ("limit_days", "expected"),
    [
        (1, [("11-03 00:00", L.YELLOW), ("11-04 00:00", L.RED)]),
        (2, [("11-03 00:00", L.WARNING), ("11-04 00:00", L.YELLOW), ("11-05 00:00", L.RED)]),
        (3, [("11-04 00:00", L.WARNING), ("11-05 00:00", L.YELLOW), ("11-06 00:00", L.RED)]),
        (20, [("11-24 00:00", L.WARNING), ("11-30 00:00", L.YELLOW), ("12-01 00:00", L.RED)]),
    ],
)
def test_green_warning_yellow_red(limit_days: int, expected: list[tuple[str, CardLevel]]) -> None:
    """Section 4: YELLOW on the last day, RED when overdue, each from 0:00 of its day."""
    assert cards(story(("2026-11-02", T.ACCEPTED)), Limits(limit_days, 30)) == expected


def test_the_statutory_limit_has_a_flag_of_its_own() -> None:
    """Section 4: the promised limit is watched, with a second flag for the statutory one."""
    events = story(("2026-11-02", T.ACCEPTED))

    assert cards(events, Limits(1, 3), Why.STATUTORY_LIMIT) == [
        ("11-04 00:00", L.WARNING), ("11-05 00:00", L.YELLOW), ("11-06 00:00", L.RED),
    ]  # fmt: skip


def test_an_extension_moves_both_flags() -> None:
    """Section 4: an extension moves both."""
    events = story(("2026-11-02", T.ACCEPTED), ("2026-11-02", T.EXTENDED, {"workingDays": 2}))

    assert cards(events, Limits(1, 1)) == cards(events, Limits(1, 1), Why.STATUTORY_LIMIT)
    assert cards(events, Limits(1, 1))[-1] == ("11-06 00:00", L.RED)


def test_a_decision_in_time_raises_nothing_more() -> None:
    """Cards that had begun before the decision stay; what would have come does not."""
    events = story(("2026-11-02", T.ACCEPTED), ("2026-11-04", T.APPROVED))

    assert cards(events, Limits(3, 20)) == [("11-04 00:00", L.WARNING)]


def test_a_late_decision_keeps_its_red_card() -> None:
    """The moment counts, not whether a worker looked at it: a late decision was late."""
    events = story(("2026-11-02", T.ACCEPTED), ("2026-11-06", T.DENIED))

    assert cards(events, Limits(3, 20))[-1] == ("11-06 00:00", L.RED)


def test_a_suspended_case_raises_no_card_that_had_not_begun() -> None:
    """Section 4: the clock stands still; nothing can become overdue."""
    events = story(("2026-11-02", T.ACCEPTED), ("2026-11-03", T.SUSPENDED))

    assert cards(events, Limits(3, 20)) == []
    resumed = (*events, *story(("2026-11-02", T.ACCEPTED), ("2026-11-20", T.RESUMED))[1:])
    assert cards(resumed, Limits(3, 20))[0] == ("11-23 00:00", L.WARNING)


def test_a_limit_shortened_on_the_way_is_not_broken_before_it_was() -> None:
    """Art. 5: a green channel opened late cannot have been missed in the past."""
    events = story(("2026-11-02", T.ACCEPTED), ("2026-11-09", T.EXPEDITED, {"limitDays": 1}))

    assert cards(events, Limits(20, 20)) == [("11-09 12:00", L.YELLOW), ("11-09 12:00", L.RED)]


def test_a_licence_is_delivered_within_ten_working_days() -> None:
    """Section 4: within 10 working days of the decision; a case that waits for its fee waits for the applicant."""
    events = story(("2026-11-02", T.ACCEPTED), ("2026-11-03", T.APPROVED), ("2026-11-03", T.LICENCE_ORDERED))

    assert cards(events, Limits(5, 20), Why.DELIVERY) == [
        ("11-13 00:00", L.WARNING), ("11-17 00:00", L.YELLOW), ("11-18 00:00", L.RED),
    ]  # fmt: skip
    unpaid = story(("2026-11-02", T.ACCEPTED), ("2026-11-03", T.APPROVED), ("2026-11-03", T.FEE_ORDERED))
    assert cards(unpaid, Limits(5, 20), Why.DELIVERY) == []
    delivered = (*events, *story(*[("2026-11-02", T.ACCEPTED)] * 3, ("2026-11-05", T.LICENCE_ISSUED))[3:])
    assert cards(delivered, Limits(5, 20), Why.DELIVERY) == []


def test_a_step_is_overdue_while_the_total_is_not() -> None:
    """9.7: supervision fires on more than the total."""
    limits = Limits(20, 20, first_step=2)

    assert cards(story(("2026-11-02", T.ACCEPTED)), limits, Why.STEP_OVERDUE) == [("11-05 00:00", L.YELLOW)]
    in_time = story(("2026-11-02", T.ACCEPTED), ("2026-11-04", T.REVIEW_STARTED))
    assert cards(in_time, limits, Why.STEP_OVERDUE) == []


def test_an_urging_that_nobody_answers_is_a_yellow_card() -> None:
    """Art. 4, 9.7: a reminder or an urging has a deadline of its own; a step of the department answers it."""
    urged = ("2026-11-03", T.URGED, {"actor": CaseActor.SUPERVISOR})
    events = story(("2026-11-02", T.ACCEPTED), urged)

    assert cards(events, Limits(20, 20), Why.URGING_UNANSWERED) == [("11-07 00:00", L.YELLOW)]
    answered = story(("2026-11-02", T.ACCEPTED), urged, ("2026-11-05", T.REVIEW_STARTED))
    assert cards(answered, Limits(20, 20), Why.URGING_UNANSWERED) == []
    ordered = ("2026-11-03", T.URGED, {"actor": CaseActor.SUPERVISOR, "answerBy": "2026-11-04T16:00:00+00:00"})
    events = story(("2026-11-02", T.ACCEPTED), ordered)
    assert cards(events, Limits(20, 20), Why.URGING_UNANSWERED) == [("11-05 00:00", L.YELLOW)]


@pytest.mark.parametrize(
    ("day", "level"),
    [("2026-11-03", None), ("2026-11-04", L.WARNING), ("2026-11-05", L.YELLOW), ("2026-11-09", L.RED)],
)
def test_there_are_three_levels_and_the_most_severe_is_shown(day: str, level: CardLevel | None) -> None:
    """9.7: escalation has at most three levels."""
    events = story(("2026-11-02", T.ACCEPTED))
    moments = card_moments(events, time_limit(events, Limits(3, 20), CALENDAR), CALENDAR, answer_days=3)

    assert level_at(moments, noon(day)) is level
    assert len(CardLevel) == 3


def test_a_moment_is_aware() -> None:
    """A naive moment would be compared wrongly with the clock."""
    events = story(("2026-11-02", T.ACCEPTED))
    moments = card_moments(events, time_limit(events, Limits(3, 20), CALENDAR), CALENDAR, answer_days=3)

    assert all(isinstance(moment.at, datetime) and moment.at.utcoffset() is not None for moment in moments)
