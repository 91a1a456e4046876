"""What is known of an answer while a plan is walked: fields by concrete type, for the checker.

Mutable and independent of the planner's own values: the checker reads nothing but the plan, the supergraph
and the operation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from schema.planning.query_plan import OnTypes, Path


@dataclass(slots=True)
class KnownField:
    """A field that was fetched: what it is, and what is known below it."""

    name: str
    arguments: str
    below: Known | None = None


@dataclass(slots=True)
class Known:
    """An object of the answer. ``types`` are those that may stand here; ``untold`` those of them that only an
    interface object told of, so that which one it is cannot be known yet."""

    types: frozenset[str]
    fields: dict[str, dict[str, KnownField]] = field(default_factory=dict)
    untold: frozenset[str] = frozenset()

    def learn(self, type_name: str, response_name: str, found: KnownField) -> str | None:
        """Take a field in; the problem where the name means something else already."""
        fields = self.fields.setdefault(type_name, {})
        known = fields.setdefault(response_name, found)
        if (known.name, known.arguments) != (found.name, found.arguments):
            return f'"{response_name}" of {type_name} is fetched as "{known.name}" and as "{found.name}"'
        return None

    def copy(self) -> Known:
        return Known(
            self.types,
            {
                type_name: {
                    name: KnownField(one.name, one.arguments, one.below.copy() if one.below else None)
                    for name, one in fields.items()
                }
                for type_name, fields in self.fields.items()
            },
            self.untold,
        )

    def join(self, other: Known) -> Iterator[str]:
        """Know what both know: two fetches brought parts of one object."""
        self.types &= other.types
        self.untold &= other.untold
        for type_name, fields in other.fields.items():
            for name, one in fields.items():
                mine = self.fields.setdefault(type_name, {}).get(name)
                if mine is None:
                    self.fields[type_name][name] = one
                    continue
                problem = self.learn(type_name, name, one)
                if problem:
                    yield problem
                if mine.below and one.below and mine.below is not one.below:
                    yield from mine.below.join(one.below)

    def find(self, path: Path) -> list[tuple[Known, frozenset[str]]]:
        """The objects at a path, each with the types that the path lets through."""
        found = [(self, self.types)]
        for step in path:
            if isinstance(step, OnTypes):
                found = [(one, types & set(step.types)) for one, types in found]
            elif isinstance(step, str):
                found = [
                    (entry.below, entry.below.types)
                    for one, types in found
                    for type_name in sorted(types)
                    if (entry := one.fields.get(type_name, {}).get(step)) and entry.below
                ]
        return list({id(one): (one, types) for one, types in found}.values())


def common(parts: list[Known]) -> Known:
    """What is known of every element of a joined list, from whichever part it comes."""
    types = frozenset().union(*(part.types for part in parts))
    joined = Known(types)
    for type_name in sorted(types):
        holding = [part.fields.get(type_name, {}) for part in parts if type_name in part.types]
        joined.fields[type_name] = {
            name: _common_field([fields[name] for fields in holding])
            for name in holding[0]
            if all(name in fields for fields in holding)
        }
    return joined


def _common_field(found: list[KnownField]) -> KnownField:
    below = [one.below for one in found if one.below]
    return KnownField(found[0].name, found[0].arguments, common(below) if below else None)
