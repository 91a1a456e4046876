"""Note every request of a connector and how its answer was mapped, from the outside.

A client, a database and a caller that note what passes through them in the notes of the task; none of the
connectors knows of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta

from graphql import GraphQLError, GraphQLList, GraphQLObjectType, GraphQLOutputType, GraphQLSchema

from connectors.connector import JSON, ConnectorFailure
from connectors.http_client import HttpClient
from connectors.http_message import HttpAnswer, HttpRequest
from connectors.mapped import Caller
from connectors.mapping import InvalidValue
from connectors.rest.content import content_of
from connectors.sql.database import Query, ReadOnlyDatabase, Row
from hub.workbench.missing_paths import missing_paths
from hub.workbench.mistyped import mistyped
from hub.workbench.notes import CallNote, Trace, current_call, current_trace
from schema.mapping import Connect, ConnectorSchema


class WatchedClient(HttpClient):
    """Notes requests of the current call; one that belongs to no call of a mapping is a call of its own."""

    async def send(self, request: HttpRequest, timeout: timedelta) -> HttpAnswer:  # noqa: ASYNC109  # a deadline
        trace, call = current_trace.get(), current_call.get()
        if call is not None or trace is None:
            return await self._noted(request, timeout, call)
        call = trace.begin("/graphql")
        try:
            return await self._noted(request, timeout, call)
        except ConnectorFailure as failed:
            call.outcome = outcome_of(failed)
            raise
        finally:
            trace.end(call)

    async def _noted(self, request: HttpRequest, timeout: timedelta, call: CallNote | None) -> HttpAnswer:  # noqa: ASYNC109
        if call is not None:
            call.request = request
        answer = await super().send(request, timeout)
        if call is not None:
            call.answer = answer
        return answer


class WatchedDatabase(ReadOnlyDatabase):
    """Notes queries and rows of the current call."""

    async def read(self, query: Query, remaining: timedelta) -> list[Row]:
        call = current_call.get()
        if call is not None:
            call.request = query
        rows = await super().read(query, remaining)
        if call is not None:
            call.answer = rows
        return rows


class WatchedCaller:
    """A caller whose every call is noted in the current trace."""

    def __init__(self, caller: Caller, schema: ConnectorSchema) -> None:
        self._caller = caller
        self._schema = schema

    async def call(
        self,
        connect: Connect,
        scope: Mapping[str, JSON],
        travel: Mapping[str, str],
        remaining: timedelta,
        *,
        may_be_unknown: bool,
        note_caching: Callable[[str | None], None],
    ) -> JSON:
        trace = current_trace.get() or Trace()
        note = trace.begin(connect.coordinate)
        restore = current_call.set(note)
        try:
            note.mapped = await self._caller.call(
                connect, scope, travel, remaining, may_be_unknown=may_be_unknown, note_caching=note_caching
            )
            note.is_mapped = True
            find_oddities(note, connect, scope, self._schema)
        except (GraphQLError, InvalidValue, ConnectorFailure) as failed:
            note.outcome = outcome_of(failed)
            raise
        except asyncio.CancelledError:
            note.outcome = "not waited for: another error ended the operation"
            raise
        finally:
            current_call.reset(restore)
            trace.end(note)
        return note.mapped

    def overload_of(self, connect: Connect, error: GraphQLError) -> ConnectorFailure | None:
        return self._caller.overload_of(connect, error)

    async def close(self) -> None:
        await self._caller.close()


def outcome_of(failed: Exception) -> str:
    """What went wrong, with what is otherwise for the log only: whoever works on it is whom it is for."""
    match failed:
        case ConnectorFailure():
            return f"{failed} ({failed.detail})" if failed.detail else str(failed)
        case GraphQLError():
            return f"{(failed.extensions or {}).get('code', 'ERROR')}: {failed.message}"
        case _:
            return f"BAD_USER_INPUT: {failed}"


def find_oddities(note: CallNote, connect: Connect, scope: Mapping[str, JSON], schema: ConnectorSchema) -> None:
    """Note what is odd about a mapped answer."""
    content = _content(note, schema) if note.mapped is not None else None
    if content is None:
        return
    if isinstance(note.answer, list) and not (connect.gives_rows or connect.is_batch):
        content = content[0] if content else None
    note.missing = missing_paths(connect.selection, content, _answered(note, scope))
    declared = declared_type(connect, schema.virtual.schema)
    if declared is not None:
        note.wrong = mistyped(schema.virtual.schema, declared, note.mapped, connect.coordinate)


def declared_type(connect: Connect, schema: GraphQLSchema) -> GraphQLOutputType | None:
    """The type of what a ``@connect`` gives."""
    named = schema.type_map.get(connect.type_name)
    if not isinstance(named, GraphQLObjectType):
        return None
    if connect.field_name is None:
        return GraphQLList(named) if connect.is_batch else named
    field = named.fields.get(connect.field_name)
    return field.type if field else None


def _content(note: CallNote, schema: ConnectorSchema) -> JSON:
    if isinstance(note.answer, HttpAnswer):
        return content_of(note.answer, schema.namespaces)
    return note.answer


def _answered(note: CallNote, scope: Mapping[str, JSON]) -> Mapping[str, JSON]:
    if not isinstance(note.answer, HttpAnswer):
        return scope
    response = {"headers": {name: [value] for name, value in note.answer.headers.items()}}
    return {**scope, "$status": note.answer.status, "$response": response}
