"""Build the representations of structs: equal ones once, and who waits for each.

The same rules as ``hub.execution.entities``, by which the exact path builds them of plain values.
Source: Apollo Federation subgraph specification, "Query._entities".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET

from hub.execution.compiled.layout import Place, Slot
from hub.execution.compiled.structs import attribute, is_null, is_simple
from hub.execution.entities import is_keyless
from schema.planning.query_plan import Representation, RepresentationField, RepresentationFragment

encode = msgspec.json.Encoder().encode


class Misfit(Exception):
    """The answers are not as the compiled path wants them. The exact path says what that means."""


@dataclass(slots=True)
class Waiting:
    """``objects[i]`` wait for the answer to ``representations[i]``. ``keyless`` objects honestly have no key."""

    representations: list[Any]
    objects: list[list[Any]]
    keyless: list[Any]


Represent = Callable[[Sequence[Any]], Waiting]


def representing(
    places: Sequence[tuple[Place, frozenset[str]]],
    representations: Sequence[Representation],
    names: Mapping[type, str],
) -> Represent:
    """How objects are represented that stand at these places. ``names[class]`` is a class's GraphQL type."""
    if len(representations) == 1 and all(types == {representations[0].type_name} for _place, types in places):
        simple = _simple(representations[0], [place.slots[name] for place, types in places for name in types])
        if simple is not None:
            return simple
    by_type: dict[str, list[Representation]] = {}
    for representation in representations:
        by_type.setdefault(representation.type_name, []).append(representation)
    return _Generic({each: tuple(by_type.get(name, ())) for each, name in names.items()}, names)


def _simple(representation: Representation, slots: Sequence[Mapping[str, Slot]]) -> Represent | None:
    """For one type whose representation is of simple values: a dictionary by those values."""
    fields = [each for each in representation.selections if isinstance(each, RepresentationField)]
    names = {each.name for each in fields} - {"__typename"}
    if not len(names) == len(fields) == len(representation.selections):
        return None
    if any(each.selections or not is_simple(here[each.response_name]) for each in fields for here in slots):
        return None
    is_whole = all(here[each.response_name].is_there for each in fields for here in slots)
    return _Simple(representation, fields, is_whole=is_whole)


class _Simple:
    """``is_whole``: no value can be missing or null, so that every key makes a representation."""

    def __init__(
        self, representation: Representation, fields: Sequence[RepresentationField], *, is_whole: bool
    ) -> None:
        names = [each.name for each in fields]
        self._key_count = representation.key_count
        self._is_whole = is_whole
        self._is_one = len(names) == 1
        self._get = attrgetter(*(attribute(each.response_name) for each in fields))
        # A struct is made and encoded faster than a dictionary; its tag comes first, as __typename does.
        self._make = msgspec.defstruct(
            representation.type_name,
            [(attribute(name), object) for name in names],
            rename={attribute(name): name for name in names},
            tag_field="__typename",
            tag=representation.send_as,
            gc=False,
        )

    def __call__(self, objects: Sequence[Any]) -> Waiting:
        groups: dict[Any, list[Any]] = {}
        get = self._get
        for each in objects:
            key = get(each)
            group = groups.get(key)
            if group is None:
                groups[key] = [each]
            else:
                group.append(each)
        if not self._is_whole:
            return self._sort(groups)
        made = map(self._make, groups) if self._is_one else starmap(self._make, groups)
        return Waiting(list(made), list(groups.values()), [])

    def _sort(self, groups: Mapping[Any, list[Any]]) -> Waiting:
        waiting = Waiting([], [], [])
        for key, group in groups.items():
            values = (key,) if self._is_one else key
            if UNSET in values:
                raise Misfit
            if all(one is None for one in values[: self._key_count]):
                waiting.keyless.extend(group)
            else:
                waiting.representations.append(self._make(*values))
                waiting.objects.append(group)
        return waiting


class _Generic:
    def __init__(self, candidates: Mapping[type, Sequence[Representation]], names: Mapping[type, str]) -> None:
        self._candidates = candidates
        self._names = names

    def __call__(self, objects: Sequence[Any]) -> Waiting:
        waiting = Waiting([], [], [])
        positions: dict[bytes, int] = {}
        for each in objects:
            candidates = self._candidates.get(each.__class__, ())
            sent = self._first(each, candidates)
            if sent is None:
                if candidates:
                    waiting.keyless.append(each)
                continue
            position = positions.setdefault(encode(sent), len(positions))
            if position == len(waiting.representations):
                waiting.representations.append(sent)
                waiting.objects.append([])
            waiting.objects[position].append(each)
        return waiting

    def _first(self, target: Any, candidates: Sequence[Representation]) -> dict[str, Any] | None:
        for candidate in candidates:
            sent: dict[str, Any] = {"__typename": candidate.send_as}
            for selection in candidate.selections:
                self._read(target, selection, sent)
            if not is_keyless(sent, candidate):
                return sent
        return None

    def _read(
        self, source: Any, selection: RepresentationField | RepresentationFragment, sent: dict[str, Any]
    ) -> None:
        if isinstance(selection, RepresentationFragment):
            if self._names.get(source.__class__) in selection.types:
                for inner in selection.selections:
                    self._read(source, inner, sent)
            return
        value = getattr(source, attribute(selection.response_name), UNSET)
        sent[selection.name] = self._value(value, selection.selections)

    def _value(self, value: Any, selections: tuple[RepresentationField | RepresentationFragment, ...]) -> Any:
        if is_null(value):
            return None
        if value is UNSET:
            raise Misfit
        if not selections:
            return value
        if isinstance(value, list):
            return [self._value(item, selections) for item in value]
        below: dict[str, Any] = {}
        for selection in selections:
            self._read(value, selection, below)
        return below
