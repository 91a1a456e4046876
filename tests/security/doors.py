"""One question by each transport of the graph; the answer as it came over the wire, to look for canaries."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp

from hub.demo.client import HubClient

Ask = Callable[[HubClient, str, str, Mapping[str, Any]], Awaitable[str]]
LONGEST_SILENCE_SECONDS = 30


async def by_post(client: HubClient, token: str, query: str, variables: Mapping[str, Any]) -> str:
    body = {"query": query, "variables": dict(variables)}
    async with client.session.post(f"{client.base_url}/graphql", json=body, headers=_headers(token)) as answer:
        return f"{dict(answer.headers)} {await answer.text()}"


async def by_get(client: HubClient, token: str, query: str, variables: Mapping[str, Any]) -> str:
    asked = {"query": query, "variables": json.dumps(dict(variables))}
    async with client.session.get(f"{client.base_url}/graphql", params=asked, headers=_headers(token)) as answer:
        return f"{dict(answer.headers)} {await answer.text()}"


async def by_websocket(client: HubClient, token: str, query: str, variables: Mapping[str, Any]) -> str:
    """Every frame until the operation ends."""
    url = f"{client.base_url.replace('http', 'ws', 1)}/graphql"
    frames = []
    async with client.session.ws_connect(url, protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        await socket.receive(LONGEST_SILENCE_SECONDS)
        payload = {"query": query, "variables": dict(variables)}
        await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
        while True:
            frame = await socket.receive(LONGEST_SILENCE_SECONDS)
            frames.append(str(frame.data))
            if frame.type is not aiohttp.WSMsgType.TEXT or json.loads(frame.data)["type"] in {"complete", "error"}:
                return "\n".join(frames)


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": "application/graphql-response+json"}
