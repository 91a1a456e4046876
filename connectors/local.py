"""Reach the hub's own subgraph: a Strawberry schema in this process.

Errors that the domain raised on purpose (:class:`schema.errors.DomainError`) pass with their code. Of any other
exception no word is told: it is SERVICE_UNAVAILABLE where the schema's owner says that it will pass, else it is
logged here and told as INTERNAL_SERVER_ERROR.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from connectors.connector import JSON, FetchRequest, FetchResponse, RequestContext
from connectors.http_message import failure
from connectors.trace import traced
from schema.errors import RUNTIME_CODES, DomainError, RuntimeCode

if TYPE_CHECKING:
    from strawberry import Schema

_log = logging.getLogger(__name__)


ContextFactory = Callable[[RequestContext], Any]
"""Makes what resolvers see as ``info.context``; ``RequestContext.local`` holds what only this process has."""


IsPassing = Callable[[BaseException], bool]
"""Whether nothing is wrong with the request: what the schema stands on is away just now."""


def _never(_error: BaseException) -> bool:
    return False


def _local_values(context: RequestContext) -> Any:
    return dict(context.local)


class LocalConnector:
    """An in-process subgraph. Without ``make_context`` resolvers get ``RequestContext.local`` as a dict."""

    def __init__(
        self, schema: Schema, make_context: ContextFactory = _local_values, *, is_passing: IsPassing = _never
    ) -> None:
        self._schema = schema
        self._make_context = make_context
        self._is_passing = is_passing

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        with traced(request.context.traceparent):
            outcome = await self._schema.execute(
                request.query,
                variable_values=dict(request.variables),
                context_value=self._make_context(request.context),
                operation_name=request.operation_name,
            )
        return response_of(outcome, self._is_passing)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        events = await self._schema.subscribe(
            request.query,
            variable_values=dict(request.variables),
            context_value=self._make_context(request.context),
            operation_name=request.operation_name,
        )
        if not hasattr(events, "__aiter__"):
            yield response_of(events, self._is_passing)
            return
        try:
            async for outcome in events:
                yield response_of(outcome, self._is_passing)
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


def response_of(outcome: Any, is_passing: IsPassing = _never) -> FetchResponse:
    """The answer of a schema in this process, its errors in words for clients."""
    errors = tuple(_tell(error, is_passing) for error in outcome.errors or ())
    return FetchResponse(outcome.data, errors, declares_errors=True)


def _tell(error: GraphQLError, is_passing: IsPassing) -> dict[str, JSON]:
    """What the domain says of it, and of anything else the code alone."""
    cause = _cause(error)
    code, message = _code_and_message(error, cause, is_passing)
    details = cause.extensions if isinstance(cause, DomainError) else {}
    told: dict[str, JSON] = {"message": message, "extensions": {**details, "code": code.value}}
    if error.path is not None:
        told["path"] = list(error.path)
    return told


def _cause(error: GraphQLError) -> BaseException | None:
    """What a resolver raised, however often it was wrapped."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _code_and_message(
    error: GraphQLError, cause: BaseException | None, is_passing: IsPassing
) -> tuple[RuntimeCode, str]:
    if isinstance(cause, DomainError):
        return cause.code, cause.message
    if cause is None:
        # graphql-core itself refused: the request, where there is no path; a resolver's value, where there is.
        if error.path is None:
            return RuntimeCode.GRAPHQL_VALIDATION_FAILED, error.message
        declared = (error.extensions or {}).get("code")
        if isinstance(declared, str) and declared in set(RuntimeCode):
            return RuntimeCode(declared), error.message
    if cause is not None and is_passing(cause):
        _log.warning("A resolver of the hub could not do its work at %s: %s", error.path, type(cause).__name__)
        return RuntimeCode.SERVICE_UNAVAILABLE, RUNTIME_CODES[RuntimeCode.SERVICE_UNAVAILABLE]
    _log.error("A resolver of the hub failed at %s", error.path, exc_info=cause or error)
    return RuntimeCode.INTERNAL_SERVER_ERROR, RUNTIME_CODES[RuntimeCode.INTERNAL_SERVER_ERROR]
