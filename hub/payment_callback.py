"""Who called back? The signature of a payment provider's callback, checked before a byte is read.

``Jiyi-Signature: t=<unix seconds>,v1=<hex>`` is HMAC-SHA256 with the shared secret over ``<t>.<body>``.
An old signature is refused, so that a recorded call cannot be played again much later.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

SIGNATURE_HEADER = "Jiyi-Signature"
TOLERANCE = timedelta(minutes=5)


class BadCallback(Exception):
    """The call is not the provider's, is too old, or says nothing we understand."""


@dataclass(frozen=True, slots=True)
class PaidCallback:
    """ "This payment is paid", as the provider said it."""

    payment_number: str
    amount_fen: int
    paid_at: datetime
    event_id: str


def verify(secret: str, header: str | None, body: bytes, now: datetime) -> None:
    """Raises :class:`BadCallback` unless the provider signed this body within the tolerance."""
    if not secret:
        raise BadCallback("No payment secret is configured. Set payment_secret.")
    parts = dict(part.strip().partition("=")[::2] for part in (header or "").split(","))
    moment, given = parts.get("t", ""), parts.get("v1", "")
    if not moment.isascii() or not moment.isdigit() or len(moment) > 12 or not given.isascii():
        raise BadCallback(f"{SIGNATURE_HEADER} must be t=<unix seconds>,v1=<hex>.")
    if abs(now.timestamp() - int(moment)) > TOLERANCE.total_seconds():
        raise BadCallback("The signature is too old, or a clock is wrong.")
    expected = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, given):
        raise BadCallback("The signature does not fit the body and the shared secret.")


def read(body: bytes) -> PaidCallback | None:
    """What the body says; ``None`` for an event that does not concern us. Raises :class:`BadCallback`."""
    try:
        content = json.loads(body)
        if content["event"] != "payment.paid":
            return None
        paid_at = datetime.fromisoformat(content["paidAt"])
        amount = content["amountFen"]
        number, event_id = content["paymentNumber"], content["eventId"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadCallback(f"The body is not a payment event: {type(error).__name__} {error}.") from error
    if not isinstance(number, str) or type(amount) is not int or paid_at.tzinfo is None:
        raise BadCallback("The body needs a `paymentNumber`, a whole `amountFen` and a `paidAt` with a zone.")
    return PaidCallback(number, amount, paid_at, str(event_id))
