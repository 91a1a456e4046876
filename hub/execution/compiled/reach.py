"""Find the objects at a path among structs, each once, in the answer's order.

What was found is remembered for the rest of the operation: objects that one fetch brings are all there at
once and stay the same ones. Objects that are nothing but equal keys are made one object on the way, so that
what they stand for is set once however often they occur.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from operator import attrgetter
from typing import Any

from hub.execution.compiled.layout import Place
from hub.execution.compiled.structs import Structs, attribute, is_simple
from schema.planning.query_plan import OnTypes, Path

Found = dict["Reach", list[Any]]
"""The objects already found in one operation, by where."""

KeyOf = Callable[[Any], Any]


class Reach:
    """The objects at one path. ``is_stable``: they are all there once any of them is."""

    is_stable = True

    def find(self, found: Found) -> list[Any]:
        """The objects, as far as they were brought."""
        known = found.get(self)
        if known is None:
            known = self._look(found)
            if self.is_stable:
                found[self] = known
        return known

    def _look(self, found: Found) -> list[Any]:
        raise NotImplementedError


class Root(Reach):
    """Where every path begins; ``found`` holds the root object from the beginning."""


class OfTypes(Reach):
    """Those of the objects that have one of these classes."""

    def __init__(self, parent: Reach, classes: frozenset[type]) -> None:
        self.is_stable = parent.is_stable
        self._parent = parent
        self._classes = classes

    def _look(self, found: Found) -> list[Any]:
        classes = self._classes
        return [each for each in self._parent.find(found) if each.__class__ in classes]


class Below(Reach):
    """What stands at one field of the objects. Nulls are passed over, lists opened.

    ``key_of`` is given where the objects consist of simple values: those with equal ones become one.
    ``is_everywhere``: every object has the field. ``is_shared``: two of them may hold the same object.
    """

    def __init__(
        self,
        parent: Reach,
        name: str,
        lists: int,
        key_of: KeyOf | None,
        *,
        is_stable: bool,
        is_everywhere: bool,
        is_shared: bool,
    ) -> None:
        self.is_stable = parent.is_stable and is_stable
        self._parent = parent
        self._attribute = name
        self._get = attrgetter(name) if is_everywhere else lambda each: getattr(each, name, None)
        self._lists = lists
        self._key_of = key_of
        self._is_shared = is_shared

    def _look(self, found: Found) -> list[Any]:
        parents = self._parent.find(found)
        if self._key_of is not None and self._lists < 2:
            known: dict[Any, Any] = {}
            if self._lists:
                _unite_in_lists(parents, self._attribute, self._key_of, known)
            else:
                _unite(parents, self._attribute, self._key_of, known)
            return list(known.values())
        values: Iterable[Any] = map(self._get, parents)
        for _ in range(self._lists):
            values = chain.from_iterable([each for each in values if each])
        objects = [each for each in values if each]
        return list(dict.fromkeys(objects)) if self._is_shared else objects


def _unite(parents: Iterable[Any], name: str, key_of: KeyOf, known: dict[Any, Any]) -> None:
    get = attrgetter(name)
    for parent in parents:
        value = get(parent)
        if value:
            one = known.setdefault(key_of(value), value)
            if one is not value:
                setattr(parent, name, one)


def _unite_in_lists(parents: Iterable[Any], name: str, key_of: KeyOf, known: dict[Any, Any]) -> None:
    get = attrgetter(name)
    for parent in parents:
        values = get(parent)
        if values:
            for index, value in enumerate(values):
                if value:
                    one = known.setdefault(key_of(value), value)
                    if one is not value:
                        values[index] = one


class Reaches:
    """Makes the reaches of one layout; equal paths share one."""

    def __init__(self, root: Place, structs: Structs) -> None:
        self.root = Root()
        self._structs = structs
        self._places: dict[Reach, list[tuple[Place, frozenset[str]]]] = {
            self.root: [(root, frozenset(root.slots))]
        }
        self._known: dict[tuple[Reach, object], Reach] = {}
        self._only_way: set[Reach] = {self.root}
        """Reaches of which no other one finds any of the objects."""

    def at(self, path: Path) -> Reach:
        reach: Reach = self.root
        for step in path:
            if isinstance(step, OnTypes):
                reach = self.of_types(reach, frozenset(step.types))
            elif isinstance(step, str):
                reach = self.below(reach, step)
        return reach

    def places(self, reach: Reach) -> list[tuple[Place, frozenset[str]]]:
        """What can stand there."""
        return self._places[reach]

    def of_types(self, parent: Reach, types: frozenset[str]) -> Reach:
        known = self._known.get((parent, types))
        if known is None:
            places = [(place, here & types) for place, here in self._places[parent]]
            if places == self._places[parent]:
                return parent
            classes = [self._structs.of[place].by_name[name] for place, here in places for name in here]
            known = self._known[parent, types] = OfTypes(parent, frozenset(classes))
            self._places[known] = [(place, here) for place, here in places if here]
        return known

    def below(self, parent: Reach, name: str) -> Reach:
        known = self._known.get((parent, name))
        if known is None:
            concrete = [(place, each) for place, here in self._places[parent] for each in sorted(here)]
            slots = [place.slots[each][name] for place, each in concrete if name in place.slots[each]]
            places = list(dict.fromkeys(slot.below for slot in slots if slot.below is not None))
            lists = str(slots[0].type).count("[") if slots else 0
            is_only_way = parent in self._only_way and len(places) == 1 and len(places[0].slots) == 1
            key_of = self._key_of(places[0]) if is_only_way else None
            is_stable = len({place.creator for place in places}) == 1
            known = Below(
                parent,
                attribute(name),
                lists,
                key_of,
                is_stable=is_stable,
                is_everywhere=len(slots) == len(concrete),
                # An entity's answer goes to every object that stands for it.
                is_shared=any(
                    place.creator is not None and place.slots[e][name].bringer is not place.creator
                    for place, e in concrete
                    if name in place.slots[e]
                ),
            )
            if is_only_way:
                self._only_way.add(known)
            self._known[parent, name] = known
            self._places[known] = [(place, frozenset(place.slots)) for place in places]
        return known

    def _key_of(self, place: Place) -> KeyOf | None:
        """How objects are compared that are nothing but a key when they are brought."""
        if place.is_abstract:
            return None
        (slots,) = place.slots.values()
        brought = [slot for slot in slots.values() if slot.bringer is place.creator and slot.name != "__typename"]
        if not brought or not all(slot.below is None and is_simple(slot) for slot in brought):
            return None
        return attrgetter(*(attribute(slot.name) for slot in brought))
