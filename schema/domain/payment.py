"""Payments: one for several fee orders, and what it means when the provider says that money is there, or held.

A session ends after 30 minutes. Money that arrives later is taken if every order is still owed, else it goes
back by itself. What the provider says once or ten times, early or late, has its effect once.
Source: docs/domain.md, "Fees"; domain.md, 9.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from schema.domain.fee import OWED, FeeState

PAYMENT_SESSION = timedelta(minutes=30)


class PaymentState(StrEnum):
    """``CREATED``: we decided; ``OPEN``: the provider knows; ``AUTHORISED``: the money is held, parts of it may be
    taken or let go already; ``PAID``: it was taken, or what was earned of it; ``VOIDED``: a hold was let go whole;
    ``TO_REFUND``, ``TO_VOID``: money that nobody owed goes back, or is let go."""

    CREATED = "CREATED"
    OPEN = "OPEN"
    AUTHORISED = "AUTHORISED"
    PAID = "PAID"
    VOIDED = "VOIDED"
    EXPIRED = "EXPIRED"
    TO_REFUND = "TO_REFUND"
    TO_VOID = "TO_VOID"


SETTLED = frozenset(set(PaymentState) - {PaymentState.CREATED, PaymentState.OPEN, PaymentState.EXPIRED})
"""The money of these payments is here, or held: what is told of it again changes nothing."""


class Arrival(StrEnum):
    """What a report "this payment is paid" means for us."""

    TAKE = "take"
    REPEATED = "repeated"
    WRONG_AMOUNT = "wrong amount"
    REFUND = "refund"


def arrival(state: PaymentState, expected_fen: int, arrived_fen: int, orders: Iterable[FeeState]) -> Arrival:
    """Decide about money that the provider says is here or held, in any order and any number of times.

    ``REFUND`` lets a hold go: nothing of it was taken.
    """
    if state in SETTLED:
        return Arrival.REPEATED
    if expected_fen != arrived_fen:
        return Arrival.WRONG_AMOUNT
    if all(order in OWED for order in orders):
        return Arrival.TAKE
    return Arrival.REFUND
