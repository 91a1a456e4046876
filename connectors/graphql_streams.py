"""A subscription to a department, over WebSocket or as Server-Sent Events: events in, responses out.

Sources: graphql-transport-ws; GraphQL over Server-Sent Events, "distinct connections mode".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from connectors.connector import JSON, FetchResponse
from connectors.graphql_answer import read_json, read_response
from connectors.http_client import HttpClient, WebSocket
from connectors.http_message import HttpRequest, failure
from connectors.server_sent_events import read_events
from schema.errors import RuntimeCode

EVENT_STREAM = "text/event-stream"
_PROTOCOL = "graphql-transport-ws"

SubscriptionTransport = Literal["detect", "graphql-ws", "graphql-sse"]


async def over_websocket(
    client: HttpClient,
    url: str,
    headers: Mapping[str, str],
    payload: JSON,
    timeout: timedelta,  # noqa: ASYNC109  # a deadline
) -> AsyncGenerator[FetchResponse, None]:
    """Raises ``ConnectorFailure``; with :attr:`RuntimeCode.DEPARTMENT_BAD_STATUS` where no WebSocket is spoken."""
    async with client.websocket(url, _PROTOCOL, headers, timeout) as websocket:
        await _shake_hands(websocket, timeout)
        await websocket.send({"id": "1", "type": "subscribe", "payload": payload})
        async for response in _events(websocket):
            yield response


async def over_server_sent_events(
    client: HttpClient,
    request: HttpRequest,
    timeout: timedelta,  # noqa: ASYNC109  # a deadline
) -> AsyncGenerator[FetchResponse, None]:
    """``request`` is the operation as it would be posted for one answer. Raises ``ConnectorFailure``.

    ``timeout`` is for the answer to begin; from then on it may be silent for any time.
    """
    accepting = replace(request, headers={**request.headers, "Accept": f"{EVENT_STREAM}, application/json;q=0.9"})
    async with client.stream(accepting, timeout) as answer:
        if answer.media_type != EVENT_STREAM:
            yield _refusal(answer.status, await answer.read())
            return
        async for event in read_events(answer.chunks(), answer.maximum_bytes):
            if event.name == "complete":
                return
            if event.name == "next":
                yield _read(event.data)
    raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, "the event stream ended before it was complete")


def _refusal(status: int, body: bytes) -> FetchResponse:
    """A subscription that was refused is answered at once, with errors."""
    try:
        return read_response(read_json(body))
    except ValueError as error:
        code = RuntimeCode.DEPARTMENT_MALFORMED_ANSWER if status < 300 else RuntimeCode.DEPARTMENT_BAD_STATUS
        raise failure(code, f"HTTP {status}: {error}") from error


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
                yield _read(message.get("payload"))
            case "error":
                yield _read({"data": None, "errors": message.get("payload")})
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


def _read(payload: JSON) -> FetchResponse:
    """A response, decoded already or still as text."""
    try:
        return read_response(read_json(payload.encode()) if isinstance(payload, str) else payload)
    except ValueError as error:
        raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, error) from error
