"""Objects whose concrete type is not known where they stand: a subgraph holds them as an interface object.

Such an object may be any implementation of the interface. What is asked alike of all of them can be fetched
without knowing; a type condition or ``__typename`` needs a subgraph that has the interface itself and can be
entered by its key. Source: Federation 2.3, "Entity interfaces", "@interfaceObject".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schema.planning.query_graph import Home, QueryGraph
from schema.planning.selection import Purpose, Selected, Selection

TYPE_NAME = Selected("__typename", "__typename", purpose=Purpose.KEY)
"""The concrete type, asked for the planner's own sake."""


@dataclass(frozen=True, slots=True)
class Blind:
    """``held_as`` is the interface object of each concrete type that some home cannot tell; ``homes`` are the
    numbers of those homes, ``told`` the types that another home tells, ``groups`` those of each interface object.

    ``conflicting`` are (interface, response name) that mean different things for different types, so that
    nothing may be fetched under that name before the type is known. ``distinct`` are the interfaces whose
    types are not asked alike, or asked for their names.
    """

    held_as: Mapping[str, str] = field(default_factory=dict)
    homes: frozenset[int] = frozenset()
    told: frozenset[str] = frozenset()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conflicting: frozenset[tuple[str, str]] = frozenset()
    distinct: frozenset[str] = frozenset()

    def group(self, type_name: str) -> tuple[str, ...]:
        """The types that cannot be told from this one, itself included."""
        interface = self.held_as.get(type_name)
        if interface is None:
            return (type_name,)
        return self.groups[interface]

    def is_conflicting(self, type_name: str, response_name: str) -> bool:
        return (self.held_as.get(type_name), response_name) in self.conflicting

    def is_told_at_home(self, type_name: str) -> bool:
        return type_name not in self.held_as or type_name in self.told

    def interfaces(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.held_as.values())))


SEEING = Blind()
"""Every object tells its type."""


def blindness(graph: QueryGraph, selection: Selection, homes: tuple[Home, ...], types: tuple[str, ...]) -> Blind:
    """What cannot be told at a place where objects of these types are brought by these homes."""
    held_as: dict[str, str] = {}
    blind_homes: set[int] = set()
    told: set[str] = set()
    for number, home in enumerate(homes):
        for type_name in types:
            names = [one for standing in home.standings if (one := graph.held_as(standing, type_name))]
            if names:
                held_as.setdefault(type_name, names[0])
                blind_homes.add(number)
            else:
                told.add(type_name)
    if not held_as:
        return SEEING
    conflicting, distinct = _differences(selection, held_as)
    groups: dict[str, tuple[str, ...]] = {}
    for type_name, interface in held_as.items():
        groups[interface] = (*groups.get(interface, ()), type_name)
    return Blind(held_as, frozenset(blind_homes), frozenset(told), groups, conflicting, distinct)


def _differences(
    selection: Selection, held_as: Mapping[str, str]
) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    meanings: dict[tuple[str, str], dict[int, Selected]] = {}
    conflicting: set[tuple[str, str]] = set()
    asked: dict[str, set[frozenset[int]]] = {}
    named: set[str] = set()
    for type_name, interface in held_as.items():
        fields = selection.fields(type_name)
        asked.setdefault(interface, set()).add(frozenset(id(one) for one in fields))
        for one in fields:
            key = (interface, one.response_name)
            known = meanings.setdefault(key, {})
            if one.name == "__typename":
                named.add(interface)
            if id(one) not in known and key not in conflicting:
                if not all(may_share_name(one, other) for other in known.values()):
                    conflicting.add(key)
                known[id(one)] = one
    distinct = frozenset(interface for interface, different in asked.items() if len(different) > 1)
    return frozenset(conflicting), distinct | named


def may_share_name(one: Selected, other: Selected) -> bool:
    """Whether two fields that are asked under one response name can be fetched as one, for objects of both."""
    pairs = [(one, other)]
    seen: set[tuple[int, int]] = set()
    while pairs:
        mine, theirs = pairs.pop()
        if mine is theirs or mine.response_name != theirs.response_name:
            continue
        if not mine.is_same_field(theirs.name, theirs.arguments):
            return False
        below, beside = mine.below, theirs.below
        if below is None or beside is None or below is beside or (id(below), id(beside)) in seen:
            continue
        seen.add((id(below), id(beside)))
        for type_name, fields in below.by_type.items():
            pairs += ((each, other) for each in fields for other in beside.fields(type_name))
    return True
