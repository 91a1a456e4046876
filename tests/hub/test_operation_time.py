"""One operation has one time, which its fetches share, however many follow each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from connectors.connector import Connector, FetchRequest, FetchResponse
from hub.doors.routes import graphql_routes
from hub.gateway import Gateway, GatewaySettings, GraphQLRequest, GraphState
from hub.gateway.policy import nobody
from hub.standalone.open_policy import OpenPolicy
from schema.composition import compose
from schema.subgraph import Subgraph
from tests.hub.graph_for_tests import verify_token
from tests.hub.serving import served

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
FIRST = LINK + 'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! }'
SECOND = LINK + 'type Thing @key(fields: "id") { id: ID! name: String }'
QUERY = "{ thing { id name } }"


class Department:
    """Answers after ``seconds``, whatever time it is given, and notes that."""

    def __init__(self, data: Mapping[str, Any], seconds: float = 0) -> None:
        self.data = dict(data)
        self.seconds = seconds
        self.given: list[float | None] = []

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.given.append(request.timeout.total_seconds() if request.timeout else None)
        await asyncio.sleep(self.seconds)
        return FetchResponse(self.data)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        yield FetchResponse(None)

    async def describe(self) -> str:
        return ""

    async def close(self) -> None: ...


@pytest.fixture
def first() -> Department:
    return Department({"thing": {"__typename": "Thing", "id": "1"}})


@pytest.fixture
def second() -> Department:
    return Department({"_entities": [{"__typename": "Thing", "name": "one"}]})


def gateway_of(first: Connector, second: Connector, seconds: float) -> Gateway:
    supergraph = compose((Subgraph("first", FIRST), Subgraph("second", SECOND))).supergraph
    assert supergraph is not None
    settings = GatewaySettings(operation_time=timedelta(seconds=seconds))
    gateway = Gateway(OpenPolicy(), nobody, clock=SystemClock(), settings=settings)
    gateway.publish(GraphState(supergraph, {"first": first, "second": second}, {}, 1))
    return gateway


async def test_a_later_fetch_has_what_the_earlier_ones_left(first: Department, second: Department) -> None:
    """In the exact path, which answers the first time, and in the compiled one."""
    first.seconds = 0.1
    gateway = gateway_of(first, second, 5)
    for _ in range(3):
        answer = await gateway.answer(GraphQLRequest(QUERY), None)
        assert answer.errors == ()
    for time, left in zip(first.given, second.given, strict=True):
        assert time is not None
        assert left is not None
        assert 4.5 < time <= 5
        assert time - 0.4 < left <= time - 0.09


async def test_who_has_no_time_left_is_not_asked_at_all(first: Department, second: Department) -> None:
    """The client learns that it was not this department that was slow."""
    first.seconds = 0.15
    gateway = gateway_of(first, second, 0.1)
    for _ in range(3):
        answer = await gateway.answer(GraphQLRequest(QUERY), None)
        assert answer.payload()["data"] == {"thing": {"id": "1", "name": None}}
        (error,) = answer.errors
        assert (error["path"], error["extensions"]) == (
            ["thing", "name"],
            {"code": "OPERATION_TIMEOUT", "service": "second"},
        )
    assert second.given == []


async def test_a_client_may_be_less_patient_and_never_more(first: Department, second: Department) -> None:
    """By ``Jiyi-Timeout-Ms``; what is no number is refused before anything is fetched."""
    app = Starlette(routes=graphql_routes(gateway_of(first, second, 5), verify_token, SystemClock()))
    async with served(app) as url, aiohttp.ClientSession(url) as client:
        for text, status in (("1500", 200), ("999999", 200), ("0", 400), ("-1", 400), ("1.5", 400), ("soon", 400)):
            headers = {"Jiyi-Timeout-Ms": text}
            async with client.post("/graphql", json={"query": QUERY}, headers=headers) as response:
                body = await response.json(content_type=None)
                assert response.status == status, body
                if status == 400:
                    assert body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    short, long = first.given
    assert short is not None
    assert long is not None
    assert 1 < short <= 1.5
    assert 4.5 < long <= 5


async def test_clients_of_unlike_patience_do_not_share_a_run(first: Department, second: Department) -> None:
    """The patient one is not cut short by the other."""
    gateway = gateway_of(first, second, 5)
    for _ in range(2):
        await gateway.answer(GraphQLRequest(QUERY), None)
    first.given.clear()
    first.seconds = 0.05
    patient = GraphQLRequest(QUERY)
    impatient = GraphQLRequest(QUERY, timeout=timedelta(seconds=1))
    await asyncio.gather(*(gateway.answer(each, None) for each in (impatient, patient, impatient, patient)))
    assert sorted(round(time) for time in first.given if time is not None) == [1, 5]
