"""The two schemas of a supergraph: the full one, and the API schema without what is ``@inaccessible``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    Node,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
)

from schema.composition.merge import Merged
from schema.composition.merge_marks import is_inaccessible

N = TypeVar("N", bound=Node)
_PUBLIC = frozenset({"deprecated", "specifiedBy", "oneOf"})


def full_schema(merged: Merged) -> GraphQLSchema:
    """Everything that was merged, with the directives that compose on the AST nodes of what they mark."""
    features = (node for feature in merged.features for node in feature.definitions)
    return _build((*merged.types.values(), *features, *merged.directives))


def api_schema(merged: Merged) -> GraphQLSchema:
    """What clients may name."""
    visible = {name: node for name, node in merged.types.items() if not is_inaccessible(node.directives)}
    return _build((*(_visible_part(node, visible) for node in visible.values()), *_directives(merged)))


def _build(nodes: Iterable[DefinitionNode]) -> GraphQLSchema:
    return build_ast_schema(DocumentNode(definitions=tuple(nodes)), assume_valid_sdl=True)


def _directives(merged: Merged) -> Iterator[DefinitionNode]:
    for node in merged.directives:
        yield replace(node, arguments=_visible(node.arguments or ()))


def _visible_part(node: TypeDefinitionNode, types: Mapping[str, TypeDefinitionNode]) -> TypeDefinitionNode:
    node = replace(node, directives=_public(node.directives))
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        fields = tuple(_visible_field(each) for each in _visible(node.fields or ()))
        return replace(node, fields=fields, interfaces=_known(node.interfaces, types))
    if isinstance(node, UnionTypeDefinitionNode):
        return replace(node, types=_known(node.types, types))
    if isinstance(node, EnumTypeDefinitionNode):
        return replace(node, values=_visible(node.values or ()))
    if isinstance(node, InputObjectTypeDefinitionNode):
        return replace(node, fields=_visible(node.fields or ()))
    return node


def _visible_field(node: FieldDefinitionNode) -> FieldDefinitionNode:
    return replace(node, arguments=_visible(node.arguments)) if node.arguments else node


def _visible(nodes: Iterable[N]) -> tuple[N, ...]:
    return tuple(_strip(node) for node in nodes if not is_inaccessible(getattr(node, "directives", None)))


def _strip(node: N) -> N:
    directives: tuple[ConstDirectiveNode, ...] | None = getattr(node, "directives", None)
    return replace(node, directives=_public(directives)) if directives else node  # type: ignore[call-arg]


def _public(directives: tuple[ConstDirectiveNode, ...] | None) -> tuple[ConstDirectiveNode, ...]:
    return tuple(each for each in directives or () if each.name.value in _PUBLIC)


def _known(
    nodes: tuple[NamedTypeNode, ...] | None, types: Mapping[str, TypeDefinitionNode]
) -> tuple[NamedTypeNode, ...]:
    return tuple(each for each in nodes or () if each.name.value in types)
