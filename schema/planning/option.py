"""One way to answer a field: the places that are asked for it side by side, and how good that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schema.field_set import FieldSet
from schema.planning.selection import Selection
from schema.planning.site import Site
from schema.planning.timing import delay_of

if TYPE_CHECKING:
    from schema.planning.arrangement import Arrangement

Place = int | str
"""Where a field is asked: the number of a home, or a subgraph to be visited."""


@dataclass(slots=True)
class Option:
    """A way to answer one field: the places that are asked for it side by side, each a home of the site below."""

    places: tuple[Place, ...]
    below: Site | None
    required: FieldSet | None = None

    @property
    def used(self) -> tuple[Place, ...]:
        return tuple(self.places[number] for number in self.below.used) if self.below else self.places

    def answers_some_of(self, wanted: Selection | None) -> bool:
        left = self.below.leftover if self.below else None
        return wanted is None or left is None or left.size() < wanted.size()

    def rank(self, arrangement: Arrangement, type_name: str) -> tuple[object, ...]:
        leftover = self.below.leftover.size() if self.below and self.below.leftover else 0
        cost = self.below.cost if self.below else None
        new = [one for one in self.used if isinstance(one, str)]
        unvisited = sum(not any(visit.service == one for visit in arrangement.visits.values()) for one in new)
        delay = max((delay_of(arrangement, type_name, one) for one in new), default=0)
        return (
            leftover,
            cost.fetches if cost else 0,
            self.required is not None,
            cost.steps if cost else 0,
            len(new),
            (delay, unvisited) if arrangement.is_apart else (unvisited, delay),
            [home_rank(arrangement, one) for one in self.used if isinstance(one, int)],
            new,
        )


def home_rank(arrangement: Arrangement, number: int) -> tuple[object, ...]:
    """Which home is asked first: the earliest, then one that is asked anyway."""
    return arrangement.homes[number].delay, not arrangement.visits[number].placed, number
