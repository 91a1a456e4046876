"""Who called back? The signature of another system's callback, checked before a byte is read.

``Jiyi-Signature: t=<unix seconds>,v1=<hex>`` is HMAC-SHA256 with the shared secret over ``<t>.<body>``.
An old signature is refused, so that a recorded call cannot be played again much later.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum

SIGNATURE_HEADER = "Jiyi-Signature"
TOLERANCE = timedelta(minutes=5)


class CallbackFault(StrEnum):
    """Why a callback was not believed, as it is counted."""

    NOT_CONFIGURED = "NOT_CONFIGURED"
    UNSIGNED = "UNSIGNED"
    TOO_OLD = "TOO_OLD"
    FORGED = "FORGED"
    MALFORMED = "MALFORMED"
    UNKNOWN = "UNKNOWN"
    """Signed, but about nothing of ours."""
    WRONG_AMOUNT = "WRONG_AMOUNT"


class BadCallback(Exception):
    """The call is not the other system's, is too old, or says nothing we understand."""

    def __init__(self, fault: CallbackFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


def verify(secret: str, header: str | None, body: bytes, now: datetime, *, setting: str) -> None:
    """Raises :class:`BadCallback` unless the holder of the secret signed this body within the tolerance.

    ``setting`` names where the secret is set, for whoever has set none.
    """
    if not secret:
        raise BadCallback(CallbackFault.NOT_CONFIGURED, f"No secret is configured. Set {setting}.")
    parts = dict(part.strip().partition("=")[::2] for part in (header or "").split(","))
    moment, given = parts.get("t", ""), parts.get("v1", "")
    if not moment.isascii() or not moment.isdigit() or len(moment) > 12 or not given.isascii():
        raise BadCallback(CallbackFault.UNSIGNED, f"{SIGNATURE_HEADER} must be t=<unix seconds>,v1=<hex>.")
    if abs(now.timestamp() - int(moment)) > TOLERANCE.total_seconds():
        raise BadCallback(CallbackFault.TOO_OLD, "The signature is too old, or a clock is wrong.")
    expected = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, given):
        raise BadCallback(CallbackFault.FORGED, "The signature does not fit the body and the shared secret.")
