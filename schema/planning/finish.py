"""Freeze an arranged site: when each visit is wanted, what it costs, what was left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.planning.selection import ALWAYS, Conditions, Selection, either
from schema.planning.site import Cost, ItemKey, Placed, Site, Visit

if TYPE_CHECKING:
    from schema.planning.arrangement import Arrangement, OpenVisit


def finish(arrangement: Arrangement) -> Site:
    """The site as a value."""
    wanted = _wanted_when(arrangement)
    order = _in_order(arrangement)
    position = {number: place for place, number in enumerate(order)}
    visits = tuple(_freeze(arrangement, arrangement.visits[n], wanted, position) for n in order)
    leftover = None
    if arrangement.leftover:
        by_type = {type_name: tuple(fields) for type_name, fields in arrangement.leftover.items()}
        origin = arrangement.selection.origin or arrangement.selection
        leftover = Selection(arrangement.selection.type_name, by_type, origin)
    return Site(arrangement.selection, arrangement.standings, arrangement.types, visits, _cost(visits), leftover)


def _in_order(arrangement: Arrangement) -> list[int]:
    """The visits, each after those it needs."""
    return sorted(range(len(arrangement.visits)), key=lambda number: (arrangement.steps(number), number))


def _wanted_when(arrangement: Arrangement) -> dict[ItemKey, Conditions]:
    """When each field is wanted. A hidden one is wanted when one of the visits that need it is."""
    wanted = {key: item.selected.conditions for key, item in arrangement.items.items() if item.is_client}
    for number in reversed(_in_order(arrangement)):
        visit = arrangement.visits[number]
        visited = either(*(wanted.get(key, frozenset()) for key in visit.placed))
        for keys in visit.needs.values():
            for key in keys:
                wanted[key] = either(wanted.get(key, frozenset()), visited)
    return wanted


def _freeze(
    arrangement: Arrangement, visit: OpenVisit, wanted: dict[ItemKey, Conditions], position: dict[int, int]
) -> Visit:
    placed: dict[str, list[Placed]] = {}
    for key, below in visit.placed.items():
        item = arrangement.items[key]
        conditions = wanted.get(key, ALWAYS)
        is_always_asked = item.is_key and (below is None or not below.cost.fetches)
        placed.setdefault(key[0], []).append(Placed(key, item.selected, conditions, is_always_asked, below))
    return Visit(
        service=visit.service,
        after=frozenset(position[number] for number in visit.after),
        needs=frozenset(key for keys in visit.needs.values() for key in keys),
        entered=tuple(sorted(visit.entered.items(), key=lambda pair: pair[0])),
        placed=tuple((type_name, tuple(fields)) for type_name, fields in placed.items()),
        conditions=either(*(one.conditions for fields in placed.values() for one in fields)) or ALWAYS,
        gather=visit.gather,
    )


def _cost(visits: tuple[Visit, ...]) -> Cost:
    fetches = steps = 0
    ready: list[int] = []
    whole: dict[ItemKey, int] = {}
    for visit in visits:
        own = len([door for _, door in visit.gather.doors if door]) if visit.gather else int(bool(visit.service))
        waits = [ready[one] for one in visit.after] + [whole.get(key, 0) for key in visit.needs]
        step = max(waits, default=0) + int(bool(own))
        ready.append(step)
        fetches += own
        steps = max(steps, step)
        for one in (one for _, fields in visit.placed for one in fields if one.below):
            below = one.below.cost if one.below else Cost()
            fetches += below.fetches
            whole[one.key] = max(whole.get(one.key, 0), step + below.steps)
            steps = max(steps, whole[one.key])
    return Cost(fetches, steps)
