"""Telephone numbers of callers: what is taken for one, and how it is shown to who need not call.

Source: ITU-T E.164 (at most 15 digits); domain.md, 2: numbers are masked by default.
"""

from __future__ import annotations

import re

TELEPHONE_FORM = "5 to 15 digits, with + in front and - or blanks between"
_TELEPHONE = re.compile(r"\+?\d(?:[ -]?\d){4,14}")
_SHOWN_FIRST, _SHOWN_LAST = 3, 4


def is_telephone(text: str) -> bool:
    """Whether this is a number that can be called; an extension is not part of it."""
    return _TELEPHONE.fullmatch(text) is not None


def masked_telephone(number: str) -> str:
    """``138****0000``: three digits, the last four, and stars for at least four between."""
    digits = re.sub(r"\D", "", number)
    hidden = len(digits) - _SHOWN_FIRST - _SHOWN_LAST
    if hidden < 1:
        return f"****{digits[-2:]}"
    return f"{digits[:_SHOWN_FIRST]}{'*' * max(hidden, 4)}{digits[-_SHOWN_LAST:]}"
