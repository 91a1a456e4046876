"""Extract each subgraph's schema from the join directives, and read it like any subgraph.

A field without ``@join__field`` is in every subgraph that has the type; a type argument gives the field's type
there; ``@join__field`` without a graph belongs to no subgraph (an interface object answers it). Extracted
definitions keep their places in the supergraph's text. Source: https://specs.apollo.dev/join.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    parse,
    parse_type,
)

from schema.composition.flatten import flatten
from schema.composition.links import read_links
from schema.composition.machinery import complete
from schema.composition.problems import Place, Problems
from schema.composition.rules import read_rules
from schema.composition.supergraph_sdl.definitions import executable_directives, own_types
from schema.composition.supergraph_sdl.features import SUPERGRAPH, Features
from schema.composition.supergraph_sdl.joins import Graph, Joins
from schema.composition.supergraph_sdl.marks import carried_marks, context_arguments, field_marks, mark, type_marks
from schema.directives import DURABLE, FEDERATION, GATHER
from schema.subgraph import ValidSubgraph

Given = Mapping[str, Any]
_LINKS = f'extend schema @link(url: "{FEDERATION}/v2.13") @link(url: "{GATHER}/v0.1") @link(url: "{DURABLE}/v0.1")'


def extract(document: DocumentNode, features: Features, joins: Joins, problems: Problems) -> list[ValidSubgraph]:
    """The subgraphs in the order of their names."""
    types: dict[str, list[TypeDefinitionNode]] = {value: [] for value in joins.graphs}
    for node in own_types(document, features):
        for value, extracted in _by_graph(node, joins, problems):
            types[value].append(extracted)
    if problems:
        return []
    directives = tuple(executable_directives(document, features))
    read = (_read(graph, _known(types[value]), directives, problems) for value, graph in joins.graphs.items())
    return [each for each in read if each is not None]


def _by_graph(
    node: TypeDefinitionNode, joins: Joins, problems: Problems
) -> Iterator[tuple[str, TypeDefinitionNode]]:
    joined = joins.by_graph(node, "type")
    elements = {
        value: parts
        for value, parts in _elements(node, joined, joins).items()
        if _is_known(value, node, joined, joins, problems)
    }
    interfaces = joins.by_graph(node, "implements")
    for value, applied in joined.items():
        if _is_known(value, node, joined, joins, problems):
            named = [str(each["interface"]) for each in interfaces.get(value, ())]
            yield value, _definition(node, value, applied, elements.get(value, []), named, joins)


def _is_known(value: str, node: TypeDefinitionNode, joined: Given, joins: Joins, problems: Problems) -> bool:
    if value not in joins.graphs:
        _tell(node, f'"{node.name.value}" is joined from "{value}", which is no subgraph.', problems)
        return False
    if value not in joined:
        _tell(node, f'A part of "{node.name.value}" is joined from "{value}", but the type is not.', problems)
        return False
    return True


def _tell(node: TypeDefinitionNode, message: str, problems: Problems) -> None:
    problems.error("INVALID_FEDERATION_SUPERGRAPH", f"{message} Compose it again.", Place(SUPERGRAPH, node))


def _definition(
    node: TypeDefinitionNode,
    value: str,
    applied: Sequence[Given],
    elements: list[Any],
    interfaces: Iterable[str],
    joins: Joins,
) -> TypeDefinitionNode:
    """The type as one subgraph knows it."""
    marks = type_marks(node, applied, joins.graphs[value], joins)
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        is_interface_object = any(each.get("isInterfaceObject") for each in applied)
        is_object = is_interface_object or isinstance(node, ObjectTypeDefinitionNode)
        return (ObjectTypeDefinitionNode if is_object else InterfaceTypeDefinitionNode)(
            name=node.name,
            loc=node.loc,
            directives=(*marks, mark("interfaceObject")) if is_interface_object else marks,
            interfaces=tuple(NamedTypeNode(name=NameNode(value=name)) for name in interfaces),
            fields=tuple(elements),
        )
    if isinstance(node, UnionTypeDefinitionNode):
        return replace(node, directives=marks, types=tuple(elements))
    if isinstance(node, EnumTypeDefinitionNode):
        return replace(node, directives=marks, values=tuple(elements))
    if isinstance(node, InputObjectTypeDefinitionNode):
        return replace(node, directives=_specified(node.directives), fields=tuple(elements))
    return replace(node, directives=_specified(node.directives))


def _elements(node: TypeDefinitionNode, joined: Iterable[str], joins: Joins) -> dict[str, list[Any]]:
    """The type's fields, values or members by subgraph."""
    found: dict[str, list[Any]] = {}
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        for field in node.fields or ():
            for value, given in _fields(field, joined, joins):
                found.setdefault(value, []).append(_field(field, value, given, joins))
    elif isinstance(node, InputObjectTypeDefinitionNode):
        for each in node.fields or ():
            for value, given in _fields(each, joined, joins):
                found.setdefault(value, []).append(_input(each, given))
    elif isinstance(node, EnumTypeDefinitionNode):
        for each_value in node.values or ():
            bare = replace(each_value, directives=())
            for value in joins.by_graph(each_value, "enumValue") or joined:
                found.setdefault(value, []).append(bare)
    elif isinstance(node, UnionTypeDefinitionNode):
        members = joins.by_graph(node, "unionMember")
        for value in joined:
            # Before join v0.3 a union did not say whose members it has: those that the subgraph knows.
            named = [str(each["member"]) for each in members.get(value, ())] if members else _members(node)
            found[value] = [NamedTypeNode(name=NameNode(value=name), loc=node.loc) for name in named]
    return found


