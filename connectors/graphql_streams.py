"""A subscription to a department, over WebSocket or as Server-Sent Events: events in, responses out.

Sources: graphql-transport-ws; GraphQL over Server-Sent Events, "distinct connections mode".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from connectors.connector import JSON, ConnectorFailure, FetchResponse
from connectors.going_on import StreamLost
from connectors.graphql_answer import read_json, read_response
from connectors.http_client import HttpClient, WebSocket
from connectors.http_message import HttpRequest, WebSocketClosed, failure
from connectors.server_sent_events import read_events
from schema.errors import RuntimeCode

EVENT_STREAM = "text/event-stream"
_PROTOCOL = "graphql-transport-ws"
_OPERATION = "1"
"""The one that each connection has."""

_NOT_OUR_PROTOCOL = frozenset({1002, 4406})
"""How servers of another subprotocol end a conversation."""
_NOT_THIS_TYPE = frozenset({404, 405, 406, 415})
"""How servers without event streams answer who wants one."""
_BAD_STATUS, _MALFORMED = RuntimeCode.DEPARTMENT_BAD_STATUS, RuntimeCode.DEPARTMENT_MALFORMED_ANSWER
_NO_WEBSOCKET = "The department's system takes no subscriptions over a WebSocket with graphql-transport-ws."
_NO_EVENTS = "The department's system takes no subscriptions as Server-Sent Events."
_NEITHER = (
    "The department's system takes subscriptions neither over a WebSocket with graphql-transport-ws nor as "
    "Server-Sent Events."
)

SubscriptionTransport = Literal["detect", "graphql-ws", "graphql-sse"]


@dataclass(frozen=True, slots=True)
class SubscriptionDoor:
    """Over what a subgraph is asked for subscriptions; ``url`` (http or https) where it takes them elsewhere."""

    transport: SubscriptionTransport = "detect"
    url: str | None = None


class NoSuchTransport(ConnectorFailure):
    """Subscriptions are not taken in this way, so none was begun."""

    def and_not(self, other: NoSuchTransport) -> NoSuchTransport:
        """Neither in this way nor in the other."""
        return NoSuchTransport(other.code, _NEITHER, f"{self.detail}; {other.detail}")


async def over_websocket(
    client: HttpClient,
    url: str,
    headers: Mapping[str, str],
    introduction: Mapping[str, str],
    payload: JSON,
    timeout: timedelta,  # noqa: ASYNC109  # a deadline
) -> AsyncGenerator[FetchResponse, None]:
    """``introduction`` is what ``connection_init`` says of who subscribes.

    Raises ``ConnectorFailure``, and ``NoSuchTransport`` where this protocol is not spoken.
    """
    async with _opened(client, url, headers, introduction, timeout) as websocket:
        await websocket.send({"id": _OPERATION, "type": "subscribe", "payload": payload})
        with _losing():
            async for response in _events(websocket):
                yield response


async def over_server_sent_events(
    client: HttpClient,
    request: HttpRequest,
    timeout: timedelta,  # noqa: ASYNC109  # a deadline
) -> AsyncGenerator[FetchResponse, None]:
    """``request`` is the operation as it would be posted for one answer. Raises ``ConnectorFailure``, and
    ``NoSuchTransport`` where no events are sent.

    ``timeout`` is for the answer to begin; from then on it may be silent for any time.
    """
    # Nothing beside it: servers on graphql-sse take any other list for their single connection mode.
    accepting = replace(request, headers={**request.headers, "Accept": EVENT_STREAM})
    async with client.stream(accepting, timeout) as answer:
        if answer.media_type != EVENT_STREAM:
            yield _refusal(answer.status, await answer.read())
            return
        with _losing():
            async for event in read_events(answer.chunks(), answer.maximum_bytes):
                if event.name == "complete":
                    return
                if event.name == "next":
                    yield _read(event.data)
            raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, "the event stream ended before it was complete")


@contextmanager
def _losing() -> Iterator[None]:
    """Around a stream that is open: a department that goes away may come back, and the subscription with it."""
    try:
        yield
    except ConnectorFailure as broken:
        if broken.code != RuntimeCode.DEPARTMENT_UNREACHABLE:
            raise
        raise StreamLost("The department's system went away.", broken.code, broken.detail) from broken


@asynccontextmanager
async def _opened(
    client: HttpClient,
    url: str,
    headers: Mapping[str, str],
    introduction: Mapping[str, str],
    timeout: timedelta,  # noqa: ASYNC109  # a deadline
) -> AsyncIterator[WebSocket]:
    """A WebSocket on which operations can be started."""
    async with AsyncExitStack() as stack:
        try:
            websocket = await stack.enter_async_context(client.websocket(url, _PROTOCOL, headers, timeout))
            await _shake_hands(websocket, introduction, timeout)
        except WebSocketClosed as closed:
            if closed.close_code not in _NOT_OUR_PROTOCOL:
                raise
            raise NoSuchTransport(_MALFORMED, _NO_WEBSOCKET, closed.detail) from closed
        except ConnectorFailure as refusal:
            if refusal.code == _BAD_STATUS:
                raise NoSuchTransport(_BAD_STATUS, refusal.message, refusal.detail) from refusal
            if refusal.code == _MALFORMED:
                raise NoSuchTransport(_MALFORMED, _NO_WEBSOCKET, refusal.detail) from refusal
            raise
        yield websocket


def _refusal(status: int, body: bytes) -> FetchResponse:
    """A subscription that was refused is answered at once, with errors."""
    try:
        return read_response(read_json(body))
    except ValueError as error:
        code, detail = _MALFORMED if status < 300 else _BAD_STATUS, f"HTTP {status}: {error}"
        if status < 300 or status in _NOT_THIS_TYPE:
            raise NoSuchTransport(code, _NO_EVENTS, detail) from error
        raise failure(code, detail) from error


async def _shake_hands(
    websocket: WebSocket,
    introduction: Mapping[str, str],
    timeout: timedelta,  # noqa: ASYNC109  # a deadline
) -> None:
    told: dict[str, JSON] = {"payload": dict(introduction)} if introduction else {}
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            await websocket.send({"type": "connection_init", **told})
            while (message := await _receive(websocket))["type"] != "connection_ack":
                if message["type"] == "ping":
                    await websocket.send({"type": "pong"})
    except TimeoutError as error:
        raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, "no connection_ack") from error


async def _events(websocket: WebSocket) -> AsyncIterator[FetchResponse]:
    """What is said of another operation than ours is nobody's."""
    while True:
        message = await _receive(websocket)
        if message["type"] != "ping" and message.get("id") != _OPERATION:
            continue
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
