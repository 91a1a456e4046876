"""Fee orders and the payments that pay them. Money is an integer of fen, never a float.

A payment session ends after 30 minutes. Money that arrives later is taken if every order is still owed,
else it is to be refunded. Source: docs/domain.md, "Fees".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CURRENCY = "CNY"
PAYMENT_SESSION = timedelta(minutes=30)
FEE_DUE = timedelta(days=60)
"""An approved case whose fee stays unpaid this long lapses."""


class FeeState(StrEnum):
    DUE = "DUE"
    PAYING = "PAYING"
    PAID = "PAID"
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


OWED = frozenset({FeeState.DUE, FeeState.PAYING})


class PaymentState(StrEnum):
    """``CREATED``: we decided; ``OPEN``: the provider knows; ``TO_REFUND``: money nobody owed."""

    CREATED = "CREATED"
    OPEN = "OPEN"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    TO_REFUND = "TO_REFUND"


@dataclass(frozen=True, slots=True)
class FeeOrder:
    """What one person owes one organisation for one case."""

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


class Arrival(StrEnum):
    """What a report "this payment is paid" means for us."""

    TAKE = "take"
    REPEATED = "repeated"
    WRONG_AMOUNT = "wrong amount"
    REFUND = "refund"


def arrival(state: PaymentState, expected_fen: int, arrived_fen: int, orders: Iterable[FeeState]) -> Arrival:
    """Decide about money that the provider says has arrived, in any order and any number of times."""
    if state in {PaymentState.PAID, PaymentState.TO_REFUND}:
        return Arrival.REPEATED
    if expected_fen != arrived_fen:
        return Arrival.WRONG_AMOUNT
    if all(order in OWED for order in orders):
        return Arrival.TAKE
    return Arrival.REFUND


def fee_order_number(receipt_number: str, position: int) -> str:
    """``FO-<receipt number>-<position>``: the same case and position never make two orders."""
    return f"FO-{receipt_number}-{position}"
