"""Merge valid subgraphs into one graph: a definition per type, and who resolves which field by which key.

The result is a document under canonical names: ``@inaccessible``, ``@tag`` and ``@deprecated`` stay on what
they mark. Source: Federation 2, "Composition rules".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from schema.composition.extensions import check_has_base
from schema.composition.merge_contexts import merge_contexts
from schema.composition.merge_directives import merge_directives
from schema.composition.merge_enums import Usage, merge_enum
from schema.composition.merge_fields import merge_fields
from schema.composition.merge_inputs import merge_input_object
from schema.composition.merge_interfaces import check_interfaces, interface_objects_of
from schema.composition.merge_marks import merge_description, merge_marks, most_frequent
from schema.composition.merging import Merging, Part, in_order
from schema.composition.problems import Problems, in_subgraphs
from schema.composition.references import NEVER_OWN
from schema.features import SupergraphFeature
from schema.subgraph import EntityKey, ValidSubgraph
from schema.supergraph import FieldSource

Parts = Sequence[Part[Any]]
_KINDS: Mapping[type[GraphQLNamedType], str] = {
    GraphQLScalarType: "scalar",
    GraphQLObjectType: "object type",
    GraphQLInterfaceType: "interface",
    GraphQLUnionType: "union",
    GraphQLEnumType: "enum",
    GraphQLInputObjectType: "input object type",
}
_INTERFACE_OBJECT = "object type with @interfaceObject"


@dataclass(frozen=True)
class Merged:
    """One graph over all subgraphs, not yet proven to be answerable."""

    subgraphs: Mapping[str, ValidSubgraph]
    types: Mapping[str, TypeDefinitionNode]
    directives: tuple[DirectiveDefinitionNode, ...]
    sources: Mapping[str, tuple[FieldSource, ...]]
    keys: Mapping[str, Mapping[str, tuple[EntityKey, ...]]]
    features: tuple[SupergraphFeature, ...] = ()
    schema_directives: tuple[ConstDirectiveNode, ...] = ()
    description: StringValueNode | None = None


def merge(
    subgraphs: Sequence[ValidSubgraph], problems: Problems, composed: frozenset[str] = frozenset()
) -> Merged:
    """Merge type by type; enums last, since how they merge depends on where the merged graph uses them.

    ``composed`` names the custom directives whose definitions are not merged but taken over.
    """
    every = _parts_by_name(subgraphs)
    parts = {name: _of_one_kind(name, each, problems) for name, each in every.items()}
    merging = Merging(tuple(subgraphs), problems, _supertypes(parts))
    types: dict[str, TypeDefinitionNode] = {}
    sources: dict[str, tuple[FieldSource, ...]] = {}
    for name, each in parts.items():
        if not isinstance(each[0].element, GraphQLEnumType):
            types[name] = _merge_type(name, each, parts, sources, merging)
    check_interfaces(every, problems)
    directives = merge_directives(merging, composed)
    usage = _usage(types.values(), parts, (*directives, *_definitions(subgraphs, composed)))
    for name, each in parts.items():
        if isinstance(each[0].element, GraphQLEnumType):
            types[name] = merge_enum(name, each, usage, merging)
    return Merged(
        subgraphs={subgraph.name: subgraph for subgraph in subgraphs},
        types=dict(sorted(types.items())),
        directives=directives,
        sources=sources,
        keys=_keys(subgraphs),
        description=merge_description([Part(each, each.schema) for each in subgraphs], "schema", merging),
    )


def _parts_by_name(subgraphs: Sequence[ValidSubgraph]) -> dict[str, list[Part[Any]]]:
    parts: dict[str, list[Part[Any]]] = {}
    for subgraph in subgraphs:
        for name, type_ in subgraph.schema.type_map.items():
            if name in NEVER_OWN or name in subgraph.links.machinery:
                continue
            if is_introspection_type(type_) or is_specified_scalar_type(type_):
                continue
            if name == "Query" and isinstance(type_, GraphQLObjectType) and not _own_fields(type_):
                continue
            parts.setdefault(name, []).append(Part(subgraph, type_))
    return dict(sorted(parts.items()))


def _own_fields(query: GraphQLObjectType) -> list[str]:
    return [name for name in query.fields if name not in ("_entities", "_service")]


def _of_one_kind(name: str, parts: list[Part[Any]], problems: Problems) -> list[Part[Any]]:
    """The parts that can be merged: all, or those of the first one's kind, so that what is wrong among these is
    told as well."""
    kinds: dict[str, list[str]] = {}
    for part in parts:
        kinds.setdefault(_kind(part, name), []).append(part.name)
    if len(kinds.keys() - {_INTERFACE_OBJECT}) <= (_INTERFACE_OBJECT not in kinds or "interface" in kinds):
        check_has_base(name, parts, problems)
        return parts
    shown = " but ".join(f"{kind} in {in_subgraphs(names)}" for kind, names in kinds.items())
    problems.error(
        "TYPE_KIND_MISMATCH",
        f'Type "{name}" is {shown}. Make it one kind, or rename one of them.',
        *(part.place for part in parts),
    )
    first = _kind(parts[0], name)
    alike = {first, _INTERFACE_OBJECT} if first == "interface" else {first}
    merging = [part for part in parts if _kind(part, name) in alike]
    check_has_base(name, merging, problems)
    if first == _KINDS[GraphQLInputObjectType]:
        # An input object has the fields that all subgraphs know, and the others know none.
        empty = GraphQLInputObjectType(name, {})
        merging += [Part(part.subgraph, empty) for part in parts if part not in merging]
    return merging


def _kind(part: Part[Any], name: str) -> str:
    return _INTERFACE_OBJECT if part.subgraph.is_interface_object(name) else _KINDS[type(part.element)]


def _supertypes(parts: Mapping[str, Parts]) -> Mapping[str, frozenset[str]]:
    """The unions and interfaces that contain each type anywhere in the graph."""
    wider: dict[str, set[str]] = {}
    for name, each in parts.items():
        for part in each:
            if isinstance(part.element, GraphQLUnionType):
                for member in part.element.types:
                    wider.setdefault(member.name, set()).add(name)
            elif isinstance(part.element, GraphQLObjectType | GraphQLInterfaceType):
                wider.setdefault(name, set()).update(interface.name for interface in part.element.interfaces)
    return {name: frozenset(names) for name, names in wider.items()}


def _merge_type(
    name: str,
    parts: Parts,
    every: Mapping[str, Parts],
    sources: dict[str, tuple[FieldSource, ...]],
    merging: Merging,
) -> TypeDefinitionNode:
    # An interface object is merged as the interface that it stands for.
    first = next((part.element for part in parts if isinstance(part.element, GraphQLInterfaceType)), None)
    first = first or parts[0].element
    if isinstance(first, GraphQLObjectType | GraphQLInterfaceType):
        is_object = isinstance(first, GraphQLObjectType) and not parts[0].subgraph.is_interface_object(name)
        standing_for = interface_objects_of(name, parts, every) if is_object else ()
        fields, own = merge_fields(name, parts, standing_for, merging, is_object=is_object)
        sources.update(own)
        kind = ObjectTypeDefinitionNode if is_object else InterfaceTypeDefinitionNode
        interfaces = sorted({each.name for part in parts for each in part.element.interfaces})
        node: TypeDefinitionNode = kind(
            name=NameNode(value=name), fields=fields, interfaces=tuple(map(_named, interfaces))
        )
    elif isinstance(first, GraphQLUnionType):
        node = UnionTypeDefinitionNode(name=NameNode(value=name), types=_members(name, parts, merging))
    elif isinstance(first, GraphQLInputObjectType):
        return merge_input_object(name, parts, merging)
    else:
        node = ScalarTypeDefinitionNode(name=NameNode(value=name))
    marks = (*merge_marks(parts, name, merging, deprecable=False), *merge_contexts(name, parts))
    if isinstance(first, GraphQLScalarType):
        marks = (*_specified_by(name, parts, merging), *marks)
    return replace(node, description=merge_description(parts, name, merging), directives=marks)


def _members(name: str, parts: Parts, merging: Merging) -> tuple[NamedTypeNode, ...]:
    by_part = [{member.name for member in part.element.types} for part in parts]
    members = sorted(set(in_order(by_part)))
    for member in members:
        lacking = [part.name for part, own in zip(parts, by_part, strict=True) if member not in own]
        if lacking:
            merging.problems.hint(
                "INCONSISTENT_UNION_MEMBER",
                f'Union "{name}" has no member "{member}" in {in_subgraphs(lacking)}.',
                *(part.place for part in parts),
            )
    return tuple(map(_named, members))


def _specified_by(name: str, parts: Parts, merging: Merging) -> tuple[ConstDirectiveNode, ...]:
    urls = [part.element.specified_by_url for part in parts if part.element.specified_by_url]
    url = most_frequent(urls, "specifiedBy", name, parts, merging)
    if url is None:
        return ()
    argument = ConstArgumentNode(name=NameNode(value="url"), value=StringValueNode(value=url))
    return (ConstDirectiveNode(name=NameNode(value="specifiedBy"), arguments=(argument,)),)


def _named(name: str) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=name))


def _definitions(subgraphs: Sequence[ValidSubgraph], names: frozenset[str]) -> Iterator[DirectiveDefinitionNode]:
    for subgraph in subgraphs:
        for each in subgraph.schema.directives:
            if each.name in names and each.ast_node is not None:
                yield each.ast_node


def _usage(
    types: Iterable[TypeDefinitionNode],
    parts: Mapping[str, Parts],
    directives: Iterable[DirectiveDefinitionNode],
) -> Usage:
    """Fields of input objects count even where they are left out of the merged one."""
    inputs = {_name_of(argument.type) for each in directives for argument in each.arguments or ()}
    outputs: set[str] = set()
    for part in (each for every in parts.values() for each in every):
        if isinstance(part.element, GraphQLInputObjectType):
            inputs.update(get_named_type(each.type).name for each in part.element.fields.values())
    for node in types:
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            fields = node.fields or ()
            outputs.update(_name_of(each.type) for each in fields)
            inputs.update(_name_of(argument.type) for each in fields for argument in each.arguments or ())
    return Usage(frozenset(inputs), frozenset(outputs))


def _name_of(node: TypeNode) -> str:
    while not isinstance(node, NamedTypeNode):
        node = cast("Any", node).type
    return node.name.value


def _keys(subgraphs: Sequence[ValidSubgraph]) -> dict[str, dict[str, tuple[EntityKey, ...]]]:
    keys: dict[str, dict[str, tuple[EntityKey, ...]]] = {}
    for subgraph in subgraphs:
        for name, rules in subgraph.types.items():
            if rules.keys:
                keys.setdefault(name, {})[subgraph.name] = rules.keys
    return dict(sorted(keys.items()))
