"""Which types one subgraph of a Federation 1 supergraph has: those that its own fields lead to.

Source: https://specs.apollo.dev/join/v0.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from graphql import (
    DirectiveDefinitionNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    specified_scalar_types,
)

from schema.composition.flatten import ROOT_NAMES
from schema.composition.supergraph_sdl.joins import Joins

Field = FieldDefinitionNode | InputValueDefinitionNode


class FirstGraph:
    """One subgraph: the types that it has, by name."""

    def __init__(
        self,
        value: str,
        all_types: Mapping[str, TypeDefinitionNode],
        joins: Joins,
        directives: Sequence[DirectiveDefinitionNode],
    ) -> None:
        self.value = value
        self.all_types = all_types
        self.joins = joins
        reached = self._reached(directives)
        self.types = frozenset(
            name
            for name, node in all_types.items()
            if (value in joins.by_graph(node, "type") if joins.applied(node, "type") else name in reached)
        )

    def knows(self, type_name: str) -> bool:
        return type_name in self.types or type_name in specified_scalar_types

    def has_field(self, node: TypeDefinitionNode, field: Field) -> bool:
        """Whether the subgraph says that it resolves the field, or owns the type, or nobody does."""
        if told := self.joins.by_graph(field, "field"):
            return self.value in told
        owners = self.joins.by_graph(node, "owner")
        return not owners or self.value in owners

    def keys(self, node: TypeDefinitionNode) -> list[str]:
        applied = self.joins.by_graph(node, "type").get(self.value, ())
        return [str(each["key"]) for each in applied if each.get("key") is not None]

    def interfaces(self, node: TypeDefinitionNode) -> list[str]:
        """The interfaces that the type implements here: those that the subgraph has."""
        named = [each.name.value for each in getattr(node, "interfaces", None) or ()]
        return [name for name in named if name in self.types and node.name.value in self.types]

    def _reached(self, directives: Sequence[DirectiveDefinitionNode]) -> frozenset[str]:
        entities = (name for name, node in self.all_types.items() if self.keys(node))
        arguments = (base_type(each.type) for node in directives for each in node.arguments or ())
        waiting = [*ROOT_NAMES.values(), *entities, *arguments]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            node = self.all_types.get(name)
            if node is not None and name not in seen:
                seen.add(name)
                waiting.extend(self._next(node))
        return frozenset(seen)

    def _next(self, node: TypeDefinitionNode) -> Iterator[str]:
        if isinstance(node, UnionTypeDefinitionNode):
            yield from (each.name.value for each in node.types or ())
        if isinstance(node, InterfaceTypeDefinitionNode):
            yield from (
                name
                for name, each in self.all_types.items()
                if node.name.value in [one.name.value for one in getattr(each, "interfaces", None) or ()]
            )
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            yield from (each.name.value for each in node.interfaces or ())
        for field in fields_of(node):
            if self.has_field(node, field):
                yield base_type(field.type)
                yield from (base_type(each.type) for each in getattr(field, "arguments", None) or ())


def fields_of(node: TypeDefinitionNode | None) -> tuple[Any, ...]:
    """Fields of an object type, interface or input type; nothing for the others."""
    return tuple(getattr(node, "fields", None) or ())


def base_type(node: TypeNode) -> str:
    """The name inside lists and non-nulls."""
    while not isinstance(node, NamedTypeNode):
        node = cast("Any", node).type
    return node.name.value
