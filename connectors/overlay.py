"""Reach a GraphQL server that knows no Federation: entities are asked for by its own root fields.

All representations of one request travel in one request, each under an alias of its own, or together where a
look-up finds many. What is no entity goes through as it is; ``_service`` is never asked. Source:
docs/spec/overlay.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import DocumentNode, GraphQLError, parse

from connectors.connector import JSON, Connector, FetchRequest, FetchResponse
from connectors.http_message import failure
from connectors.overlay_calls import Call, Fetch, calls_of, read_fetch
from connectors.recent import known_by_text
from schema.errors import CompositionError, RuntimeCode
from schema.overlay import Overlay, read_overlay

_KNOWN_DOCUMENTS, _KNOWN_CHARACTERS = 500, 250_000


class InvalidOverlay(ValueError):
    """The SDL is no overlay; ``errors`` are all the reasons."""

    def __init__(self, errors: tuple[CompositionError, ...]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors = errors


class OverlayConnector:
    """``server`` is the plain server, and is closed with it. Raises :class:`InvalidOverlay`."""

    def __init__(self, name: str, sdl: str, server: Connector) -> None:
        overlay, errors = read_overlay(name, sdl)
        if overlay is None or errors:
            raise InvalidOverlay(errors)
        self._overlay: Overlay = overlay
        self._server = server
        self._fetch_of = known_by_text(_KNOWN_DOCUMENTS, _KNOWN_CHARACTERS)(self._read)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        if "_entities" not in request.query and "_service" not in request.query:
            return await self._server.fetch(request)
        fetch = self._fetch_of(request.query, request.operation_name)
        if fetch is None:
            return await self._server.fetch(request)
        calls = calls_of(fetch, self._overlay, request.variables)
        gathered = _Gathered({name: {"sdl": self._overlay.sdl} for name in fetch.service_names})
        if calls:
            await self._ask(fetch, calls, request, gathered)
        for name, representations in fetch.representations(request.variables).items():
            gathered.data.setdefault(name, [None] * len(representations))
        return FetchResponse(gathered.data, tuple(gathered.errors))

    def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        """Events are the server's own; entities in them are asked for like any others."""
        return self._server.subscribe(request)

    async def describe(self) -> str:
        return self._overlay.sdl

    async def close(self) -> None:
        await self._server.close()

    def _read(self, query: str, operation_name: str | None) -> Fetch | None:
        try:
            document: DocumentNode = parse(query, no_location=True)
        except GraphQLError as error:
            raise failure(RuntimeCode.DEPARTMENT_ERROR, f"no GraphQL: {error.message}") from error
        return read_fetch(document, operation_name, self._overlay.virtual.schema)

    async def _ask(self, fetch: Fetch, calls: tuple[Call, ...], request: FetchRequest, into: _Gathered) -> None:
        response = await self._server.fetch(_request(fetch, calls, request))
        if response.data is None and len(calls) > 1 and request.kind == "query":
            # One field that may not be null takes all others with it: ask for each alone.
            await asyncio.gather(*(self._ask(fetch, (call,), request, into) for call in calls))
            return
        for call in calls:
            call.take(response.data or {}, into.data)
        into.errors += _told(response.errors, calls)


@dataclass
class _Gathered:
    data: dict[str, JSON]

    def __post_init__(self) -> None:
        self.errors: list[dict[str, JSON]] = []


def _request(fetch: Fetch, calls: tuple[Call, ...], request: FetchRequest) -> FetchRequest:
    query, names = fetch.document(calls)
    own: Mapping[str, Any] = {name: value for name, value in request.variables.items() if name in names}
    asked = {name: value for call in calls for name, value in call.variables.items()}
    return replace(request, query=query, variables={**own, **asked}, operation_name=None, payload=None, read=None)


def _told(errors: tuple[dict[str, JSON], ...], calls: tuple[Call, ...]) -> list[dict[str, JSON]]:
    """Errors with the paths of the question that was asked of us."""
    by_name = {call.name: call for call in calls}
    told = []
    for error in errors:
        path = error.get("path")
        call = by_name.get(path[0]) if isinstance(path, list) and path else None
        if call is None or not isinstance(path, list):
            told.append(error)
        else:
            told += [{**error, "path": place} for place in call.places(path)]
    return told
