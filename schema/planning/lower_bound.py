"""The least that a place can cost, told from who resolves what, without searching.

Of each set of subgraphs that a field needs one of, some fetch below the place has to ask one, unless the
fetches that brought the place's objects did. An answer that costs no more than that is the cheapest: nothing
else has to be tried. Types count where every subgraph may answer them; more can only cost more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from schema.planning.query_graph import Home, QueryGraph
from schema.planning.selection import Selected, Selection
from schema.planning.site import Cost

Needed = frozenset[frozenset[str]]
"""Sets of subgraphs; one of each has to be asked."""


@dataclass(slots=True)
class LowerBound:
    """Remembers what each selection needs, for as long as an operation is planned."""

    graph: QueryGraph
    _needed: dict[tuple[int, tuple[str, ...]], tuple[Selection, Needed]] = field(default_factory=dict)

    def cost(self, selection: Selection, types: tuple[str, ...], homes: tuple[Home, ...]) -> Cost:
        """What no complete answer can be cheaper than."""
        asked = frozenset(one.service for home in homes for one in home.standings)
        open_sets = [services for services in self.needed(selection, types) if not services & asked]
        fetches = _disjoint(open_sets)
        return Cost(fetches, 1 if fetches else 0)

    def needed(self, selection: Selection, types: tuple[str, ...]) -> Needed:
        """Of which subgraphs one has to be asked for the fields here and below, for objects of these types."""
        key = (id(selection), types)
        if key not in self._needed:
            self._needed[key] = selection, _smallest(self._sets(selection, types))
        return self._needed[key][1]

    def _sets(self, selection: Selection, types: tuple[str, ...]) -> Iterator[frozenset[str]]:
        fields = {
            (type_name, one.name, id(one)): one for type_name in types for one in selection.fields(type_name)
        }
        for (type_name, name, _), one in fields.items():
            if name != "__typename":
                yield from self._sets_of(type_name, one)

    def _sets_of(self, type_name: str, one: Selected) -> Iterator[frozenset[str]]:
        services = self.graph.holders(type_name, one.name)
        rule, gathering = self.graph.gathering(type_name, one.name)
        if rule is not None:
            yield from (frozenset({service}) for service in gathering)
        else:
            yield frozenset({one.service}) if one.service else frozenset(services)
        if one.below is not None:
            yield from self.needed(one.below, self.graph.certain_types(type_name, one.name))


def _smallest(sets: Iterable[frozenset[str]]) -> Needed:
    """The sets without those that a smaller one implies."""
    kept: list[frozenset[str]] = []
    for one in sorted(set(sets), key=len):
        if one and not any(smaller <= one for smaller in kept):
            kept.append(one)
    return frozenset(kept)


def _disjoint(sets: Iterable[frozenset[str]]) -> int:
    """How many of the sets share no subgraph with one another, small ones first: so many fetches at least."""
    seen: frozenset[str] = frozenset()
    count = 0
    for one in sorted(sets, key=lambda services: (len(services), sorted(services))):
        if not one & seen:
            seen |= one
            count += 1
    return count
