"""Arguments that objects above fill: entities below different values are asked for apart.

Source: Federation 2.8, "@context", "@fromContext".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.execution.entities import Object, identity, objects_at
from hub.execution.fault import Fault
from schema.planning.query_plan import (
    ContextVariable,
    Flatten,
    RepresentationField,
    RepresentationFragment,
)


@dataclass(slots=True)
class InContext:
    """Objects below the same values. ``fault`` is why there are no values, where something failed above."""

    values: dict[str, Any]
    fault: Fault | None = None
    objects: list[Object] = field(default_factory=list)


def in_contexts(data: Object, node: Flatten) -> list[InContext]:
    """The objects of an entity fetch by the values of its contexts, in the answer's order."""
    above = [_values_below(data, node, each) for each in node.node.contexts]
    groups: dict[bytes, InContext] = {}
    faulty: list[InContext] = []
    for target in objects_at(data, node.path):
        values = {each.name: found.get(id(target)) for each, found in zip(node.node.contexts, above, strict=True)}
        fault = next((value for value in values.values() if type(value) is Fault), None)
        if fault is not None:
            faulty.append(InContext({}, fault, [target]))
        else:
            groups.setdefault(identity(values), InContext(values)).objects.append(target)
    return [*groups.values(), *faulty]


def _values_below(data: Object, node: Flatten, context: ContextVariable) -> Mapping[int, Any]:
    """The value for each object of the fetch, by the object's ``id``."""
    found: dict[int, Any] = {}
    rest = node.path[len(context.path) :]
    for holder in objects_at(data, context.path):
        value = _read(holder, context.parts)
        for target in objects_at(holder, rest):
            found[id(target)] = value
    return found


def _read(holder: Object, parts: tuple[RepresentationField | RepresentationFragment, ...]) -> Any:
    """The one value that is selected; null where something on the way to it is."""
    value: Any = holder
    while parts:
        part = next((each for each in parts if _applies(each, value)), None)
        if part is None or type(value) is not dict:
            return value if type(value) is Fault else None
        if isinstance(part, RepresentationField):
            value = value.get(part.response_name)
        parts = part.selections
    return value


def _applies(part: RepresentationField | RepresentationFragment, value: Any) -> bool:
    if isinstance(part, RepresentationFragment):
        return type(value) is dict and value.get("__typename") in part.types
    return part.name != "__typename"
