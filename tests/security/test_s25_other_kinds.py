"""S25 on every kind: no name becomes a pattern, no argument a topic, and nobody speaks in another's stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.addresses import AddressRule
from connectors.broker import Message, Unroutable
from connectors.clock import SystemClock
from connectors.connector import Connector, ConnectorFailure, FetchRequest
from connectors.embedded import EmbeddedBroker
from connectors.graphql import GraphQLConnector
from connectors.graphql_streams import SubscriptionDoor
from connectors.http_client import HttpClient
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.rest import RestConnector
from connectors.sql import SqlConnector
from connectors.topology import request_address
from tests.connectors.message_fixtures import DEPARTMENT, embedded_broker
from tests.security.secret_hub import SecretHub, secret_hub
from tests.security.test_s17_registration import CHECK, GRAPHQL, REST, SQL

WILD = ("*", "#", ".", ">", "a.*", "a.#", "civil-affairs.#", "a.b", "a>", "a b", "a/b", "", "-", "a\nb", "é", "ａ")
KINDS = {"graphql": GRAPHQL, "rest": REST, "sql": SQL, "queue": GRAPHQL}
ADDRESSES = {"graphql": "https://public.example/", "rest": "https://public.example",
             "sql": "postgresql://reader@public.example/register", "queue": ""}  # fmt: skip
SUBSCRIBE = FetchRequest("subscription { ticks }", kind="subscription", timeout=timedelta(seconds=5))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretHub]:
    with secret_hub(tmp_path_factory.mktemp("strict")) as hub:
        yield hub


@pytest.mark.parametrize("kind", KINDS)
def test_no_department_or_connector_is_called_like_a_pattern(hub: SecretHub, kind: str) -> None:
    """Its name is a part of routing keys and of its permissions at the broker."""
    for name in WILD:
        for given in ({"name": name, "department": "shops"}, {"name": "shops", "department": name}):
            registration = {**given, "kind": kind, "sdl": KINDS[kind], "url": ADDRESSES[kind]}
            answer = hub.ask(CHECK, {"input": registration}, hub.operator())
            if "errors" in answer:
                codes = {error["extensions"]["code"] for error in answer["errors"]}
            else:
                codes = {error["code"] for error in answer["data"]["checkConnector"]["errors"]}
            assert codes & {"INVALID_SUBGRAPH_NAME", "INVALID_DEPARTMENT_NAME", "BAD_USER_INPUT"}, (given, answer)


@pytest.mark.parametrize("kind", ["rest", "sql"])
async def test_what_is_mapped_has_no_topics_to_subscribe_to(kind: str, tmp_path: Path) -> None:
    """Whatever a client asks of it, no stream is opened and nobody is asked."""
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    connector: Connector = (
        RestConnector("shops", REST, client)
        if kind == "rest"
        else SqlConnector("shops", SQL, f"sqlite:///{tmp_path / 'x'}")
    )
    with pytest.raises(ConnectorFailure) as caught:
        await anext(aiter(connector.subscribe(SUBSCRIBE)))
    assert caught.value.code == "DEPARTMENT_ERROR"
    await connector.close()
    await client.close()


class Noting:
    """A broker that notes where each message was to go, and takes none."""

    def __init__(self, broker: EmbeddedBroker) -> None:
        self.published: list[tuple[str, Message]] = []
        self._broker = broker

    async def publish(self, address: str, message: Message, *, durable: bool = True) -> None:
        self.published.append((address, message))
        raise Unroutable("nobody")

    async def consumers(self, _queue: str) -> int:
        return 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)


@pytest.mark.parametrize("key", WILD)
async def test_an_argument_of_a_subscription_is_no_topic(key: str, tmp_path: Path) -> None:
    """It is data for the department, which knows who asks; it chooses no queue and no routing key."""
    async with embedded_broker(tmp_path / "broker.db") as broker:
        noting = Noting(broker)
        replies = Replies(cast("Any", noting), "one")
        connector = MessageQueueConnector(DEPARTMENT, cast("Any", noting), replies, sdl="", clock=SystemClock())
        request = FetchRequest(
            "subscription ($of: ID!) { ticks(of: $of) }",
            {"of": key},
            kind="subscription",
            operation_name=key or None,
            timeout=timedelta(seconds=5),
        )
        with pytest.raises(ConnectorFailure) as caught:
            await anext(aiter(connector.subscribe(request)))
    assert caught.value.code == "AGENT_OFFLINE"
    ((address, message),) = noting.published
    assert address == request_address(DEPARTMENT)
    assert message.data["variables"] == {"of": key}
    assert (message.partition_key, message.reply_to) == ("", "one")


@pytest.fixture
async def forging() -> AsyncIterator[str]:
    """A department that speaks for other operations than the one that was begun, before and after its end."""

    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=("graphql-transport-ws",))
        await socket.prepare(request)
        await socket.receive_json()
        await socket.send_json({"type": "connection_ack"})
        identifier = (await socket.receive_json())["id"]
        for other in ("2", "", "*", "#", None, 1, ["1"]):
            await socket.send_json({"id": other, "type": "next", "payload": {"data": {"ticks": "forged"}}})
            await socket.send_json({"id": other, "type": "error", "payload": [{"message": "forged"}]})
            await socket.send_json({"id": other, "type": "complete"})
        await socket.send_json({"type": "next", "payload": {"data": {"ticks": "forged"}}})
        await socket.send_json({"id": identifier, "type": "next", "payload": {"data": {"ticks": 1}}})
        await socket.send_json({"id": identifier, "type": "complete"})
        await socket.send_json({"id": identifier, "type": "next", "payload": {"data": {"ticks": "replayed"}}})
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/graphql", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/graphql"))


async def test_a_subgraph_speaks_in_no_other_stream_than_the_one_it_was_asked_for(forging: str) -> None:
    """Of another id, of none, and after the end: nobody hears it."""
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    connector = GraphQLConnector(forging, client, subscriptions=SubscriptionDoor("graphql-ws"))
    got = [event.data async for event in connector.subscribe(SUBSCRIBE)]
    assert got == [{"ticks": 1}]
    await client.close()
