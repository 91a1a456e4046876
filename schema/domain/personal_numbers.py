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
_TELLING: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        ("an identity number", r"(?<!\d)\d{6}[ -]?\d{4}[ -]?\d{4}[ -]?\d{3}[\dXx](?![\dXx])"),
        ("a credit code", rf"(?<![0-9A-Za-z])(?!\d{{17}}[\dX]){_CODE}{{2}}\d{{6}}{_CODE}{{10}}(?![0-9A-Za-z])"),
        ("a passport or permit number", r"(?<![0-9A-Za-z])(?:[EGHMSP]\d{8,10}|E[A-Z]\d{7})(?![0-9A-Za-z])"),
        ("a telephone number", r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),
        ("a mail address", r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+"),
        ("a receipt number", r"\b[A-Z]{2}\d{6}-\d{10}-[\dX]"),
        ("a licence or account number", r"(?<!\d)(?:\d{4}(?:[ -]?\d{4}){3,}(?:[ -]?\d{1,4})?|\d{12,})(?!\d)"),
    )
)


def telling_parts(texts: Sequence[str], names: Sequence[str] = ()) -> Iterator[str]:
    """What kinds of them stand in texts to be published, and whether one of ``names`` does."""
    whole = " ".join(texts)
    for what, pattern in _TELLING:
        if pattern.search(whole.translate(_ASCII)):
            yield what
    if any(name and name in whole for name in names):
        yield "a person's name"


def publishing_problem(texts: Sequence[str], names: Sequence[str] = ()) -> str | None:
    """What is wrong with texts that everybody will read, with the mend."""
    told = sorted(set(telling_parts(texts, names)))
    return f"What is published names nobody. Take out: {', '.join(told)}." if told else None


def without_personal_numbers(text: str) -> str:
    """The text with each of them replaced by :data:`HIDDEN`."""
    plain = text.translate(_ASCII)
    places = sorted(found.span() for _, pattern in _TELLING for found in pattern.finditer(plain))
    told, at = [], 0
    for begin, end in places:
        if begin >= at:
            told += [text[at:begin], HIDDEN]
        at = max(at, end)
    return "".join((*told, text[at:]))
