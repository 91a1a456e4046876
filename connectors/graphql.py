"""Reach a department that runs a Federation subgraph over HTTP.

A GraphQL answer is an answer whatever the status says; everything else is a failure with a code.
Sources: GraphQL over HTTP; Federation 2, "Subgraph specification".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import msgspec

from connectors.answer_caching import read_caching
from connectors.connector import JSON, FetchRequest, FetchResponse
from connectors.going_on import PASSING, going_on
from connectors.graphql_answer import read_as_asked
from connectors.graphql_streams import (
    NoSuchTransport,
    SubscriptionDoor,
    over_server_sent_events,
    over_websocket,
)
from connectors.http_client import HttpClient
from connectors.http_message import HttpAnswer, HttpRequest, failure
from connectors.travel import travel_headers
from schema.errors import RuntimeCode

DEFAULT_TIMEOUT = timedelta(seconds=5)
_ACCEPT = "application/graphql-response+json, application/json"
_PASSING = PASSING | {RuntimeCode.DEPARTMENT_BAD_STATUS}
"""While it starts again; a proxy in front of it says so by a status."""
_DESCRIBE = FetchRequest("query { _service { sdl } }")


class GraphQLConnector:
    """One GraphQL endpoint. ``headers`` are sent with every request (credentials of the hub, for instance).

    ``sdl`` is answered by :meth:`describe` where the department's SDL was registered instead of being read.
    ``subscriptions`` says how and where they are asked for; ``detect`` tries a WebSocket first, and Server-Sent
    Events where that is not spoken, which is then remembered.
    The client is shared and not closed here.
    """

    def __init__(
        self,
        url: str,
        client: HttpClient,
        *,
        timeout: timedelta = DEFAULT_TIMEOUT,
        sdl: str | None = None,
        headers: Mapping[str, str] | None = None,
        subscriptions: SubscriptionDoor = SubscriptionDoor(),  # noqa: B008  # a frozen value
    ) -> None:
        self._url = url
        self._client = client
        self._timeout = timeout
        self._sdl = sdl
        self._headers = dict(headers or {})
        self._transport = subscriptions.transport
        self._subscription_url = subscriptions.url or url

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        answer = await self._client.send(self._post(request), request.timeout or self._timeout)
        return _read(answer, request)

    def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        """A department that goes away while a stream is open is told as a gap, and asked again as long as the
        request lets it. Raises ``ConnectorFailure``."""
        return going_on(lambda: self._attempt(request), _at_once, request.goes_on_for, _PASSING)

    async def _attempt(self, request: FetchRequest) -> AsyncGenerator[FetchResponse, None]:
        try:
            async with aclosing(self._stream(request)) as responses:
                async for response in responses:
                    yield response
                return
        except NoSuchTransport as missing:
            if self._transport != "detect":
                raise
            no_websocket = missing
        try:
            async with aclosing(self._server_sent_events(request)) as responses:
                async for response in responses:
                    self._transport = "graphql-sse"
                    yield response
        except NoSuchTransport as missing:
            raise no_websocket.and_not(missing) from missing

    def _stream(self, request: FetchRequest) -> AsyncGenerator[FetchResponse, None]:
        if self._transport == "graphql-sse":
            return self._server_sent_events(request)
        headers = {**self._headers, **travel_headers(request)}
        timeout, introduction = request.timeout or self._timeout, request.context.headers
        return over_websocket(
            self._client, self._subscription_url, headers, introduction, _payload(request), timeout
        )

    def _server_sent_events(self, request: FetchRequest) -> AsyncGenerator[FetchResponse, None]:
        asked = replace(self._post(request), url=self._subscription_url)
        return over_server_sent_events(self._client, asked, request.timeout or self._timeout)

    async def describe(self) -> str:
        if self._sdl is not None:
            return self._sdl
        response = await self.fetch(_DESCRIBE)
        sdl = ((response.data or {}).get("_service") or {}).get("sdl")
        if not isinstance(sdl, str):
            raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, f"no _service.sdl: {response.errors}")
        return sdl

    async def close(self) -> None:
        """Nothing is held here: connections belong to the shared client."""

    def _post(self, request: FetchRequest) -> HttpRequest:
        headers = {
            "Content-Type": "application/json",
            "Accept": _ACCEPT,
            **self._headers,
            **travel_headers(request),
        }
        payload = request.payload if request.payload is not None else msgspec.json.encode(_payload(request))
        return HttpRequest("POST", self._url, headers, payload, is_repeatable=request.kind == "query")


async def _at_once() -> None:
    """Whether it is back is found out by asking."""


def _payload(request: FetchRequest) -> dict[str, JSON]:
    payload: dict[str, JSON] = {"query": request.query}
    if request.variables:
        payload["variables"] = dict(request.variables)
    if request.operation_name:
        payload["operationName"] = request.operation_name
    return payload


def _read(answer: HttpAnswer, request: FetchRequest) -> FetchResponse:
    try:
        response = read_as_asked(answer.body, request.read)
        caching = read_caching(answer.headers.get("cache-control"))
        return response if caching is None else replace(response, caching=caching)
    except ValueError as error:
        if not answer.is_success:
            raise failure(RuntimeCode.DEPARTMENT_BAD_STATUS, f"HTTP {answer.status}") from error
        raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, error) from error
