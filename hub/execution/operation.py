"""One valid operation of one document, ready to be answered any number of times.

Source: GraphQL specification, 6.1 "Executing requests" and 6.1.2 "Coercing variable values".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from typing import Any

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_variable_values,
)

from hub.execution.introspection import introspect, introspective_part
from hub.execution.shape import ObjectShape, compile_shape
from schema.planning.query_plan import OperationKind

_SHAPES = 32
_introspected: LRUCache[Operation, dict[str, Any]] = LRUCache(8)
"""What was introspected last: some of these answers are megabytes."""
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Variables:
    """``sent`` goes to subgraphs: the client's values unchanged, and defaults where it gave none.
    ``coerced`` decides conditions."""

    sent: Mapping[str, Any]
    coerced: Mapping[str, Any]


_NO_VARIABLES = Variables(MappingProxyType({}), MappingProxyType({}))


class VariablesRefused(Exception):
    """A variable has a value that the public schema does not allow there. Nothing was fetched."""

    def __init__(self, errors: tuple[GraphQLError, ...]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class Operation:
    """``schema`` is the API schema that ``document`` was validated against."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode) -> None:
        self.schema = schema
        self.document = document
        self.node = node
        self.name: str | None = node.name.value if node.name else None
        self.kind: OperationKind = node.operation.value
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._condition_variables = tuple(sorted(set(_condition_variables(document))))
        self._shapes: LRUCache[tuple[Any, ...], ObjectShape] = LRUCache(_SHAPES)
        self._introspection = introspective_part(node, self._fragments)

    def coerce(self, inputs: Mapping[str, Any], *, hide_suggestions: bool = False) -> Variables:
        """The operation's variables. Raises :class:`VariablesRefused` with every reason."""
        definitions = self.node.variable_definitions or ()
        if not definitions:
            return _NO_VARIABLES
        values = get_variable_values(
            self.schema, definitions, dict(inputs), max_errors=50, hide_suggestions=hide_suggestions
        )
        if isinstance(values, list):
            raise VariablesRefused(tuple(values))
        sent = {name: inputs.get(name, value) for name, value in values.coerced.items()}
        return Variables(sent, values.coerced)

    def shape(self, variables: Variables) -> ObjectShape:
        """The answer's shape for these variables: one per set of values of the conditions."""
        key = self.conditions(variables)
        shape = self._shapes.get(key)
        if shape is None:
            shape = compile_shape(self.schema, self.node, self._fragments, variables.coerced)
            self._shapes[key] = shape
        return shape

    def conditions(self, variables: Variables) -> tuple[bool, ...]:
        """The values of the variables that decide ``@skip`` and ``@include``."""
        if not self._condition_variables:
            return ()
        return tuple(bool(variables.coerced.get(name)) for name in self._condition_variables)

    @property
    def asks_introspection(self) -> bool:
        return self._introspection is not None

    def introspect(self, variables: Variables) -> dict[str, Any]:
        """The answers of ``__schema`` and ``__type`` by response name; takes time for a large schema. Safe in a
        thread. Raises :class:`hub.execution.introspection.IntrospectionTooLarge`."""
        if self._introspection is None:
            return {}
        if self.node.variable_definitions:
            return introspect(self.schema, self._introspection, variables.sent)
        with _lock:
            known = _introspected.get(self)
        if known is None:
            known = introspect(self.schema, self._introspection, {})
            with _lock:
                _introspected[self] = known
        return known


def _condition_variables(document: DocumentNode) -> Iterator[str]:
    pending: list[SelectionSetNode] = [
        d.selection_set
        for d in document.definitions
        if isinstance(d, (OperationDefinitionNode, FragmentDefinitionNode))
    ]
    while pending:
        for selection in pending.pop().selections:
            for directive in selection.directives or ():
                if directive.name.value in ("skip", "include"):
                    for argument in directive.arguments or ():
                        if isinstance(argument.value, VariableNode):
                            yield argument.value.name.value
            if isinstance(selection, (FieldNode, InlineFragmentNode)) and selection.selection_set is not None:
                pending.append(selection.selection_set)
