"""Subscriptions that the engine alone takes from stock servers and gives to stock clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from connectors.graphql_streams import SubscriptionDoor, SubscriptionTransport
from hub.standalone.describing import read_sdl, subgraph_client
from schema.subgraph import Subgraph
from tests.clients.conftest import Door, RunNode, Subgraphs, Told, engine_door

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


@pytest.fixture(params=["graphql-ws", "graphql-sse"])
async def shop(request: pytest.FixtureRequest, subgraphs: Subgraphs) -> AsyncIterator[Door]:
    """The engine over a subgraph that announces products in one of two ways, and one that knows the stock."""
    async with engine_door(*await described(subgraphs, news=request.param, stock="stock")) as opened:
        yield opened


async def described(subgraphs: Subgraphs, **wanted: str) -> list[Subgraph]:
    """Subgraphs by name with what they say of themselves."""
    async with subgraph_client() as client:
        urls = {name: subgraphs[server] for name, server in wanted.items()}
        return [Subgraph(name, await read_sdl(url, client), url) for name, url in urls.items()]


@pytest.fixture(params=["graphql-ws", "graphql-sse"])
def transport(request: pytest.FixtureRequest) -> str:
    """What the client speaks."""
    return str(request.param)


async def listeners(door: Door) -> int:
    """How many streams the announcing subgraph has open."""
    async with httpx2.AsyncClient() as client:
        answer = await client.post(door.url, json={"query": "{ listeners }"})
    return int(answer.json()["data"]["listeners"])


async def test_each_event_is_completed_with_its_readers_own_authorisation(
    shop: Door, transport: str, node: RunNode
) -> None:
    """The stream and every fetch that completes an event carry the credentials of who listens."""
    query = "subscription { announced { upc announcedTo inStock askedBy } }"
    bearer = f"Bearer {shop.token}"
    assert await node("subscriber.mjs", shop.url, shop.token, transport, query) == {
        "answers": [
            {"data": {"announced": {"upc": "1", "announcedTo": bearer, "inStock": True, "askedBy": bearer}}},
            {"data": {"announced": {"upc": "2", "announcedTo": bearer, "inStock": False, "askedBy": bearer}}},
        ],
        "ended": "complete",
    }


async def test_a_subgraph_that_breaks_off_is_told_and_subscribed_to_again(shop: Door, node: RunNode) -> None:
    """What comes next has the mark of the gap."""
    heard = await node("subscriber.mjs", shop.url, shop.token, "graphql-ws", "subscription { lost { upc } }", "3")
    first, told, again = heard["answers"]
    assert first == {"data": {"lost": {"upc": "1"}}}
    assert (told["data"], told["extensions"]) == (None, {"gap": True})
    assert [(e["extensions"]["code"], e["extensions"]["service"], e["path"]) for e in told["errors"]] == [
        ("DEPARTMENT_UNREACHABLE", "news", ["lost"])
    ]
    assert again == {"data": {"lost": {"upc": "1"}}, "extensions": {"gap": True}}
    assert heard["ended"] == "left"


async def test_a_subgraph_that_refuses_is_heard(shop: Door, node: RunNode) -> None:
    """Its own message reaches who subscribed."""
    heard = await node("subscriber.mjs", shop.url, shop.token, "graphql-ws", "subscription { refused { upc } }")
    (answer,) = heard["answers"]
    assert answer["data"] is None
    assert [(e["message"], e["extensions"]["service"]) for e in answer["errors"]] == [("Not today.", "news")]
    assert heard["ended"] == "complete"


async def test_a_client_that_leaves_ends_the_stream_of_the_subgraph(
    shop: Door, transport: str, node: RunNode
) -> None:
    """Within a moment, though no event would have come to notice it by."""
    query = "subscription { watched { upc } }"
    heard = await node("subscriber.mjs", shop.url, shop.token, transport, query, "1")
    assert heard == {"answers": [{"data": {"watched": {"upc": "1"}}}], "ended": "left"}
    for _ in range(100):
        if await listeners(shop) == 0:
            return
        await asyncio.sleep(0.02)
    pytest.fail("The subgraph still streams to nobody.")


async def test_a_subgraph_is_told_who_subscribes_where_its_server_looks(
    subgraphs: Subgraphs, node: RunNode
) -> None:
    """Servers on graphql-ws read credentials from ``connection_init``: browsers have no other place for them."""
    async with engine_door(*await described(subgraphs, news="graphql-ws")) as door:
        query = "subscription { watched { introducedAs } }"
        heard = await node("subscriber.mjs", door.url, door.token, "graphql-ws", query, "1")
        assert heard["answers"] == [{"data": {"watched": {"introducedAs": f"Bearer {door.token}"}}}]


@pytest.mark.parametrize("elsewhere", ["graphql-ws", "graphql-sse"])
async def test_subscriptions_may_be_taken_at_another_address(
    subgraphs: Subgraphs, node: RunNode, elsewhere: SubscriptionTransport
) -> None:
    """Servers often have a path, or a host, of its own for what stays open."""
    told = (("news", SubscriptionDoor(elsewhere, subgraphs[elsewhere])),)
    async with engine_door(*await described(subgraphs, news="legacy"), subscriptions=told) as door:
        heard = await node(
            "subscriber.mjs", door.url, door.token, "graphql-ws", "subscription { announced { upc } }"
        )
    assert heard["answers"] == [{"data": {"announced": {"upc": "1"}}}, {"data": {"announced": {"upc": "2"}}}]


NEITHER = (
    "The department's system takes subscriptions neither over a WebSocket with graphql-transport-ws nor as "
    "Server-Sent Events."
)
NO_WEBSOCKET = "The department's system takes no subscriptions over a WebSocket with graphql-transport-ws."
NO_EVENTS = "The department's system takes no subscriptions as Server-Sent Events."


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ((), NEITHER),
        ((("news", SubscriptionDoor("graphql-ws")),), NO_WEBSOCKET),
        ((("news", SubscriptionDoor("graphql-sse")),), NO_EVENTS),
    ],
    ids=["found out", "a WebSocket", "events"],
)
async def test_a_subgraph_on_the_older_protocol_is_told_what_to_speak(
    subgraphs: Subgraphs, node: RunNode, told: Told, message: str
) -> None:
    """Its authors gave ``subscriptions-transport-ws`` up; whoever runs such a server reads what is missing."""
    async with engine_door(*await described(subgraphs, news="legacy"), subscriptions=told) as door:
        query = "subscription { announced { upc } }"
        heard = await node("subscriber.mjs", door.url, door.token, "graphql-ws", query)
    assert [error["message"] for answer in heard["answers"] for error in answer["errors"]] == [message]
