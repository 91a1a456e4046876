"""Objects found at a path, and the representations by which a subgraph knows them.

Identical representations are sent once; an object that lacks a key is not sent at all.
Source: Apollo Federation subgraph specification, "Query._entities".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from json import dumps
from typing import Any

import msgspec

from hub.execution.fault import Fault, GatheredList
from hub.execution.numbers import encode_number
from hub.execution.projection import Projection
from schema.planning.query_plan import (
    Each,
    OnTypes,
    Path,
    Representation,
    RepresentationField,
    RepresentationFragment,
)

Object = dict[str, Any]

_encode = msgspec.json.Encoder(enc_hook=encode_number).encode


@dataclass(frozen=True, slots=True)
class Entities:
    """What is sent, and for each representation the objects that wait for its answer.

    ``unsent`` are objects that a fault kept from being sent, with that fault; ``keyless`` those that
    honestly have no key. ``unmet`` are fields, with their object, that are not to be believed: what they require
    has that fault.
    """

    representations: list[Object]
    waiting: list[list[Object]]
    unsent: list[tuple[Object, Fault]]
    keyless: list[Object]
    unmet: list[tuple[Object, str, Fault]]


class _Absent(Exception):
    """The object lacks a needed field; ``fault`` says why, when anything does."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault


def objects_at(data: Object, path: Path) -> list[Object]:
    """The objects at ``path``, each once, in the answer's order; what is null or no object is skipped."""
    found = {id(value): value for value in _walk(data, path, 0) if type(value) is dict}
    return list(found.values())


def _walk(value: Any, path: Path, index: int) -> Iterator[Any]:
    while index < len(path):
        step = path[index]
        index += 1
        if type(step) is str:
            if type(value) is not dict:
                return
            value = value.get(step)
        elif type(step) is OnTypes:
            if type(value) is not dict or value.get("__typename") not in step.types:
                return
        elif type(step) is Each and isinstance(value, list):
            for position in _elements(value, step):
                yield from _walk(value[position], path, index)
            return
        else:
            return
    yield value


def note_lost(data: Object, path: Path, projection: Projection) -> None:
    """Note at each fault on the way to ``path`` what a fetch for the objects there would bring: whoever brings
    the object after all finds that this is missing too, and why."""
    _note_lost({"": data}, "", path, projection)


def _note_lost(container: Any, key: str | int, path: Path, projection: Projection) -> None:
    value = container[key]
    if type(value) is Fault:
        if value.missing is not None:
            names = tuple(step for step in path if isinstance(step, str))
            container[key] = replace(value, missing=_joined(value.missing, names, projection))
    elif path:
        step, rest = path[0], path[1:]
        if type(step) is str:
            if type(value) is dict and step in value:
                _note_lost(value, step, rest, projection)
        elif type(step) is OnTypes:
            if type(value) is dict and value.get("__typename") in step.types:
                _note_lost(container, key, rest, projection)
        elif type(step) is Each and isinstance(value, list):
            for position in _elements(value, step):
                _note_lost(value, position, rest, projection)


def _joined(missing: Mapping[str, Any], names: tuple[str, ...], projection: Mapping[str, Any]) -> dict[str, Any]:
    if names:
        below = missing.get(names[0]) or {}
        return {**missing, names[0]: _joined(below, names[1:], projection)}
    joined = dict(missing)
    for name, below in projection.items():
        joined[name] = _joined(joined[name], (), below) if joined.get(name) and below else below
    return joined


def slots_at(data: Object, path: Path) -> Iterator[tuple[Any, str | int]]:
    """Container and key of every value at ``path``: what a guard needs to take a value away."""
    yield from _walk_slots({"": data}, "", path, 0)


def _walk_slots(container: Any, key: str | int, path: Path, index: int) -> Iterator[tuple[Any, str | int]]:
    if index == len(path):
        yield container, key
        return
    value, step = container[key], path[index]
    if type(step) is str:
        if type(value) is dict and step in value:
            yield from _walk_slots(value, step, path, index + 1)
    elif type(step) is OnTypes:
        if type(value) is dict and value.get("__typename") in step.types:
            yield from _walk_slots(container, key, path, index + 1)
    elif type(step) is Each and isinstance(value, list):
        for position in _elements(value, step):
            yield from _walk_slots(value, position, path, index + 1)


def _elements(value: list[Any], step: Each) -> Iterable[int]:
    """The positions in a list that the step leads to."""
    if not step.parts or type(value) is not GatheredList:
        return range(len(value))
    return (n for n, origin in enumerate(value.origins) if value.parts[origin].service in step.parts)


