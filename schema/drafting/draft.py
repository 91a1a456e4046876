"""What drafting gives: an SDL, what was left out of it and why, and how much of the original it covers."""

from __future__ import annotations

from dataclasses import dataclass


class Undraftable(ValueError):
    """Nothing can be drafted from this. The text says what was expected."""


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """Something that was left out, or that a person should look at. ``operation`` is named as in its document."""

    operation: str
    reason: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Count:
    """``drafted`` of the ``found`` things of a kind are in the draft."""

    what: str
    drafted: int
    found: int

    def __str__(self) -> str:
        share = f" ({100 * self.drafted / self.found:.1f} %)" if self.found else ""
        return f"{self.drafted} of {self.found} {self.what}{share}"


@dataclass(frozen=True, slots=True)
class Draft:
    """``kind`` is the one to register it with."""

    kind: str
    sdl: str
    notes: tuple[Note, ...]
    coverage: tuple[Count, ...]

    def __str__(self) -> str:
        return self.sdl
