"""The short way for most queries: what a mapping gave is looked over once, without an executor for each field.

A query is laid out once. Where it asks root fields with one ``@connect`` each, and below them nothing but
properties of objects of one type, its answer is checked and copied by that layout. Whatever does not fit (a null
where none may be, a wrong type, a missing property that somebody could bring, an error) is a :class:`Misfit`: then
graphql-core answers, from the same calls. Source: GraphQL specification, 6.4.3 "Value completion".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_argument_values,
    get_variable_values,
)

from connectors.connector import JSON
from connectors.mapped.execution import Execution
from schema.mapping.connect import Connect, ConnectorSchema


class Misfit(Exception):
    """The executor has to answer this."""


Complete = Callable[[JSON], JSON]
"""Gives a value as the answer has it. Raises :class:`Misfit`."""

_LARGEST_INT = 2**31
_TEXTS = frozenset({"ID", "IDAsWritten", "String"})


@dataclass(frozen=True, slots=True)
class _Root:
    response_name: str
    connect: Connect
    definition: GraphQLField
    node: FieldNode
    complete: Complete
    texts: tuple[tuple[str, str], ...] | None = None
    """Its arguments with their variables, where all of them are required texts."""


@dataclass(frozen=True, slots=True)
class Direct:
    """A query laid out."""

    roots: tuple[_Root, ...]
    operation: OperationDefinitionNode
    schema: ConnectorSchema

    async def answer(self, execution: Execution) -> dict[str, JSON]:
        """Raises :class:`Misfit`; what was called until then is in the execution's ``answered``."""
        arguments = _texts_of(self.roots, execution.request.variables) or self._coerced(
            execution.request.variables
        )
        calls = [
            execution.call(root.connect, {"$args": each, "$this": {}})
            for root, each in zip(self.roots, arguments, strict=True)
        ]
        results = await _all(calls)
        return {root.response_name: root.complete(each) for root, each in zip(self.roots, results, strict=True)}

    def _coerced(self, variables: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        values: Any = {}
        if self.operation.variable_definitions:
            values = get_variable_values(
                self.schema.virtual.schema, self.operation.variable_definitions, dict(variables)
            )
            if isinstance(values, list):
                raise Misfit
        return [self._arguments(root, values) for root in self.roots]

    def _arguments(self, root: _Root, values: Any) -> dict[str, JSON]:
        if not root.definition.args:
            return {}
        try:
            return get_argument_values(root.definition, root.node, values or None)
        except GraphQLError as error:
            raise Misfit from error


def _texts_of(roots: tuple[_Root, ...], variables: Mapping[str, JSON]) -> list[dict[str, JSON]] | None:
    """The arguments of all roots, if they are texts as they were sent; ``None`` for what has to be coerced."""
    found = []
    for root in roots:
        if root.texts is None:
            return None
        arguments = {name: variables.get(variable) for name, variable in root.texts}
        if not all(type(value) is str for value in arguments.values()):
            return None
        found.append(arguments)
    return found


def _text_variables(definition: GraphQLField, node: FieldNode) -> tuple[tuple[str, str], ...] | None:
    """What validation has found to fit a required text is one, or is null: then it is coerced as ever."""
    found = []
    for argument in node.arguments or ():
        type_ = definition.args[argument.name.value].type
        is_text = isinstance(type_, GraphQLNonNull) and getattr(type_.of_type, "name", None) in _TEXTS
        if not (is_text and isinstance(argument.value, VariableNode)):
            return None
        found.append((argument.name.value, argument.value.name.value))
    return tuple(found) if len(found) == len(definition.args) else None


def lay_out(document: DocumentNode, schema: ConnectorSchema) -> Direct | None:
    """``None`` for what the executor answers from the beginning."""
    if len(document.definitions) != 1:
        return None
    (operation,) = document.definitions
    query = schema.virtual.schema.query_type
    if not isinstance(operation, OperationDefinitionNode) or operation.operation is not OperationType.QUERY:
        return None
    try:
        fields = fields_of(operation.selection_set)
        roots = [_root(name, node, query, schema) for name, node in fields.items()] if query else []
    except Misfit:
        return None
    return Direct(tuple(roots), operation, schema)


def _root(name: str, node: FieldNode, query: GraphQLObjectType, schema: ConnectorSchema) -> _Root:
    definition = query.fields.get(node.name.value)
    connects = schema.connects_of(query.name, node.name.value)
    if definition is None or len(connects) != 1:
        raise Misfit
    complete = _completion(definition.type, node, schema)
    return _Root(name, connects[0], definition, node, complete, _text_variables(definition, node))


def fields_of(selections: SelectionSetNode) -> dict[str, FieldNode]:
    """By response name. Raises :class:`Misfit` for fragments, directives, and a name that stands twice."""
    found: dict[str, FieldNode] = {}
    for node in selections.selections:
        if not isinstance(node, FieldNode) or node.directives:
            raise Misfit
        name = node.alias.value if node.alias else node.name.value
        if name in found:
            raise Misfit
        found[name] = node
    return found


def _completion(type_: GraphQLOutputType, node: FieldNode, schema: ConnectorSchema) -> Complete:
    if isinstance(type_, GraphQLNonNull):
        return _never_null(_completion(type_.of_type, node, schema))
    if isinstance(type_, GraphQLList):
        return _list(_completion(type_.of_type, node, schema))
    if isinstance(type_, GraphQLObjectType) and node.selection_set is not None:
        return object_completion(type_, node.selection_set, schema)
    if isinstance(type_, GraphQLEnumType):
        return _one_of(frozenset(type_.values))
    if isinstance(type_, GraphQLScalarType) and type_.name in _SCALARS:
        return _SCALARS[type_.name]
    raise Misfit


def _never_null(complete: Complete) -> Complete:
    def run(value: JSON) -> JSON:
        if value is None:
            raise Misfit
        return complete(value)

    return run


def _list(complete: Complete) -> Complete:
    def run(value: JSON) -> JSON:
        if value is None:
            return None
        if type(value) is not list:
            raise Misfit
        return [complete(each) for each in value]

    return run


def object_completion(type_: GraphQLObjectType, selections: SelectionSetNode, schema: ConnectorSchema) -> Complete:
    """Of objects of one type, as far as nothing but their own properties is asked. Raises :class:`Misfit`."""
    fields: list[tuple[str, str, Complete]] = []
    type_names: list[str] = []
    for name, node in fields_of(selections).items():
        if node.name.value == "__typename":
            type_names.append(name)
            continue
        definition = type_.fields[node.name.value]
        if schema.connects_of(type_.name, node.name.value) or definition.args:
            raise Misfit
        fields.append((name, node.name.value, _completion(definition.type, node, schema)))

    def run(value: JSON) -> JSON:
        if value is None:
            return None
        if type(value) is not dict:
            raise Misfit
        if all(each is None for each in value.values()):
            raise Misfit  # a reference to nobody, perhaps
        try:
            result = {name: complete(value[key]) for name, key, complete in fields}
        except KeyError as error:
            raise Misfit from error
        for name in type_names:
            result[name] = type_.name
        return result

    return run


def _one_of(names: frozenset[str]) -> Complete:
    def run(value: JSON) -> JSON:
        if value is None or (type(value) is str and value in names):
            return value
        raise Misfit

    return run


def _exactly(kind: type) -> Complete:
    def run(value: JSON) -> JSON:
        if value is None or type(value) is kind:
            return value
        raise Misfit

    return run


def _integer(value: JSON) -> JSON:
    if value is None or (type(value) is int and -_LARGEST_INT <= value < _LARGEST_INT):
        return value
    raise Misfit


_SCALARS: Mapping[str, Complete] = {
    "String": _exactly(str),
    "ID": _exactly(str),
    "Boolean": _exactly(bool),
    "Float": _exactly(float),
    "Int": _integer,
}
"""Values that graphql-core leaves as they are. It takes others too, and makes something of them."""


async def _all(calls: list[Coroutine[Any, Any, JSON]]) -> list[JSON]:
    """Waits for all of them, also where one fails: nothing is called twice."""
    if len(calls) == 1:
        results = [await _or_error(calls[0])]
    else:
        results = await asyncio.gather(*map(_or_error, calls))
    if any(isinstance(each, GraphQLError) for each in results):
        raise Misfit
    return results


async def _or_error(call: Coroutine[Any, Any, JSON]) -> JSON:
    try:
        return await call
    except GraphQLError as error:
        return error
