"""Every state against every event, as the description has it; and what holds after any sequence of happenings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.case import (
    FINISHED,
    Case,
    CaseActor,
    CaseEvent,
    CaseEventType,
    CaseState,
    Happening,
    ImpossibleTransition,
    fold,
    transition,
)
from schema.domain.case_actions import EVENTS, possible_actions
from schema.domain.case_guidance import guidance
from schema.domain.material import Trust

START = datetime(2026, 11, 23, tzinfo=UTC)
S, T = CaseState, CaseEventType
# What may happen in a state and where it leads; a dot stays. Source: domain.md, 3 and 4; art. 4, 5, 9, 12, 17
STAYS = "."
OPEN = {T.REMINDED: STAYS, T.URGED: STAYS, T.HANDED_OVER: STAYS, T.CONTINUED: STAYS}
ENDS = {T.WITHDRAWN: S.WITHDRAWN, T.TERMINATED: S.TERMINATED}
RESULT = {T.RESULT_SENT: STAYS, T.RESULT_COLLECTED: STAYS}
TABLE: dict[CaseState, dict[CaseEventType, Any]] = {
    S.DRAFT: {T.SUBMITTED: S.SUBMITTED},
    S.SUBMITTED: {
        T.MATERIAL_REVIEWED: STAYS,
        T.SUPPLEMENT_REQUESTED: S.SUPPLEMENT_REQUESTED,
        T.ACCEPTED: S.ACCEPTED,
        T.NOT_ACCEPTED: S.NOT_ACCEPTED,
        T.EXPEDITED: STAYS,
        **OPEN,
        **ENDS,
    },
    S.SUPPLEMENT_REQUESTED: {T.SUPPLEMENTED: S.SUBMITTED, T.LAPSED: S.LAPSED, **OPEN, **ENDS},
    S.ACCEPTED: {
        T.FEE_ORDERED: STAYS,
        T.FEE_PAID: STAYS,
        T.FEE_AUTHORISED: STAYS,
        T.MATERIAL_REVIEWED: STAYS,
        T.REVIEW_STARTED: S.IN_REVIEW,
        T.EXTENDED: STAYS,
        T.EXPEDITED: STAYS,
        T.DUE_DATE_RECOMPUTED: STAYS,
        **OPEN,
        **ENDS,
    },
    S.IN_REVIEW: {
        T.FEE_ORDERED: STAYS,
        T.FEE_PAID: STAYS,
        T.FEE_AUTHORISED: STAYS,
        T.MATERIAL_REVIEWED: STAYS,
        T.SUSPENDED: S.SUSPENDED,
        T.APPROVED: S.APPROVED,
        T.DENIED: S.DENIED,
        T.EXTENDED: STAYS,
        T.EXPEDITED: STAYS,
        T.DUE_DATE_RECOMPUTED: STAYS,
        **OPEN,
        **ENDS,
    },
    S.SUSPENDED: {
        T.RESUMED: S.IN_REVIEW,
        T.FEE_PAID: STAYS,
        T.FEE_AUTHORISED: STAYS,
        T.DUE_DATE_RECOMPUTED: STAYS,
        **OPEN,
        **ENDS,
    },
    S.APPROVED: {
        T.FEE_ORDERED: STAYS,
        T.FEE_PAID: STAYS,
        T.FEE_AUTHORISED: STAYS,
        T.LICENCE_ORDERED: STAYS,
        T.LICENCE_ISSUED: STAYS,
        T.COMPLETED: S.COMPLETED,
        T.LAPSED: S.LAPSED,
        **OPEN,
        **RESULT,
    },
    S.COMPLETED: {T.ARCHIVED: S.ARCHIVED, T.REOPENED: S.IN_REVIEW, **RESULT},
    S.ARCHIVED: {T.REOPENED: S.IN_REVIEW, **RESULT},
    S.NOT_ACCEPTED: {},
    S.DENIED: {},
    S.WITHDRAWN: {},
    S.TERMINATED: {},
    S.LAPSED: {},
    S.ABANDONED: {},
}
ANY_TIME = {
    T.COMMAND_FAILED,
    T.FEE_CANCELLED,
    T.FEE_CAPTURED,
    T.FEE_VOID_ORDERED,
    T.FEE_VOIDED,
    T.FEE_HOLD_LOST,
    T.FEE_REFUND_ORDERED,
    T.FEE_REFUNDED,
}
OTHERS = {each for each in T if each.value.startswith(("sub-case", "joint", "opinion"))}
"""What belongs to joint handling has a table of its own."""
DATA = {
    "remedy": "appeal",
    "ground": "HEARING",
    "expectedEnd": "2026-12-01",
    "workingDays": 5,
    "approver": "boss",
    "answerBy": "2026-12-24T16:00:00+00:00",
    "to": "colleague",
    "code": "income",
    "state": "ACCEPTED",
    "way": "POST",
    "materials": [{"code": "income", "remark": "all of it", "reference": "file", "trust": Trust.C.value}],
}


def happening(type: CaseEventType, minute: int = 0) -> Happening:
    return Happening(type, CaseActor.OFFICER, START + timedelta(minutes=minute), None, "because", DATA)


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("type", [each for each in CaseEventType if each not in OTHERS])
def test_an_event_leads_where_the_description_says_or_is_refused(state: CaseState, type: CaseEventType) -> None:
    """What came of a command or of a fee may be told at any time after filing, and moves nothing."""
    case = Case("1", "JY261123-0123456789-X", "ITEM", 1, "anna", state=state)
    expected = TABLE[state].get(type)
    if type in ANY_TIME and state not in (S.DRAFT, S.ABANDONED):
        expected = STAYS
    if expected is None:
        with pytest.raises(ImpossibleTransition):
            transition(case, happening(type))
    else:
        moved, _ = transition(case, happening(type))
        assert moved.state is (state if expected == STAYS else expected)


@given(st.lists(st.sampled_from([each for each in CaseEventType if each not in OTHERS]), max_size=40))
def test_whatever_happens_a_case_is_its_events_and_a_finished_one_stays(attempts: list[CaseEventType]) -> None:
    """No finished case moves except by reopening; a refusal has reason and remedy; there is one notice."""
    case = beginning = Case("1", "JY261123-0123456789-X", "ITEM", 1, "anna")
    taken: list[CaseEvent] = []
    for minute, attempt in enumerate(attempts):
        try:
            moved, event = transition(case, happening(attempt, minute))
        except ImpossibleTransition:
            continue
        if case.state in FINISHED and moved.state is not case.state:
            assert (attempt, moved.state) in {(T.REOPENED, S.IN_REVIEW), (T.ARCHIVED, S.ARCHIVED)}
        case = moved
        taken.append(event)
        assert fold(beginning, taken) == case
        assert (case.ended_at is not None) == (case.state in FINISHED)
        if case.state in (S.DENIED, S.NOT_ACCEPTED):
            assert case.reason
            assert case.remedy
        assert case.supplements_asked <= 1
        assert guidance(case).text_en


@pytest.mark.parametrize("state", CaseState)
def test_what_is_offered_can_be_done(state: CaseState) -> None:
    """No page offers what the rules refuse at once."""
    case = Case("1", "JY261123-0123456789-X", "ITEM", 1, "anna", state=state, result_way="POST")
    for action in possible_actions(case, CaseActor):
        assert EVENTS[action] in TABLE[state]
