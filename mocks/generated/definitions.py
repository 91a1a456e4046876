"""The definitions of an SDL as one process executes them: each type once, without the machinery's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    REMOVE,
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    Visitor,
    parse,
    visit,
)
from graphql.language import ast

from mocks.generated.links import Links

_PARTS = ("directives", "interfaces", "fields", "types", "values")
_MACHINERY = frozenset({"_Any", "_Entity", "_Service", "_FieldSet", "FieldSet"})
_SERVING = frozenset({"_entities", "_service"})
_DEFINITION_OF: dict[type[Any], type[Any]] = {
    ast.ScalarTypeExtensionNode: ast.ScalarTypeDefinitionNode,
    ast.ObjectTypeExtensionNode: ast.ObjectTypeDefinitionNode,
    ast.InterfaceTypeExtensionNode: ast.InterfaceTypeDefinitionNode,
    ast.UnionTypeExtensionNode: ast.UnionTypeDefinitionNode,
    ast.EnumTypeExtensionNode: ast.EnumTypeDefinitionNode,
    ast.InputObjectTypeExtensionNode: ast.InputObjectTypeDefinitionNode,
}
_IN_OPERATIONS = frozenset(
    {
        "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)  # fmt: skip
_KEPT = frozenset({"deprecated", "specifiedBy", "oneOf"})


class UnreadableSdl(Exception):
    """The SDL is none; the text says where and why."""


def merged_definitions(document: DocumentNode, links: Links) -> tuple[dict[str, TypeDefinitionNode], DocumentNode]:
    """Each type with its extensions, directives kept; and the same as a document to execute, without them.

    Raises :class:`UnreadableSdl`."""
    nodes: dict[str, TypeDefinitionNode] = {}
    others: list[DefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
            name = node.name.value
            if name in _MACHINERY or ("__" in name and name.partition("__")[0] in links.prefixes):
                continue
            nodes[name] = _merged(nodes.get(name), node)
        elif isinstance(node, DirectiveDefinitionNode):
            if any(location.value in _IN_OPERATIONS for location in node.locations):
                others.append(node)
        elif isinstance(node, SchemaDefinitionNode | SchemaExtensionNode) and node.operation_types:
            others.append(SchemaDefinitionNode(operation_types=tuple(node.operation_types), directives=()))
    executable = DocumentNode(definitions=(*others, *nodes.values()))
    return nodes, visit(executable, _WithoutDirectives())


def _merged(before: TypeDefinitionNode | None, node: Any) -> TypeDefinitionNode:
    kind = _DEFINITION_OF.get(type(node), type(node))
    if before is not None and type(before) is not kind:
        raise UnreadableSdl(f'"{node.name.value}" is defined twice, as two kinds of type. Rename one.')
    parts: dict[str, Any] = {}
    for part in _PARTS:
        if part in kind.keys:
            found = (*(getattr(before, part, None) or ()), *(getattr(node, part, None) or ()))
            parts[part] = _without_doubles(found) if part != "directives" else found
    made: TypeDefinitionNode = kind(
        name=node.name, description=getattr(before or node, "description", None), **parts
    )
    return made


def _without_doubles(nodes: Iterable[Any]) -> tuple[Any, ...]:
    """The first of each name, without the fields that serving adds by itself."""
    named = {node.name.value: node for node in reversed(tuple(nodes)) if node.name.value not in _SERVING}
    return tuple(reversed(named.values()))


class _WithoutDirectives(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return None if node.name.value in _KEPT else REMOVE


def with_federation(
    executable: DocumentNode, keyed: Iterable[str], nodes: Mapping[str, TypeDefinitionNode]
) -> DocumentNode:
    """The document with ``_service``, and with ``_entities`` where a type has a key."""
    query = _query_name(executable)
    with_key = set(keyed)
    entities = sorted(
        name
        for name, node in nodes.items()
        if isinstance(node, ObjectTypeDefinitionNode)
        and (name in with_key or with_key & {each.name.value for each in node.interfaces or ()})
    )
    text = "type _Service { sdl: String! } scalar _Any "
    serving = "_service: _Service!"
    if entities:
        text += f"union _Entity = {' | '.join(entities)} "
        serving += " _entities(representations: [_Any!]!): [_Entity]!"
    added = parse(f"{text} type {query} {{ {serving} }}", no_location=True).definitions
    definitions = [
        _with_fields(node, added[-1]) if _is_named(node, query) else node for node in executable.definitions
    ]
    rest = added[:-1] if any(_is_named(node, query) for node in executable.definitions) else added
    return DocumentNode(definitions=(*definitions, *rest))


def _query_name(document: DocumentNode) -> str:
    for node in document.definitions:
        for each in getattr(node, "operation_types", None) or ():
            if each.operation.value == "query":
                return str(each.type.name.value)
    return "Query"


def _is_named(node: DefinitionNode, name: str) -> bool:
    is_object = isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
    return is_object and node.name.value == name  # type: ignore[attr-defined]  # told by the line before


def _with_fields(node: Any, added: Any) -> Any:
    return type(node)(
        name=node.name,
        description=node.description,
        directives=node.directives,
        interfaces=node.interfaces,
        fields=(*(node.fields or ()), *(added.fields or ())),
    )
