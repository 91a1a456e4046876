"""The parts of a subgraph that its department wrote itself, in the order of the SDL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    FieldDefinitionNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)

from schema.subgraph import TypeRules, ValidSubgraph


@dataclass(frozen=True, slots=True)
class FieldPart:
    """A field of an object type or interface."""

    parent: GraphQLObjectType | GraphQLInterfaceType
    name: str
    field: GraphQLField

    @property
    def path(self) -> str:
        return f"{self.parent.name}.{self.name}"

    @property
    def node(self) -> FieldDefinitionNode | None:
        return self.field.ast_node


@dataclass(frozen=True, slots=True)
class ArgumentPart:
    field: FieldPart
    name: str
    argument: GraphQLArgument

    @property
    def path(self) -> str:
        return f"{self.field.path}({self.name}:)"


@dataclass(frozen=True, slots=True)
class InputPart:
    parent: GraphQLInputObjectType
    name: str
    field: GraphQLInputField

    @property
    def path(self) -> str:
        return f"{self.parent.name}.{self.name}"


@dataclass(frozen=True, slots=True)
class ValuePart:
    parent: GraphQLEnumType
    name: str
    value: GraphQLEnumValue

    @property
    def path(self) -> str:
        return f"{self.parent.name}.{self.name}"


def own_types(subgraph: ValidSubgraph) -> Iterator[GraphQLNamedType]:
    for name, declared in subgraph.schema.type_map.items():
        is_written = declared.ast_node is not None or declared.extension_ast_nodes
        is_ours = name not in subgraph.links.machinery and not name.startswith("_")
        is_builtin = is_introspection_type(declared) or is_specified_scalar_type(declared)
        if is_written and is_ours and not is_builtin:
            yield declared


def own_fields(subgraph: ValidSubgraph) -> Iterator[FieldPart]:
    """Not those that it only names, nor the machinery of Federation."""
    for declared in own_types(subgraph):
        if isinstance(declared, GraphQLObjectType | GraphQLInterfaceType) and not is_stub(subgraph, declared):
            for name, field in declared.fields.items():
                is_own = field.ast_node is not None and not name.startswith("_")
                if is_own and not subgraph.rules(declared.name, name).external:
                    yield FieldPart(declared, name, field)


def own_arguments(subgraph: ValidSubgraph) -> Iterator[ArgumentPart]:
    for part in own_fields(subgraph):
        for name, argument in part.field.args.items():
            yield ArgumentPart(part, name, argument)


def own_inputs(subgraph: ValidSubgraph) -> Iterator[InputPart]:
    for declared in own_types(subgraph):
        if isinstance(declared, GraphQLInputObjectType):
            for name, field in declared.fields.items():
                yield InputPart(declared, name, field)


def own_values(subgraph: ValidSubgraph) -> Iterator[ValuePart]:
    for declared in own_types(subgraph):
        if isinstance(declared, GraphQLEnumType):
            for name, value in declared.values.items():
                yield ValuePart(declared, name, value)


def is_stub(subgraph: ValidSubgraph, declared: GraphQLNamedType) -> bool:
    """Whether the type is another department's, of which only the key is named here."""
    keys = subgraph.types.get(declared.name, TypeRules()).keys
    return bool(keys) and not any(key.resolvable for key in keys)


def is_root(subgraph: ValidSubgraph, declared: GraphQLNamedType) -> bool:
    schema = subgraph.schema
    return declared in (schema.query_type, schema.mutation_type, schema.subscription_type)
