"""The short way for entities: found as ever, then checked and copied by a layout, without an executor.

Where a query asks nothing but ``_entities``, and of each type nothing but properties of objects of one type, each
representation is found by the same finders as on the long way and its object is completed by the layout of its
type. Whatever does not fit is a :class:`Misfit`, and graphql-core answers then: from what was found, since the
execution remembers whom it asked. Source: Federation 2, "Resolving entities".
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
)

from connectors.connector import JSON
from connectors.mapped.direct import Complete, Misfit, fields_of, object_completion
from connectors.mapped.entities import Entities, Wish
from connectors.mapped.execution import Execution
from schema.mapping.connect import ConnectorSchema


@dataclass(frozen=True, slots=True)
class _Type:
    """What is asked of one type of entity."""

    wish: Wish
    complete: Complete


@dataclass(frozen=True, slots=True)
class _Root:
    response_name: str
    variable: str
    types: Mapping[str, _Type]


@dataclass(frozen=True, slots=True)
class DirectEntities:
    """A query for entities laid out."""

    roots: tuple[_Root, ...]
    entities: Entities

    async def answer(self, execution: Execution) -> dict[str, JSON]:
        """Raises :class:`Misfit`; whom it asked is in the execution's ``memory``."""
        variables = execution.request.variables
        asked = [(root, _representations(root, variables.get(root.variable))) for root in self.roots]
        work = [self._found(root, each, execution) for root, every in asked for each in every]
        found = iter(await asyncio.gather(*work, return_exceptions=True))
        # Each is awaited before anything is told, so that the long way finds every answer there.
        return {root.response_name: [_completed(root, next(found)) for _ in every] for root, every in asked}

    async def _found(self, root: _Root, representation: dict[str, JSON], execution: Execution) -> JSON:
        type_ = root.types[representation["__typename"]]
        return await self.entities.represent(representation, type_.wish, execution)


def _completed(root: _Root, found: JSON | BaseException) -> JSON:
    if isinstance(found, BaseException):
        if isinstance(found, GraphQLError):
            raise Misfit from found
        raise found
    if found is None:
        return None
    if type(found) is not dict or found.get("__typename") not in root.types:
        raise Misfit
    return root.types[found["__typename"]].complete(found)


def _representations(root: _Root, given: JSON) -> list[dict[str, JSON]]:
    """Those that are objects of the types that are asked; anything else is refused on the long way."""
    if type(given) is not list:
        raise Misfit
    for each in given:
        name = each.get("__typename") if type(each) is dict else None
        if type(name) is not str or name not in root.types:
            raise Misfit
    return given


def lay_out_entities(document: DocumentNode, schema: ConnectorSchema, entities: Entities) -> DirectEntities | None:
    """``None`` for what the executor answers from the beginning."""
    if len(document.definitions) != 1:
        return None
    (operation,) = document.definitions
    if not isinstance(operation, OperationDefinitionNode) or operation.operation is not OperationType.QUERY:
        return None
    try:
        fields = fields_of(operation.selection_set)
        return DirectEntities(
            tuple(_root(name, node, schema, entities) for name, node in fields.items()), entities
        )
    except Misfit:
        return None


def _root(name: str, node: FieldNode, schema: ConnectorSchema, entities: Entities) -> _Root:
    argument = node.arguments[0].value if node.arguments else None
    if node.name.value != "_entities" or not isinstance(argument, VariableNode) or node.selection_set is None:
        raise Misfit
    types: dict[str, _Type] = {}
    for fragment in node.selection_set.selections:
        if not isinstance(fragment, InlineFragmentNode) or fragment.directives or fragment.type_condition is None:
            raise Misfit
        type_name = fragment.type_condition.name.value
        type_ = schema.virtual.schema.type_map.get(type_name)
        if not isinstance(type_, GraphQLObjectType) or type_name in types or type_name not in schema.virtual.keys:
            raise Misfit
        wanted = {field.name.value for field in fields_of(fragment.selection_set).values()} - {"__typename"}
        complete = object_completion(type_, fragment.selection_set, schema)
        types[type_name] = _Type(entities.wish(type_name, wanted), complete)
    return _Root(name, argument.name.value, types)
