"""Complete a subgraph's SDL with what Federation adds: directive definitions, ``_entities``, ``_service``.

Definitions that the SDL brings along are checked against the specification's and replaced by them; only
those that the SDL uses are added. Source: Federation 2, "Subgraph specification".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    OperationType,
    OperationTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from schema.composition.flatten import ROOT_NAMES, FlatDocument
from schema.composition.problems import Place, Problems
from schema.directives import SPECIFICATIONS, Links, localized_definitions

_SERVICE = parse(
    "type _Service { sdl: String } scalar _Any type Query { _service: _Service! } "
    "type Entities { _entities(representations: [_Any!]!): [_Entity]! }",
    no_location=True,
).definitions
_MACHINERY_TYPES: Mapping[str, DefinitionNode] = {
    "_Any": ScalarTypeDefinitionNode(name=NameNode(value="_Any")),
    "_FieldSet": ScalarTypeDefinitionNode(name=NameNode(value="_FieldSet")),
    "_Entity": UnionTypeDefinitionNode(name=NameNode(value="_Entity")),
    "_Service": ObjectTypeDefinitionNode(name=NameNode(value="_Service")),
}


def complete(flat: FlatDocument, links: Links) -> DocumentNode:
    """The document that the department executes, ready to be built into a schema."""
    types = dict(flat.types)
    entities = [name for name, node in types.items() if _is_entity(node, links)]
    types["Query"] = _with_machinery(types.get("Query"), bool(entities))
    used = _used_directives(flat)
    machinery = (*_SERVICE[:2], *([_entity_union(entities)] if entities else []))
    return DocumentNode(
        definitions=(
            _schema_definition(flat),
            *types.values(),
            *(each for each in flat.directives if each.name.value not in links.directives),
            *_used_definitions(used, links),
            *machinery,
            *flat.leftovers,
        )
    )


def check_own_definitions(name: str, document: DocumentNode, links: Links, problems: Problems) -> None:
    """Tell definitions of Federation's directives and types that differ from the specification's."""
    linked = linked_definitions(links)
    for node in document.definitions:
        if isinstance(node, DirectiveDefinitionNode) and node.name.value in links.directives:
            expected = linked[f"@{node.name.value}"]
            if isinstance(expected, DirectiveDefinitionNode) and not _is_compatible(node, expected):
                problems.error(
                    "DIRECTIVE_DEFINITION_INVALID",
                    f'The definition of "@{node.name.value}" differs from the specification\'s: '
                    f"{print_ast(expected)}. Remove it: linking it is enough.",
                    Place(name, node),
                )
        elif isinstance(node, TypeDefinitionNode | TypeExtensionNode) and node.name.value in links.machinery:
            specified = linked.get(node.name.value) or _MACHINERY_TYPES.get(node.name.value)
            if type(specified) is not type(node):
                problems.error(
                    "TYPE_DEFINITION_INVALID",
                    f'"{node.name.value}" belongs to the specification, where it is another kind of definition. '
                    "Remove it, or rename your type.",
                    Place(name, node),
                )


def linked_definitions(links: Links) -> dict[str, DefinitionNode]:
    """Every definition that the linked specifications bring, by local name; directives with ``@``."""
    found: dict[str, DefinitionNode] = {}
    for feature in links.features:
        if feature.identity in SPECIFICATIONS:
            for name, node in localized_definitions(feature).items():
                found.setdefault(name, node)
    return found


def _is_compatible(own: DirectiveDefinitionNode, expected: DirectiveDefinitionNode) -> bool:
    """Fewer optional arguments and fewer locations are fine; anything more or other is not."""
    known = {each.name.value: each for each in expected.arguments or ()}
    given = {each.name.value: each for each in own.arguments or ()}
    required = {name for name, each in known.items() if print_ast(each.type).endswith("!")}
    return (
        given.keys() <= known.keys()
        and required <= given.keys()
        and all(_is_same_type(print_ast(given[name].type), print_ast(known[name].type)) for name in given)
        and {each.value for each in own.locations} <= {each.value for each in expected.locations}
        and (not own.repeatable or expected.repeatable)
    )


def _is_same_type(own: str, expected: str) -> bool:
    """May demand a value where the specification does not. A FieldSet goes by several names, even String."""
    if expected.endswith("!") and not own.endswith("!"):
        return False
    own, expected = own.removesuffix("!"), expected.removesuffix("!")
    is_field_set = expected.endswith("FieldSet") and own.rpartition("_")[2] in ("FieldSet", "String")
    return own == expected or is_field_set


def _used_definitions(used: frozenset[str], links: Links) -> Iterator[DefinitionNode]:
    """Definitions of the linked directives in use, and of the types that these name."""
    linked = linked_definitions(links)
    wanted = sorted(f"@{name}" for name in used & links.directives.keys())
    seen = set(wanted)
    while wanted:
        node = linked[wanted.pop()]
        yield node
        types = [name for name in _named_types(node) if name in linked and name not in seen]
        seen.update(types)
        wanted.extend(types)


def _named_types(node: DefinitionNode) -> list[str]:
    found: dict[str, None] = {}

    class Collect(Visitor):
        def enter_named_type(self, each: NamedTypeNode, *_: object) -> None:
            found[each.name.value] = None

    visit(node, Collect())
    return list(found)


def _used_directives(flat: FlatDocument) -> frozenset[str]:
    found: set[str] = set()

    class Collect(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            found.add(node.name.value)

    own = tuple(each for each in flat.directives)
    visit(DocumentNode(definitions=(*flat.types.values(), *own)), Collect())
    return frozenset(found | {each.name.value for each in flat.schema_directives})


def _is_entity(node: TypeDefinitionNode, links: Links) -> bool:
    return isinstance(node, ObjectTypeDefinitionNode) and links.has(node, "key")


def _with_machinery(query: TypeDefinitionNode | None, has_entities: bool) -> TypeDefinitionNode:
    service, entities = _SERVICE[2], _SERVICE[3]
    assert isinstance(service, ObjectTypeDefinitionNode)  # noqa: S101  # parsed from the text above
    assert isinstance(entities, ObjectTypeDefinitionNode)  # noqa: S101  # parsed from the text above
    fields = (*((entities.fields or ()) if has_entities else ()), *(service.fields or ()))
    if not isinstance(query, ObjectTypeDefinitionNode):
        return replace(service, fields=fields)
    return replace(query, fields=(*(query.fields or ()), *fields))


def _entity_union(names: list[str]) -> UnionTypeDefinitionNode:
    members = tuple(NamedTypeNode(name=NameNode(value=name)) for name in names)
    return UnionTypeDefinitionNode(name=NameNode(value="_Entity"), types=members)


def _schema_definition(flat: FlatDocument) -> SchemaDefinitionNode:
    roots = sorted({*flat.roots, OperationType.QUERY}, key=lambda kind: list(ROOT_NAMES).index(kind))
    return SchemaDefinitionNode(
        description=flat.description.description if flat.description else None,
        directives=flat.schema_directives,
        operation_types=tuple(
            OperationTypeDefinitionNode(operation=kind, type=NamedTypeNode(name=NameNode(value=ROOT_NAMES[kind])))
            for kind in roots
        ),
    )
