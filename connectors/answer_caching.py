"""What a department's ``Cache-Control`` says of keeping its answer. Of contradictions the more careful word holds.

Sources: RFC 9111, 5.2.2 "Response Directives"; RFC 5861, "stale-if-error".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORBIDS = frozenset({"no-store", "no-cache", "must-revalidate"})
_WORD = re.compile(r'([A-Za-z-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,;]*)))?')


@dataclass(frozen=True, slots=True)
class AnswerCaching:
    """``max_age`` and ``stale_if_error`` are seconds; ``None`` where nothing is said."""

    may_keep: bool = True
    is_private: bool = False
    max_age: int | None = None
    stale_if_error: int | None = None

    def and_also(self, other: AnswerCaching) -> AnswerCaching:
        """What holds for an answer that is made of both."""
        return AnswerCaching(
            self.may_keep and other.may_keep,
            self.is_private or other.is_private,
            _least(self.max_age, other.max_age),
            _least(self.stale_if_error, other.stale_if_error),
        )

    def __str__(self) -> str:
        """As a header says it."""
        words = ["no-store"] * (not self.may_keep) + ["private"] * self.is_private
        words += [f"max-age={self.max_age}"] if self.max_age is not None else []
        words += [f"stale-if-error={self.stale_if_error}"] if self.stale_if_error is not None else []
        return ", ".join(words)


def read_caching(header: str | None) -> AnswerCaching | None:
    """``None`` where nothing is said. What cannot be understood as a number is zero."""
    if not header:
        return None
    may_keep, is_private = True, False
    ages: dict[str, int] = {}
    for name, quoted, plain in _WORD.findall(header.lower()):
        if name in _FORBIDS:
            may_keep = False
        elif name == "private":
            is_private = True
        elif name in ("max-age", "stale-if-error"):
            value = quoted or plain
            seconds = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
            ages[name] = min(ages.get(name, seconds), seconds)
    return AnswerCaching(may_keep, is_private, ages.get("max-age"), ages.get("stale-if-error"))


def _least(one: int | None, other: int | None) -> int | None:
    said = [each for each in (one, other) if each is not None]
    return min(said, default=None)
