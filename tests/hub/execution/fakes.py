"""Departments that answer what a test says, and remember what they were asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from hub.execution import ExecutionResult, Operation, Surroundings, execute
from schema.errors import RuntimeCode
from schema.planning.query_plan import PlanNode, QueryPlan, Subscription

Reply = dict[str, Any] | FetchResponse | Exception
Script = Reply | Callable[[FetchRequest], Reply]


class FakeDepartment:
    """Answers each request with ``script``: data, a whole response, a failure, or a function of the request."""

    def __init__(self, script: Script, events: Sequence[Reply] = ()) -> None:
        self.script = script
        self.events = events
        self.requests: list[FetchRequest] = []
        self.is_closed = False

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.requests.append(request)
        return _response(self.script(request) if callable(self.script) else self.script)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        self.requests.append(request)
        for event in self.events:
            yield _response(event)

    async def describe(self) -> str:
        return ""

    async def close(self) -> None:
        self.is_closed = True


def _response(reply: Reply) -> FetchResponse:
    if isinstance(reply, Exception):
        raise reply
    return reply if isinstance(reply, FetchResponse) else FetchResponse(reply)


def errors(*found: dict[str, Any], data: dict[str, Any] | None = None) -> FetchResponse:
    return FetchResponse(data, found)


def timeout() -> ConnectorFailure:
    return ConnectorFailure(RuntimeCode.DEPARTMENT_TIMEOUT, "The department did not answer in time.")


def operation_of(schema: GraphQLSchema, text: str) -> Operation:
    document = parse(text)
    assert validate(schema, document) == []
    node = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    return Operation(schema, document, node)


async def run(
    sdl: str,
    query: str,
    node: PlanNode | Subscription | None,
    connectors: Mapping[str, FakeDepartment],
    variables: Mapping[str, Any] | None = None,
    **around: Any,
) -> ExecutionResult:
    """Execute ``query`` over ``sdl`` by a hand-written plan."""
    operation = operation_of(build_schema(sdl), query)
    plan = QueryPlan(operation.kind, node)
    return await execute(
        plan, operation, operation.coerce(variables or {}), Surroundings(connectors=connectors, **around)
    )
