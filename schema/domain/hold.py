"""Holds (预授权): money that the payer's bank keeps for us, taken (captured) only when what it pays for was done.

A fee that is paid before the work is done is held. It is captured when the check passed, or the work was made that
it is for, and voided where it would have to be paid back: then nothing was ever taken. A hold ends by itself after
the provider's time. A careful cashier takes the money of a case that goes on before that, since the payer may have
it no more when the decision comes; where the case is refused after all, it is paid back as any fee is.
Source: docs/fees.md, "Holds"; domain.md, 9.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schema.domain.case import WITHOUT_RESULT, Case, CaseState
from schema.domain.fee import FeeCovers, FeeOrder, FeeState
from schema.domain.joint import SubCases
from schema.domain.payment import PaymentState
from schema.domain.refund import goes_back, part_of

TAKEN_BEFORE_END = timedelta(days=1)
"""How long before a hold's end the money of a case that goes on is taken."""

GRANTED = frozenset({CaseState.APPROVED, CaseState.COMPLETED, CaseState.ARCHIVED})


class HoldAct(StrEnum):
    CAPTURE = "CAPTURE"
    """Take this much of what is held."""
    VOID = "VOID"
    """Let this much of it go."""


class HoldCommandState(StrEnum):
    """``ORDERED``: we decided and the provider is asked until it answers; the others are its answers."""

    ORDERED = "ORDERED"
    DONE = "DONE"
    REFUSED = "REFUSED"


class HoldGround(StrEnum):
    """Why money that is held is taken, or let go."""

    EARNED = "EARNED"
    """The check passed, or the work was done."""
    HOLD_ENDS = "HOLD_ENDS"
    """The hold ends soon and the case goes on."""
    NO_RESULT = "NO_RESULT"
    """The case, or the department's part of it, ended without what was paid for."""
    NOT_OWED = "NOT_OWED"
    """It was held when nobody owed it any more."""


@dataclass(frozen=True, slots=True)
class HoldCommand:
    """What the provider is to do with a part of a hold; ``order`` is ``None`` for all of one that nobody owed."""

    id: str
    payment: str
    order: str | None
    act: HoldAct
    amount_fen: int
    ground: HoldGround
    state: HoldCommandState
    ordered_at: datetime
    done_at: datetime | None = None
    refusal: str | None = None


def is_earned(order: FeeOrder, case: Case, sub_cases: SubCases | None = None) -> bool:
    """Whether what the fee pays for was done, so that its money does not go back by itself any more."""
    if goes_back(order, case, sub_cases):
        return False
    part = part_of(order, sub_cases)
    decided_at = part.decided_at if part is not None else case.decided_at
    return case.state in GRANTED or (order.covers is FeeCovers.HANDLING and decided_at is not None)


def ends_soon(hold_ends_at: datetime, now: datetime) -> bool:
    """Whether what is held of a case that goes on is taken now."""
    return hold_ends_at <= now + TAKEN_BEFORE_END


def to_capture(orders: Iterable[FeeOrder], case: Case, sub_cases: SubCases | None = None) -> tuple[FeeOrder, ...]:
    """Held orders whose money is taken now."""
    held = (order for order in orders if order.state is FeeState.AUTHORISED)
    return tuple(order for order in held if is_earned(order, case, sub_cases))


def to_void(orders: Iterable[FeeOrder], case: Case, sub_cases: SubCases | None = None) -> tuple[FeeOrder, ...]:
    """Held orders whose money is let go now."""
    held = (order for order in orders if order.state is FeeState.AUTHORISED)
    return tuple(order for order in held if goes_back(order, case, sub_cases))


def state_after_refused_capture(case: CaseState) -> FeeState:
    """The hold is gone and nothing was taken: the fee is due again, where anything is to be had for it."""
    return FeeState.VOIDED if case in WITHOUT_RESULT else FeeState.DUE


def state_of_payment(amount_fen: int, commands: Iterable[tuple[HoldAct, int, HoldCommandState]]) -> PaymentState:
    """Where a held payment stands with these commands: held until each part of it was taken or let go."""
    ended = [(act, fen, state) for act, fen, state in commands if state is not HoldCommandState.ORDERED]
    if sum(fen for _, fen, _ in ended) < amount_fen:
        return PaymentState.AUTHORISED
    is_taken = any(act is HoldAct.CAPTURE and state is HoldCommandState.DONE for act, _, state in ended)
    return PaymentState.PAID if is_taken else PaymentState.VOIDED
