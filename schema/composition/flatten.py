"""One definition per type: extensions are folded in, root types get their default names, machinery goes.

``@shareable`` on a type holds for the fields of its own block only, so it moves down to the fields before
blocks are joined; ``@external`` holds for the whole type. Which keys stood on an extension is remembered:
their ``@external`` fields are external by custom only. Source: Federation 2, "@shareable", "@extends".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    ExecutableDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    OperationType,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    Visitor,
    visit,
)

from schema.composition.problems import Place, Problems
from schema.directives import Links

ROOT_NAMES: Mapping[OperationType, str] = {
    OperationType.QUERY: "Query",
    OperationType.MUTATION: "Mutation",
    OperationType.SUBSCRIPTION: "Subscription",
}
_DEFINITION_OF: Mapping[type[TypeExtensionNode], type[TypeDefinitionNode]] = {
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
}
_MACHINERY_FIELDS = frozenset({"_entities", "_service"})


@dataclass(frozen=True)
class FlatDocument:
    """A subgraph's own definitions, one per type, without Federation's machinery.

    ``extensions`` names the types without a definition here. ``extension_keys`` holds the identity of each
    ``@key`` application that stood on an extension.
    """

    types: Mapping[str, TypeDefinitionNode]
    directives: tuple[DirectiveDefinitionNode, ...]
    schema_directives: tuple[ConstDirectiveNode, ...]
    description: SchemaDefinitionNode | None
    roots: tuple[OperationType, ...]
    extensions: frozenset[str]
    extension_keys: frozenset[int]
    leftovers: tuple[DefinitionNode, ...] = ()


def flatten(name: str, document: DocumentNode, links: Links, problems: Problems) -> FlatDocument:
    """The document's own definitions. ``leftovers`` are definitions that cannot be joined (duplicates, other
    kinds): they stay for validation to tell."""
    document, roots = _rename_roots(name, document, problems)
    blocks = _Blocks(links)
    for node in document.definitions:
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
            blocks.add(node)
        elif isinstance(node, ExecutableDefinitionNode):
            message = f'Subgraph "{name}" contains an operation or fragment. Remove it: SDL has definitions only.'
            problems.error("INVALID_GRAPHQL", message, Place(name, node))
    schemas = [
        each for each in document.definitions if isinstance(each, SchemaDefinitionNode | SchemaExtensionNode)
    ]
    types = {each: blocks.joined(each) for each in blocks.by_name if each not in links.machinery}
    return FlatDocument(
        types={each: own for each, node in types.items() if (own := _without_machinery_fields(node))},
        directives=tuple(each for each in document.definitions if isinstance(each, DirectiveDefinitionNode)),
        schema_directives=tuple(directive for each in schemas for directive in each.directives or ()),
        description=next((each for each in schemas if isinstance(each, SchemaDefinitionNode)), None),
        roots=roots,
        extensions=frozenset(blocks.by_name.keys() - blocks.defined),
        extension_keys=frozenset(blocks.extension_keys),
        leftovers=tuple(blocks.leftovers),
    )


class _Blocks:
    """The blocks of each type in the order of the text: its definition and its extensions."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self.defined: set[str] = set()
        self.by_name: dict[str, list[TypeDefinitionNode]] = {}
        self.extension_keys: set[int] = set()
        self.leftovers: list[DefinitionNode] = []

    def add(self, node: TypeDefinitionNode | TypeExtensionNode) -> None:
        block = _as_definition(node) if isinstance(node, TypeExtensionNode) else node
        name = block.name.value
        if isinstance(node, TypeDefinitionNode):
            if name in self.defined:
                self.leftovers.append(node)
                return
            self.defined.add(name)
        if isinstance(node, TypeExtensionNode) or self._links.has(block, "extends"):
            self.extension_keys.update(id(each) for each in self._links.applied(block, "key"))
        self.by_name.setdefault(name, []).append(_push_down("shareable", block, self._links))

    def joined(self, name: str) -> TypeDefinitionNode:
        joined = reduce(lambda left, right: _join(left, right, self.leftovers), self.by_name[name])
        # On a type, Federation 1 takes @external for a mistake without consequences.
        return joined if self._links.is_federation_1 else _push_down("external", joined, self._links)


