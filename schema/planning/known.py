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
    """A field that was fetched: what it is, and what is known below it: of a gathered list the elements of each
    part, of any other field with a selection one object."""

    name: str
    arguments: str
    below: tuple[Known, ...] = ()

    def copy(self) -> KnownField:
        return KnownField(self.name, self.arguments, tuple(one.copy() for one in self.below))


@dataclass(slots=True)
class Known:
    """An object of the answer. ``types`` are those that may stand here; ``untold`` those of them that only an
    interface object told of, so that which one it is cannot be known yet. ``part`` is the subgraph that brought
    an element of a gathered list."""

    types: frozenset[str]
    fields: dict[str, dict[str, KnownField]] = field(default_factory=dict)
    untold: frozenset[str] = frozenset()
    part: str = ""

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
            {t: {name: one.copy() for name, one in fields.items()} for t, fields in self.fields.items()},
            self.untold,
            self.part,
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
                if [below.part for below in mine.below] != [below.part for below in one.below]:
                    # One was gathered meanwhile; the other has the part that came along.
                    mine.below = max(mine.below, one.below, key=lambda below: [each.part for each in below])
                    continue
                for here, there in zip(mine.below, one.below, strict=False):
                    if here is not there:
                        yield from here.join(there)

    def find(self, path: Path) -> list[tuple[Known, frozenset[str]]]:
        """The objects at a path, each with the types that the path lets through."""
        found = [(self, self.types)]
        for step in path:
            if isinstance(step, OnTypes):
                found = [(one, types & set(step.types)) for one, types in found]
            elif isinstance(step, str):
                found = [
                    (below, below.types)
                    for one, types in found
                    for type_name in sorted(types)
                    if (entry := one.fields.get(type_name, {}).get(step))
                    for below in entry.below
                ]
            elif step.parts:
                found = [(one, types) for one, types in found if one.part in step.parts]
        return list({id(one): (one, types) for one, types in found}.values())
