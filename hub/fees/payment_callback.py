"""What a payment provider's callback says.

That it is the provider's was found before, by :mod:`hub.doors.signed_callback`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.doors.signed_callback import BadCallback, CallbackFault
from hub.fees.http_payment_provider import read_hold, read_hold_command, read_refund
from hub.fees.payment_provider import Hold, HoldReport, RefundReport
from schema.domain.hold import HoldAct

REFUND_EVENTS = frozenset({"refund.succeeded", "refund.failed"})
HOLD_EVENTS: Mapping[str, HoldAct] = {
    "capture.succeeded": HoldAct.CAPTURE,
    "capture.failed": HoldAct.CAPTURE,
    "void.succeeded": HoldAct.VOID,
    "void.failed": HoldAct.VOID,
}


@dataclass(frozen=True, slots=True)
class PaidCallback:
    """ "This payment is paid", as the provider said it."""

    payment_number: str
    amount_fen: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class HeldCallback:
    """ "The money of this payment is held", as the provider said it."""

    payment_number: str
    amount_fen: int
    hold: Hold


def read(body: bytes) -> PaidCallback | HeldCallback | RefundReport | HoldReport | None:
    """What the body says; ``None`` for an event that does not concern us. Raises :class:`BadCallback`."""
    try:
        content = json.loads(body)
        if content["event"] in REFUND_EVENTS:
            return read_refund(_text(content, "refundKey"), content)
        if act := HOLD_EVENTS.get(content["event"]):
            return read_hold_command(_text(content, "key"), act, content)
        if content["event"] not in {"payment.paid", "payment.authorized"}:
            return None
        amount, number = content["amountFen"], _text(content, "paymentNumber")
        if content["event"] == "payment.authorized":
            return HeldCallback(number, _whole(amount), read_hold(content))
        paid_at = datetime.fromisoformat(content["paidAt"])
    except (ValueError, KeyError, TypeError) as error:
        message = f"The body is not a payment event: {type(error).__name__} {error}."
        raise BadCallback(CallbackFault.MALFORMED, message) from error
    if type(amount) is not int or paid_at.tzinfo is None:
        message = "The body needs a `paymentNumber`, a whole `amountFen` and a `paidAt` with a zone."
        raise BadCallback(CallbackFault.MALFORMED, message)
    return PaidCallback(number, amount, paid_at)


def _whole(amount: Any) -> int:
    if type(amount) is not int:
        raise TypeError("a whole amountFen")
    return amount


def _text(content: Any, name: str) -> str:
    value = content[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text")
    return value
