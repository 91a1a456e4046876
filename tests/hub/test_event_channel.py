"""Many operations over one event stream, as a client on the wire sees it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from connectors.connector import FetchRequest, FetchResponse
from hub.doors.routes import graphql_routes
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.serving import served

STREAM = "/graphql/stream"


class Ticking(FakeDepartment):
    """Ticks twice at once and then no more, and knows who still listens."""

    def __init__(self) -> None:
        super().__init__({"ping": "pong"})
        self.listeners = 0

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        self.listeners += 1
        try:
            yield FetchResponse({"ticks": 1})
            yield FetchResponse({"ticks": 2})
            await asyncio.sleep(30)
        finally:
            self.listeners -= 1


@pytest.fixture
def department() -> Ticking:
    return Ticking()


@pytest.fixture
async def client(department: Ticking) -> AsyncIterator[aiohttp.ClientSession]:
    app = Starlette(routes=graphql_routes(gateway_for(department), verify_token, SystemClock()))
    async with served(app) as url, aiohttp.ClientSession(url) as session:
        yield session


async def reserve(client: aiohttp.ClientSession, **headers: str) -> dict[str, str]:
    """The header that names a new stream."""
    async with client.put(STREAM, headers=headers) as response:
        assert response.status == 201
        return {"X-GraphQL-Event-Stream-Token": await response.text()}


async def begin(client: aiohttp.ClientSession, token: dict[str, str], identifier: str | None, query: str) -> int:
    extensions = {} if identifier is None else {"operationId": identifier}
    body = {"query": query, "extensions": extensions}
    async with client.post(STREAM, json=body, headers=token) as response:
        return response.status


async def next_event(response: aiohttp.ClientResponse) -> tuple[str, Any]:
    async with asyncio.timeout(5):
        while not (line := await response.content.readline()).startswith(b"event: "):
            pass
        data = await response.content.readline()
    return line[7:].decode().strip(), json.loads(data[6:])


async def test_operations_share_a_stream_and_events_name_their_operation(
    client: aiohttp.ClientSession, department: Ticking
) -> None:
    """A query beside a subscription that goes on; ending the subscription frees the department."""
    token = await reserve(client)
    async with client.get(STREAM, headers=token) as stream:
        assert stream.content_type == "text/event-stream"
        assert await begin(client, token, "a", "subscription { ticks }") == 202
        assert await next_event(stream) == ("next", {"id": "a", "payload": {"data": {"ticks": 1}}})
        assert await next_event(stream) == ("next", {"id": "a", "payload": {"data": {"ticks": 2}}})
        assert await begin(client, token, "a", "{ ping }") == 409
        assert await begin(client, token, "b", "{ ping }") == 202
        assert await next_event(stream) == ("next", {"id": "b", "payload": {"data": {"ping": "pong"}}})
        assert await next_event(stream) == ("complete", {"id": "b"})
        async with client.delete(STREAM, params={"operationId": "a"}, headers=token) as response:
            assert response.status == 200
        await until_nobody_listens(department)


async def test_leaving_the_stream_ends_its_operations(client: aiohttp.ClientSession, department: Ticking) -> None:
    """A closed page leaves nothing running, and its token opens nothing any more."""
    token = await reserve(client)
    async with client.get(STREAM, headers=token) as stream:
        assert await begin(client, token, "a", "subscription { ticks }") == 202
        await next_event(stream)
        assert department.listeners == 1
    await until_nobody_listens(department)
    async with client.get(STREAM, headers=token) as response:
        assert response.status == 404


async def test_a_stream_belongs_to_who_reserved_it(client: aiohttp.ClientSession) -> None:
    """A token that leaked is of no use to another reader."""
    token = await reserve(client, Authorization="Bearer citizen")
    async with client.get(STREAM, headers=token) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("identifier", "is_open", "status"), [(None, True, 400), ("a", False, 409)], ids=["no id", "not open"]
)
async def test_an_operation_needs_an_id_and_an_open_stream(
    client: aiohttp.ClientSession, identifier: str | None, is_open: bool, status: int
) -> None:
    """Nothing runs whose answer could reach nobody."""
    token = await reserve(client)
    if not is_open:
        assert await begin(client, token, identifier, "{ ping }") == status
        return
    async with client.get(STREAM, headers=token):
        assert await begin(client, token, identifier, "{ ping }") == status
        async with client.get(STREAM, headers=token) as second:
            assert second.status == 409


async def test_without_a_stream_the_address_is_like_any_other(client: aiohttp.ClientSession) -> None:
    """A client that changes its mode need not change its address."""
    async with client.post(
        STREAM, json={"query": "{ ping }"}, headers={"Accept": "text/event-stream"}
    ) as response:
        assert 'event: next\ndata: {"data":{"ping":"pong"}}\n\n' in await response.text()


async def until_nobody_listens(department: Ticking) -> None:
    async with asyncio.timeout(5):
        while department.listeners:  # noqa: ASYNC110 - it is the other side that changes it
            await asyncio.sleep(0.01)
