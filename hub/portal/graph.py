"""Ask the public graph, with a person's token or without one.

Sources: GraphQL over HTTP (draft); graphql-transport-ws.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from hub.portal.hub_client import HubClient, HubUnreachable

HEARTBEAT_SECONDS = 20
CLIENT_NAME = "jiyi-portal"
_JSON = "application/graphql-response+json, application/json"


@dataclass(frozen=True, slots=True)
class GraphError:
    """One error of an answer. ``department`` is set where a department is at fault; ``problems`` are a form's."""

    code: str
    message: str
    path: tuple[str | int, ...] = ()
    department: str | None = None
    problems: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, error: Mapping[str, Any]) -> GraphError:
        extensions = error.get("extensions") or {}
        return cls(
            code=str(extensions.get("code", "INTERNAL_SERVER_ERROR")),
            message=str(error.get("message", "")),
            path=tuple(error.get("path") or ()),
            department=extensions.get("department") or extensions.get("service"),
            problems=tuple(extensions.get("problems") or ()),
        )


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """What came back; data and errors may both be there."""

    data: Mapping[str, Any]
    errors: tuple[GraphError, ...] = ()

    def code(self) -> str | None:
        """Of the first error, if any."""
        return self.errors[0].code if self.errors else None

    def has(self, code: str) -> bool:
        return any(error.code == code for error in self.errors)

    def at(self, *path: str) -> Any:
        """The value at a path of keys; ``None`` where anything on the way is null."""
        value: Any = self.data
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def silent_departments(self, *path: str) -> tuple[str, ...]:
        """Departments whose failure touched what lies at this path, each once, in order."""
        touched = [error for error in self.errors if _touches(error.path, path)]
        return tuple(dict.fromkeys(error.department or "" for error in touched))


class Graph:
    """Queries, mutations and subscriptions. Raises :class:`HubUnreachable`."""

    def __init__(self, hub: HubClient) -> None:
        self._hub = hub

    async def ask(
        self, operation: str, variables: Mapping[str, Any] | None = None, token: str | None = None
    ) -> GraphAnswer:
        headers = {"Accept": _JSON, "apollographql-client-name": CLIENT_NAME, **_bearer(token)}
        body = {"query": operation, "variables": dict(variables or {})}
        url = f"{self._hub.base_url}/graphql"
        try:
            async with self._hub.session.post(url, json=body, headers=headers) as response:
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise HubUnreachable(f"{url}: {error}") from error
        return _answer(answer)

    async def follow(self, operation: str, variables: Mapping[str, Any], token: str) -> AsyncIterator[GraphAnswer]:
        """Each event of a subscription; ends when the hub ends it, for example with the token's life."""
        try:
            async with self._hub.session.ws_connect(
                self._hub.websocket_url, protocols=("graphql-transport-ws",), heartbeat=HEARTBEAT_SECONDS
            ) as socket:
                await socket.send_json({"type": "connection_init", "payload": _bearer(token)})
                await socket.send_json(_subscribe(operation, variables))
                async for frame in socket:
                    message = frame.json()
                    if message["type"] == "ping":
                        await socket.send_json({"type": "pong"})
                    elif message["type"] == "next":
                        yield _answer(message["payload"])
                    elif message["type"] in {"error", "complete"}:
                        return
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise HubUnreachable(f"{self._hub.websocket_url}: {error}") from error


def _subscribe(operation: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": "1", "type": "subscribe", "payload": {"query": operation, "variables": dict(variables)}}


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _answer(answer: Any) -> GraphAnswer:
    if not isinstance(answer, Mapping):
        raise HubUnreachable("The hub's answer is not a GraphQL response.")
    errors = tuple(GraphError.of(error) for error in answer.get("errors") or ())
    return GraphAnswer(answer.get("data") or {}, errors)


def _touches(error: Sequence[str | int], path: Sequence[str]) -> bool:
    names = [step for step in error if isinstance(step, str)]
    return names[: len(path)] == list(path[: len(names)])
