"""A subgraph's own types refer to its own types: those of a specification and of introspection are no part of it.

Source: https://specs.apollo.dev/link/v1.0; GraphQL specification, "Schema Introspection".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from graphql import (
    DocumentNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    specified_scalar_types,
)
from graphql.type.introspection import introspection_types

from schema.composition.flatten import FlatDocument
from schema.composition.problems import Place, Problems
from schema.directives import Links

NEVER_OWN = frozenset(
    {"link__Import", "link__Purpose", "federation__FieldSet", "federation__Scope", "federation__Policy"}
)
"""Types that subgraphs print along even where they link nothing that has them."""

_BUILT_IN = frozenset(specified_scalar_types)


def check_references(
    name: str, document: DocumentNode, flat: FlatDocument, links: Links, problems: Problems
) -> None:
    """Tell references to what no client may see, and built-in scalars that are something else here."""
    defined = {each.name.value for each in document.definitions if isinstance(each, TypeDefinitionNode)}
    foreign = links.machinery | NEVER_OWN | introspection_types.keys()
    if "Query" not in flat.types and not _has_query(document):
        foreign = foreign | {"Query"}  # what Federation adds later is not there to be referred to
    printed = foreign & defined
    for node in flat.types.values():
        _check_name(name, node, problems)
        for each in _named(node):
            if each.name.value in printed:
                problems.error(
                    "REFERENCED_INACCESSIBLE",
                    f'"{each.name.value}" belongs to a specification and is no part of the graph, but '
                    f'"{node.name.value}" in subgraph "{name}" refers to it. Use a type of your own.',
                    Place(name, each),
                )
            elif each.name.value in foreign:
                problems.error(
                    "INVALID_GRAPHQL",
                    f'Subgraph "{name}": "{node.name.value}" refers to the unknown type "{each.name.value}".',
                    Place(name, each),
                )


def _check_name(name: str, node: TypeDefinitionNode, problems: Problems) -> None:
    if node.name.value in _BUILT_IN and node.kind != "scalar_type_definition":
        problems.error(
            "TYPE_KIND_MISMATCH",
            f'Type "{node.name.value}" of subgraph "{name}" is a scalar of GraphQL\'s own. Rename yours.',
            Place(name, node),
        )


def _has_query(document: DocumentNode) -> bool:
    nodes = (each for each in document.definitions if isinstance(each, TypeDefinitionNode | TypeExtensionNode))
    return any(each.name.value == "Query" for each in nodes)


def _named(node: TypeDefinitionNode) -> Iterator[NamedTypeNode]:
    yield from getattr(node, "interfaces", None) or ()
    yield from getattr(node, "types", None) or ()
    for field in getattr(node, "fields", None) or ():
        yield _inner(field.type)
        yield from (_inner(argument.type) for argument in getattr(field, "arguments", None) or ())


def _inner(type_: TypeNode) -> NamedTypeNode:
    while isinstance(type_, ListTypeNode | NonNullTypeNode):
        type_ = type_.type
    return cast("NamedTypeNode", type_)
