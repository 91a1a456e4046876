"""Complete a subgraph's SDL with what Federation adds: directive definitions, ``_entities``, ``_service``.

Of the linked specifications' definitions only those that the SDL uses are added; compatible ones of its own
stand. Source: Federation 2, "Subgraph specification".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    OperationType,
    OperationTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    Visitor,
    parse,
    visit,
)

from schema.composition.flatten import ROOT_NAMES, FlatDocument
from schema.composition.own_definitions import linked_definitions, own_definitions
from schema.directives import Links
from schema.features import directives_on

_SERVICE = parse(
    "type _Service { sdl: String } scalar _Any type Query { _service: _Service! } "
    "type Entities { _entities(representations: [_Any!]!): [_Entity]! }",
    no_location=True,
).definitions


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
            *_used_definitions(used, own_definitions(flat.directives, links), links),
            *machinery,
            *flat.leftovers,
        )
    )


def _used_definitions(
    used: frozenset[str], own: Mapping[str, DirectiveDefinitionNode], links: Links
) -> Iterator[DefinitionNode]:
    """Definitions of the linked directives in use, the SDL's own first, and of the types that these name."""
    linked = linked_definitions(links) | {f"@{name}": node for name, node in own.items()}
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
    found = directives_on((*flat.types.values(), *flat.directives))
    return frozenset((*found, *(each.name.value for each in flat.schema_directives)))


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
    known = {kind for kind in flat.roots if ROOT_NAMES[kind] in flat.types}
    roots = sorted({*known, OperationType.QUERY}, key=lambda kind: list(ROOT_NAMES).index(kind))
    return SchemaDefinitionNode(
        description=flat.description.description if flat.description else None,
        directives=flat.schema_directives,
        operation_types=tuple(
            OperationTypeDefinitionNode(operation=kind, type=NamedTypeNode(name=NameNode(value=ROOT_NAMES[kind])))
            for kind in roots
        ),
    )
