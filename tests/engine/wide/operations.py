"""Operations as clients write them: fragments in fragments, conditions of both kinds, typed arguments, one name
for fields of several types."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
)

from tests.engine.operations import Asked, OperationWriter

SHARED_NAMES = ("same", "same", "id", "name")


def make_wide_operation(schema: GraphQLSchema, random: Random) -> Asked:
    return _WideWriter(schema, random).write()


@dataclass
class _WideWriter(OperationWriter):
    typed: dict[str, str] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)

    def write(self) -> Asked:
        asked = super().write()
        return Asked(asked.text, {**asked.variables, **self.values})

    def declarations(self) -> list[str]:
        return [*super().declarations(), *(f"${name}: {type_}" for name, type_ in sorted(self.typed.items()))]

    def selection(self, place: GraphQLNamedType, depth: int) -> str:
        text = super().selection(place, depth)
        if is_abstract_type(place) and self.happens(0.3):
            text += self._of_one_name(place)
        if isinstance(place, GraphQLObjectType) and self.happens(0.15):
            for one in place.interfaces[:1]:
                text += f" {self.fragment(one, depth)}"
        if self.happens(0.1):
            text = f"...{self.condition() or ' @include(if: true)'} {{ {text} }}"
        return text

    def _of_one_name(self, place: GraphQLNamedType) -> str:
        """Under one response name a leaf of each type, often with unlike arguments."""
        name, text = self.random.choice(SHARED_NAMES), ""
        for one in sorted(self.schema.get_possible_types(place), key=lambda one: one.name):  # type: ignore[arg-type]
            leaves = [each for each in one.fields.items() if not is_composite_type(get_named_type(each[1].type))]
            alike = [each for each in leaves if str(each[1].type) == "String"] or leaves
            if alike and self.happens(0.7):
                chosen, definition = self.random.choice(alike)
                text += f" ... on {one.name} {{ {name}: {chosen}{self.arguments(definition)} }}"
        return text

    def fragment(self, on: GraphQLNamedType, depth: int) -> str:
        """Named fragments may hold others, made before them."""
        if self.happens(0.25) and isinstance(on, GraphQLObjectType | GraphQLInterfaceType):
            inner = self.fragment(on, depth)
            body = " ".join([*self.fields(on, depth, 0.3), inner])
            name = f"F{sum(map(len, self.fragments.values()))}"
            self.fragments.setdefault(on.name, []).append((name, body))
            return f"...{name}{self.condition()}"
        return super().fragment(on, depth)

    def condition(self) -> str:
        if not self.happens(0.12):
            return super().condition()
        self.conditions |= {"x", "y"}
        one, other = self.random.sample(["x", "y"], 2)
        return f" @skip(if: ${one}) @include(if: ${other})"

    def arguments(self, definition: GraphQLField) -> str:
        if all(str(argument.type) == "Int" for argument in definition.args.values()) and len(definition.args) < 2:
            return super().arguments(definition)
        given = []
        for name, argument in definition.args.items():
            if isinstance(argument.type, GraphQLNonNull) or self.happens(0.6):
                given.append(f"{name}: {self._value(argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def _value(self, type_: GraphQLInputType) -> str:
        if self.happens(0.3):
            name = f"v{len(self.typed)}"
            self.typed[name] = str(type_)
            self.values[name] = self._plain(type_)
            return f"${name}"
        return _printed(self._plain(type_), type_)

    def _plain(self, type_: GraphQLInputType) -> object:
        named = get_nullable_type(type_)
        if isinstance(named, GraphQLList):
            return [self._plain(named.of_type) for _ in range(self.random.randint(0, 2))]
        if isinstance(named, GraphQLEnumType):
            return self.random.choice(sorted(named.values))
        if isinstance(named, GraphQLInputObjectType):
            return {name: self._plain(one.type) for name, one in named.fields.items() if self.happens(0.6)}
        return self.random.randint(0, 3) if str(named) == "Int" else self.random.choice(("", "text", '"q"'))


def _printed(value: object, type_: GraphQLInputType) -> str:
    named = get_nullable_type(type_)
    if isinstance(named, GraphQLList):
        return f"[{', '.join(_printed(one, named.of_type) for one in value)}]"  # type: ignore[attr-defined]
    if isinstance(named, GraphQLInputObjectType):
        inner = (f"{name}: {_printed(one, named.fields[name].type)}" for name, one in value.items())  # type: ignore[attr-defined]
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, str) and not isinstance(named, GraphQLEnumType):
        escaped = value.replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)
