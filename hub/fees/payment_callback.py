"""What a payment provider's callback says.

That it is the provider's was found before, by :mod:`hub.doors.signed_callback`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.doors.signed_callback import BadCallback, CallbackFault
from hub.fees.http_payment_provider import read_refund
from hub.fees.payment_provider import RefundReport

REFUND_EVENTS = frozenset({"refund.succeeded", "refund.failed"})


@dataclass(frozen=True, slots=True)
class PaidCallback:
    """ "This payment is paid", as the provider said it."""

    payment_number: str
    amount_fen: int
    paid_at: datetime


def read(body: bytes) -> PaidCallback | RefundReport | None:
    """What the body says; ``None`` for an event that does not concern us. Raises :class:`BadCallback`."""
    try:
        content = json.loads(body)
        if content["event"] in REFUND_EVENTS:
            return read_refund(_text(content, "refundKey"), content)
        if content["event"] != "payment.paid":
            return None
        paid_at = datetime.fromisoformat(content["paidAt"])
        amount, number = content["amountFen"], _text(content, "paymentNumber")
    except (ValueError, KeyError, TypeError) as error:
        message = f"The body is not a payment event: {type(error).__name__} {error}."
        raise BadCallback(CallbackFault.MALFORMED, message) from error
    if type(amount) is not int or paid_at.tzinfo is None:
        message = "The body needs a `paymentNumber`, a whole `amountFen` and a `paidAt` with a zone."
        raise BadCallback(CallbackFault.MALFORMED, message)
    return PaidCallback(number, amount, paid_at)


def _text(content: Any, name: str) -> str:
    value = content[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text")
    return value
