"""The door to the embedded broker: a department gets what is its own, whatever it sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from auth.actor import Actor
from auth.tokens import InvalidToken
from connectors.broker import BrokerUnavailable, Delivery
from connectors.clock import SystemClock
from connectors.cloud_events import event_to_json
from connectors.remote_broker import RemoteBroker
from connectors.topology import (
    command_address,
    event_address,
    inbox_queue,
    partition_of,
    replies_queue,
    request_address,
    requests_queue,
)
from hub.messages.broker_door import TOKEN_ENDED, BrokerDoor
from tests.connectors.message_fixtures import DEPARTMENT, embedded_broker
from tests.contracts.broker.stacks import fixed_token, message, serve_asgi

OTHER = "transport"
ROLES = {
    DEPARTMENT: frozenset({"department"}),
    "citizen": frozenset({"citizen"}),
    "short": frozenset({"department"}),
}


async def verify(token: str) -> Actor:
    """In these tests a token is its client's name."""
    if token not in ROLES:
        raise InvalidToken("The access token was refused.")
    lives = timedelta(seconds=0.3) if token == "short" else timedelta(hours=1)
    department = None if token == "citizen" else DEPARTMENT
    return Actor(token, token, frozenset(), ROLES[token], datetime.now(UTC) + lives, department)


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """The hub's address; an operator's road into the broker is not needed here."""
    async with embedded_broker(tmp_path / "broker.db") as broker, AsyncExitStack() as closing:
        await broker.declare_department(OTHER)
        door = BrokerDoor(broker, verify, SystemClock())
        yield f"http://127.0.0.1:{await serve_asgi(door.route, closing)}"


@pytest.fixture
async def department(url: str) -> AsyncIterator[RemoteBroker]:
    broker = RemoteBroker(url, fixed_token(DEPARTMENT))
    await broker.connect()
    yield broker
    await broker.close()


async def never(_delivery: Delivery) -> None:
    raise AssertionError("delivered what is not its own")


@pytest.mark.parametrize(
    "queue", [requests_queue(OTHER), f"{OTHER}.commands.0", inbox_queue(0), replies_queue("one"), "jiyi.dead", "#"]
)
async def test_a_department_consumes_its_own_queues_only(department: RemoteBroker, queue: str) -> None:
    """Neither another's commands, nor the hub's inbox, nor its answers."""
    with pytest.raises(PermissionError, match="own queues only"):
        await department.consume(queue, never)
    with pytest.raises(PermissionError, match="own queues only"):
        await department.consumers(queue)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        (request_address(DEPARTMENT), DEPARTMENT),
        (command_address(OTHER, "k"), DEPARTMENT),
        (event_address(OTHER, "k"), OTHER),
        ("jiyi.hub/hub.inbox.0", DEPARTMENT),
        ("jiyi.hub/jiyi.dead", DEPARTMENT),
        ("jiyi.in/event.0", DEPARTMENT),
    ],
)
async def test_a_department_publishes_through_its_own_exchange_only(
    department: RemoteBroker, address: str, source: str
) -> None:
    """No command to a neighbour, no decision in another's name."""
    with pytest.raises(PermissionError, match="own exchange"):
        await department.publish(address, message("m", source=source))


@pytest.mark.parametrize("operation", ["declare_department", "declare_hub", "redrive"])
async def test_what_is_the_hubs_is_refused(department: RemoteBroker, operation: str) -> None:
    with pytest.raises(PermissionError):
        await getattr(department, operation)("x")


@pytest.mark.parametrize("token", ["", "unknown", "citizen"])
async def test_only_departments_clients_come_in(url: str, token: str) -> None:
    """A citizen's token opens the graph, not the broker; the refusal is an HTTP status."""
    broker = RemoteBroker(url, fixed_token(token))
    with pytest.raises(BrokerUnavailable, match="HTTP 403" if token == "citizen" else "HTTP 401"):
        await broker.connect()


async def test_a_connection_ends_with_its_token(url: str) -> None:
    """Rights that were taken away do not live on in an open connection."""
    headers = {"Authorization": "Bearer short"}
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/broker", headers=headers) as socket:
        await asyncio.wait_for(socket.receive(), 5)
        assert socket.close_code == TOKEN_ENDED


NONSENSE: list[Any] = [
    "no json",
    [],
    {"id": 1},
    {"id": "x", "op": "publish"},
    {"id": 1, "op": "drop-everything"},
    {"id": 1, "op": "publish"},
    {"id": 1, "op": "publish", "address": "nowhere", "message": {}},
    {"id": 1, "op": "consume", "queue": []},
    {"id": 1, "op": "consume", "queue": f"{DEPARTMENT}.agents.../x"},
    {"id": 1, "op": "consume", "queue": f"{OTHER}.agents.0a1b"},
    {"id": 1, "op": "end", "delivery": 99, "how": "acknowledge"},
]


async def test_nonsense_is_answered_and_ends_nothing(url: str) -> None:
    """Each bad frame gets its refusal, and the connection serves on."""
    headers = {"Authorization": f"Bearer {DEPARTMENT}"}
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/broker", headers=headers) as socket:
        for frame in NONSENSE:
            await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
            assert json.loads((await socket.receive(5)).data)["op"] == "failed"
        event = event_to_json(message("m", key="k", source=DEPARTMENT))
        publish = {"op": "publish", "id": 7, "address": event_address(DEPARTMENT, "k"), "message": event}
        await socket.send_str(json.dumps(publish))
        assert json.loads((await socket.receive(5)).data) == {"op": "done", "id": 7, "value": None}


async def test_a_forged_source_does_not_pass_the_raw_door(url: str) -> None:
    """The client library checks too, but a stranger does not use it."""
    headers = {"Authorization": f"Bearer {DEPARTMENT}"}
    forged = event_to_json(message("m", key="k", source=OTHER))
    address = f"{DEPARTMENT}.out/event.{partition_of('k')}"
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/broker", headers=headers) as socket:
        await socket.send_str(json.dumps({"op": "publish", "id": 1, "address": address, "message": forged}))
        assert json.loads((await socket.receive(5)).data)["code"] == "FORBIDDEN"
