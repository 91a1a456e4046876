"""Reach the hub's own subgraph: a Strawberry schema in this process.

Errors that the domain raised on purpose (:class:`schema.errors.DomainError`) pass with their code; any
other exception is logged here and told as INTERNAL_SERVER_ERROR, without a word of its text.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from connectors.connector import JSON, FetchRequest, FetchResponse, RequestContext
from connectors.http_message import failure
from schema.errors import RUNTIME_CODES, DomainError, RuntimeCode

if TYPE_CHECKING:
    from strawberry import Schema

_log = logging.getLogger(__name__)


ContextFactory = Callable[[RequestContext], Any]
"""Makes what resolvers see as ``info.context``; ``RequestContext.local`` holds what only this process has."""


def _local_values(context: RequestContext) -> Any:
    return dict(context.local)


class LocalConnector:
    """An in-process subgraph. Without ``make_context`` resolvers get ``RequestContext.local`` as a dict."""

    def __init__(self, schema: Schema, make_context: ContextFactory = _local_values) -> None:
        self._schema = schema
        self._make_context = make_context

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        outcome = await self._schema.execute(
            request.query,
            variable_values=dict(request.variables),
            context_value=self._make_context(request.context),
            operation_name=request.operation_name,
        )
        return _respond(outcome)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        events = await self._schema.subscribe(
            request.query,
            variable_values=dict(request.variables),
            context_value=self._make_context(request.context),
            operation_name=request.operation_name,
        )
        if not hasattr(events, "__aiter__"):
            yield _respond(events)
            return
        try:
            async for outcome in events:
                yield _respond(outcome)
        finally:
            await events.aclose()

    async def describe(self) -> str:
        response = await self.fetch(FetchRequest("query { _service { sdl } }"))
        sdl = ((response.data or {}).get("_service") or {}).get("sdl")
        if not isinstance(sdl, str):
            raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, "the schema has no _service")
        return sdl

    async def close(self) -> None:
        """Nothing is held."""


def _respond(outcome: Any) -> FetchResponse:
    return FetchResponse(outcome.data, tuple(_tell(error) for error in outcome.errors or ()))


def _tell(error: GraphQLError) -> dict[str, JSON]:
    code, message = _code_and_message(error)
    told: dict[str, JSON] = {"message": message, "extensions": {**(error.extensions or {}), "code": code.value}}
    if error.path is not None:
        told["path"] = list(error.path)
    return told


def _code_and_message(error: GraphQLError) -> tuple[RuntimeCode, str]:
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    if isinstance(cause, DomainError):
        return cause.code, cause.message
    if cause is None:
        # graphql-core itself refused: the request, where there is no path; a resolver's value, where there is.
        if error.path is None:
            return RuntimeCode.GRAPHQL_VALIDATION_FAILED, error.message
        declared = (error.extensions or {}).get("code")
        if isinstance(declared, str) and declared in set(RuntimeCode):
            return RuntimeCode(declared), error.message
    _log.error("A resolver of the hub failed at %s", error.path, exc_info=cause or error)
    return RuntimeCode.INTERNAL_SERVER_ERROR, RUNTIME_CODES[RuntimeCode.INTERNAL_SERVER_ERROR]
