"""Bring Federation 1 SDL to what Federation 2 means by it.

Federation 1 marks fields ``@external`` on interfaces and where nothing uses them; both say nothing, and go.
Sharing without ``@shareable`` and external keys of extensions are told by ``rules``.
Source: Federation 2, "Backward compatibility".
"""

from __future__ import annotations

from dataclasses import replace

from graphql import (
    FieldDefinitionNode,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
)

from schema.composition.external import used_externals
from schema.composition.flatten import FlatDocument
from schema.directives import Links


def upgrade(flat: FlatDocument, links: Links, schema: GraphQLSchema) -> FlatDocument:
    """The same document when there is nothing to upgrade."""
    used = used_externals(flat.types, links, schema)
    types = {name: _upgrade_type(node, links, used) for name, node in flat.types.items()}
    if all(types[name] is flat.types[name] for name in types):
        return flat
    return replace(flat, types={name: node for name, node in types.items() if node is not None})


def _upgrade_type(node: TypeDefinitionNode, links: Links, used: frozenset[str]) -> TypeDefinitionNode | None:
    if isinstance(node, InterfaceTypeDefinitionNode):
        return _without_federation(node, links)
    if not isinstance(node, ObjectTypeDefinitionNode):
        return node
    kept = tuple(
        each
        for each in node.fields or ()
        if not links.has(each, "external") or f"{node.name.value}.{each.name.value}" in used
    )
    return node if len(kept) == len(node.fields or ()) else replace(node, fields=kept) if kept else None


def _without_federation(node: InterfaceTypeDefinitionNode, links: Links) -> InterfaceTypeDefinitionNode:
    """Keys, ``@external``, ``@requires`` and ``@provides`` mean nothing on a Federation 1 interface."""
    fields = tuple(_plain(each, links) for each in node.fields or ())
    directives = tuple(each for each in node.directives or () if links.canonical(each) != "key")
    if len(directives) == len(node.directives or ()) and all(
        new is old for new, old in zip(fields, node.fields or (), strict=True)
    ):
        return node
    return replace(node, fields=fields, directives=directives)


def _plain(node: FieldDefinitionNode, links: Links) -> FieldDefinitionNode:
    meaningless = ("external", "requires", "provides")
    kept = tuple(each for each in node.directives or () if links.canonical(each) not in meaningless)
    return node if len(kept) == len(node.directives or ()) else replace(node, directives=kept)
