"""``gql``, the Python client, over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from graphql import build_schema, print_schema

from tests.clients.conftest import Door

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


async def test_gql_reads_the_schema_and_queries_over_http(door: Door) -> None:
    """Introspection by a stock client gives a schema that it can check its operations against."""
    transport = AIOHTTPTransport(door.url, headers={"Authorization": f"Bearer {door.token}"})
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        assert await session.execute(gql("{ me { id name } }")) == {"me": {"id": "c-1", "name": "王小明"}}
        assert session.client.schema is not None
        assert "type Citizen" in print_schema(session.client.schema)


async def test_gqls_command_line_prints_the_schema(door: Door) -> None:
    """``gql-cli URL --print-schema``, as somebody types it."""
    command = Path(sys.executable).with_name("gql-cli")
    process = await asyncio.create_subprocess_exec(
        command, door.url, "--print-schema", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    printed, trouble = await process.communicate()
    assert process.returncode == 0, trouble.decode()
    assert build_schema(printed.decode()).type_map["Citizen"]


async def test_gql_reads_errors_over_http(door: Door) -> None:
    """The code stands where the client's exception carries it."""
    async with Client(transport=AIOHTTPTransport(door.url)) as session:
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(gql("{ nothing }"))
    assert refused.value.errors is not None
    assert refused.value.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_gql_subscribes_over_websocket(door: Door) -> None:
    """Events in order, then the end."""
    transport = WebsocketsTransport(
        door.url.replace("http", "ws"), init_payload={"Authorization": f"Bearer {door.token}"}
    )
    async with Client(transport=transport) as session:
        ticks = [event["ticks"] async for event in session.subscribe(gql("subscription { ticks(to: 3) }"))]
    assert ticks == [1, 2, 3]
