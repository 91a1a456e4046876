"""The state machine, against the text that it comes from and against every sequence of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.case import (
    RULES,
    Case,
    CaseActor,
    CaseEvent,
    CaseEventType,
    CaseState,
    Channel,
    Happening,
    ImpossibleTransition,
    fold,
    transition,
)

START = datetime(2026, 11, 23, tzinfo=UTC)
DRAFT = Case("1", "JY261123-0123456789-X", "ITEM", 1, "anna")
REFUSAL = {"remedy": "appeal"}
DATA = {
    **REFUSAL,
    "ground": "HEARING",
    "expectedEnd": "2026-12-01",
    "workingDays": 5,
    "approver": "boss",
    "answerBy": "2026-12-24T16:00:00+00:00",
    "to": "colleague",
    "way": "POST",
}


def happening(type: CaseEventType, minute: int = 0) -> Happening:
    at = START + timedelta(minutes=minute)
    return Happening(type, CaseActor.DEPARTMENT, at, Channel.WEB, "because", DATA)


def walk(*types: CaseEventType) -> Case:
    case = DRAFT
    for each in types:
        case, _ = transition(case, happening(each))
    return case


E = CaseEventType
ROAD = (E.SUBMITTED, E.ACCEPTED, E.REVIEW_STARTED, E.APPROVED)


@pytest.mark.parametrize(
    ("types", "state"),
    [
        ((E.SUBMITTED,), CaseState.SUBMITTED),
        ((E.SUBMITTED, E.SUPPLEMENT_REQUESTED), CaseState.SUPPLEMENT_REQUESTED),
        ((E.SUBMITTED, E.SUPPLEMENT_REQUESTED, E.SUPPLEMENTED), CaseState.SUBMITTED),
        ((E.SUBMITTED, E.SUPPLEMENT_REQUESTED, E.LAPSED), CaseState.LAPSED),
        ((E.SUBMITTED, E.NOT_ACCEPTED), CaseState.NOT_ACCEPTED),
        ((E.SUBMITTED, E.WITHDRAWN), CaseState.WITHDRAWN),
        ((E.SUBMITTED, E.ACCEPTED, E.TERMINATED), CaseState.TERMINATED),
        ((*ROAD[:3], E.SUSPENDED), CaseState.SUSPENDED),
        ((*ROAD[:3], E.SUSPENDED, E.RESUMED), CaseState.IN_REVIEW),
        ((*ROAD[:3], E.DENIED), CaseState.DENIED),
        (ROAD, CaseState.APPROVED),
        ((*ROAD, E.LAPSED), CaseState.LAPSED),
        ((*ROAD, E.COMPLETED, E.ARCHIVED), CaseState.ARCHIVED),
        ((*ROAD, E.COMPLETED, E.REOPENED), CaseState.IN_REVIEW),
        ((*ROAD, E.COMPLETED, E.ARCHIVED, E.REOPENED), CaseState.IN_REVIEW),
    ],
)
def test_each_road_of_the_description_can_be_walked(types: tuple[CaseEventType, ...], state: CaseState) -> None:
    """Source: docs/domain.md, "Service item and case"."""
    assert walk(*types).state is state


@pytest.mark.parametrize(
    ("types", "next"),
    [
        ((), E.ACCEPTED),
        ((E.SUBMITTED,), E.APPROVED),
        ((E.SUBMITTED,), E.REVIEW_STARTED),
        ((E.SUBMITTED, E.ACCEPTED), E.ACCEPTED),
        (ROAD, E.WITHDRAWN),
        (ROAD, E.DENIED),
        ((*ROAD, E.COMPLETED), E.COMPLETED),
        ((E.SUBMITTED, E.WITHDRAWN), E.ACCEPTED),
        ((E.SUBMITTED, E.NOT_ACCEPTED), E.REOPENED),
    ],
)
def test_what_the_description_does_not_allow_is_refused(
    types: tuple[CaseEventType, ...], next: CaseEventType
) -> None:
    """The refusal says in which states it can happen."""
    with pytest.raises(ImpossibleTransition, match="It can happen in"):
        transition(walk(*types), happening(next))


@pytest.mark.parametrize("type", [E.DENIED, E.NOT_ACCEPTED])
def test_a_refusal_without_reason_or_remedy_cannot_be_said(type: CaseEventType) -> None:
    """Source: docs/domain.md, "Service item and case"."""
    case = walk(*(ROAD[:3] if type is E.DENIED else ROAD[:1]))

    with pytest.raises(ImpossibleTransition, match="reason"):
        transition(case, Happening(type, CaseActor.DEPARTMENT, START, reason=" ", data=REFUSAL))
    with pytest.raises(ImpossibleTransition, match="remedy"):
        transition(case, Happening(type, CaseActor.DEPARTMENT, START, reason="because"))


@given(st.lists(st.sampled_from(CaseEventType), max_size=30))
def test_any_sequence_of_events_gives_a_legal_case(attempts: list[CaseEventType]) -> None:
    """What is refused changes nothing; what is taken folds to the same case, without a gap."""
    case, taken = DRAFT, list[CaseEvent]()
    for minute, attempt in enumerate(attempts):
        before = case
        try:
            case, event = transition(case, happening(attempt, minute))
        except ImpossibleTransition:
            assert case is before
            continue
        taken.append(event)
        assert before.state in RULES[attempt].sources
        assert case.state is (RULES[attempt].to or before.state)

    assert [event.version for event in taken] == list(range(1, len(taken) + 1))
    assert fold(DRAFT, taken) == case


def test_a_gap_between_versions_is_noticed() -> None:
    """A lost event must not pass for a case."""
    case, _ = transition(DRAFT, happening(E.SUBMITTED))
    _, accepted = transition(case, happening(E.ACCEPTED))

    with pytest.raises(ValueError, match="misses the event"):
        fold(DRAFT, (accepted,))
