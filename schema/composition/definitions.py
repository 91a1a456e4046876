"""Walk the definitions of a valid subgraph: its composite types and their fields, as text and as schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    FieldDefinitionNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
)

from schema.composition.problems import Place
from schema.subgraph import FieldRules, ValidSubgraph


@dataclass(frozen=True, slots=True)
class DefinedType:
    """An object type or interface of one subgraph."""

    subgraph: ValidSubgraph
    node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
    type: GraphQLObjectType | GraphQLInterfaceType

    @property
    def name(self) -> str:
        return self.type.name

    @property
    def is_interface(self) -> bool:
        return isinstance(self.type, GraphQLInterfaceType)

    @property
    def place(self) -> Place:
        return Place(self.subgraph.name, self.node)

    def applied(self, directive: str) -> tuple[DirectiveNode, ...]:
        return self.subgraph.links.applied(self.node, directive)


@dataclass(frozen=True, slots=True)
class DefinedField:
    """A field of an object type or interface of one subgraph."""

    owner: DefinedType
    node: FieldDefinitionNode
    field: GraphQLField

    @property
    def coordinate(self) -> str:
        return f"{self.owner.name}.{self.node.name.value}"

    @property
    def rules(self) -> FieldRules:
        return self.owner.subgraph.rules(self.owner.name, self.node.name.value)

    @property
    def place(self) -> Place:
        return Place(self.owner.subgraph.name, self.node)

    def applied(self, directive: str) -> tuple[DirectiveNode, ...]:
        return self.owner.subgraph.links.applied(self.node, directive)

    def place_of(self, node: Node) -> Place:
        return Place(self.owner.subgraph.name, node)


def defined_types(subgraph: ValidSubgraph) -> Iterator[DefinedType]:
    """Object types and interfaces in the order of the SDL, without Federation's own."""
    for definition in subgraph.document.definitions:
        if isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            type_ = subgraph.schema.type_map.get(definition.name.value)
            is_own = definition.name.value not in subgraph.links.machinery
            if is_own and isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
                yield DefinedType(subgraph, definition, type_)


def defined_fields(subgraph: ValidSubgraph) -> Iterator[DefinedField]:
    """Every field of :func:`defined_types`."""
    for owner in defined_types(subgraph):
        for node in owner.node.fields or ():
            yield DefinedField(owner, node, owner.type.fields[node.name.value])
