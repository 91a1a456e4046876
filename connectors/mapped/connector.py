"""A connector SDL as a running subgraph: graphql-core executes it, ``@connect`` fields call out.

Everything below a ``@connect`` is looked up in the mapped JSON. Source: the public Apollo Connectors
convention.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from inspect import isawaitable

from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, parse, validate

from connectors.connector import JSON, FetchRequest, FetchResponse
from connectors.http_message import failure
from connectors.mapped.caller import Caller
from connectors.mapped.direct import Direct, Misfit, lay_out
from connectors.mapped.direct_entities import DirectEntities, lay_out_entities
from connectors.mapped.execution import Execution
from connectors.mapped.resolvers import attach_resolvers
from connectors.recent import known_by_text
from schema.errors import CompositionError, RuntimeCode
from schema.mapping.connect import ConnectorSchema

log = logging.getLogger(__name__)

DEFAULT_TIMEOUT = timedelta(seconds=5)
_KNOWN_DOCUMENTS, _KNOWN_CHARACTERS = 500, 250_000


class InvalidConnector(ValueError):
    """The SDL is no connector; ``errors`` are all the reasons."""

    def __init__(self, errors: tuple[CompositionError, ...]) -> None:
        super().__init__("; ".join(map(_placed, errors)))
        self.errors = errors


class MappedConnector:
    """One department's mapped subgraph. ``config`` is ``$config``, ``environment`` ``$env``; ``parallel_calls``
    bounds the calls of one request. ``caller`` is closed with it.
    """

    def __init__(
        self,
        schema: ConnectorSchema,
        caller: Caller,
        *,
        timeout: timedelta = DEFAULT_TIMEOUT,
        config: Mapping[str, JSON] | None = None,
        environment: Mapping[str, str] | None = None,
        parallel_calls: int = 16,
    ) -> None:
        self.schema = schema
        self._caller = caller
        self._timeout = timeout
        self._config = dict(config or {})
        self._environment = dict(environment or {})
        self._parallel_calls = parallel_calls
        self._document = known_by_text(_KNOWN_DOCUMENTS, _KNOWN_CHARACTERS)(self._read)
        self._entities = attach_resolvers(schema)

    def watch(self, around: Callable[[Caller], Caller]) -> None:
        """Put somebody who looks on around every call from now on; for whoever works on the mapping."""
        self._caller = around(self._caller)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        document = self._document(request.query)
        if not isinstance(document, _Document):
            return FetchResponse(None, tuple(_tell(error) for error in document))
        execution = Execution(
            self._caller,
            request,
            self._config,
            self._environment,
            _deadline(request.timeout or self._timeout),
            asyncio.Semaphore(self._parallel_calls),
        )
        try:
            if document.direct is not None:
                execution.remembers = True
                try:
                    data = await document.direct.answer(execution)
                    return FetchResponse(data, declares_errors=True, caching=execution.caching)
                except Misfit:
                    log.debug("a query goes the long way")
            result = await self._execute(document.node, execution)
        finally:
            execution.close()
        failed = execution.failure if result.errors else None
        if failed is not None and (request.kind == "mutation" or failed.code != RuntimeCode.DEPARTMENT_BAD_STATUS):
            raise failed
        errors = tuple(_tell(error) for error in result.errors or ())
        return FetchResponse(result.data, errors, failure=failed, declares_errors=True, caching=execution.caching)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        """What is mapped sends no events."""
        for event in _no_events():
            yield event

    async def describe(self) -> str:
        return self.schema.sdl

    async def close(self) -> None:
        await self._caller.close()

    async def _execute(self, document: DocumentNode, execution: Execution) -> ExecutionResult:
        request = execution.request
        result = execute(
            self.schema.virtual.schema,
            document,
            root_value={},
            context_value=execution,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        return await result if isawaitable(result) else result

    def _read(self, query: str) -> _Document | tuple[GraphQLError, ...]:
        try:
            document = parse(query, no_location=True)
        except GraphQLError as error:
            return (_coded(error, RuntimeCode.GRAPHQL_PARSE_FAILED),)
        errors = validate(self.schema.virtual.schema, document)
        if errors:
            return tuple(_coded(error, RuntimeCode.GRAPHQL_VALIDATION_FAILED) for error in errors)
        direct = lay_out(document, self.schema) or lay_out_entities(document, self.schema, self._entities)
        return _Document(document, direct)


@dataclass(frozen=True, slots=True)
class _Document:
    """A valid one, and the short way to its answer, if there is one."""

    node: DocumentNode
    direct: Direct | DirectEntities | None


def _placed(error: CompositionError) -> str:
    """With where it is, for whoever wrote the SDL."""
    places = ", ".join(map(str, error.locations))
    return f"{error} ({places})" if places else str(error)


def _no_events() -> tuple[FetchResponse, ...]:
    raise failure(RuntimeCode.DEPARTMENT_ERROR, "a mapped connector has no subscriptions", never_sent=True)


def _deadline(timeout: timedelta) -> float:
    """A little before the caller's own, so that what did come is told when one call hangs."""
    margin = min(timeout / 10, timedelta(milliseconds=100))
    return asyncio.get_running_loop().time() + (timeout - margin).total_seconds()


def _coded(error: GraphQLError, code: RuntimeCode) -> GraphQLError:
    return GraphQLError(error.message, extensions={"code": code.value})


def _tell(error: GraphQLError) -> dict[str, JSON]:
    """An error as a subgraph answers it. What graphql-core says of a wrong value quotes it: it is not told."""
    told: dict[str, JSON] = {"message": error.message, "extensions": dict(error.extensions or {})}
    if error.path is not None:
        told["path"] = list(error.path)
    if "code" not in told["extensions"]:
        told["message"] = "The department sent a value that its own schema forbids."
        told["extensions"]["code"] = RuntimeCode.DEPARTMENT_WRONG_TYPE.value
    return told
