"""Bring Federation 1 SDL to what Federation 2 means by it.

Federation 1 marks fields ``@external`` on interfaces and where nothing uses them; both say nothing, and go.
Sharing without ``@shareable`` and external keys of extensions are told by ``rules``.
Source: Federation 2, "Backward compatibility".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graphql import (
    FieldDefinitionNode,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    Visitor,
    visit,
)

from schema.composition.external import used_externals
from schema.composition.flatten import FlatDocument
from schema.composition.problems import Place, Problems
from schema.directives import Links


def upgrade(
    name: str, flat: FlatDocument, links: Links, schema: GraphQLSchema, problems: Problems
) -> FlatDocument:
    """The same document when there is nothing to upgrade."""
    used = used_externals(flat.types, links, schema)
    upgraded = {each: _upgrade_type(node, links, used) for each, node in flat.types.items()}
    if all(upgraded[each] is flat.types[each] for each in upgraded):
        return flat
    types = {each: node for each, node in upgraded.items() if node is not None}
    for emptied in sorted((flat.types.keys() - types.keys()) & _referenced(types.values())):
        problems.error(
            "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
            f'Type "{emptied}" in subgraph "{name}" has only @external fields that nothing there uses. Add a '
            "field "
            "that the subgraph resolves, or remove the type.",
            Place(name, flat.types[emptied]),
        )
    return replace(flat, types=types)


def _referenced(types: Iterable[TypeDefinitionNode]) -> frozenset[str]:
    found: set[str] = set()

    class Collect(Visitor):
        def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
            found.add(node.name.value)

    for each in types:
        visit(each, Collect())
    return frozenset(found)


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