def represent(objects: Sequence[Object], representations: Sequence[Representation]) -> Entities:
    """Build what is sent for ``objects``."""
    by_type: dict[str, list[Representation]] = {}
    for representation in representations:
        by_type.setdefault(representation.type_name, []).append(representation)
    only = representations[0] if len(by_type) == 1 else None
    # Where its name is missing, an object is sent by what holds for every type that it may be of.
    only = next((each for each in representations if each.is_blind), only)
    entities = Entities([], [], [], [], [])
    positions: dict[bytes, int] = {}
    for target in objects:
        type_name = target.get("__typename")
        if type(type_name) is Fault and only is None:
            entities.unsent.append((target, type_name))
            continue
        # Where its name is missing or was lost with a fetch, the object is still of the only type there is.
        if type(type_name) is not str and only is not None:
            type_name = only.type_name
        _represent_one(target, by_type.get(type_name or "", ()), positions, entities)
    return entities


def _represent_one(
    target: Object, candidates: Sequence[Representation], positions: dict[bytes, int], entities: Entities
) -> None:
    fault = None
    for candidate in candidates:
        failed: dict[str, Fault] = {}
        try:
            sent = _build(target, candidate, failed)
        except _Absent as absent:
            fault = fault or absent.fault
            continue
        entities.unmet.extend(_unmet(target, candidate, failed))
        position = positions.setdefault(identity(sent), len(entities.representations))
        if position == len(entities.representations):
            entities.representations.append(sent)
            entities.waiting.append([])
        entities.waiting[position].append(target)
        return
    if fault is not None:
        entities.unsent.append((target, fault))
    elif candidates:
        entities.keyless.append(target)


def _unmet(
    target: Object, representation: Representation, failed: Mapping[str, Fault]
) -> Iterator[tuple[Object, str, Fault]]:
    for name, needed in representation.needs:
        fault = next((failed[each] for each in failed if each in needed), None)
        if fault is not None:
            yield target, name, fault


def _build(target: Object, representation: Representation, failed: dict[str, Fault]) -> Object:
    """What is sent for an object; ``failed`` is filled with the required fields that are null for a fault."""
    sent: Object = {"__typename": representation.send_as}
    key_count = representation.key_count
    for selection in representation.selections[:key_count]:
        _read_selection(target, selection, sent)
    if is_keyless(sent, representation):
        raise _Absent
    for selection in representation.selections[key_count:]:
        _read_required(target, selection, sent, failed)
    if failed and not any(failed.keys().isdisjoint(needed) for _, needed in representation.needs):
        raise _Absent(next(iter(failed.values())))
    return sent


def _read_required(
    source: Object,
    selection: RepresentationField | RepresentationFragment,
    sent: Object,
    failed: dict[str, Fault],
) -> None:
    """Like any selection; what a fault took away is null where that may be."""
    if isinstance(selection, RepresentationFragment):
        if source.get("__typename") in selection.types:
            for inner in selection.selections:
                _read_required(source, inner, sent, failed)
        return
    faults: list[Fault] = []
    _read_selection(source, selection, sent, faults)
    if faults:
        failed[selection.name] = faults[0]


def is_keyless(sent: Mapping[str, Any], representation: Representation) -> bool:
    """Whether nothing of the key is there. A part of it may be null: that is for the subgraph to understand."""
    return all(_is_nothing(sent, one) for one in representation.selections[: representation.key_count])


def _is_nothing(sent: Mapping[str, Any], selection: RepresentationField | RepresentationFragment) -> bool:
    if isinstance(selection, RepresentationFragment):
        return all(_is_nothing(sent, one) for one in selection.selections)
    value = sent.get(selection.name)
    if isinstance(value, dict):
        return all(_is_nothing(value, one) for one in selection.selections)
    return value is None


def _read_selection(
    source: Object,
    selection: RepresentationField | RepresentationFragment,
    sent: Object,
    faults: list[Fault] | None = None,
) -> None:
    """``faults``: noted instead of being raised, where null may stand for them."""
    if isinstance(selection, RepresentationFragment):
        if source.get("__typename") in selection.types:
            for inner in selection.selections:
                _read_selection(source, inner, sent, faults)
        return
    if selection.response_name not in source:
        raise _Absent
    try:
        sent[selection.name] = _read_value(source[selection.response_name], selection.selections, faults)
    except _Absent as absent:
        if faults is None or absent.fault is None or not selection.may_be_null:
            raise
        faults.append(absent.fault)
        sent[selection.name] = None


def _read_value(
    value: Any,
    selections: tuple[RepresentationField | RepresentationFragment, ...],
    faults: list[Fault] | None,
) -> Any:
    if value is None:
        return None
    if type(value) is Fault:
        raise _Absent(value)
    if not selections:
        return value
    if isinstance(value, list):
        return [_read_value(item, selections, faults) for item in value]
    if type(value) is not dict:
        raise _Absent
    below: Object = {}
    for selection in selections:
        _read_selection(value, selection, below, faults)
    return below


def identity(sent: Mapping[str, Any]) -> bytes:
    """Equal for equal representations only; numbers that Python finds equal (1, 1.0, true) stay apart."""
    try:
        return _encode(sent)
    except (ValueError, TypeError, OverflowError):
        return dumps(sent).encode()
