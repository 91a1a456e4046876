"""When the visits of a site that is being arranged are made: how many sequential fetches lie before each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from schema.planning.selection import ItemKey

if TYPE_CHECKING:
    from schema.planning.arrangement import Arrangement
    from schema.planning.option import Place


def steps_of(arrangement: Arrangement, number: int, known: dict[int, int] | None = None) -> int:
    """How many sequential fetches lie before this visit's answer. ``known`` are those counted already."""
    homes = arrangement.homes
    if number < max(1, len(homes)):
        return homes[number].delay if homes else 0
    known = {} if known is None else known
    if number not in known:
        visit = arrangement.visits[number]
        known[number] = step_after(arrangement, visit.after, set().union(*visit.needs.values()), known)
    return known[number]


def step_after(
    arrangement: Arrangement, after: Collection[int], needs: Iterable[ItemKey], known: dict[int, int] | None = None
) -> int:
    """The step after these visits, and after what completes the fields that are needed of them."""
    known = {} if known is None else known
    waits = [steps_of(arrangement, one, known) for one in after]
    for site, homes in (one for key in needs for one in arrangement.below.get(key, ())):
        pairs = zip(site.homes, homes, strict=True)
        begun = max(steps_of(arrangement, one, known) - home.delay for home, one in pairs if one is not None)
        waits.append(begun + site.cost.steps)
    return 1 + max(waits, default=0)


def delay_of(arrangement: Arrangement, type_name: str, place: Place) -> int:
    """The steps before a place's answer; told ahead where the visit is not open yet."""
    if isinstance(place, int):
        return steps_of(arrangement, place)
    visits = arrangement.visits.items()
    number = next((n for n, one in visits if one.service == place and type_name in one.entered), None)
    return 1 if number is None else steps_of(arrangement, number)
