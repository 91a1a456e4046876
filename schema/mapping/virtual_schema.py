"""The executable schema of a subgraph that exists only as SDL.

Extensions become definitions, directives of other specifications fall away, and Federation's machinery
(``_entities``, ``_service``) is added. Source: Federation 2, "Subgraph specification".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    OperationTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    build_ast_schema,
    parse,
)
from graphql.language import ast

from schema.field_set import FieldSelection, FieldSet, parse_field_set
from schema.mapping.links import federation_name

_KEPT_DIRECTIVES = frozenset({"deprecated", "specifiedBy", "oneOf"})
_MACHINERY = frozenset({"_Any", "_Service", "_Entity"})
_MACHINERY_FIELDS = frozenset({"_entities", "_service"})
_EXTENSIONS: dict[type[DefinitionNode], type[ast.TypeDefinitionNode]] = {
    ast.ObjectTypeExtensionNode: ast.ObjectTypeDefinitionNode,
    ast.InterfaceTypeExtensionNode: ast.InterfaceTypeDefinitionNode,
    ast.UnionTypeExtensionNode: ast.UnionTypeDefinitionNode,
    ast.EnumTypeExtensionNode: ast.EnumTypeDefinitionNode,
    ast.InputObjectTypeExtensionNode: ast.InputObjectTypeDefinitionNode,
    ast.ScalarTypeExtensionNode: ast.ScalarTypeDefinitionNode,
}
_MERGED = ("directives", "interfaces", "fields", "types", "values")


@dataclass(frozen=True, slots=True)
class EntityKeyDirective:
    """One ``@key`` as it stands in the document."""

    fields: FieldSet
    resolvable: bool
    node: DirectiveNode

    @property
    def field_names(self) -> frozenset[str]:
        """The fields of the type itself: of ``"id owner { id }"`` these are ``id`` and ``owner``."""
        return frozenset(s.name for s in self.fields.selections if isinstance(s, FieldSelection))


@dataclass(frozen=True)
class VirtualSchema:
    """``types`` are the merged definitions with all their directives; ``schema`` executes."""

    types: dict[str, ast.TypeDefinitionNode]
    keys: dict[str, tuple[EntityKeyDirective, ...]]
    roots: dict[str, str]
    schema: GraphQLSchema

    @property
    def query_name(self) -> str:
        return self.roots["query"]

    def is_root(self, type_name: str) -> bool:
        return type_name in self.roots.values()

    def field_node(self, type_name: str, field_name: str) -> FieldDefinitionNode | None:
        fields = getattr(self.types.get(type_name), "fields", None) or ()
        return next((field for field in fields if field.name.value == field_name), None)


def build_virtual_schema(document: DocumentNode) -> VirtualSchema:
    """Raises ``GraphQLError`` or ``TypeError`` as graphql-core does for SDL that is no schema, and
    ``FieldSetSyntaxError`` for a key that is no selection."""
    types = {name: node for name, node in _merge(document).items() if name not in _MACHINERY}
    roots = {kind: name for kind, name in _roots(document).items() if kind == "query" or name in types}
    key = federation_name(document, "key")
    keys = {name: tuple(_keys(node, key)) for name, node in types.items()}
    schema = build_ast_schema(_executable(types, keys, roots))
    return VirtualSchema(types, {name: found for name, found in keys.items() if found}, roots, schema)


def _merge(document: DocumentNode) -> dict[str, ast.TypeDefinitionNode]:
    """One definition per type name, extensions folded in, in the order of the document."""
    merged: dict[str, ast.TypeDefinitionNode] = {}
    for definition in document.definitions:
        if isinstance(definition, DirectiveDefinitionNode | SchemaDefinitionNode | SchemaExtensionNode):
            continue
        node = _as_definition(definition)
        if node is not None:
            name = node.name.value
            merged[name] = _join(merged[name], node) if name in merged else node
    return merged


def _as_definition(node: DefinitionNode) -> ast.TypeDefinitionNode | None:
    if isinstance(node, ast.TypeDefinitionNode):
        return node
    wanted = _EXTENSIONS.get(type(node))
    if wanted is None:
        return None
    return wanted(**{key: getattr(node, key) for key in node.keys if key != "kind"})


def _join(first: ast.TypeDefinitionNode, second: ast.TypeDefinitionNode) -> ast.TypeDefinitionNode:
    changes = {
        key: (*(getattr(first, key, None) or ()), *(getattr(second, key, None) or ()))
        for key in _MERGED
        if key in first.keys
    }
    return replace(first, **changes)  # type: ignore[arg-type]  # the keys are those of the node itself


def _roots(document: DocumentNode) -> dict[str, str]:
    roots = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            for operation in definition.operation_types or ():
                roots[operation.operation.value] = operation.type.name.value
    return roots


def _keys(node: ast.TypeDefinitionNode, key: str) -> Iterator[EntityKeyDirective]:
    for directive in node.directives or ():
        if directive.name.value != key:
            continue
        arguments = {argument.name.value: argument.value for argument in directive.arguments or ()}
        fields, resolvable = arguments.get("fields"), arguments.get("resolvable")
        if isinstance(fields, StringValueNode):
            can_resolve = not (isinstance(resolvable, ast.BooleanValueNode) and not resolvable.value)
            yield EntityKeyDirective(parse_field_set(fields.value), can_resolve, directive)


def _executable(
    types: dict[str, ast.TypeDefinitionNode],
    keys: dict[str, tuple[EntityKeyDirective, ...]],
    roots: dict[str, str],
) -> DocumentNode:
    query = roots["query"]
    definitions = {name: _strip(node) for name, node in types.items()}
    entities = [
        name
        for name, found in keys.items()
        if isinstance(types[name], ast.ObjectTypeDefinitionNode) and any(key.resolvable for key in found)
    ]
    machinery = "scalar _Any type _Service { sdl: String }"
    fields = "_service: _Service!"
    if entities:
        machinery += f" union _Entity = {' | '.join(entities)}"
        fields += " _entities(representations: [_Any!]!): [_Entity]!"
    added = parse(f"{machinery} type {query} {{ {fields} }}", no_location=True).definitions
    *helpers, query_fields = added
    if query in definitions:
        definitions[query] = _join(_without_machinery(definitions[query]), query_fields)  # type: ignore[arg-type]
    else:
        definitions[query] = query_fields  # type: ignore[assignment]  # parsed from "type …"
    return DocumentNode(definitions=(_schema(roots), *definitions.values(), *helpers))


def _schema(roots: dict[str, str]) -> SchemaDefinitionNode:
    return SchemaDefinitionNode(
        operation_types=tuple(
            OperationTypeDefinitionNode(
                operation=ast.OperationType(kind), type=ast.NamedTypeNode(name=ast.NameNode(value=name))
            )
            for kind, name in roots.items()
        )
    )


def _without_machinery(node: ast.TypeDefinitionNode) -> ast.TypeDefinitionNode:
    fields = tuple(f for f in getattr(node, "fields", None) or () if f.name.value not in _MACHINERY_FIELDS)
    return replace(node, fields=fields)  # type: ignore[call-arg]  # a root type has fields


def _strip(node: ast.TypeDefinitionNode) -> ast.TypeDefinitionNode:
    """Drop directives that only other specifications know, on the type and on everything inside."""
    changes: dict[str, object] = {"directives": _kept(node.directives)}
    for key in ("fields", "values"):
        if key in node.keys:
            changes[key] = tuple(_strip_member(member) for member in getattr(node, key) or ())
    return replace(node, **changes)  # type: ignore[arg-type]  # the keys are those of the node itself


def _strip_member(
    member: ast.FieldDefinitionNode | ast.InputValueDefinitionNode | ast.EnumValueDefinitionNode,
) -> ast.FieldDefinitionNode | ast.InputValueDefinitionNode | ast.EnumValueDefinitionNode:
    bare = replace(member, directives=_kept(member.directives))
    if isinstance(bare, ast.FieldDefinitionNode):
        return replace(
            bare, arguments=tuple(replace(a, directives=_kept(a.directives)) for a in bare.arguments or ())
        )
    return bare


def _kept(directives: tuple[ConstDirectiveNode, ...] | None) -> tuple[ConstDirectiveNode, ...]:
    return tuple(directive for directive in directives or () if directive.name.value in _KEPT_DIRECTIVES)
