"""Reach a department that runs a Federation subgraph over HTTP.

A GraphQL answer is an answer whatever the status says; everything else is a failure with a code.
Sources: GraphQL over HTTP; graphql-transport-ws; Federation 2, "Subgraph specification".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import msgspec

from connectors.connector import JSON, FetchRequest, FetchResponse
from connectors.graphql_answer import read_as_asked, read_response
from connectors.http_client import HttpClient, WebSocket
from connectors.http_message import HttpAnswer, HttpRequest, failure
from connectors.travel import travel_headers
from schema.errors import RuntimeCode

DEFAULT_TIMEOUT = timedelta(seconds=5)
_PROTOCOL = "graphql-transport-ws"
_ACCEPT = "application/graphql-response+json, application/json"
_DESCRIBE = FetchRequest("query { _service { sdl } }")


class GraphQLConnector:
    """One GraphQL endpoint. ``headers`` are sent with every request (credentials of the hub, for instance).

    ``sdl`` is answered by :meth:`describe` where the department's SDL was registered instead of being read.
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
    ) -> None:
        self._url = url
        self._client = client
        self._timeout = timeout
        self._sdl = sdl
        self._headers = dict(headers or {})

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        answer = await self._client.send(self._post(request), request.timeout or self._timeout)
        return _read(answer, request)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        timeout = request.timeout or self._timeout
        headers = {**self._headers, **travel_headers(request)}
        async with self._client.websocket(self._url, _PROTOCOL, headers, timeout) as websocket:
            await _shake_hands(websocket, timeout)
            await websocket.send({"id": "1", "type": "subscribe", "payload": _payload(request)})
            async for response in _events(websocket):
                yield response

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


def _payload(request: FetchRequest) -> dict[str, JSON]:
    payload: dict[str, JSON] = {"query": request.query}
    if request.variables:
        payload["variables"] = dict(request.variables)
    if request.operation_name:
        payload["operationName"] = request.operation_name
    return payload


def _read(answer: HttpAnswer, request: FetchRequest) -> FetchResponse:
    try:
        return read_as_asked(answer.body, request.read)
    except ValueError as error:
        if not answer.is_success:
            raise failure(RuntimeCode.DEPARTMENT_BAD_STATUS, f"HTTP {answer.status}") from error
        raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, error) from error


async def _shake_hands(websocket: WebSocket, timeout: timedelta) -> None:  # noqa: ASYNC109  # a deadline
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            await websocket.send({"type": "connection_init"})
            while (message := await _receive(websocket))["type"] != "connection_ack":
                if message["type"] == "ping":
                    await websocket.send({"type": "pong"})
    except TimeoutError as error:
        raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, "no connection_ack") from error


async def _events(websocket: WebSocket) -> AsyncIterator[FetchResponse]:
    while True:
        message = await _receive(websocket)
        match message["type"]:
            case "next":
                yield _read_event(message.get("payload"))
            case "error":
                yield _read_event({"data": None, "errors": message.get("payload")})
                return
            case "complete":
                return
            case "ping":
                await websocket.send({"type": "pong"})
            case _:
                continue


async def _receive(websocket: WebSocket) -> dict[str, JSON]:
    message = await websocket.receive()
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, "not a message of graphql-transport-ws")
    return message


def _read_event(payload: JSON) -> FetchResponse:
    try:
        return read_response(payload)
    except ValueError as error:
        raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, error) from error
