"""Bring Federation 1 SDL to what Federation 2 means by it.

Federation 1 marks fields ``@external`` on interfaces and where nothing uses them; both say nothing, and go.
Sharing without ``@shareable`` and external keys of extensions are told by ``rules``.
Source: Federation 2, "Backward compatibility".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ListValueNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    Visitor,
    visit,
)

from schema.composition.external import used_externals
from schema.composition.flatten import ROOT_NAMES, FlatDocument
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
    # Query is never empty, since it has Federation's own fields.
    used_types = _referenced(flat.types.values()) | {ROOT_NAMES[each] for each in flat.roots}
    for emptied in sorted((flat.types.keys() - types.keys()) & used_types - {"Query"}):
        problems.error(
            "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
            f'Type "{emptied}" in subgraph "{name}" has only @external fields that nothing there uses. Add a '
            "field "
            "that the subgraph resolves, or remove the type.",
            Place(name, flat.types[emptied]),
        )
    return replace(flat, types=types)


def keyed_interfaces(flat: FlatDocument, links: Links) -> frozenset[str]:
    """The interfaces that lose a ``@key``: nobody can ask there which implementation an object is."""
    return frozenset(
        name
        for name, node in flat.types.items()
        if isinstance(node, InterfaceTypeDefinitionNode) and links.has(node, "key")
    )


def without_external(flat: FlatDocument, links: Links, owned: frozenset[str]) -> FlatDocument:
    """The same, but these fields belong to the subgraph."""
    if not owned:
        return flat
    types = {
        name: _with_own_fields(node, links, owned) if isinstance(node, ObjectTypeDefinitionNode) else node
        for name, node in flat.types.items()
    }
    return replace(flat, types=types)


def _with_own_fields(
    node: ObjectTypeDefinitionNode, links: Links, owned: frozenset[str]
) -> ObjectTypeDefinitionNode:
    fields = tuple(
        _without(each, links, ("external",)) if f"{node.name.value}.{each.name.value}" in owned else each
        for each in node.fields or ()
    )
    return replace(node, fields=fields)


def with_text_field_sets(document: DocumentNode, links: Links) -> DocumentNode:
    """Federation 1 takes ``fields: ["id", "name"]``, ``[id, name]`` and ``id`` for the text that they mean."""

    class Write(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> DirectiveNode | None:
            if links.canonical(node) not in ("key", "requires", "provides"):
                return None
            arguments = tuple(_with_text(each) for each in node.arguments or ())
            return replace(node, arguments=arguments) if arguments != tuple(node.arguments or ()) else None

    return visit(document, Write())  # type: ignore[no-any-return]  # visit answers the kind it was given


def _with_text(node: ArgumentNode) -> ArgumentNode:
    value = node.value
    if node.name.value != "fields":
        return node
    if isinstance(value, EnumValueNode):
        return replace(node, value=StringValueNode(value=value.value, loc=value.loc))
    names = [
        each.value for each in getattr(value, "values", ()) if isinstance(each, StringValueNode | EnumValueNode)
    ]
    if isinstance(value, ListValueNode) and len(names) == len(value.values):
        return replace(node, value=StringValueNode(value=" ".join(names), loc=value.loc))
    return node


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
    meaningless = ("external", "requires", "provides")
    fields = tuple(_without(each, links, meaningless) for each in node.fields or ())
    directives = tuple(each for each in node.directives or () if links.canonical(each) != "key")
    if len(directives) == len(node.directives or ()) and all(
        new is old for new, old in zip(fields, node.fields or (), strict=True)
    ):
        return node
    return replace(node, fields=fields, directives=directives)


def _without(node: FieldDefinitionNode, links: Links, meaningless: tuple[str, ...]) -> FieldDefinitionNode:
    kept = tuple(each for each in node.directives or () if links.canonical(each) not in meaningless)
    return node if len(kept) == len(node.directives or ()) else replace(node, directives=kept)
