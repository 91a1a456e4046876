"""Daily reconciliation (对账): our movements of money against the provider's statement, differences by name.

A movement is a payment or a refund. Both sides name it by our key, which the provider was given with it. What is
in order is counted, what is not is a difference of exactly one kind.
Source: docs/fees.md; domain.md, sections 5 and 9.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class MovementKind(StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"


@dataclass(frozen=True, slots=True)
class Movement:
    """One payment or refund as one side has it. ``is_settled``: the money has moved. Amounts are fen."""

    kind: MovementKind
    key: str
    number: str
    amount_fen: int
    is_settled: bool = True
    state: str = ""


class DifferenceKind(StrEnum):
    MISSING_HERE = "MISSING_HERE"
    """The provider moved money of which we know nothing."""
    MISSING_THERE = "MISSING_THERE"
    """We booked money that the provider never moved."""
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    STATE_DIFFERS = "STATE_DIFFERS"
    """The provider moved money that we still wait for, or have given up."""
    DOUBLED = "DOUBLED"
    """The provider moved the money of one payment or refund more than once."""


@dataclass(frozen=True, slots=True)
class Difference:
    """``here`` and ``there`` say how each side has it; ``None`` where it has nothing."""

    kind: DifferenceKind
    movement: MovementKind
    key: str
    number: str
    here: str | None
    there: str | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How a day compares: movements and sums of both sides (refunds count against), and every difference."""

    movements_here: int
    movements_there: int
    amount_here_fen: int
    amount_there_fen: int
    differences: tuple[Difference, ...]

    @property
    def is_balanced(self) -> bool:
        return not self.differences


def reconcile(here: Iterable[Movement], there: Iterable[Movement]) -> Reconciliation:
    """Compare both sides of one day. ``here`` may hold movements that are not settled: they are not unknown.

    One walk over each side: the time grows with their number alone.
    """
    ours = {(each.kind, each.key): each for each in here}
    statement: dict[tuple[MovementKind, str], list[Movement]] = {}
    for line in there:
        statement.setdefault((line.kind, line.key), []).append(line)
    found = [_difference(ours.get(key), lines) for key, lines in statement.items()]
    absent = [_missing_there(each) for key, each in ours.items() if each.is_settled and key not in statement]
    differences = sorted(filter(None, [*found, *absent]), key=lambda each: (each.kind, each.movement, each.key))
    lines_there = [line for lines in statement.values() for line in lines]
    settled = [each for each in ours.values() if each.is_settled]
    return Reconciliation(
        len(settled), len(lines_there), _amount(settled), _amount(lines_there), tuple(differences)
    )


def _difference(ours: Movement | None, lines: list[Movement]) -> Difference | None:
    first = lines[0]
    if len(lines) > 1:
        return _named(DifferenceKind.DOUBLED, first, ours, " + ".join(_shown(line) for line in lines))
    if ours is None:
        return _named(DifferenceKind.MISSING_HERE, first, None, _shown(first))
    if ours.amount_fen != first.amount_fen:
        return _named(DifferenceKind.AMOUNT_DIFFERS, first, ours, _shown(first))
    if not ours.is_settled:
        return _named(DifferenceKind.STATE_DIFFERS, first, ours, _shown(first))
    return None


def _missing_there(ours: Movement) -> Difference:
    return _named(DifferenceKind.MISSING_THERE, ours, ours, None)


def _named(kind: DifferenceKind, movement: Movement, ours: Movement | None, there: str | None) -> Difference:
    return Difference(kind, movement.kind, movement.key, movement.number, _shown(ours) if ours else None, there)


def _shown(movement: Movement) -> str:
    return f"{movement.amount_fen} fen {movement.state}".rstrip()


def _amount(movements: Iterable[Movement]) -> int:
    return sum(-each.amount_fen if each.kind is MovementKind.REFUND else each.amount_fen for each in movements)
