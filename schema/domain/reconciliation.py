"""Daily reconciliation (对账): our movements of money against the provider's statement, differences by name.

A movement is a payment, a refund, or what was done with a hold: authorised, captured, voided. Both sides name it
by our key, which the provider was given with it. What is in order is counted, what is not is a difference of
exactly one kind.
Source: docs/fees.md; domain.md, sections 5 and 9.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum


class MovementKind(StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    AUTHORISATION = "AUTHORISATION"
    """Money is held; none has moved."""
    CAPTURE = "CAPTURE"
    """A part of what was held was taken."""
    VOID = "VOID"
    """A part of what was held was let go."""


_SIGNS: Mapping[MovementKind, int] = {
    MovementKind.PAYMENT: 1,
    MovementKind.CAPTURE: 1,
    MovementKind.REFUND: -1,
    MovementKind.AUTHORISATION: 0,
    MovementKind.VOID: 0,
}
"""How each counts in a day's sum of money."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One payment, refund or act on a hold as one side has it. ``is_settled``: it is done. Amounts are fen."""

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
    CAPTURE_WITHOUT_HOLD = "CAPTURE_WITHOUT_HOLD"
    """The provider took money of a payment of which neither side has a hold."""
    VOID_MISSING = "VOID_MISSING"
    """We booked a hold as let go that the provider never let go."""
    HOLD_LEFT = "HOLD_LEFT"
    """Money is held still though it was decided whether it is taken or let go."""


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
    """How a day compares: movements and sums of both sides (refunds count against, holds do not count), and every
    difference."""

    movements_here: int
    movements_there: int
    amount_here_fen: int
    amount_there_fen: int
    differences: tuple[Difference, ...]

    @property
    def is_balanced(self) -> bool:
        return not self.differences


def reconcile(
    here: Iterable[Movement],
    there: Iterable[Movement],
    left: Iterable[Movement] = (),
    held: AbstractSet[str] = frozenset(),
) -> Reconciliation:
    """Compare both sides of one day. ``here`` may hold movements that are not settled: they are not unknown.

    ``left`` are holds that we should be rid of by now, ``held`` the numbers of payments that we know to be held,
    or to have been, since whatever day.
    One walk over each side: the time grows with their number alone.
    """
    ours = {(each.kind, each.key): each for each in here}
    statement: dict[tuple[MovementKind, str], list[Movement]] = {}
    for line in there:
        statement.setdefault((line.kind, line.key), []).append(line)
    held = held | {
        line.number
        for (kind, _), lines in statement.items()
        for line in lines
        if kind is MovementKind.AUTHORISATION
    }
    found = [_difference(ours.get(key), lines, held) for key, lines in statement.items()]
    absent = [_missing_there(each) for key, each in ours.items() if each.is_settled and key not in statement]
    forgotten = [_named(DifferenceKind.HOLD_LEFT, each, each, None) for each in left]
    differences = sorted(
        filter(None, [*found, *absent, *forgotten]), key=lambda each: (each.kind, each.movement, each.key)
    )
    lines_there = [line for lines in statement.values() for line in lines]
    settled = [each for each in ours.values() if each.is_settled]
    return Reconciliation(
        len(settled), len(lines_there), _amount(settled), _amount(lines_there), tuple(differences)
    )


def _difference(ours: Movement | None, lines: list[Movement], held: AbstractSet[str]) -> Difference | None:
    first = lines[0]
    if len(lines) > 1:
        return _named(DifferenceKind.DOUBLED, first, ours, " + ".join(_shown(line) for line in lines))
    if ours is None and first.kind is MovementKind.CAPTURE and first.number not in held:
        return _named(DifferenceKind.CAPTURE_WITHOUT_HOLD, first, None, _shown(first))
    if ours is None:
        return _named(DifferenceKind.MISSING_HERE, first, None, _shown(first))
    if ours.amount_fen != first.amount_fen:
        return _named(DifferenceKind.AMOUNT_DIFFERS, first, ours, _shown(first))
    if not ours.is_settled:
        return _named(DifferenceKind.STATE_DIFFERS, first, ours, _shown(first))
    return None


def _missing_there(ours: Movement) -> Difference:
    is_void = ours.kind is MovementKind.VOID
    kind = DifferenceKind.VOID_MISSING if is_void else DifferenceKind.MISSING_THERE
    return _named(kind, ours, ours, None)


def _named(kind: DifferenceKind, movement: Movement, ours: Movement | None, there: str | None) -> Difference:
    return Difference(kind, movement.kind, movement.key, movement.number, _shown(ours) if ours else None, there)


def _shown(movement: Movement) -> str:
    return f"{movement.amount_fen} fen {movement.state}".rstrip()


def _amount(movements: Iterable[Movement]) -> int:
    return sum(_SIGNS[each.kind] * each.amount_fen for each in movements)
