"""S12, S13, S26: what an operation may cost is counted on all that it stands for, at every door, each time.

POST (without ASGI and with it), GET, by hash, WebSocket, Server-Sent Events, parts, and the one stream for many.
Batches are taken at none. Precedents: CVE-2026-47707 (counted per spread), CVE-2026-30241 (not on WebSocket).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from hub.doors.routes import graphql_in_front, graphql_routes
from hub.doors.websocket import websocket_routes
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.serving import served

pytestmark = pytest.mark.whole

Door = Callable[[aiohttp.ClientSession, str], Awaitable[str]]
LARGE = " " * 70_000
"""Makes a body that goes through ASGI."""


async def _post(client: aiohttp.ClientSession, query: str, accept: str = "*/*") -> str:
    async with client.post("/graphql", json={"query": query}, headers={"Accept": accept}) as answer:
        return await answer.text()


async def _post_through_asgi(client: aiohttp.ClientSession, query: str) -> str:
    return await _post(client, query + LARGE)


async def _get(client: aiohttp.ClientSession, query: str) -> str:
    async with client.get("/graphql", params={"query": query}) as answer:
        return await answer.text()


async def _by_hash(client: aiohttp.ClientSession, query: str) -> str:
    named = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}
    async with client.post("/graphql", json={"query": query, "extensions": named}) as answer:
        await answer.read()
    async with client.get("/graphql", params={"extensions": json.dumps(named)}) as answer:
        return await answer.text()


async def _websocket(client: aiohttp.ClientSession, query: str) -> str:
    async with client.ws_connect("/graphql", protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.receive(30)
        await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query}})
        return str((await socket.receive(30)).data)


async def _events(client: aiohttp.ClientSession, query: str) -> str:
    return await _post(client, query, "text/event-stream")


async def _parts(client: aiohttp.ClientSession, query: str) -> str:
    return await _post(client, query, 'multipart/mixed;subscriptionSpec="1.0"')


async def _one_stream(client: aiohttp.ClientSession, query: str) -> str:
    async with client.put("/graphql/stream") as reserved:
        token = {"X-GraphQL-Event-Stream-Token": await reserved.text()}
    async with client.get("/graphql/stream", headers=token) as stream:
        body = {"query": query, "extensions": {"operationId": "1"}}
        async with client.post("/graphql/stream", json=body, headers=token) as taken:
            assert taken.status == 202
        while not (line := await stream.content.readline()).startswith(b"data: "):
            continue
        return line.decode()


DOORS: dict[str, Door] = {
    "POST": _post,
    "POST through ASGI": _post_through_asgi,
    "GET": _get,
    "by hash": _by_hash,
    "WebSocket": _websocket,
    "events": _events,
    "parts": _parts,
    "one stream": _one_stream,
}
_LEVELS = " ".join(f"fragment F{n} on Citizen {{ ...F{n + 1} x{n}: id ...F{n + 1} }}" for n in range(24))
_CHAIN = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(300))
_WIDE = " ".join(f"a{n}: fields {{ name }}" for n in range(250))
TOO_MUCH = {
    "a bomb of fragments": f"{{ me {{ ...F0 }} }} {_LEVELS} fragment F24 on Citizen {{ id }}",
    "aliases times spreads": "{ " + "...A " * 1
    + " ".join(f"a{n}: me {{ ...B }}" for n in range(150))
    + " } fragment A on Query { ping } fragment B on Citizen { "
    + " ".join(f"b{n}: id" for n in range(80)) + " }",
    "a chain of fragments": f"{{ ...F0 }} {_CHAIN} fragment F300 on Query {{ ping }}",
    "the schema over and over": f"{{ __schema {{ types {{ {_WIDE} }} }} }}",
}  # fmt: skip


@pytest.fixture
def department() -> FakeDepartment:
    return FakeDepartment({"ping": "pong"})


@pytest.fixture
async def client(department: FakeDepartment) -> AsyncIterator[aiohttp.ClientSession]:
    gateway = gateway_for(department)
    clock = SystemClock()
    routes = [*graphql_routes(gateway, verify_token, clock), *websocket_routes(gateway, verify_token, clock)]
    async with (
        served(graphql_in_front(routes, Starlette(routes=routes))) as url,
        aiohttp.ClientSession(url) as session,
    ):
        yield session


async def test_what_costs_too_much_is_refused_at_every_door_each_time(
    client: aiohttp.ClientSession, department: FakeDepartment
) -> None:
    """The second time too: neither a plan nor a text that is known gets round a limit."""
    for door, ask in DOORS.items():
        for name, query in TOO_MUCH.items():
            if len(query) > 7_000 and door == "GET":
                continue  # longer than a server reads of an address
            for _ in range(2):
                assert "OPERATION_TOO_COMPLEX" in await ask(client, query), (door, name)
    assert department.requests == []
    for door, ask in DOORS.items():
        assert '"ping":"pong"' in await ask(client, "{ ping }"), door


async def test_a_batch_is_taken_at_no_door(client: aiohttp.ClientSession, department: FakeDepartment) -> None:
    """One request is one operation, so that one count is enough."""
    batch: Any = [{"query": "{ ping }"}] * 2
    for accept in ("application/json", "text/event-stream", 'multipart/mixed;subscriptionSpec="1.0"'):
        async with client.post("/graphql", json=batch, headers={"Accept": accept}) as answer:
            assert "Batches are not taken" in await answer.text()
    async with client.ws_connect("/graphql", protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.receive(30)
        await socket.send_json({"id": "1", "type": "subscribe", "payload": batch})
        assert (await socket.receive(30)).data == 4400
    assert department.requests == []


@pytest.mark.parametrize(
    "value", [["a"] * 30_000, [["a"] * 200] * 200, [{"a": 1}] * 15_000], ids=["list", "nested", "objects"]
)
async def test_variables_have_a_limit_too(
    client: aiohttp.ClientSession, department: FakeDepartment, value: object
) -> None:
    """A megabyte of small values took the event loop two seconds to look at."""
    asked = {"query": "query($t: String!) { echo(text: $t) }", "variables": {"t": value}}
    async with client.post("/graphql", json=asked) as answer:
        assert "OPERATION_TOO_COMPLEX" in await answer.text()
    assert department.requests == []
