"""The numbers by which the state knows persons and enterprises, and whether one can be right.

Length, date and check character are looked at. The region in front is no reason to refuse: numbers of Hong Kong,
Macao and Taiwan residents and of regions that were merged are real. Sources: GB 11643 (MOD 11-2), GB 32100
(MOD 31); domain.md, section 2.
"""

from __future__ import annotations

import re
from datetime import date

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

_RESIDENT = re.compile(r"[1-9]\d{5}(?P<born>(?:18|19|20)\d{6})\d{3}[\dX]", re.ASCII)
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)


def is_resident_number(number: str) -> bool:
    """A resident identity number (居民身份证号) of 18 characters, a ten at the end a capital X."""
    return birth_date(number) is not None and mod_11_2.is_valid(number)


def birth_date(number: str) -> date | None:
    """The day of birth that a resident number carries; ``None`` where it is none."""
    found = _RESIDENT.fullmatch(number)
    if found is None:
        return None
    try:
        return date.fromisoformat(found["born"])
    except ValueError:
        return None


def is_credit_code(code: str) -> bool:
    """A unified social credit code (统一社会信用代码) of 18 characters, in capitals."""
    return _CREDIT_CODE.fullmatch(code) is not None and bool(uscc.is_valid(code))
