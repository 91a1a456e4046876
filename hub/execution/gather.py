"""Join the parts of a gathered list: every department that holds a part is asked, side by side.

A part that failed is left out and told; the others stand in the order of the plan. With a key, elements
that several departments hold become one, the first part's values first. Source: docs/spec/gather.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from connectors.connector import StaleAnswer
from hub.execution.entities import Object
from hub.execution.fault import Cause, Fault, GatheredList, Part
from hub.execution.projection import Projection, merge
from schema.errors import RuntimeCode
from schema.planning.query_plan import Fetch, Flatten, Gather, GatherPart


@dataclass(frozen=True, slots=True)
class Bring:
    """What one part's fetch brought: for each parent (by ``id``) an object that holds the part.

    ``keyless`` are the parents for which the subgraph could not be asked, for want of a key.
    """

    scratch: Mapping[int, Object]
    keyless: frozenset[int]
    projection: Projection
    milliseconds: int = 0
    stale: StaleAnswer | None = None


BringPart = Callable[[Fetch | Flatten, Sequence[Object]], Awaitable[Bring]]


async def join_parts(
    node: Gather, parents: Sequence[Object], bring: BringPart, milliseconds: Mapping[str, int]
) -> None:
    """Fetch the parts side by side, then set every parent's list.

    ``milliseconds`` tells how long a service took whose part came with the parent.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_timed(bring, part, parents)) for part in node.parts]
    brought = [task.result() for task in tasks]
    for parent in parents:
        values = [_value_of(node, part, answer, parent) for part, answer in zip(node.parts, brought, strict=True)]
        times = [
            a.milliseconds if a else milliseconds.get(p.service, 0)
            for p, a in zip(node.parts, brought, strict=True)
        ]
        ages = [answer.stale if answer else None for answer in brought]
        parent[node.response_name] = _join(node, values, times, ages)
        for answer in brought:
            if answer is not None:
                merge(parent, answer.scratch[id(parent)], _without(answer.projection, node.response_name))


async def _timed(bring: BringPart, part: GatherPart, parents: Sequence[Object]) -> Bring | None:
    if part.node is None:
        return None
    started = perf_counter()
    answer = await bring(part.node, parents)
    took = round((perf_counter() - started) * 1000)
    return replace(answer, milliseconds=took)


def _value_of(node: Gather, part: GatherPart, answer: Bring | None, parent: Object) -> list[Any] | Cause:
    """The part's elements, or why there are none. A department that does not know the parent holds none."""
    if answer is None:
        value = parent.get(node.response_name)
    elif id(parent) in answer.keyless:
        return Cause("There is no key to ask this department by.", RuntimeCode.SERVICE_UNAVAILABLE, part.service)
    else:
        value = answer.scratch[id(parent)].get(node.response_name)
    if type(value) is Fault:
        return value.cause
    if value is None:
        return []
    if isinstance(value, list):
        return value
    return Cause("The department's part is no list.", RuntimeCode.DEPARTMENT_WRONG_TYPE, part.service)


def _join(
    node: Gather,
    values: Sequence[list[Any] | Cause],
    times: Sequence[int],
    ages: Sequence[StaleAnswer | None],
) -> GatheredList:
    parts = [
        Part(
            part.service,
            took,
            0 if isinstance(value, Cause) else len(value),
            value if isinstance(value, Cause) else None,
            stale,
        )
        for part, value, took, stale in zip(node.parts, values, times, ages, strict=True)
    ]
    joined = GatheredList(parts)
    seen: dict[tuple[Any, ...], Object] = {}
    for origin, value in enumerate(values):
        for element in () if isinstance(value, Cause) else value:
            identity = _identity(element, node.key)
            if identity is not None and identity in seen:
                _fill(seen[identity], element)
                continue
            if identity is not None:
                seen[identity] = element
            joined.append(element)
            joined.origins.append(origin)
    return joined


def _identity(element: Any, key: tuple[str, ...]) -> tuple[Any, ...] | None:
    """The element's key values, ``None`` when it has no complete key and so equals no other."""
    if not key or type(element) is not dict:
        return None
    values: list[Any] = []
    for name in key:
        value: Any = element
        for step in name.split("."):
            value = value.get(step) if type(value) is dict else None
        if not isinstance(value, (str, int, float, bool)):
            return None
        values.append((type(value), value))
    return tuple(values)


def _fill(first: Object, later: Object) -> None:
    """Give ``first`` what only ``later`` has."""
    for name, value in later.items():
        present = first.get(name)
        if present is None or type(present) is Fault:
            first[name] = value
        elif type(present) is dict and type(value) is dict:
            _fill(present, value)


def _without(projection: Projection, name: str) -> Projection:
    return {other: below for other, below in projection.items() if other != name}
