"""What in a text could name somebody: numbers of persons and enterprises, and ways to reach them.

What is to be published is refused with it; what somebody wrote of their own is shown without it to whoever may not
know who wrote. Digits are also found where they are written in full width or in groups.
Source: docs/enquiries.md, "Knowledge base"; docs/ratings.md, "What was written" (art. 14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

HIDDEN = "***"
_ASCII = str.maketrans({0xFF01 + at: 0x21 + at for at in range(94)} | {0x3000: 0x20})
"""Full width to ASCII, character by character, so that places stay the same."""
_CODE = "[0-9A-HJ-NPQRTUWXY]"
_PRINTED = r"[EGHMSP]\d{8,10}|[A-Z]{1,2}\d{6,8}|[A-Z]{3}\d{12}"
"""Passports and travel permits of the mainland, most others' passports, older permanent resident cards."""
_CODED = r"(?=(?:[0-9A-Za-z]*\d){3})[0-9A-Za-z]{6,9}"
"""Passports' numbers of other forms, which are told from other words only by what stands before them."""
_KEY = rf"[A-Z]{{3}}-{_CODED}"
"""As departments are asked by it."""
_PASSPORT = r"(?i:护照|passport)(?i:号码?| number| no\.?)?[ :：是为]{0,3}"
_TELLING: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        ("an identity number", r"(?<!\d)\d{6}[ -]?\d{4}[ -]?\d{4}[ -]?\d{3}[\dXx](?![\dXx])"),
        ("a credit code", rf"(?<![0-9A-Za-z])(?!\d{{17}}[\dX]){_CODE}{{2}}\d{{6}}{_CODE}{{10}}(?![0-9A-Za-z])"),
        ("a passport or permit number", rf"(?<![0-9A-Za-z-])(?:{_PRINTED}|{_KEY})(?![0-9A-Za-z]|-\d)"),
        ("a passport or permit number", rf"{_PASSPORT}(?P<number>{_CODED})(?![0-9A-Za-z])"),
        ("a telephone number", r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),
        ("a mail address", r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+"),
        ("a receipt number", r"\b[A-Z]{2}\d{6}-\d{10}-[\dX]"),
        ("a licence or account number", r"(?<!\d)(?:\d{4}(?:[ -]?\d{4}){3,}(?:[ -]?\d{1,4})?|\d{12,})(?!\d)"),
    )
)


def telling_parts(texts: Sequence[str], names: Sequence[str] = ()) -> Iterator[str]:
    """What kinds of them stand in texts to be published, and whether one of ``names`` does."""
    whole = " ".join(texts)
    plain = whole.translate(_ASCII)
    yield from dict.fromkeys(what for what, pattern in _TELLING if pattern.search(plain))
    if any(name and name in whole for name in names):
        yield "a person's name"


def publishing_problem(texts: Sequence[str], names: Sequence[str] = ()) -> str | None:
    """What is wrong with texts that everybody will read, with the mend."""
    told = sorted(set(telling_parts(texts, names)))
    return f"What is published names nobody. Take out: {', '.join(told)}." if told else None


def without_personal_numbers(text: str) -> str:
    """The text with each of them replaced by :data:`HIDDEN`."""
    plain = text.translate(_ASCII)
    places = sorted(found.span(found.lastgroup or 0) for _, each in _TELLING for found in each.finditer(plain))
    told, at = [], 0
    for begin, end in places:
        if begin >= at:
            told += [text[at:begin], HIDDEN]
        at = max(at, end)
    return "".join((*told, text[at:]))
