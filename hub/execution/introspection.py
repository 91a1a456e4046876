"""Introspection is answered here, from the public schema alone: no department is asked what the graph is.

Source: GraphQL specification, section 4 "Introspection".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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
    """Answer by response name. Raises the first error: a valid document has none."""
    result = execute_sync(schema, document, variable_values=dict(variables))
    if result.errors:
        raise GraphQLError(result.errors[0].message)
    return result.data or {}


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
