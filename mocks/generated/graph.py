"""A subgraph that answers: parse, validate, execute over the objects of its world."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    parse,
    subscribe,
    validate,
)

from mocks.generated.answering import Answers, Breaks
from mocks.generated.world import World


class MockGraph:
    """Answers any operation over its SDL; ``interval`` seconds lie between two events."""

    def __init__(self, world: World, interval: float = 1.0) -> None:
        self.world = world
        self._answers = Answers(world, interval)
        self._checked = lru_cache(maxsize=512)(self._check)

    def answer(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        breaks: Breaks | None = None,
    ) -> ExecutionResult:
        """The result of a query or mutation; mistakes in the operation are its errors."""
        found = self._checked(query)
        if isinstance(found, list):
            return ExecutionResult(data=None, errors=found)
        return execute_sync(
            self.world.subgraph.schema,
            found,
            context_value=breaks,
            variable_values=dict(variables or {}),
            operation_name=operation_name,
            field_resolver=self._answers.field,
            type_resolver=self._answers.type,
        )

    async def events(
        self, query: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None
    ) -> AsyncGenerator[ExecutionResult, None]:
        """The events of a subscription, without end; one result with errors where it cannot begin."""
        found = self._checked(query)
        if isinstance(found, list):
            yield ExecutionResult(data=None, errors=found)
            return
        begun = subscribe(
            self.world.subgraph.schema,
            found,
            variable_values=dict(variables or {}),
            operation_name=operation_name,
            field_resolver=self._answers.field,
            type_resolver=self._answers.type,
            subscribe_field_resolver=self._answers.events,
        )
        stream = await begun if isinstance(begun, Awaitable) else begun
        if isinstance(stream, ExecutionResult):
            yield stream
            return
        async for result in stream:
            yield result

    def kind(self, query: str, operation_name: str | None = None) -> str:
        """``query``, ``mutation`` or ``subscription``; ``query`` for what cannot be read."""
        found = self._checked(query)
        if isinstance(found, list):
            return "query"
        for node in found.definitions:
            if isinstance(node, OperationDefinitionNode) and operation_name in (
                None,
                node.name and node.name.value,
            ):
                return str(node.operation.value)
        return OperationType.QUERY.value

    def _check(self, query: str) -> DocumentNode | list[GraphQLError]:
        try:
            document = parse(query)
        except GraphQLError as error:
            return [error]
        return validate(self.world.subgraph.schema, document) or document
