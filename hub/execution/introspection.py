"""Introspection is answered here, from the public schema alone: no department is asked what the graph is.

Source: GraphQL specification, section 4 "Introspection".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    execute_sync,
)

_ROOT_FIELDS = ("__schema", "__type")
FIELDS_PER_ELEMENT: Final = 20
"""So many fields may be answered for each type, field, argument and value of the schema; the query that tools send
takes about ten."""
FIELDS_AT_LEAST: Final = 5_000


class IntrospectionTooLarge(Exception):
    """One operation asks for the schema over and over, by aliases; 19 KB of these took 40 seconds and 30 MB."""


class _Spent(BaseException):
    """Ends the library's execution, which answers every ``Exception`` at its field and goes on."""


def introspective_part(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> DocumentNode | None:
    """The operation with nothing but its ``__schema`` and ``__type`` fields, ``None`` when it has none."""
    kept = _keep(operation.selection_set, fragments, frozenset())
    if kept is None:
        return None
    part = OperationDefinitionNode(
        operation=operation.operation,
        name=None,
        variable_definitions=operation.variable_definitions,
        directives=(),
        selection_set=kept,
    )
    return DocumentNode(definitions=(part, *fragments.values()))


def introspect(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Answer by response name. Raises :class:`IntrospectionTooLarge`, and the first error: a valid document has
    none."""
    left = FIELDS_AT_LEAST + FIELDS_PER_ELEMENT * _elements(schema)

    def counted(resolve: Callable[..., Any], *arguments: Any, **given: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise _Spent
        return resolve(*arguments, **given)

    try:
        result = execute_sync(schema, document, variable_values=dict(variables), middleware=[counted])
    except _Spent as spent:
        raise IntrospectionTooLarge from spent
    if result.errors:
        raise GraphQLError(result.errors[0].message)
    return result.data or {}


def _elements(schema: GraphQLSchema) -> int:
    """How much there is to tell of a schema: types, fields, arguments, values."""
    members = [
        member
        for declared in schema.type_map.values()
        for member in (*getattr(declared, "fields", {}).values(), *getattr(declared, "values", {}).values())
    ]
    return len(schema.type_map) + len(members) + sum(len(getattr(each, "args", ())) for each in members)


def _keep(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], inside: frozenset[str]
) -> SelectionSetNode | None:
    kept = tuple(_kept_selections(selection_set, fragments, inside))
    return SelectionSetNode(selections=kept) if kept else None


def _kept_selections(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], inside: frozenset[str]
) -> Iterable[SelectionNode]:
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            if node.name.value in _ROOT_FIELDS:
                yield node
        elif isinstance(node, InlineFragmentNode):
            kept = _keep(node.selection_set, fragments, inside)
            if kept is not None:
                yield _inline(node.type_condition, node, kept)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in inside:
            fragment = fragments[node.name.value]
            kept = _keep(fragment.selection_set, fragments, inside | {node.name.value})
            if kept is not None:
                yield _inline(fragment.type_condition, node, kept)


def _inline(
    condition: NamedTypeNode | None, node: InlineFragmentNode | FragmentSpreadNode, kept: SelectionSetNode
) -> InlineFragmentNode:
    return InlineFragmentNode(type_condition=condition, directives=node.directives, selection_set=kept)