def _fields(
    node: FieldDefinitionNode | InputValueDefinitionNode, joined: Iterable[str], joins: Joins
) -> Iterator[tuple[str, Given]]:
    applied = joins.applied(node, "field")
    if not applied:
        yield from ((value, {}) for value in joined)
    for each in applied:
        if each.get("graph") is not None:
            yield each["graph"], each


def _field(node: FieldDefinitionNode, value: str, given: Given, joins: Joins) -> FieldDefinitionNode:
    contextual = tuple(context_arguments(given.get("contextArguments") or ()))
    return FieldDefinitionNode(
        name=node.name,
        loc=node.loc,
        type=_type(given, node.type),
        arguments=(*(replace(each, directives=()) for each in node.arguments or ()), *contextual),
        directives=(*field_marks(node, given, joins), *carried_marks(node, value, joins)),
    )


def _input(node: InputValueDefinitionNode, given: Given) -> InputValueDefinitionNode:
    return replace(node, type=_type(given, node.type), directives=())


def _type(given: Given, merged: TypeNode) -> TypeNode:
    text = given.get("type")
    return _parse_type(text) if text else merged


@cache
def _parse_type(text: str) -> TypeNode:
    return parse_type(text, no_location=True)


def _members(node: UnionTypeDefinitionNode) -> list[str]:
    return [each.name.value for each in node.types or ()]


def _specified(directives: Iterable[ConstDirectiveNode] | None) -> tuple[ConstDirectiveNode, ...]:
    """GraphQL's own directives say what a type is; all others belong to the supergraph."""
    return tuple(each for each in directives or () if each.name.value in ("specifiedBy", "oneOf"))


def _known(types: Sequence[TypeDefinitionNode]) -> list[TypeDefinitionNode]:
    """Without types that have nothing in this subgraph, such as a Query without fields of its own."""
    empty = {each.name.value for each in types if not _has_parts(each)}
    if not empty and not any(isinstance(each, UnionTypeDefinitionNode) for each in types):
        return list(types)
    known = {each.name.value for each in types} - empty
    return [_only(each, known) for each in types if each.name.value in known]


def _has_parts(node: TypeDefinitionNode) -> bool:
    parts = [getattr(node, part) for part in ("fields", "types", "values") if hasattr(node, part)]
    return not parts or any(parts)


def _only(node: TypeDefinitionNode, known: set[str]) -> TypeDefinitionNode:
    if isinstance(node, UnionTypeDefinitionNode):
        return replace(node, types=tuple(each for each in node.types or () if each.name.value in known))
    return node


def _read(
    graph: Graph,
    types: Sequence[TypeDefinitionNode],
    directives: Sequence[DirectiveDefinitionNode],
    problems: Problems,
) -> ValidSubgraph | None:
    """What reading a subgraph's SDL gives, without judging it."""
    link = parse(_LINKS, no_location=True).definitions
    definitions: tuple[DefinitionNode, ...] = (*link, *types, *directives)
    links = read_links(graph.name, DocumentNode(definitions=link), problems)
    flat = flatten(graph.name, DocumentNode(definitions=definitions), links, problems)
    document = complete(flat, links)
    try:
        schema = build_ast_schema(document, assume_valid_sdl=True)
    except TypeError as error:
        # The one mistake that building does not forgive: a name that this subgraph has no type for.
        problems.error(
            "INVALID_FEDERATION_SUPERGRAPH",
            f'The parts of subgraph "{graph.name}" do not fit together: {error} Compose the supergraph again.',
            Place(SUPERGRAPH),
        )
        return None
    rules, fields = read_rules(flat, links, schema)
    return ValidSubgraph(graph.name, graph.url, document, schema, rules, fields, links)
