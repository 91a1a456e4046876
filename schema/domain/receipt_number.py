"""Receipt numbers that a person can read out: ``JY261124-0123456789-X``.

Day of submission (Asia/Shanghai), ten random digits so that numbers cannot be guessed in turn, and the
check character of ISO 7064 MOD 11-2, known from resident identity numbers: it catches every wrong digit
and every exchange of two neighbours.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from stdnum.iso7064 import mod_11_2

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
SERIAL_DIGITS = 10
_SHAPE = re.compile(r"^JY(\d{6})-?(\d{10})-?([\dX])$")


def receipt_number(submitted_at: datetime, serial: int) -> str:
    """The number for a serial between 0 and 10**10 - 1 on the day of submission."""
    day = submitted_at.astimezone(SHANGHAI).strftime("%y%m%d")
    digits = f"{serial:0{SERIAL_DIGITS}d}"
    if len(digits) != SERIAL_DIGITS:
        raise ValueError(f"Serial {serial} has more than {SERIAL_DIGITS} digits.")
    return f"JY{day}-{digits}-{mod_11_2.calc_check_digit(day + digits)}"


@lru_cache(maxsize=4096)
def canonical(text: str) -> str | None:
    """The number as we print it, from what a person typed; ``None`` when it cannot be one."""
    match = _SHAPE.match("".join(text.split()).upper())
    if match is None:
        return None
    day, digits, check = match.groups()
    if mod_11_2.calc_check_digit(day + digits) != check:
        return None
    return f"JY{day}-{digits}-{check}"