def _rename_roots(
    name: str, document: DocumentNode, problems: Problems
) -> tuple[DocumentNode, tuple[OperationType, ...]]:
    """Root types become Query, Mutation and Subscription, wherever they are named."""
    declared = _declared_roots(document)
    defined = {each.name.value: each for each in document.definitions if isinstance(each, TypeDefinitionNode)}
    extended = {each.name.value for each in document.definitions if isinstance(each, TypeExtensionNode)}
    if not any(isinstance(each, SchemaDefinitionNode) for each in document.definitions):
        known = {each for each in defined.keys() | extended if not _is_other_kind(defined.get(each))}
        declared = {kind: root for kind, root in ROOT_NAMES.items() if root in known} | declared
    renames: dict[str, str] = {}
    for kind, current in declared.items():
        default = ROOT_NAMES[kind]
        if current not in defined and current not in extended:
            wrong = "is not defined"
        elif _is_other_kind(defined.get(current)):
            wrong = "is no object type"
        else:
            wrong = "is the root of other operations too" if list(declared.values()).count(current) > 1 else ""
        if wrong:
            problems.error(
                "INVALID_GRAPHQL",
                f'Subgraph "{name}": type "{current}", the root of {kind.value} operations, {wrong}.',
                Place(name, defined.get(current)),
            )
        elif current == default:
            continue
        elif default in defined or default in extended:
            problems.error(
                f"ROOT_{default.upper()}_USED",
                f'"{default}" is a type of its own while "{current}" is the root of {kind.value} operations. '
                f'Rename the type "{default}", or make it the root.',
                Place(name, defined.get(default)),
            )
        else:
            renames[current] = default
    return (visit(document, _Rename(renames)) if renames else document), tuple(declared)


def _is_other_kind(node: TypeDefinitionNode | None) -> bool:
    return node is not None and not isinstance(node, ObjectTypeDefinitionNode)


def _declared_roots(document: DocumentNode) -> dict[OperationType, str]:
    return {
        operation.operation: operation.type.name.value
        for each in document.definitions
        if isinstance(each, SchemaDefinitionNode | SchemaExtensionNode)
        for operation in each.operation_types or ()
    }


class _Rename(Visitor):
    def __init__(self, renames: Mapping[str, str]) -> None:
        super().__init__()
        self.renames = renames

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> NamedTypeNode | None:
        new = self.renames.get(node.name.value)
        return replace(node, name=NameNode(value=new, loc=node.name.loc)) if new else None

    def enter_object_type_definition(
        self, node: ObjectTypeDefinitionNode, *_: object
    ) -> ObjectTypeDefinitionNode | None:
        new = self.renames.get(node.name.value)
        return replace(node, name=NameNode(value=new, loc=node.name.loc)) if new else None

    def enter_object_type_extension(
        self, node: ObjectTypeExtensionNode, *_: object
    ) -> ObjectTypeExtensionNode | None:
        new = self.renames.get(node.name.value)
        return replace(node, name=NameNode(value=new, loc=node.name.loc)) if new else None


def _as_definition(node: TypeExtensionNode) -> TypeDefinitionNode:
    attributes = {key: getattr(node, key) for key in node.keys if key not in ("kind", "description")}
    return _DEFINITION_OF[type(node)](**attributes)


def _push_down(name: str, block: TypeDefinitionNode, links: Links) -> TypeDefinitionNode:
    """Give a directive of the type to each of its fields that lacks it."""
    pushed = links.applied(block, name)[:1]
    if not pushed or not isinstance(block, ObjectTypeDefinitionNode):
        return block
    return replace(block, fields=tuple(_with_directives(each, pushed, links) for each in block.fields or ()))


def _with_directives(
    node: FieldDefinitionNode, pushed: Iterable[ConstDirectiveNode], links: Links
) -> FieldDefinitionNode:
    missing = tuple(each for each in pushed if not links.has(node, links.directives[each.name.value]))
    return replace(node, directives=(*(node.directives or ()), *missing)) if missing else node


def _join(
    left: TypeDefinitionNode, right: TypeDefinitionNode, leftovers: list[DefinitionNode]
) -> TypeDefinitionNode:
    if type(left) is not type(right):
        leftovers.append(right)
        return left
    lists = ("directives", "interfaces", "fields", "types", "values")
    joined: dict[str, Any] = {
        key: (*(getattr(left, key) or ()), *(getattr(right, key) or ())) for key in lists if hasattr(left, key)
    }
    base = left if left.description is not None or right.description is None else right
    return replace(base, **joined)


def _without_machinery_fields(node: TypeDefinitionNode) -> TypeDefinitionNode | None:
    """Query without ``_entities`` and ``_service``; nothing at all if nothing is left."""
    if node.name.value != "Query" or not isinstance(node, ObjectTypeDefinitionNode):
        return node
    own = tuple(each for each in node.fields or () if each.name.value not in _MACHINERY_FIELDS)
    return replace(node, fields=own) if own or node.directives else None
