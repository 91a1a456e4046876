"""The numbers by which people and enterprises are known, and how they are shown and hidden.

Sources: GB 11643 with ISO 7064 MOD 11-2 (resident identity number), GB 32100 with MOD 31 (unified social
credit code).
"""

from __future__ import annotations

import base64
import hashlib
import hmac

_RESIDENT_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_OPAQUE_KEY = b"every person in these departments is invented"


def resident_check_digit(first_seventeen: str) -> str:
    """The last character of a resident identity number. Source: GB 11643, ISO 7064 MOD 11-2."""
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(first_seventeen))
    return _RESIDENT_CHECKS[total % 11]


def credit_code_check_character(first_seventeen: str) -> str:
    """The last character of a unified social credit code. Source: GB 32100, MOD 31."""
    values = (_CREDIT_ALPHABET.index(character) for character in first_seventeen)
    total = sum(value * weight for value, weight in zip(values, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_ALPHABET[-total % 31]


def opaque_id(id_number: str) -> str:
    """What stands for a person towards the outside: 26 lower-case letters and digits, no way back."""
    digest = hmac.new(_OPAQUE_KEY, id_number.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


def masked_id_number(id_number: str) -> str:
    """``110102********001X``: region and last four characters."""
    return f"{id_number[:6]}********{id_number[-4:]}"


def masked_phone(phone: str) -> str:
    """``199****0001``."""
    return f"{phone[:3]}****{phone[-4:]}"
