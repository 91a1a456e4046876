"""Place a gathered list: a visit of its own that asks every subgraph that holds a part.

Source: the specification of ``@gather``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.field_set import FieldSet
from schema.planning.open_visit import OpenVisit, Unreachable
from schema.planning.query_graph import Home, Standing
from schema.planning.selection import ItemKey, Selected, Selection
from schema.planning.site import Entered, GatherParts, Site

if TYPE_CHECKING:
    from schema.planning.arrangement import Arrangement
    from schema.planning.paths import PathSearch


def place_gathered(
    arrangement: Arrangement,
    type_name: str,
    wanted: Selected,
    key: ItemKey,
    merge_by: FieldSet | None,
    services: tuple[str, ...],
) -> frozenset[int]:
    """The visit that brings all parts. Raises :class:`Unreachable` where one cannot be had."""
    graph = arrangement.search.graph
    after: frozenset[int] = frozenset()
    needs: frozenset[ItemKey] = frozenset()
    doors: list[tuple[str, Entered | None]] = []
    inline = _inline_part(arrangement, type_name, wanted.name, services)
    for service in services:
        if service == inline:
            doors.append((service, None))
            after |= {0}
            continue
        entered, before, key_needs = arrangement.enter(type_name, service)
        doors.append((service, entered))
        after |= before
        needs |= key_needs
    below, names = arrangement.search.elements(type_name, wanted, merge_by)
    sites: list[Site] = []
    if below is not None:
        places = [Standing(s, graph.declared_as(s, type_name) or type_name) for s in services]
        standings = [graph.below(place, type_name, wanted.name) for place in places]
        sites = _followed_up(arrangement.search, below, tuple(one for one in standings if one))
    parts = GatherParts(type_name, names, tuple(doors))
    number = arrangement.add(OpenVisit("", after, needs={type_name: needs}, gather=parts))
    arrangement.put(key, None, (number,))
    for site in sites:
        arrangement.put(key, site, (number,))
    return frozenset({number})


def _followed_up(search: PathSearch, below: Selection, standings: tuple[Standing, ...]) -> list[Site]:
    """The sites of the elements: one for all parts, or where these have no key in common, one for each group of
    parts that have. Raises :class:`Unreachable` where a part alone does not do."""
    site = search.solve(below, (Home(standings),))
    if not site.leftover:
        return [site]
    sites: list[Site] = []
    for standing in standings:
        for number, group in enumerate(sites):
            (home,) = group.homes
            site = search.solve(below, (Home((*home.standings, standing)),))
            if not site.leftover:
                sites[number] = site
                break
        else:
            sites.append(search.solve(below, (Home((standing,)),)))
            if sites[-1].leftover:
                raise Unreachable
    return sites


def _inline_part(arrangement: Arrangement, type_name: str, name: str, services: tuple[str, ...]) -> str | None:
    """The subgraph whose part home brings: only where home is one subgraph."""
    standings = [standing for home in arrangement.homes for standing in home.standings]
    if len(standings) != 1 or standings[0].service not in services:
        return None
    (home,) = standings
    is_there = arrangement.search.graph.resolves(home, type_name, name) is not None
    return home.service if is_there else None
