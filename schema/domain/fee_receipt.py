"""Electronic receipts of fees (电子票据): numbered without a gap, one for each paid order and each refund.

``FP26-00000001-5``: the year in Beijing, the serial within it, and the check character of ISO 7064 MOD 11-2. What
a receipt says is signed as it stands and never changed: a refund has a receipt of its own, whose amount is
negative (冲红). It names no person. Source: docs/fees.md; domain.md, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stdnum.iso7064 import mod_11_2

from schema.domain.fee import CURRENCY, FeeOrder

SERIAL_DIGITS = 8
RECEIPT_TYPE = "fee-receipt+jwt"
"""What stands as ``typ`` in the signature, so that nothing else that the hub signs can pass for a receipt."""


@dataclass(frozen=True, slots=True)
class FeeReceipt:
    """A receipt that was given out. ``signed`` is a compact JWS; the amount is negative for a refund, in fen."""

    number: str
    order: str
    amount_fen: int
    issued_at: datetime
    signed: str

    @property
    def is_reversal(self) -> bool:
        return self.amount_fen < 0


def receipt_number(year: int, serial: int) -> str:
    """Raises ``ValueError`` for a serial that has no place in the number."""
    digits = f"{year % 100:02d}{serial:0{SERIAL_DIGITS}d}"
    if len(digits) != SERIAL_DIGITS + 2 or serial < 1:
        raise ValueError(f"Serial {serial} of a receipt is not between 1 and {10**SERIAL_DIGITS - 1}.")
    return f"FP{digits[:2]}-{digits[2:]}-{mod_11_2.calc_check_digit(digits)}"


def receipt_claims(
    issuer: str, number: str, order: FeeOrder, payment: str, amount_fen: int, issued_at: datetime
) -> Mapping[str, Any]:
    """What is signed. ``payment`` is the provider's number; nothing of it tells who paid."""
    return {
        "iss": issuer,
        "iat": int(issued_at.timestamp()),
        "number": number,
        "order": order.number,
        "fee": order.name,
        "feeEn": order.name_en,
        "legalBasis": order.legal_basis,
        "payee": order.payee,
        "amountFen": amount_fen,
        "currency": CURRENCY,
        "payment": payment,
    }
