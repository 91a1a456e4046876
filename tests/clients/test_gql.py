"""``gql``, the Python client, over HTTP and WebSocket."""

from __future__ import annotations

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from graphql import print_schema


async def test_gql_reads_the_schema_and_queries_over_http(hub: str) -> None:
    """Introspection by a stock client gives a schema that it can check its operations against."""
    transport = AIOHTTPTransport(hub, headers={"Authorization": "Bearer citizen"})
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        assert await session.execute(gql("{ me { id name } }")) == {"me": {"id": "c-1", "name": "王小明"}}
        assert session.client.schema is not None
        assert "type Citizen" in print_schema(session.client.schema)


async def test_gql_reads_errors_over_http(hub: str) -> None:
    """The code stands where the client's exception carries it."""
    async with Client(transport=AIOHTTPTransport(hub)) as session:
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(gql("{ nothing }"))
    assert refused.value.errors is not None
    assert refused.value.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_gql_subscribes_over_websocket(hub: str) -> None:
    """Events in order, then the end."""
    transport = WebsocketsTransport(hub.replace("http", "ws"), init_payload={"Authorization": "Bearer citizen"})
    async with Client(transport=transport) as session:
        ticks = [event["ticks"] async for event in session.subscribe(gql("subscription { ticks(to: 3) }"))]
    assert ticks == [1, 2, 3]
