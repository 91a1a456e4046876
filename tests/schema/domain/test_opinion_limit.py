"""Limits of departments' parts of a joint case, by the letter of domain.md 9.6 and 9.7 (art. 17)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from schema.domain.case import CaseActor, CaseEvent, CaseEventType, CaseState
from schema.domain.case_timing import TimedStepKind, Timing, clock_of
from schema.domain.joint import DepartmentStep, Voice
from schema.domain.opinion_limit import opinion_limits
from schema.domain.receipt_number import SHANGHAI
from schema.domain.supervision import CardLevel
from schema.domain.time_limit import Limits
from tests.schema.domain.calendars import CALENDAR, noon
from tests.schema.domain.joint_cases import step

T = CaseEventType
ADVICE = step("advice", voice=Voice.ADVISORY, limit_days=3)
CONSENT = step("advice", limit_days=3, deemed_consent=True)
OWED = step("advice", limit_days=3)
STARTED = ("2026-11-02", T.SUB_CASE_STARTED)


def events(*told: tuple[Any, ...], code: str = "advice") -> tuple[CaseEvent, ...]:
    """Each a day at noon and a type; those of parts are of ``code``."""
    found = []
    for version, (day, kind) in enumerate(told, 1):
        data = {"subCase": code} if kind not in {T.SUSPENDED, T.RESUMED} else {}
        at, state = noon(day), CaseState.IN_REVIEW
        found.append(CaseEvent(version, kind, state, CaseActor.DEPARTMENT, at, reason="why", data=data))
    return tuple(found)


def due(*told: tuple[Any, ...]) -> str | None:
    """The last day of the newest limit, ``None`` where nothing is owed."""
    (limit,) = opinion_limits((OWED,), events(*told), CALENDAR)
    is_owed = limit.ended_at is None and limit.due_at is not None
    return f"{limit.due_at.astimezone(SHANGHAI):%m-%d %H:%M}" if is_owed and limit.due_at else None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([STARTED], "11-06 00:00", id="9.6: three working days after it was told"),
        pytest.param([("2026-11-06", T.SUB_CASE_STARTED)], "11-12 00:00", id="section 4: not on a weekend"),
        pytest.param([STARTED, ("2026-11-03", T.SUB_CASE_ACCEPTED)], "11-06 00:00", id="acceptance is no answer"),
        pytest.param([STARTED, ("2026-11-04", T.SUB_CASE_APPROVED)], None, id="an answer ends it"),
        pytest.param([STARTED, ("2026-11-04", T.SUB_CASE_STOPPED)], None, id="what is stopped owes nothing"),
        pytest.param(
            [STARTED, ("2026-11-04", T.SUB_CASE_SUPPLEMENT_REQUESTED)], None, id="it waits for the applicant"
        ),
        pytest.param(
            [
                STARTED,
                ("2026-11-04", T.SUB_CASE_SUPPLEMENT_REQUESTED),
                ("2026-11-16", T.SUB_CASE_SUPPLEMENTED),
            ],
            "11-20 00:00",
            id="with the supplement it begins anew",
        ),
        pytest.param([STARTED, ("2026-11-03", T.SUSPENDED)], None, id="section 4: the whole case stands still"),
        pytest.param(
            [STARTED, ("2026-11-03", T.SUSPENDED), ("2026-11-09", T.RESUMED)],
            "11-12 00:00",
            id="section 4: and goes on",
        ),
        pytest.param([STARTED, ("2026-11-02", T.COMMAND_FAILED)], None, id="who was told nothing is not silent"),
        pytest.param(
            [STARTED, ("2026-11-02", T.COMMAND_FAILED), ("2026-11-09", T.SUB_CASE_REDRIVEN)],
            "11-13 00:00",
            id="told at last, it has its whole time",
        ),
    ],
)
def test_limit_of_a_part_runs_while_its_department_can_answer(told: list[Any], expected: str | None) -> None:
    assert due(*told) == expected


def test_a_part_that_was_not_begun_or_has_no_limit_of_its_own_owes_nothing() -> None:
    assert opinion_limits((OWED, step("other")), events(STARTED, code="other"), CALENDAR) == ()


@pytest.mark.parametrize(
    ("part", "trigger", "moves"),
    [
        pytest.param(ADVICE, "OPINION_UNANSWERED", True, id="9.6: an opinion is missed"),
        pytest.param(CONSENT, "OPINION_UNANSWERED", True, id="9.6: consent is deemed"),
        pytest.param(OWED, "STEP_OVERDUE", False, id="9.7: an answer is owed, the total not late"),
    ],
)
def test_end_of_a_limit_moves_the_case_or_supervision(part: DepartmentStep, trigger: str, moves: bool) -> None:
    """9.7: approaching is 80 %, and no part is worse than yellow."""
    limits = Limits(10, parts=(part,))
    clock = clock_of(CaseState.IN_REVIEW, events(STARTED), limits, Timing(CALENDAR))

    told = [(each.trigger.value, each.level, _beijing(each.at), each.sub_case) for each in clock.cards]
    assert told == [
        (trigger, CardLevel.WARNING, "11-04 00:00", "advice"),
        (trigger, CardLevel.YELLOW, "11-06 00:00", "advice"),
    ]
    ends = [(each.kind, _beijing(each.at), each.sub_case) for each in clock.steps]
    assert ends == ([(TimedStepKind.END_OPINION, "11-06 00:00", "advice")] if moves else [])
    over = clock_of(CaseState.DENIED, events(STARTED), limits, Timing(CALENDAR))
    assert over.steps == ()


def test_what_is_deemed_late_was_unanswered_all_the_same() -> None:
    """The worker was down: the card keeps its moment, and the limit has ended for good."""
    told = events(STARTED, ("2026-11-20", T.OPINION_DEEMED))
    clock = clock_of(CaseState.IN_REVIEW, told, Limits(10, parts=(CONSENT,)), Timing(CALENDAR))
    assert [_beijing(each.at) for each in clock.cards] == ["11-04 00:00", "11-06 00:00"]
    assert clock.steps == ()


def _beijing(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"
