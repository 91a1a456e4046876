"""Ask a REST service: make the request, send it, map the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from graphql import GraphQLError

from connectors.connector import JSON, ConnectorFailure
from connectors.http_client import HttpClient
from connectors.rest.answer import map_answer, overload_of
from connectors.rest.request import build_request
from schema.mapping.connect import Connect


class HttpCaller:
    """The client is shared and not closed here. ``namespaces`` are prefixes by the address of an XML namespace."""

    def __init__(self, client: HttpClient, namespaces: Mapping[str, str]) -> None:
        self._client = client
        self._namespaces = namespaces

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
        answer = await self._client.send(build_request(connect, scope, travel, self._namespaces), remaining)
        note_caching(answer.headers.get("cache-control"))
        return map_answer(connect, answer, scope, self._namespaces, may_be_unknown=may_be_unknown)

    def overload_of(self, connect: Connect, error: GraphQLError) -> ConnectorFailure | None:
        return overload_of(connect, error)

    async def close(self) -> None:
        """Nothing is held here: connections belong to the shared client."""
