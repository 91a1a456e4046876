"""One connector alone behind the doors of the graph: its own subgraph is asked as it stands, ``_entities`` too.

What only asks for the schema is answered from the SDL, so that an explorer works before the system does.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Literal

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    execute_sync,
    get_operation_ast,
    parse,
    print_ast,
    validate,
)

from auth.actor import Actor
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, RequestContext
from hub.gateway.request import GraphQLAnswer, GraphQLRequest, RequestRefused, refused, told
from hub.workbench.answer_check import answer_findings
from hub.workbench.notes import Trace, current_trace
from hub.workbench.opening import OpenConnector
from hub.workbench.watching import outcome_of
from schema.errors import RuntimeCode

IDEMPOTENCY_KEY = "idempotency-key"
NotServing = Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Operation:
    document: DocumentNode
    node: OperationDefinitionNode

    @property
    def kind(self) -> Literal["query", "mutation", "subscription"]:
        return self.node.operation.value

    @property
    def name(self) -> str:
        """The field that a subscription subscribes to."""
        return print_ast(self.node.selection_set.selections[0]).partition("(")[0].partition(" ")[0]

    @property
    def asks_for_schema(self) -> bool:
        fields = self.node.selection_set.selections
        return all(isinstance(each, FieldNode) and each.name.value in ("__schema", "__type") for each in fields)


class SubgraphAnswers:
    """``opened`` is what is served now; while there is none ``why_not`` says why. ``say`` is told of each call."""

    def __init__(self, say: Callable[[str], None], *, verbose: bool = False) -> None:
        self.opened: OpenConnector | None = None
        self.why_not = "Nothing is served yet."
        self._say = say
        self._verbose = verbose

    async def answer(
        self, request: GraphQLRequest, actor: Actor | None, *, only_queries: bool = False
    ) -> GraphQLAnswer:
        try:
            opened, operation = self._read(request)
            if only_queries and operation.kind != "query":
                raise refused(
                    RuntimeCode.BAD_REQUEST,
                    f"A {operation.kind} cannot be sent with GET. Use POST.",
                    status=405,
                )
            return await self._answer(opened, operation, request)
        except RequestRefused as refusal:
            return refusal.answer

    async def subscribe(
        self, request: GraphQLRequest, actor: Actor | None, *, no_mutations: bool = False
    ) -> AsyncGenerator[GraphQLAnswer, None]:
        try:
            opened, operation = self._read(request)
        except RequestRefused as refusal:
            yield refusal.answer
            return
        if operation.kind != "subscription":
            yield await self.answer(request, actor, only_queries=no_mutations)
            return
        try:
            stream: Any = opened.connector.subscribe(_fetch(request, operation))
            async with aclosing(stream) as events:
                async for event in events:
                    self._say(f"           event of {operation.name}")
                    yield _told(event)
        except ConnectorFailure as failed:
            yield _failed(failed)

    async def is_subscription(self, request: GraphQLRequest) -> bool:
        return self._kind(request) == "subscription"

    async def is_query(self, request: GraphQLRequest) -> bool:
        return self._kind(request) == "query"

    def _kind(self, request: GraphQLRequest) -> str | None:
        try:
            return self._read(request)[1].kind
        except RequestRefused:
            return None

    def _read(self, request: GraphQLRequest) -> tuple[OpenConnector, _Operation]:
        opened = self.opened
        if opened is None:
            raise refused(RuntimeCode.SERVICE_UNAVAILABLE, self.why_not)
        try:
            document = parse(request.query)
        except GraphQLError as error:
            raise RequestRefused([told(error, RuntimeCode.GRAPHQL_PARSE_FAILED)]) from error
        errors = validate(opened.shape.schema, document)
        if errors:
            raise RequestRefused(told(error, RuntimeCode.GRAPHQL_VALIDATION_FAILED) for error in errors)
        node = get_operation_ast(document, request.operation_name)
        if node is None:
            raise refused(RuntimeCode.OPERATION_RESOLUTION_FAILURE, "Say which operation is meant: operationName.")
        return opened, _Operation(document, node)

    async def _answer(
        self, opened: OpenConnector, operation: _Operation, request: GraphQLRequest
    ) -> GraphQLAnswer:
        if operation.asks_for_schema:
            result = execute_sync(
                opened.shape.schema,
                operation.document,
                variable_values=dict(request.variables),
                operation_name=request.operation_name,
            )
            return GraphQLAnswer(result.data, tuple(told(e, RuntimeCode.BAD_REQUEST) for e in result.errors or ()))
        trace = Trace()
        restore = current_trace.set(trace)
        try:
            response = await opened.connector.fetch(_fetch(request, operation))
            answer = _told(response)
            if response.data is not None and opened.specification.kind == "graphql" and trace.calls:
                variables = dict(request.variables)
                trace.calls[-1].wrong = answer_findings(
                    opened.shape.schema, operation.document, variables, response.data
                )
        except ConnectorFailure as failed:
            answer = _failed(failed)
            if trace.calls and trace.calls[-1].outcome == "ok":
                trace.calls[-1].outcome = outcome_of(failed)
        finally:
            current_trace.reset(restore)
        self._tell(opened, trace, answer)
        requests = [call.as_json(opened.mask) for call in trace.calls]
        return replace(answer, extensions={**answer.extensions, "jiyi": {"requests": requests}})

    def _tell(self, opened: OpenConnector, trace: Trace, answer: GraphQLAnswer) -> None:
        mask = opened.mask
        if not trace.calls:
            self._say(f"{trace.age_ms:7.1f} ms  no request was needed")
        for call in trace.calls:
            self._say(call.line(mask))
            for finding in call.findings:
                self._say(f"            look: {mask.text(finding)}")
            if self._verbose:
                self._say(_indented(call.as_json(mask)))
        for error in answer.errors[:5]:
            code = error.get("extensions", {}).get("code", "")
            self._say(mask.text(f"            {code}: {error.get('message', '')}"))


def _fetch(request: GraphQLRequest, operation: _Operation) -> FetchRequest:
    headers = {name: value for name, value in request.headers.items() if name != IDEMPOTENCY_KEY}
    key = request.headers.get(IDEMPOTENCY_KEY) or secrets.token_hex(8)
    return FetchRequest(
        request.query,
        request.variables,
        kind=operation.kind,
        operation_name=request.operation_name,
        context=RequestContext(purpose="development", traceparent=request.traceparent, headers=headers),
        idempotency_key=key if operation.kind == "mutation" else None,
    )


def _told(response: FetchResponse) -> GraphQLAnswer:
    return GraphQLAnswer(response.data, response.errors, response.extensions)


def _failed(failed: ConnectorFailure) -> GraphQLAnswer:
    """With the detail that is otherwise for the log: the department asks itself."""
    message = f"{failed.message} ({failed.detail})" if failed.detail else failed.message
    return GraphQLAnswer(None, ({"message": message, "extensions": {"code": str(failed.code)}},))


def _indented(call: dict[str, Any]) -> str:
    import yaml

    text = yaml.safe_dump(call, allow_unicode=True, sort_keys=False, width=110)
    return "\n".join(f"            {line}" for line in text.splitlines())
