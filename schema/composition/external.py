"""Which ``@external`` fields of a subgraph are used: by a key, ``@requires``, ``@provides`` or an interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    get_named_type,
)

from schema.composition.rules import argument_of, field_set_of
from schema.contexts import read_reference
from schema.directives import Links
from schema.field_set import FieldSet
from schema.field_set_targets import targets


def used_externals(types: Mapping[str, TypeDefinitionNode], links: Links, schema: GraphQLSchema) -> frozenset[str]:
    """The coordinates of every field that a FieldSet names or an implemented interface demands."""
    return frozenset(
        coordinate
        for node in types.values()
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
        for coordinate in (*_named_by_field_sets(node, links, schema), *_demanded(node, schema))
    ).union(_named_by_contexts(types, links, schema))


def _named_by_contexts(
    types: Mapping[str, TypeDefinitionNode], links: Links, schema: GraphQLSchema
) -> Iterator[str]:
    """What contextual arguments read of the types that set their contexts."""
    if "fromContext" not in links.directives.values():
        return
    setting: dict[str, list[str]] = {}
    for name, node in types.items():
        for each in links.applied(node, "context"):
            value = argument_of(each, "name")
            if isinstance(value, StringValueNode):
                setting.setdefault(value.value, []).append(name)
    for node in types.values():
        for field in getattr(node, "fields", None) or ():
            for argument in getattr(field, "arguments", None) or ():
                for each in links.applied(argument, "fromContext"):
                    value = argument_of(each, "field")
                    reference = read_reference(value.value) if isinstance(value, StringValueNode) else None
                    for name in setting.get(reference[0], ()) if reference else ():
                        yield from targets(schema, name, reference[1] if reference else FieldSet(()))


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
