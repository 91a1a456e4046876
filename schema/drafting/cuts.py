"""Where a selection ends: circles cannot be selected to their end, and giant objects need not be.

A field whose object would lead back, or make a selection too large, becomes ``JSON``: nothing of the answer is
lost, only its type. Where the object can be looked up by its key, the key alone is selected instead, and the rest
is looked up when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schema.drafting.graph import JSON, Field, Graph, Named, ObjectType, Type, innermost, with_innermost

_LIMITS = (400, 250, 150, 90, 50, 25)
"""Fields in one selection; the first with which the whole draft stays within ``_TOTAL``."""
_TOTAL = 50_000
_HEIGHT = 14
"""Levels of objects in one selection. Mappings are parsed to a bounded depth."""
_OPEN = 150
"""Types that one walk is inside of at once."""


@dataclass(slots=True)
class Cuts:
    """``stubs`` are the fields (type, field) whose object is selected by its key alone."""

    stubs: dict[tuple[str, str], tuple[str, ...]]


def cut(graph: Graph, roots: Iterable[Type]) -> Cuts:
    """Changes the types of fields that are cut to ``JSON``."""
    starts = [inner.name for inner in map(innermost, roots) if isinstance(inner, Named)]
    measure = _Measure(graph, _LIMITS[-1])
    for limit in _LIMITS:
        measure = _Measure(graph, limit)
        if sum(measure.size(name) for name in starts) <= _TOTAL:
            break
    for (owner, name), keys in measure.cuts.items():
        if keys is None:
            field = graph.objects[owner].fields[name]
            field.type = with_innermost(field.type, JSON)
            field.reviews += (measure.reasons[owner, name],)
    return Cuts({place: keys for place, keys in measure.cuts.items() if keys is not None})


class _Measure:
    """How many fields a type's selection has, where circles are cut and nothing is larger than ``limit``."""

    def __init__(self, graph: Graph, limit: int) -> None:
        self._graph = graph
        self._limit = limit
        self._sizes: dict[str, int] = {}
        self._heights: dict[str, int] = {}
        self._open: set[str] = set()
        self.cuts: dict[tuple[str, str], tuple[str, ...] | None] = {}
        self.reasons: dict[tuple[str, str], str] = {}

    def size(self, name: str) -> int:
        if name in self._sizes:
            return self._sizes[name]
        self._open.add(name)
        if name in self._graph.unions:
            members = self._graph.unions[name].members
            size = sum(1 + self.size(member) for member in members)
            self._heights[name] = 1 + max(self._heights[member] for member in members)
        else:
            size = self._of_object(self._graph.objects[name])
        self._open.discard(name)
        self._sizes[name] = size
        return size

    def _of_object(self, owner: ObjectType) -> int:
        below: dict[str, int] = {}
        for field in owner.fields.values():
            inner = innermost(field.type)
            if not isinstance(inner, Named):
                continue
            if self._leads_back(inner.name):
                below[field.name] = self._cut(owner, field, inner.name, "the type leads back to itself")
                continue
            below[field.name] = self.size(inner.name)
            if self._heights[inner.name] >= _HEIGHT:
                below[field.name] = self._cut(owner, field, inner.name, "its object is nested very deep")
        self._heights[owner.name] = 1 + max(
            (
                self._heights[innermost(owner.fields[name].type).name]
                for name in below
                if not self._is_cut(owner, name)
            ),
            default=0,
        )
        size = len(owner.fields) + sum(below.values())
        while size > self._limit:
            largest = max(below, key=lambda name: below[name], default="")
            if not largest or below[largest] <= 2:
                break
            field = owner.fields[largest]
            size -= below[largest]
            below[largest] = self._cut(owner, field, innermost(field.type).name, "its object is very large")
            size += below[largest]
        return size

    def _is_cut(self, owner: ObjectType, name: str) -> bool:
        return (owner.name, name) in self.cuts

    def _leads_back(self, name: str) -> bool:
        if name not in self._sizes and len(self._open) >= _OPEN:
            return True
        union = self._graph.unions.get(name)
        return name in self._open or (union is not None and any(each in self._open for each in union.members))

    def _cut(self, owner: ObjectType, field: Field, target: str, reason: str) -> int:
        found = self._graph.objects.get(target)
        keys = found.keys[0] if found and found.keys else None
        self.cuts[owner.name, field.name] = keys
        self.reasons[owner.name, field.name] = f"JSON, since {reason} ({target})"
        return len(keys or ())
