"""What somebody can do to a case as it stands, by the office in which they look at it.

Pages offer these, and nothing else; the rules decide again when it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from schema.domain.case import RULES, Case, CaseActor, CaseEventType


class CaseAction(StrEnum):
    SUPPLEMENT = "SUPPLEMENT"
    REMIND = "REMIND"
    WITHDRAW = "WITHDRAW"
    CONTINUE = "CONTINUE"
    CONFIRM_RESULT = "CONFIRM_RESULT"
    ACCEPT = "ACCEPT"
    REFUSE_ACCEPTANCE = "REFUSE_ACCEPTANCE"
    REQUEST_SUPPLEMENT = "REQUEST_SUPPLEMENT"
    START_REVIEW = "START_REVIEW"
    SUSPEND = "SUSPEND"
    RESUME = "RESUME"
    EXTEND = "EXTEND"
    APPROVE = "APPROVE"
    DENY = "DENY"
    TERMINATE = "TERMINATE"
    ISSUE_RESULT = "ISSUE_RESULT"
    SEND_RESULT = "SEND_RESULT"
    RECORD_COLLECTION = "RECORD_COLLECTION"
    HAND_OVER = "HAND_OVER"
    URGE = "URGE"
    EXPEDITE = "EXPEDITE"
    REOPEN = "REOPEN"


_T, _A = CaseEventType, CaseAction
EVENTS: Mapping[CaseAction, CaseEventType] = {
    _A.SUPPLEMENT: _T.SUPPLEMENTED,
    _A.REMIND: _T.REMINDED,
    _A.WITHDRAW: _T.WITHDRAWN,
    _A.CONTINUE: _T.CONTINUED,
    _A.CONFIRM_RESULT: _T.RESULT_COLLECTED,
    _A.ACCEPT: _T.ACCEPTED,
    _A.REFUSE_ACCEPTANCE: _T.NOT_ACCEPTED,
    _A.REQUEST_SUPPLEMENT: _T.SUPPLEMENT_REQUESTED,
    _A.START_REVIEW: _T.REVIEW_STARTED,
    _A.SUSPEND: _T.SUSPENDED,
    _A.RESUME: _T.RESUMED,
    _A.EXTEND: _T.EXTENDED,
    _A.APPROVE: _T.APPROVED,
    _A.DENY: _T.DENIED,
    _A.TERMINATE: _T.TERMINATED,
    _A.ISSUE_RESULT: _T.LICENCE_ISSUED,
    _A.SEND_RESULT: _T.RESULT_SENT,
    _A.RECORD_COLLECTION: _T.RESULT_COLLECTED,
    _A.HAND_OVER: _T.HANDED_OVER,
    _A.URGE: _T.URGED,
    _A.EXPEDITE: _T.EXPEDITED,
    _A.REOPEN: _T.REOPENED,
}
"""What happens to the case when the action is taken."""

_APPLICANTS = (_A.SUPPLEMENT, _A.REMIND, _A.WITHDRAW, _A.CONTINUE, _A.CONFIRM_RESULT)
_ABOVE = (_A.EXPEDITE, _A.REOPEN)
_OFFICES: Mapping[CaseActor, tuple[CaseAction, ...]] = {
    CaseActor.APPLICANT: _APPLICANTS,
    CaseActor.OFFICER: tuple(each for each in _A if each not in (*_APPLICANTS, *_ABOVE, _A.URGE)),
    CaseActor.SUPERVISOR: (_A.URGE, *_ABOVE),
    CaseActor.OPERATOR: _ABOVE,
}


def possible_actions(case: Case, offices: Iterable[CaseActor]) -> tuple[CaseAction, ...]:
    """What can be done now in any of these offices, in the order of :class:`CaseAction`."""
    theirs = {action for office in offices for action in _OFFICES.get(office, ())}
    return tuple(each for each in CaseAction if each in theirs and _is_possible(case, each))


def _is_possible(case: Case, action: CaseAction) -> bool:
    if case.state not in RULES[EVENTS[action]].sources:
        return False
    match action:
        case CaseAction.REQUEST_SUPPLEMENT:
            return not case.supplements_asked
        case CaseAction.EXTEND:
            return not case.is_extended
        case CaseAction.EXPEDITE:
            return not case.is_expedited
        case CaseAction.ISSUE_RESULT:
            return case.licence_number is None and not case.owes_fees
        case CaseAction.CONFIRM_RESULT | CaseAction.RECORD_COLLECTION:
            return case.result_way is not None
        case _:
            return True
