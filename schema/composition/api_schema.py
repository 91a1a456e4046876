"""The two schemas of a supergraph: the full one, and the API schema without what is ``@inaccessible``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    NameNode,
    Node,
    ObjectTypeDefinitionNode,
    OperationTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
)

from schema.composition.flatten import ROOT_NAMES
from schema.composition.merge import Merged
from schema.composition.merge_marks import is_inaccessible
from schema.supergraph import Supergraph

N = TypeVar("N", bound=Node)
_PUBLIC = frozenset({"deprecated", "specifiedBy", "oneOf"})


def supergraph_of(merged: Merged) -> Supergraph:
    """The merged graph with its two schemas."""
    full = full_schema(merged)
    return Supergraph(
        merged.subgraphs, full, api_schema(merged, full), merged.sources, merged.keys, merged.features
    )


def full_schema(merged: Merged) -> GraphQLSchema:
    """Everything that was merged, with the directives that compose on the AST nodes of what they mark."""
    features = (node for feature in merged.features for node in feature.definitions)
    nodes = (*merged.types.values(), *features, *merged.directives)
    return _build((_schema_definition(merged, merged.types, merged.schema_directives), *nodes))


def _schema_definition(
    merged: Merged, types: Mapping[str, TypeDefinitionNode], directives: tuple[ConstDirectiveNode, ...] = ()
) -> SchemaDefinitionNode:
    """Written out, since an enum may well be called ``Mutation``."""
    operations = tuple(
        OperationTypeDefinitionNode(operation=kind, type=NamedTypeNode(name=NameNode(value=name)))
        for kind, name in ROOT_NAMES.items()
        if isinstance(types.get(name), ObjectTypeDefinitionNode)
    )
    return SchemaDefinitionNode(description=merged.description, directives=directives, operation_types=operations)


def api_schema(merged: Merged, full: GraphQLSchema) -> GraphQLSchema:
    """What clients may name: the full schema itself where it hides nothing."""
    visible = {name: node for name, node in merged.types.items() if not is_inaccessible(node.directives)}
    types = tuple(_visible_part(node, visible) for node in visible.values())
    directives = tuple(_visible_arguments(node) for node in merged.directives)
    if not merged.features and _same((*types, *directives), (*merged.types.values(), *merged.directives)):
        return full
    return _build((_schema_definition(merged, visible), *types, *directives))


def _build(nodes: Iterable[DefinitionNode]) -> GraphQLSchema:
    return build_ast_schema(DocumentNode(definitions=tuple(nodes)), assume_valid_sdl=True)


def _visible_part(node: TypeDefinitionNode, types: Mapping[str, TypeDefinitionNode]) -> TypeDefinitionNode:
    """The same node where all of it is public, as everything below."""
    changes: dict[str, tuple[Node, ...]] = {"directives": _public(node.directives)}
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        changes["fields"] = tuple(_visible_arguments(each) for each in _visible(node.fields))
        changes["interfaces"] = _known(node.interfaces, types)
    elif isinstance(node, UnionTypeDefinitionNode):
        changes["types"] = _known(node.types, types)
    elif isinstance(node, EnumTypeDefinitionNode):
        changes["values"] = _visible(node.values)
    elif isinstance(node, InputObjectTypeDefinitionNode):
        changes["fields"] = _visible(node.fields)
    return _changed(node, changes)


def _visible_arguments(node: N) -> N:
    arguments: tuple[Node, ...] | None = getattr(node, "arguments", None)
    return _changed(node, {"arguments": _visible(arguments)}) if arguments else node


def _visible(nodes: Iterable[N] | None) -> tuple[N, ...]:
    return tuple(_strip(node) for node in nodes or () if not is_inaccessible(getattr(node, "directives", None)))


def _strip(node: N) -> N:
    directives: tuple[ConstDirectiveNode, ...] | None = getattr(node, "directives", None)
    return _changed(node, {"directives": _public(directives)}) if directives else node


def _changed(node: N, changes: Mapping[str, tuple[Node, ...]]) -> N:
    changed = {key: value for key, value in changes.items() if not _same(value, getattr(node, key) or ())}
    return replace(node, **changed) if changed else node  # type: ignore[arg-type]  # only what the node has


def _same(new: Sequence[Node], old: Sequence[Node]) -> bool:
    return len(new) == len(old) and all(one is other for one, other in zip(new, old, strict=True))


def _public(directives: tuple[ConstDirectiveNode, ...] | None) -> tuple[ConstDirectiveNode, ...]:
    return tuple(each for each in directives or () if each.name.value in _PUBLIC)


def _known(
    nodes: tuple[NamedTypeNode, ...] | None, types: Mapping[str, TypeDefinitionNode]
) -> tuple[NamedTypeNode, ...]:
    return tuple(each for each in nodes or () if each.name.value in types)
