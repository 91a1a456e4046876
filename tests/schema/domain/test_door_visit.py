"""Visits at the door, rule by rule (articles 12, 13, 14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schema.domain.appointment import AppointmentState
from schema.domain.door_visit import (
    RULES,
    Visit,
    VisitEvent,
    VisitEventType,
    VisitState,
    VisitStep,
    fold,
    impossible,
    transition,
)

T, S = VisitEventType, VisitState
BEGINS = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
BEFORE, DURING = BEGINS - timedelta(hours=1), BEGINS + timedelta(minutes=5)
NEW = Visit("VI1", "anna", BEGINS)
SENT = VisitStep(T.DISPATCHED, BEFORE, "clerk", "hugo")
OUT = VisitStep(T.SET_OUT, BEFORE, "hugo")
SERVED = VisitStep(T.SERVED, DURING, "hugo", note=" done ")


def walked(*steps: VisitStep) -> tuple[Visit, list[VisitEvent]]:
    found, events = NEW, []
    for step in steps:
        found, event = transition(found, step)
        events.append(event)
    return found, events


@pytest.mark.parametrize(
    ("before", "step", "why"),
    [
        ((), OUT, "can happen in: DISPATCHED"),
        ((), VisitStep(T.DISPATCHED, BEFORE, "clerk", "anna"), "own door"),
        ((), VisitStep(T.DISPATCHED, BEGINS, "clerk", "hugo"), "has begun"),
        ((SENT,), SENT, "goes already"),
        ((SENT,), VisitStep(T.SET_OUT, BEFORE, "clerk"), "Only the officer who was sent"),
        ((SENT,), SERVED, "can happen in: ON_THE_WAY"),
        ((SENT, OUT), VisitStep(T.DISPATCHED, BEFORE, "clerk", "iris"), "can happen in: DISPATCHED"),
        ((SENT, OUT), VisitStep(T.NOT_MET, BEFORE, "hugo", note="x"), "before the booked time"),
        ((SENT, OUT), VisitStep(T.NOT_MET, DURING, "hugo", note=" "), "Say in `note`"),
        ((SENT, OUT), VisitStep(T.SERVED, DURING, "hugo", note="x" * 501), "at most 500"),
        ((SENT, OUT, SERVED), VisitStep(T.CALLED_OFF, DURING, "anna"), "can happen in: DISPATCHED, ON_THE_WAY"),
    ],
)
def test_what_the_rules_refuse_says_why(before: tuple[VisitStep, ...], step: VisitStep, why: str) -> None:
    assert why in (impossible(walked(*before)[0], step) or "")


def test_a_visit_is_the_fold_of_its_events_and_moves_its_appointment_at_the_end() -> None:
    found, events = walked(SENT, VisitStep(T.DISPATCHED, BEFORE, "clerk", "iris"), SENT, OUT, SERVED)
    assert fold(NEW, events) == found
    assert (found.state, found.officer, found.note, found.ended_at) == (S.SERVED, "hugo", "done", DURING)
    moved = {kind: rule.appointment for kind, rule in RULES.items() if rule.appointment is not None}
    assert moved == {T.SERVED: AppointmentState.USED, T.NOT_MET: AppointmentState.MISSED}
    with pytest.raises(ValueError, match="misses the event"):
        fold(NEW, events[1:])
