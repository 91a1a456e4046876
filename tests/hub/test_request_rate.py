"""So many operations a minute for each client, at every door; where no limit is set nobody is refused.

Demands: apollographql/router #1531, #946 (a limit for each client), #9034 (429 with no limit configured).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from hub.doors.routes import graphql_in_front, graphql_routes
from hub.doors.websocket import SUBPROTOCOL, websocket_routes
from hub.gateway import request_rate
from hub.gateway.request import RequestRefused
from hub.gateway.request_rate import RateLimited, RequestRate, rate_limited
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import citizen, gateway_for, verify_token
from tests.hub.serving import served

PING = {"query": "{ ping }"}
CITIZEN = {"Authorization": "Bearer citizen"}
NEWER = {"Accept": "application/graphql-response+json"}


class Time:
    """Seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def allowed(rate: RequestRate, times: int, subject: str = "c-1") -> int:
    """Of so many at once."""
    found = 0
    for _ in range(times):
        try:
            rate.count(citizen(subject))
        except RequestRefused:
            continue
        found += 1
    return found


def test_a_minute_has_its_number_and_then_they_come_one_by_one() -> None:
    """All at once, then one each second; after a minute of rest all again; each subject for itself."""
    time = Time()
    rate = RequestRate(60, time)
    assert allowed(rate, 100) == 60
    assert allowed(rate, 100, "c-2") == 60
    time.now += 1
    assert allowed(rate, 100) == 1
    time.now += 10
    assert allowed(rate, 100) == 10
    time.now += 60
    assert allowed(rate, 100) == 60


def test_who_owes_nothing_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered is bounded by who asked in the last minute."""
    monkeypatch.setattr(request_rate, "MOST_KNOWN", 10)
    time = Time()
    rate = RequestRate(2, time)
    for number in range(10):
        rate.count(citizen(f"c-{number}"))
    time.now += 61
    rate.count(citizen("last"))
    assert list(rate._paid_at) == ["last"]


@asynccontextmanager
async def hub(per_minute: int) -> AsyncIterator[aiohttp.ClientSession]:
    gateway = rate_limited(gateway_for(FakeDepartment({"ping": "pong"})), per_minute)
    clock = SystemClock()
    routes = [*graphql_routes(gateway, verify_token, clock), *websocket_routes(gateway, verify_token, clock)]
    app = graphql_in_front(routes, Starlette(routes=routes))
    async with served(app) as url, aiohttp.ClientSession(url) as session:
        yield session


async def test_every_door_counts_and_says_when_to_come_again() -> None:
    """POST, GET and a WebSocket together; the fourth is told at each, and others are not counted with it."""
    async with hub(3) as client:
        async with client.post("/graphql", json=PING, headers=CITIZEN) as posted:
            assert (await posted.json())["data"] == {"ping": "pong"}
        async with client.get("/graphql", params=PING, headers=CITIZEN) as got:
            assert (await got.json())["data"] == {"ping": "pong"}
        socket = await client.ws_connect("/graphql", protocols=[SUBPROTOCOL])
        await socket.send_json({"type": "connection_init", "payload": CITIZEN})
        await socket.receive_json()
        for kind in ("next", "complete", "error"):
            if kind != "complete":
                await socket.send_json({"type": "subscribe", "id": "a", "payload": PING})
            told = await socket.receive_json()
            assert told["type"] == kind
        assert told["payload"][0]["extensions"]["code"] == "RATE_LIMITED"

        async with client.post("/graphql", json=PING, headers={**CITIZEN, **NEWER}) as refused:
            (error,) = (await refused.json())["errors"]
            assert (refused.status, refused.headers["Retry-After"]) == (429, "20")
            assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfterSeconds": 20}
        async with client.post("/graphql", json=PING, headers=NEWER) as stranger:
            assert stranger.status == 200


async def test_nobody_is_refused_where_no_limit_is_set() -> None:
    """A gateway that says 429 though none was configured frightens who runs it."""
    gateway = gateway_for(FakeDepartment({"ping": "pong"}))
    assert rate_limited(gateway, 0) is gateway
    assert isinstance(rate_limited(gateway, 1), RateLimited)
