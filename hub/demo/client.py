"""A client of the hub as any app has one: GraphQL over HTTP and WebSocket, OAuth, and forms on pages."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp


class Answered(Exception):
    """The hub answered with something that the caller cannot go on with; the text has what it said."""


KEPT_SECONDS = 2
"""How long a connection rests: less than the 5 s of the departments' servers. What is posted on one that is being
closed cannot be sent again."""


class HubClient:
    """Use as ``async with``. ``certificate`` is trusted in addition, for the demo's own TLS."""

    def __init__(self, base_url: str, certificate: Path | None = None) -> None:
        self.base_url = base_url
        context = ssl.create_default_context(cafile=certificate) if certificate else None
        self._ssl: ssl.SSLContext | bool = context or True
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True)
        timeout = aiohttp.ClientTimeout(total=30)
        connector = aiohttp.TCPConnector(keepalive_timeout=KEPT_SECONDS)
        self._session = aiohttp.ClientSession(cookie_jar=jar, timeout=timeout, connector=connector)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise Answered("The client is not open; use it with `async with`.")
        return self._session

    async def graphql(
        self, query: str, variables: Mapping[str, Any] | None = None, token: str | None = None
    ) -> dict[str, Any]:
        """The whole answer: data, errors and extensions."""
        headers = {"Accept": "application/graphql-response+json, application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": dict(variables or {})}
        url = f"{self.base_url}/graphql"
        async with self.session.post(url, json=body, headers=headers, ssl=self._ssl) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    async def data(
        self, query: str, variables: Mapping[str, Any] | None = None, token: str | None = None
    ) -> dict[str, Any]:
        """The data of an answer without errors. Raises :class:`Answered` with the errors otherwise."""
        answer = await self.graphql(query, variables, token)
        if answer.get("errors") or answer.get("data") is None:
            raise Answered(str(answer.get("errors") or answer))
        found: dict[str, Any] = answer["data"]
        return found

    async def form(
        self, path: str, fields: Mapping[str, str], basic: tuple[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Post a form to an OAuth endpoint; status and JSON body."""
        headers = {"Authorization": aiohttp.encode_basic_auth(*basic)} if basic else None
        url = f"{self.base_url}{path}"
        async with self.session.post(url, data=dict(fields), headers=headers, ssl=self._ssl) as response:
            body: dict[str, Any] = await response.json(content_type=None)
            return response.status, body

    async def client_token(self, client_id: str, secret: str) -> str:
        """An access token by client credentials."""
        status, body = await self.form("/oauth/token", {"grant_type": "client_credentials"}, (client_id, secret))
        if status != 200:
            raise Answered(f"no token for {client_id}: {body}")
        return str(body["access_token"])

    async def operator_token(self, secret: str) -> str:
        return await self.client_token("operator-cli", secret)

    async def json(self, url: str, method: str = "GET", body: Any = None) -> Any:
        """Ask any door of the demo, the departments' own ones too."""
        address = url if "://" in url else f"{self.base_url}{url}"
        async with self.session.request(method, address, json=body, ssl=self._ssl) as response:
            return await response.json(content_type=None)

    async def page(
        self, url: str, form: Mapping[str, str] | None = None, *, follow: bool = True
    ) -> tuple[int, str, str, Mapping[str, str]]:
        """Open a page or send a form: status, final address, text, headers."""
        address = url if "://" in url else f"{self.base_url}{url}"
        method = "GET" if form is None else "POST"
        async with self.session.request(
            method, address, data=form, allow_redirects=follow, ssl=self._ssl, headers={"Accept": "text/html"}
        ) as response:
            return response.status, str(response.url), await response.text(), response.headers

    async def subscribe(
        self, query: str, variables: Mapping[str, Any], token: str, after: str | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Payloads of a subscription by graphql-transport-ws: what came ``after`` a cursor, else from now on."""
        url = f"{self.base_url.replace('http', 'ws', 1)}/graphql"
        protocols = ("graphql-transport-ws",)
        async with self.session.ws_connect(url, protocols=protocols, ssl=self._ssl) as socket:
            await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
            answered = await socket.receive(timeout=10)
            if answered.type is not aiohttp.WSMsgType.TEXT:
                raise Answered(f"the connection was not taken: {answered.data} {answered.extra or ''}")
            payload: dict[str, Any] = {"query": query, "variables": dict(variables)}
            if after is not None:
                payload["extensions"] = {"cursor": after}
            await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
            async for frame in socket:
                message = frame.json()
                if message["type"] == "ping":
                    await socket.send_json({"type": "pong"})
                elif message["type"] == "next":
                    yield message["payload"]
                elif message["type"] in {"error", "complete"}:
                    raise Answered(f"the subscription ended: {message}")

    async def wait_until_alive(self, timeout_seconds: float = 20) -> None:
        await self._wait_for("/healthz", timeout_seconds)

    async def wait_until_ready(self, timeout_seconds: float = 20) -> None:
        await self._wait_for("/readyz", timeout_seconds)

    async def _wait_for(self, path: str, timeout_seconds: float) -> None:
        end = time.monotonic() + timeout_seconds
        last = "no answer"
        while time.monotonic() < end:
            try:
                async with self.session.get(f"{self.base_url}{path}", ssl=self._ssl) as response:
                    if response.status == 200:
                        return
                    last = f"{response.status} {await response.text()}"
            except aiohttp.ClientError as error:
                last = str(error)
            await asyncio.sleep(0.05)
        raise Answered(f"{path} was not well within {timeout_seconds} s: {last}")
