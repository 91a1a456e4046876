"""Which ``@external`` fields of a subgraph are used: by a key, ``@requires``, ``@provides`` or an interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    get_named_type,
)

from schema.composition.field_sets import targets
from schema.composition.rules import field_set_of
from schema.directives import Links


def used_externals(types: Mapping[str, TypeDefinitionNode], links: Links, schema: GraphQLSchema) -> frozenset[str]:
    """The coordinates of every field that a FieldSet names or an implemented interface demands."""
    return frozenset(
        coordinate
        for node in types.values()
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
        for coordinate in (*_named_by_field_sets(node, links, schema), *_demanded(node, schema))
    )


def _named_by_field_sets(
    node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode, links: Links, schema: GraphQLSchema
) -> Iterator[str]:
    name = node.name.value
    for key in links.applied(node, "key"):
        if fields := field_set_of(key):
            yield from targets(schema, name, fields)
    owner = schema.type_map.get(name)
    for each in node.fields or ():
        for requires in links.applied(each, "requires"):
            if fields := field_set_of(requires):
                yield from targets(schema, name, fields)
        for provides in links.applied(each, "provides"):
            fields = field_set_of(provides)
            if fields and owner is not None and hasattr(owner, "fields") and each.name.value in owner.fields:
                child = get_named_type(owner.fields[each.name.value].type)
                yield from targets(schema, child.name, fields)


def _demanded(
    node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode, schema: GraphQLSchema
) -> Iterator[str]:
    owner = schema.type_map.get(node.name.value)
    if isinstance(owner, GraphQLObjectType):
        for interface in owner.interfaces:
            yield from (f"{owner.name}.{field_name}" for field_name in interface.fields)
