"""Draw operations over a schema: aliases, arguments, variables, fragments of both kinds, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

ALIASES = ("id", "name", "size", "a", "b", "code", "mark")


@dataclass(frozen=True)
class Asked:
    """An operation with its variables. Not every one is valid: aliases may clash."""

    text: str
    variables: Mapping[str, Any]


def make_operation(schema: GraphQLSchema, random: Random) -> Asked:
    return OperationWriter(schema, random).write()


@dataclass
class OperationWriter:
    """One operation as it is being written."""

    schema: GraphQLSchema
    random: Random
    conditions: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    fragments: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    size: int = 0

    def write(self) -> Asked:
        mutation = self.schema.mutation_type
        root = mutation if mutation and self.happens(0.15) else self.schema.query_type
        assert root
        body = " ".join(self.fields(root, 4, 0.5) or self.fields(root, 4, 1)) or "__typename"
        declared = self.declarations()
        head = f"{root.name.lower()} Q{f'({chr(44).join(declared)})' if declared else ''}"
        spread = [f"fragment {name} on {on} {{ {text} }}"
                  for on, made in self.fragments.items() for name, text in made]  # fmt: skip
        variables: dict[str, Any] = {n: self.happens(0.5) for n in sorted(self.conditions) if n != "z"}
        variables |= {n: self.random.choice((0, 1, 2)) for n in sorted(self.numbers) if self.happens(0.7)}
        return Asked("\n".join([f"{head} {{ {body} }}", *spread]), variables)

    def declarations(self) -> list[str]:
        """The variables that the text so far uses."""
        declared = [f"${name}: Boolean!" for name in sorted(self.conditions - {"z"})]
        declared += ["$z: Boolean = true"] if "z" in self.conditions else []
        return declared + [f"${name}: Int{' = 1' if name == 'm' else ''}" for name in sorted(self.numbers)]

    def selection(self, place: GraphQLNamedType, depth: int) -> str:
        parts = self.fields(place, depth, 0.4)
        if is_abstract_type(place):
            for one in sorted(self.schema.get_possible_types(place), key=lambda one: one.name):
                if self.happens(0.6):
                    parts.append(self.fragment(one, depth))
            if self.happens(0.2):
                interfaces = [t for t in self.schema.type_map.values() if isinstance(t, GraphQLInterfaceType)]
                fitting = [t for t in interfaces if self._overlaps(t, place)]
                parts += [self.fragment(t, depth) for t in fitting[:1]]
        elif self.happens(0.2):
            parts.append(self.fragment(place, depth))
        if not parts or self.happens(0.2):
            parts.append(self.random.choice(("__typename", "__typename", "kind: __typename")))
        self.random.shuffle(parts)
        return " ".join(parts)

    def _overlaps(self, one: Any, other: Any) -> bool:
        return bool({t.name for t in self.schema.get_possible_types(one)}
                    & {t.name for t in self.schema.get_possible_types(other)})  # fmt: skip

    def fragment(self, on: GraphQLNamedType, depth: int) -> str:
        made = self.fragments.get(on.name, [])
        if made and self.happens(0.3):
            return f"...{self.random.choice(made)[0]}{self.condition()}"
        body = " ".join(self.fields(on, depth, 0.5)) or "__typename"
        if self.happens(0.3):
            name = f"F{sum(map(len, self.fragments.values()))}"
            self.fragments.setdefault(on.name, []).append((name, body))
            return f"...{name}{self.condition()}"
        return f"... on {on.name}{self.condition()} {{ {body} }}"

    def fields(self, place: GraphQLNamedType, depth: int, chance: float) -> list[str]:
        if not isinstance(place, GraphQLObjectType | GraphQLInterfaceType):
            return []
        chosen = [(name, one) for name, one in place.fields.items() if self.happens(chance)][:6]
        found = [self._field(name, one, depth) for name, one in chosen]
        found += [self._field(name, one, depth) for name, one in chosen if self.happens(0.08)]
        return [one for one in found if one]

    def _field(self, name: str, definition: GraphQLField, depth: int) -> str:
        self.size += 1
        named = get_named_type(definition.type)
        if is_composite_type(named) and (depth == 0 or self.size > 24):
            return ""
        alias = f"{self.random.choice(ALIASES)}: " if self.happens(0.12) else ""
        head = f"{alias}{name}{self.arguments(definition)}{self.condition()}"
        return f"{head} {{ {self.selection(named, depth - 1)} }}" if is_composite_type(named) else head

    def arguments(self, definition: GraphQLField) -> str:
        if not definition.args or self.happens(0.4):
            return ""
        (name,) = definition.args
        if self.happens(0.5):
            self.numbers.add(variable := self.random.choice(("k", "m")))
            return f"({name}: ${variable})"
        return f"({name}: {self.random.choice((0, 1, 2, 3))})"

    def condition(self) -> str:
        if not self.happens(0.1):
            return ""
        if self.happens(0.1):
            return self.random.choice((" @skip(if: false)", " @include(if: false)", " @include(if: true)"))
        self.conditions.add(variable := self.random.choice(("x", "y", "z")))
        return f" @{self.random.choice(('skip', 'include'))}(if: ${variable})"

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance
