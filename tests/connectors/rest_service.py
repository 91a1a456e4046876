"""A REST service that answers what the test says and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.addresses import AddressRule
from connectors.connector import FetchRequest, FetchResponse
from connectors.http_client import HttpClient
from connectors.rest import RestConnector

HEAD = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@external", "@requires"])
  @link(url: "https://specs.apollo.dev/connect/VERSION", import: ["@source", "@connect"])
"""
SOURCE = '  @source(name: "api", http: { baseURL: "BASE/api" })\n'


@dataclass
class Asked:
    """One request as it arrived. ``url`` is the raw path with its query."""

    method: str
    url: str
    headers: dict[str, str]
    body: str

    @property
    def line(self) -> str:
        return f"{self.method} {self.url}" + (f" {self.body}" if self.body else "")


Answer = Callable[[Asked], Any]
"""A JSON value, a ``(status, value)`` pair, or status, text and media type."""


@dataclass
class Service:
    """``connector`` runs the SDL against this service."""

    connector: RestConnector
    asked: list[Asked] = field(default_factory=list)
    at_once: list[int] = field(default_factory=list)
    """How many requests were in hand when each arrived."""

    @property
    def lines(self) -> list[str]:
        return [asked.line for asked in self.asked]

    async def fetch(self, query: str, **variables: Any) -> FetchResponse:
        return await self.connector.fetch(FetchRequest(query, variables, timeout=timedelta(seconds=5)))

    async def entities(self, selection: str, *representations: dict[str, Any]) -> FetchResponse:
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {selection} }} }}"
        return await self.fetch(query, r=list(representations))


@asynccontextmanager
async def service(
    sdl: str, answer: Answer, *, source: str = SOURCE, version: str = "v0.2", pause: float = 0, **options: Any
) -> AsyncIterator[Service]:
    asked: list[Asked] = []
    at_once: list[int] = []
    in_hand = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal in_hand
        in_hand += 1
        at_once.append(in_hand)
        this = Asked(request.method, request.raw_path, dict(request.headers), await request.text())
        asked.append(this)
        await asyncio.sleep(pause)
        in_hand -= 1
        result = answer(this)
        status, value, *kind = result if isinstance(result, tuple) else (200, result)
        if kind:
            return web.Response(status=status, text=value, content_type=kind[0])
        return web.Response(status=status, text=json.dumps(value), content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    base = str(server.make_url("")).rstrip("/")
    try:
        connector = RestConnector(
            "test", (HEAD.replace("VERSION", version) + source + sdl).replace("BASE", base), client, **options
        )
        yield Service(connector, asked, at_once)
    finally:
        await client.close()
        await server.close()
