"""The supergraph's own definitions, without the join directives: what composing would have merged.

Directives keep their canonical names, whatever the document calls them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DirectiveLocation,
    DocumentNode,
    FieldDefinitionNode,
    NameNode,
    Node,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    is_specified_directive,
    specified_directives,
)

from schema.composition.supergraph_sdl.features import JOIN, KNOWN, Features
from schema.directives import DURABLE, GATHER, Links
from schema.features import SupergraphFeature

N = TypeVar("N", bound=Node)
_PARTS = ("fields", "values")
_SPECIFIED = frozenset(each.name for each in specified_directives if is_specified_directive(each))
_EXECUTABLE = frozenset(
    each.name
    for each in (
        *(DirectiveLocation.QUERY, DirectiveLocation.MUTATION, DirectiveLocation.SUBSCRIPTION),
        *(DirectiveLocation.FIELD, DirectiveLocation.FRAGMENT_DEFINITION, DirectiveLocation.FRAGMENT_SPREAD),
        *(DirectiveLocation.INLINE_FRAGMENT, DirectiveLocation.VARIABLE_DEFINITION),
    )
)


def own_types(document: DocumentNode, features: Features) -> Iterable[TypeDefinitionNode]:
    """The types of the graph: those that belong to no linked specification."""
    return (
        node
        for node in document.definitions
        if isinstance(node, TypeDefinitionNode) and not features.owns(node.name.value)
    )


def executable_directives(document: DocumentNode, features: Features) -> Iterable[DirectiveDefinitionNode]:
    """Directives that operations may use, at the places where they may."""
    for node in document.definitions:
        if isinstance(node, DirectiveDefinitionNode) and not features.owns(node.name.value):
            locations = tuple(each for each in node.locations if each.value in _EXECUTABLE)
            if locations and node.name.value not in _SPECIFIED:
                yield replace(node, locations=locations)


def merged_types(document: DocumentNode, features: Features) -> Mapping[str, TypeDefinitionNode]:
    """Every type as merging leaves it, sorted by name."""
    return {
        node.name.value: _without_joins(node, features)
        for node in sorted(own_types(document, features), key=lambda each: each.name.value)
    }


def merged_directives(document: DocumentNode, features: Features) -> tuple[DirectiveDefinitionNode, ...]:
    """Every executable directive, sorted by name."""
    return tuple(sorted(executable_directives(document, features), key=lambda each: each.name.value))


def schema_directives(document: DocumentNode, features: Features) -> tuple[ConstDirectiveNode, ...]:
    """What stands on the schema itself, links aside."""
    nodes = (each for each in document.definitions if isinstance(each, SchemaDefinitionNode))
    kept = (directive for node in nodes for directive in _kept(node.directives, features))
    return tuple(each for each in kept if each.name.value not in ("link", "core"))


def other_features(document: DocumentNode, features: Features) -> tuple[SupergraphFeature, ...]:
    """The specifications of others whose directives the supergraph carries, with their definitions."""
    links = Links(features=features.all)
    found: dict[str, list[tuple[str, DirectiveDefinitionNode]]] = {}
    for node in document.definitions:
        source = links.source(node.name.value) if isinstance(node, DirectiveDefinitionNode) else None
        if source and source[1] and source[0].identity not in KNOWN and isinstance(node, DirectiveDefinitionNode):
            found.setdefault(source[0].url, []).append((source[1], node))
    return tuple(
        SupergraphFeature(
            url,
            None,
            tuple((f"@{element}", f"@{node.name.value}") for element, node in elements),
            tuple(node for _, node in elements),
        )
        for url, elements in sorted(found.items())
    )


def _without_joins(node: N, features: Features) -> N:
    changes: dict[str, object] = {"directives": _kept(getattr(node, "directives", None), features)}
    for part in _PARTS:
        if elements := getattr(node, part, None):
            changes[part] = tuple(_without_joins(each, features) for each in elements)
    if isinstance(node, FieldDefinitionNode) and node.arguments:
        changes["arguments"] = tuple(_without_joins(each, features) for each in node.arguments)
    return replace(node, **changes)  # type: ignore[arg-type]  # each kind of node is given what it has


def _kept(directives: tuple[ConstDirectiveNode, ...] | None, features: Features) -> tuple[ConstDirectiveNode, ...]:
    return tuple(
        _renamed(each, features)
        for each in directives or ()
        if (features.canonical(each) or ("", ""))[0] not in (JOIN, GATHER, DURABLE)
    )


def _renamed(directive: ConstDirectiveNode, features: Features) -> ConstDirectiveNode:
    canonical = features.canonical(directive)
    if canonical is None or canonical[1] == directive.name.value:
        return directive
    return replace(directive, name=NameNode(value=canonical[1]))
