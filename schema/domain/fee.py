"""Fee orders: what one person owes one organisation for one case. Money is an integer of fen, never a float.

Payments are in ``payment``, refunds in ``refund``, what is owed for a case in ``fee_assessment``.
Source: docs/domain.md, "Fees".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CURRENCY = "CNY"
FEE_DUE = timedelta(days=60)
"""An approved case whose fee stays unpaid this long lapses."""


class FeeState(StrEnum):
    DUE = "DUE"
    PAYING = "PAYING"
    AUTHORISED = "AUTHORISED"
    """The money is held and not taken (``schema.domain.hold``)."""
    CAPTURING = "CAPTURING"
    """It was decided to take what is held; the provider is asked."""
    PAID = "PAID"
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"
    VOIDING = "VOIDING"
    """It was decided to let go what is held; the provider is asked."""
    VOIDED = "VOIDED"
    """What was held was let go: nothing was taken."""
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class FeeCovers(StrEnum):
    """What a fee pays for, and so when it goes back."""

    RESULT = "RESULT"
    """Goes back where nothing is granted, or what was granted is undone."""
    HANDLING = "HANDLING"
    """The work itself: goes back only where that was never done."""


OWED = frozenset({FeeState.DUE, FeeState.PAYING})
"""The applicant has to pay them."""

UNSETTLED = OWED | {FeeState.AUTHORISED, FeeState.CAPTURING}
"""Their money is not taken yet: no result is given out while one is left."""


@dataclass(frozen=True, slots=True)
class FeeOrder:
    """What one person owes one organisation for one case.

    ``code`` is the fee's in the item, ``step`` the department step of a joint case that it is for.
    ``refunded_fen`` is what of it was refunded or is on its way back; ``hold_ends_at`` is when the provider lets
    go what it holds, if it was not taken by then.
    """

    number: str
    case_id: str
    applicant: str
    name: str
    name_en: str
    amount_fen: int
    payee: str
    state: FeeState
    created_at: datetime
    due_at: datetime | None = None
    paid_at: datetime | None = None
    payment: str | None = None
    currency: str = CURRENCY
    code: str = ""
    step: str | None = None
    covers: FeeCovers = FeeCovers.RESULT
    legal_basis: str = ""
    legal_basis_en: str = ""
    refunded_fen: int = 0
    hold_ends_at: datetime | None = None


def fee_order_number(receipt_number: str, position: int) -> str:
    """``FO-<receipt number>-<position>``: the same case and position never make two orders."""
    return f"FO-{receipt_number}-{position}"
