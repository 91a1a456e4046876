"""Rewrite a supergraph of Federation 1 (join v0.1) so that it says what later versions say.

Join v0.1 tells keys and resolvers of entities only. A value type is in every subgraph that comes to it from its
own fields; a field without a resolver belongs to the type's owner; what a field set or an interface demands is
in the subgraph, though nobody says so. Source: https://specs.apollo.dev/join/v0.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graphql import (
    BooleanValueNode,
    ConstArgumentNode,
    ConstDirectiveNode,
    ConstValueNode,
    DocumentNode,
    EnumValueNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    NameNode,
    StringValueNode,
    TypeDefinitionNode,
)

from schema.composition.supergraph_sdl.definitions import executable_directives, own_types
from schema.composition.supergraph_sdl.first_reach import FirstGraph, base_type, fields_of
from schema.composition.supergraph_sdl.joins import Joins
from schema.field_set import FieldSelection, FieldSet, FieldSetSyntaxError, Selection, parse_field_set


def upgrade_first_join(document: DocumentNode, joins: Joins) -> DocumentNode:
    """The same document with ``@join__type``, ``@join__field`` and ``@join__implements`` wherever they hold."""
    types = {node.name.value: node for node in own_types(document, joins.features)}
    directives = tuple(executable_directives(document, joins.features))
    graphs = [
        _Knowledge(FirstGraph(value, types, joins, directives), tuple(types.values())) for value in joins.graphs
    ]
    upgraded = {name: _upgrade(node, graphs, joins) for name, node in types.items()}
    return replace(
        document,
        definitions=tuple(
            upgraded[each.name.value]
            if isinstance(each, TypeDefinitionNode) and each.name.value in upgraded
            else each
            for each in document.definitions
        ),
    )


class _Knowledge:
    """Which fields one subgraph has: ``True`` for those that it only names, ``False`` for those it resolves."""

    def __init__(self, graph: FirstGraph, types: tuple[TypeDefinitionNode, ...]) -> None:
        self.graph = graph
        self.fields: dict[str, bool] = {}
        here = [node for node in types if node.name.value in graph.types]
        for node in here:
            for field in fields_of(node):
                if graph.has_field(node, field) and graph.knows(base_type(field.type)):
                    self.fields[f"{node.name.value}.{field.name.value}"] = False
        for node in here:
            for key in graph.keys(node):
                self._add(node.name.value, key, is_external=False)
            for field in fields_of(node):
                for applied in graph.joins.by_graph(field, "field").get(graph.value, ()):
                    self._add(node.name.value, applied.get("requires"), is_external=True)
                    self._add(base_type(field.type), applied.get("provides"), is_external=True)
        for node in here:
            for interface in graph.interfaces(node):
                for demanded in fields_of(graph.all_types[interface]):
                    if f"{interface}.{demanded.name.value}" in self.fields:
                        self.fields.setdefault(f"{node.name.value}.{demanded.name.value}", True)

    def _add(self, type_name: str, text: str | None, *, is_external: bool) -> None:
        if text is None:
            return
        for coordinate in _named(type_name, _parsed(text).selections, self.graph):
            self.fields.setdefault(coordinate, is_external)


def _parsed(text: str) -> FieldSet:
    try:
        return parse_field_set(text)
    except FieldSetSyntaxError:
        return FieldSet(())


def _named(type_name: str, selections: tuple[Selection, ...], graph: FirstGraph) -> Iterator[str]:
    for selection in selections:
        if not isinstance(selection, FieldSelection):
            yield from _named(selection.type_name or type_name, selection.selections, graph)
            continue
        node = graph.all_types.get(type_name)
        field = next((each for each in fields_of(node) if each.name.value == selection.name), None)
        if field is not None:
            yield f"{type_name}.{selection.name}"
            yield from _named(base_type(field.type), selection.selections, graph)


def _upgrade(node: TypeDefinitionNode, graphs: list[_Knowledge], joins: Joins) -> TypeDefinitionNode:
    name = node.name.value
    having = [each for each in graphs if name in each.graph.types]
    marks = [*(node.directives or ())]
    if not joins.applied(node, "type"):
        marks.extend(_mark(joins, "type", graph=each.graph.value) for each in having)
    for each in having:
        marks.extend(
            _mark(joins, "implements", graph=each.graph.value, interface=interface)
            for interface in each.graph.interfaces(node)
        )
    changes: dict[str, object] = {"directives": tuple(marks)}
    if hasattr(node, "fields"):
        changes["fields"] = tuple(_upgrade_field(name, field, having, joins) for field in fields_of(node))
    return replace(node, **changes)  # type: ignore[arg-type]  # only nodes with fields are given fields


def _upgrade_field(
    type_name: str,
    node: FieldDefinitionNode | InputValueDefinitionNode,
    having: Iterable[_Knowledge],
    joins: Joins,
) -> FieldDefinitionNode | InputValueDefinitionNode:
    told = joins.by_graph(node, "field")
    untold = [
        _mark(joins, "field", graph=each.graph.value, external=each.fields[coordinate] or None)
        for each in having
        if (coordinate := f"{type_name}.{node.name.value}") in each.fields and each.graph.value not in told
    ]
    return replace(node, directives=(*(node.directives or ()), *untold))


def _mark(joins: Joins, name: str, **given: str | bool | None) -> ConstDirectiveNode:
    return ConstDirectiveNode(
        name=NameNode(value=joins.features.join.local_name(f"@{name}")[1:]),
        arguments=tuple(
            ConstArgumentNode(name=NameNode(value=key), value=_value(key, value))
            for key, value in given.items()
            if value is not None
        ),
    )


def _value(key: str, value: str | bool) -> ConstValueNode:
    if isinstance(value, bool):
        return BooleanValueNode(value=value)
    return EnumValueNode(value=value) if key == "graph" else StringValueNode(value=value)
