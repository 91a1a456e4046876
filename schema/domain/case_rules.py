"""Which event may follow which state of a case, and where it leads: the whole state machine, as a table.

A new transition is a new line. Source: docs/domain.md, "Service item and case".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schema.domain.case_words import CaseEventType, CaseState

WITHOUT_RESULT = frozenset(
    {
        CaseState.NOT_ACCEPTED,
        CaseState.DENIED,
        CaseState.WITHDRAWN,
        CaseState.TERMINATED,
        CaseState.LAPSED,
    }
)
"""Ends that leave the applicant nothing: what departments had begun together is undone."""

FINISHED = WITHOUT_RESULT | {CaseState.COMPLETED, CaseState.ARCHIVED}
"""States in which nothing is owed any more; a service can be rated in them."""

OVER = WITHOUT_RESULT | {CaseState.ARCHIVED}
"""States in which nothing more is awaited: a case is sealed in them."""

UNDECIDED = frozenset(
    {
        CaseState.SUBMITTED,
        CaseState.SUPPLEMENT_REQUESTED,
        CaseState.ACCEPTED,
        CaseState.IN_REVIEW,
        CaseState.SUSPENDED,
    }
)
"""States before a decision: the applicant may withdraw, the department may terminate."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states an event may come, and where it leads; ``to=None`` stays where it is.

    ``needs`` are the names of what its data must say besides.
    """

    sources: frozenset[CaseState]
    to: CaseState | None
    needs_reason: bool = False
    needs_remedy: bool = False
    needs: tuple[str, ...] = ()


def _from(*states: CaseState) -> frozenset[CaseState]:
    return frozenset(states)


_S, _T = CaseState, CaseEventType
_AFTER_FILING = frozenset(CaseState) - {_S.DRAFT, _S.ABANDONED}
RULES: Mapping[CaseEventType, Rule] = {
    _T.SUBMITTED: Rule(_from(_S.DRAFT), _S.SUBMITTED),
    _T.SUPPLEMENT_REQUESTED: Rule(_from(_S.SUBMITTED), _S.SUPPLEMENT_REQUESTED, needs_reason=True),
    _T.MATERIAL_REVIEWED: Rule(_from(_S.SUBMITTED, _S.ACCEPTED, _S.IN_REVIEW), None, needs=("code", "state")),
    _T.SUPPLEMENTED: Rule(_from(_S.SUPPLEMENT_REQUESTED), _S.SUBMITTED),
    _T.ACCEPTED: Rule(_from(_S.SUBMITTED), _S.ACCEPTED),
    _T.NOT_ACCEPTED: Rule(_from(_S.SUBMITTED), _S.NOT_ACCEPTED, needs_reason=True, needs_remedy=True),
    _T.REVIEW_STARTED: Rule(_from(_S.ACCEPTED), _S.IN_REVIEW),
    _T.SUSPENDED: Rule(_from(_S.IN_REVIEW), _S.SUSPENDED, needs_reason=True, needs=("ground", "expectedEnd")),
    _T.RESUMED: Rule(_from(_S.SUSPENDED), _S.IN_REVIEW),
    _T.APPROVED: Rule(_from(_S.IN_REVIEW), _S.APPROVED),
    _T.DENIED: Rule(_from(_S.IN_REVIEW), _S.DENIED, needs_reason=True, needs_remedy=True),
    _T.FEE_ORDERED: Rule(_from(_S.ACCEPTED, _S.IN_REVIEW, _S.APPROVED), None),
    _T.FEE_PAID: Rule(_from(_S.ACCEPTED, _S.IN_REVIEW, _S.SUSPENDED, _S.APPROVED), None),
    _T.FEE_AUTHORISED: Rule(_from(_S.ACCEPTED, _S.IN_REVIEW, _S.SUSPENDED, _S.APPROVED), None),
    _T.FEE_CAPTURED: Rule(_AFTER_FILING, None),
    _T.FEE_VOID_ORDERED: Rule(_AFTER_FILING, None),
    _T.FEE_VOIDED: Rule(_AFTER_FILING, None),
    _T.FEE_HOLD_LOST: Rule(_AFTER_FILING, None),
    _T.FEE_CANCELLED: Rule(_AFTER_FILING, None),
    _T.FEE_REFUND_ORDERED: Rule(_AFTER_FILING, None),
    _T.FEE_REFUNDED: Rule(_AFTER_FILING, None),
    _T.LICENCE_ORDERED: Rule(_from(_S.APPROVED), None),
    _T.LICENCE_ISSUED: Rule(_from(_S.APPROVED), None),
    _T.COMPLETED: Rule(_from(_S.APPROVED), _S.COMPLETED),
    _T.ARCHIVED: Rule(_from(_S.COMPLETED), _S.ARCHIVED),
    _T.REOPENED: Rule(_from(_S.COMPLETED, _S.ARCHIVED), _S.IN_REVIEW, needs_reason=True),
    _T.WITHDRAWN: Rule(UNDECIDED, _S.WITHDRAWN),
    _T.TERMINATED: Rule(UNDECIDED, _S.TERMINATED, needs_reason=True),
    _T.LAPSED: Rule(_from(_S.SUPPLEMENT_REQUESTED, _S.APPROVED), _S.LAPSED, needs_reason=True),
    _T.COMMAND_FAILED: Rule(_AFTER_FILING, None, needs_reason=True),
    _T.EXTENDED: Rule(
        _from(_S.ACCEPTED, _S.IN_REVIEW), None, needs_reason=True, needs=("workingDays", "approver")
    ),
    _T.DUE_DATE_RECOMPUTED: Rule(_from(_S.ACCEPTED, _S.IN_REVIEW, _S.SUSPENDED), None, needs_reason=True),
    _T.EXPEDITED: Rule(
        _from(_S.SUBMITTED, _S.ACCEPTED, _S.IN_REVIEW), None, needs_reason=True, needs=("approver",)
    ),
    _T.REMINDED: Rule(UNDECIDED | _from(_S.APPROVED), None),
    _T.URGED: Rule(UNDECIDED | _from(_S.APPROVED), None, needs_reason=True, needs=("answerBy",)),
    _T.HANDED_OVER: Rule(UNDECIDED | _from(_S.APPROVED), None, needs_reason=True, needs=("to",)),
    _T.CONTINUED: Rule(UNDECIDED | _from(_S.APPROVED), None),
    _T.RESULT_SENT: Rule(_from(_S.APPROVED, _S.COMPLETED, _S.ARCHIVED), None, needs=("way",)),
    _T.RESULT_COLLECTED: Rule(_from(_S.APPROVED, _S.COMPLETED, _S.ARCHIVED), None),
    _T.JOINT_HANDLING_BEGAN: Rule(_from(_S.SUBMITTED), None),
    _T.SUB_CASE_STARTED: Rule(UNDECIDED, None),
    _T.SUB_CASE_ACCEPTED: Rule(UNDECIDED, None),
    _T.SUB_CASE_SUPPLEMENT_REQUESTED: Rule(_from(_S.SUBMITTED, _S.SUPPLEMENT_REQUESTED), None, needs_reason=True),
    _T.SUB_CASE_SUPPLEMENTED: Rule(_from(_S.SUBMITTED), None),
    _T.SUB_CASE_APPROVED: Rule(UNDECIDED, None),
    _T.SUB_CASE_DENIED: Rule(UNDECIDED, None, needs_reason=True),
    _T.OPINION_DEEMED: Rule(UNDECIDED, None),
    _T.OPINION_MISSED: Rule(UNDECIDED, None),
    _T.OPINIONS_COMPLETE: Rule(_from(_S.IN_REVIEW), None),
    _T.SUB_CASE_STOPPED: Rule(UNDECIDED | WITHOUT_RESULT, None, needs_reason=True),
    _T.SUB_CASE_COMPENSATION_ORDERED: Rule(WITHOUT_RESULT, None),
    _T.SUB_CASE_COMPENSATED: Rule(WITHOUT_RESULT, None),
    _T.SUB_CASE_REDRIVEN: Rule(UNDECIDED | WITHOUT_RESULT, None, needs_reason=True),
}
"""The whole state machine. A new transition is a new line here."""
