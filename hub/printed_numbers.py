"""Numbers that a person reads out for what is no case: ``AP261124-0123456789-X``, with a check character."""

from __future__ import annotations

from datetime import datetime
from secrets import randbelow

from schema.domain.receipt_number import SERIAL_DIGITS, receipt_number


def printed_number(prefix: str, at: datetime) -> str:
    """A new one, of the day (Asia/Shanghai) of ``at``; built and checked as a receipt number is."""
    return prefix + receipt_number(at, randbelow(10**SERIAL_DIGITS)).removeprefix("JY")
