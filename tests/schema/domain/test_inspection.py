"""Every state of an inspection against every event, and what evidence must prove (勘查, art. 14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.inspection import (
    RULES,
    Coordinates,
    ImpossibleInspectionStep,
    Inspection,
    InspectionEventType,
    InspectionState,
    InspectionStep,
    InspectionWay,
    begun,
    due_at,
    fold,
    transition,
)
from tests.schema.domain.calendars import CALENDAR, noon

S, T = InspectionState, InspectionEventType
NOW = noon("2026-11-23")
VISIT = NOW + timedelta(days=1)
HALL = Coordinates(39.9130, 116.3660)
DATA: dict[str, Any] = {
    "officer": "ines",
    "inspector": "ines",
    "beginsAt": VISIT.isoformat(),
    "endsAt": (VISIT + timedelta(hours=1)).isoformat(),
    "file": "f1",
    "takenAt": VISIT.isoformat(),
    "latitude": 39.9131,
    "longitude": 116.3661,
    "findings": "符合条件",
}
ORDERED = Inspection("1", "IN1", "c1", "anna", InspectionWay.ON_SITE, HALL)
SCHEDULED = replace(
    ORDERED,
    state=S.SCHEDULED,
    inspector="ines",
    begins_at=VISIT,
    ends_at=VISIT + timedelta(hours=1),
    evidence=1,
)
# What may happen in a state and where it leads; a dot stays. Source: domain.md, 8 (art. 14).
STAYS = "."
TABLE: dict[InspectionState, dict[InspectionEventType, Any]] = {
    S.ORDERED: {T.SCHEDULED: S.SCHEDULED, T.CANCELLED: S.CANCELLED},
    S.SCHEDULED: {
        T.SCHEDULED: S.SCHEDULED,
        T.EVIDENCE_ADDED: STAYS,
        T.PASSED: S.PASSED,
        T.FAILED: S.FAILED,
        T.CANCELLED: S.CANCELLED,
    },
    S.PASSED: {},
    S.FAILED: {},
    S.CANCELLED: {},
}


def step(kind: InspectionEventType, at: datetime = NOW, **data: Any) -> InspectionStep:
    when = VISIT + timedelta(minutes=30) if kind is T.EVIDENCE_ADDED and at == NOW else at
    return InspectionStep(kind, when, "because", {**DATA, **data})


@pytest.mark.parametrize("event", list(RULES))
@pytest.mark.parametrize("state", list(S))
def test_every_event_in_every_state(state: InspectionState, event: InspectionEventType) -> None:
    """The table above is the description; what it does not name is refused (art. 14)."""
    before = replace(SCHEDULED if state is not S.ORDERED else ORDERED, state=state)
    if event not in TABLE[state]:
        with pytest.raises(ImpossibleInspectionStep):
            transition(before, step(event))
        return
    after, _ = transition(before, step(event))
    assert after.state is (state if TABLE[state][event] == STAYS else TABLE[state][event])


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        (T.SCHEDULED, {"beginsAt": (NOW - timedelta(hours=1)).isoformat()}, "time to come"),
        (T.SCHEDULED, {"endsAt": (VISIT + timedelta(hours=9)).isoformat()}, "at most 8 hours"),
        (T.SCHEDULED, {"inspector": "anna"}, "case of their own"),
        (T.EVIDENCE_ADDED, {"officer": "otto"}, "Only the inspector"),
        (T.EVIDENCE_ADDED, {"takenAt": (VISIT + timedelta(hours=1)).isoformat()}, "camera's clock"),
        (T.EVIDENCE_ADDED, {"takenAt": (VISIT - timedelta(hours=3)).isoformat()}, "during the visit"),
        (T.EVIDENCE_ADDED, {"latitude": None}, "`latitude` and `longitude`"),
        (T.EVIDENCE_ADDED, {"latitude": 39.9230}, "1112 m from the place"),
        (T.PASSED, {"officer": "otto"}, "Only the inspector"),
        (T.FAILED, {"findings": " "}, "`findings`"),
    ],
)
def test_what_proves_nothing_is_refused(kind: InspectionEventType, data: dict[str, Any], why: str) -> None:
    """A picture is from there and then, by who was sent (art. 14)."""
    with pytest.raises(ImpossibleInspectionStep, match=why):
        transition(SCHEDULED, step(kind, **data))


def test_a_result_needs_evidence() -> None:
    """Article 14: no inspection from the desk."""
    with pytest.raises(ImpossibleInspectionStep, match="needs evidence"):
        transition(replace(SCHEDULED, evidence=0), step(T.PASSED))


def test_remote_evidence_needs_no_place() -> None:
    """远程勘查: the applicant's pictures say when, not where."""
    remote = replace(SCHEDULED, way=InspectionWay.REMOTE)
    after, _ = transition(remote, step(T.EVIDENCE_ADDED, latitude=None, longitude=None))
    assert after.evidence == 2


def test_a_result_is_due_within_ten_working_days() -> None:
    """domain.md, 8: a deadline of its own; ordered on Monday, November 23."""
    assert due_at(NOW, CALENDAR) == datetime.fromisoformat("2026-12-07T16:00:00+00:00")


@given(st.lists(st.sampled_from(list(RULES)), max_size=10))
def test_after_any_sequence_the_events_fold_to_the_inspection(wanted: list[InspectionEventType]) -> None:
    """What is refused changes nothing, and nothing passed without evidence."""
    now, event = begun(ORDERED, InspectionStep(T.ORDERED, NOW, "because", DATA))
    told = [event]
    for each in wanted:
        try:
            now, event = transition(now, step(each))
        except ImpossibleInspectionStep:
            continue
        told.append(event)
    assert fold(ORDERED, told) == now
    assert now.state not in (S.PASSED, S.FAILED) or now.evidence > 0
