"""Refunds: which fees go back by themselves, how much of one can go back at all, and what a refund's end means.

A fee goes back by itself where a case ends without a result, or a department of a joint case refuses its part;
what was paid for work that was done is kept (:class:`schema.domain.fee.FeeCovers`). Each refund is made once: it
has a key of its own, under which the provider never pays back twice.
Source: docs/domain.md, "Fees"; domain.md, 9.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schema.domain.case import WITHOUT_RESULT, Case
from schema.domain.fee import OWED, FeeCovers, FeeOrder, FeeState
from schema.domain.joint import S, SubCase, SubCases

REFUSED_STEP = frozenset({S.DENIED, S.STOPPED, S.MISSED})
"""The department said no, never began, or stayed silent: nothing of its part was granted."""
UNDONE_STEP = frozenset({S.COMPENSATING, S.COMPENSATED})


class RefundState(StrEnum):
    """``ORDERED``: we decided and the provider is asked until it answers; the others are its answers."""

    ORDERED = "ORDERED"
    DONE = "DONE"
    REFUSED = "REFUSED"


class RefundGround(StrEnum):
    """Why money goes back."""

    NO_RESULT = "NO_RESULT"
    """The case, or the department's part of it, ended without what was paid for."""
    NOT_OWED = "NOT_OWED"
    """It arrived when nobody owed it any more."""
    OFFICER = "OFFICER"
    """An officer decided so, with a reason."""


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back. ``order`` is ``None`` for a whole payment that nobody owed. Amounts are fen."""

    id: str
    payment: str
    order: str | None
    payee: str | None
    amount_fen: int
    ground: RefundGround
    reason: str
    state: RefundState
    ordered_at: datetime
    ordered_by: str | None = None
    done_at: datetime | None = None
    refusal: str | None = None


def goes_back(order: FeeOrder, case: Case, sub_cases: SubCases | None = None) -> bool:
    """Whether what was paid for this order was for work not done, or for a result that does not stand."""
    part = part_of(order, sub_cases)
    if part is not None:
        return _part_goes_back(order.covers, part, case)
    if case.state not in WITHOUT_RESULT:
        return False
    return order.covers is FeeCovers.RESULT or case.decided_at is None


def to_cancel(orders: Iterable[FeeOrder], case: Case, sub_cases: SubCases | None = None) -> tuple[FeeOrder, ...]:
    """Orders that nobody has to pay any more, since what they are for will not be."""
    owed = (order for order in orders if order.state in OWED)
    return tuple(order for order in owed if case.state in WITHOUT_RESULT or goes_back(order, case, sub_cases))


def to_refund(orders: Iterable[FeeOrder], case: Case, sub_cases: SubCases | None = None) -> tuple[FeeOrder, ...]:
    """Orders whose money goes back now, each as far as it has not gone back already."""
    paid = (order for order in orders if order.state is FeeState.PAID and refundable_fen(order) > 0)
    return tuple(order for order in paid if goes_back(order, case, sub_cases))


def refundable_fen(order: FeeOrder) -> int:
    """How much of an order can still go back, in fen; 0 where it was never paid."""
    return order.amount_fen - order.refunded_fen if order.state in {FeeState.PAID, FeeState.REFUNDING} else 0


def refund_problem(order: FeeOrder, amount_fen: int) -> str | None:
    """Why this amount of an order cannot go back, with the mend; ``None`` where it can."""
    if order.state is not FeeState.PAID:
        return f"Fee order {order.number} is {order.state}. Only what is paid can be refunded."
    left = refundable_fen(order)
    if not 0 < amount_fen <= left:
        return f"Of fee order {order.number} {left} fen can be refunded. Name 1 to {left}."
    return None


def state_after_refunds(amount_fen: int, refunds: Iterable[tuple[int, RefundState]]) -> tuple[FeeState, int]:
    """Where a paid order stands with these refunds, and how much of it is back or on its way."""
    live = [(fen, state) for fen, state in refunds if state is not RefundState.REFUSED]
    gone = sum(fen for fen, _ in live)
    if gone < amount_fen:
        return FeeState.PAID, gone
    is_done = all(state is RefundState.DONE for _, state in live)
    return (FeeState.REFUNDED if is_done else FeeState.REFUNDING), gone


def part_of(order: FeeOrder, sub_cases: SubCases | None) -> SubCase | None:
    """The department's part of a joint case that the fee is for."""
    return sub_cases.by_code.get(order.step) if sub_cases is not None and order.step else None


def _part_goes_back(covers: FeeCovers, part: SubCase, case: Case) -> bool:
    """A department's own part: what the others do with the case matters only where it undoes this part."""
    if part.state is S.DENIED:
        # It looked and refused: the work was done, unless it refused to look at it at all.
        return covers is FeeCovers.RESULT or part.not_accepted
    if part.state in REFUSED_STEP:
        return True
    if part.state in UNDONE_STEP:
        return covers is FeeCovers.RESULT or part.decided_at is None
    is_decided = part.decided_at is not None
    return case.state in WITHOUT_RESULT and (covers is FeeCovers.RESULT or not is_decided)
