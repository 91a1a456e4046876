"""Freeze an arranged site: when each visit is wanted, what it costs, what was left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.planning.selection import ALWAYS, Conditions, ItemKey, Selection, either
from schema.planning.site import Branch, Cost, Placed, Site, Visit
from schema.planning.timing import steps_of

if TYPE_CHECKING:
    from schema.planning.arrangement import Arrangement
    from schema.planning.query_graph import Home


def finish(arrangement: Arrangement) -> Site:
    """The site as a value."""
    wanted = _wanted_when(arrangement)
    order = _in_order(arrangement)
    position = {number: place for place, number in enumerate(order)}
    branches: dict[tuple[object, ...], Branch] = {}
    visits = tuple(_freeze(arrangement, n, wanted, position, branches) for n in order)
    leftover = None
    if arrangement.leftover:
        by_type = {type_name: tuple(fields) for type_name, fields in arrangement.leftover.items()}
        origin = arrangement.selection.origin or arrangement.selection
        leftover = Selection(arrangement.selection.type_name, by_type, origin)
    cost = _cost(arrangement.homes, visits)
    return Site(
        arrangement.selection, arrangement.homes, arrangement.types, visits, cost, leftover, arrangement.blind
    )


def _in_order(arrangement: Arrangement) -> list[int]:
    """The visits, the homes first, each after those it needs."""
    count = max(1, len(arrangement.homes))
    numbers = range(count, len(arrangement.visits))
    return [*range(count), *sorted(numbers, key=lambda number: (steps_of(arrangement, number), number))]


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
    arrangement: Arrangement,
    number: int,
    wanted: dict[ItemKey, Conditions],
    position: dict[int, int],
    branches: dict[tuple[object, ...], Branch],
) -> Visit:
    visit = arrangement.visits[number]
    placed: dict[str, list[Placed]] = {}
    for key in visit.placed:
        item = arrangement.items[key]
        conditions = wanted.get(key, ALWAYS)
        sites = [(site, homes) for site, homes in arrangement.below.get(key, ()) if number in homes]
        is_always_asked = item.is_key and not any(site.cost.fetches for site, _ in sites)
        for site, homes in sites:
            at = tuple(None if one is None else position[one] for one in homes)
            alike = (id(site), at, id(item.selected), conditions, is_always_asked)
            branch = branches.setdefault(alike, Branch(site, at))
            placed.setdefault(key[0], []).append(Placed(key, item.selected, conditions, is_always_asked, branch))
        if not sites:
            placed.setdefault(key[0], []).append(Placed(key, item.selected, conditions, is_always_asked, None))
    return Visit(
        service=visit.service,
        after=frozenset(position[number] for number in visit.after),
        needs=frozenset(key for keys in visit.needs.values() for key in keys),
        entered=tuple(sorted(visit.entered.items(), key=lambda pair: pair[0])),
        placed=tuple((type_name, tuple(fields)) for type_name, fields in placed.items()),
        conditions=either(*(one.conditions for fields in placed.values() for one in fields)) or ALWAYS,
        gather=visit.gather,
        is_blind=arrangement.is_blind(number),
    )


def _cost(homes: tuple[Home, ...], visits: tuple[Visit, ...]) -> Cost:
    fetches = steps = 0
    ready: list[int] = []
    whole: dict[ItemKey, int] = {}
    for number, visit in enumerate(visits):
        own = len([door for _, door in visit.gather.doors if door]) if visit.gather else int(bool(visit.service))
        waits = [ready[one] for one in visit.after] + [whole.get(key, 0) for key in visit.needs]
        if number < len(homes):
            waits.append(homes[number].delay)
        step = max(waits, default=0) + int(bool(own))
        ready.append(step)
        fetches += own
        if visit.placed:
            steps = max(steps, step)
        counted: set[int] = set()
        for one in (one for _, fields in visit.placed for one in fields):
            if one.below and one.below.last == number:
                whole[one.key] = max(whole.get(one.key, 0), _done(one.below, ready))
                steps = max(steps, whole[one.key])
                if id(one.below) not in counted:
                    counted.add(id(one.below))
                    fetches += one.below.site.cost.fetches
    return Cost(fetches, steps)


def _done(branch: Branch, ready: list[int]) -> int:
    """The step after which all is there that is asked below."""
    homes = zip(branch.site.homes, branch.homes, strict=True)
    begun = max(ready[one] - home.delay for home, one in homes if one is not None)
    return begun + branch.site.cost.steps
