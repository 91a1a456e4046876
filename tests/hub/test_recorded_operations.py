"""What clients ask is counted, on every door and in every process; no value of anybody stays."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import aiohttp
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from connectors.clock import SystemClock
from hub.doors.routes import graphql_routes
from hub.doors.websocket import websocket_routes
from hub.gateway import Gateway, GraphQLRequest
from hub.recording import operation_recorder
from hub.recording.durations import bucket_of, quantile
from hub.recording.operation_recorder import OTHERS
from hub.recording.recorded_operations import RecordedOperations
from hub.recording.recorded_store import OperationFigures
from hub.storage.database import Database
from tests.hub.execution.fakes import FakeDepartment, errors
from tests.hub.graph_for_tests import citizen, gateway_for, verify_token
from tests.hub.serving import served
from tests.hub.world import MovableClock, World

SECRET = "110102199003070024"


@dataclass
class Process:
    """One hub process: its gateway and what it records."""

    gateway: Gateway
    recorded: RecordedOperations

    async def ask(self, query: str, client: tuple[str, str] = ("", ""), **variables: object) -> None:
        await self.gateway.answer(GraphQLRequest(query, None, variables, client=client), citizen())


def process(database: Database, clock: MovableClock, *, days: int = 30) -> Process:
    recorded = RecordedOperations(database, clock, days=days)
    department = FakeDepartment({"ping": "pong", "echo": "x", "me": None}, events=[{"ticks": 1}])
    return Process(gateway_for(department, observer=recorded.recorder), recorded)


def counts(found: tuple[OperationFigures, ...]) -> dict[str, int]:
    return {each.recorded.title: each.recorded.count for each in found}


async def test_operations_of_all_processes_are_counted_together(world: World) -> None:
    """By operation and client, with errors and durations; values make no operation of their own."""
    one, other = process(world.database, world.clock), process(world.database, world.clock)
    for name in ("Li", "Wang"):
        await one.ask(f'query Say {{ echo(text: "{name}") }}', ("portal", "1.0"))
    await other.ask('query Say { echo(text: "x") }', ("tv", ""))
    await other.ask("query Ping { ping }")
    await asyncio.gather(one.recorded.write(), other.recorded.write())
    found = await one.recorded.figures()
    assert counts(found) == {"Say": 3, "Ping": 1}
    say = next(each for each in found if each.recorded.name == "Say")
    assert [(str(use), use.count) for use in say.recorded.clients] == [("portal 1.0", 2), ("tv", 1)]
    assert say.recorded.coordinates == {"Query.echo", "Query.echo(text:)"}
    assert (say.errors, sum(say.durations.values())) == (0, 3)
    assert 0 < (say.milliseconds(0.5) or 0) <= (say.milliseconds(0.99) or 0)
    ping = next(each for each in found if each.recorded.name == "Ping")
    assert [str(use) for use in ping.recorded.clients] == ["portal"], "without a name it is the OAuth client's id"


async def test_no_value_reaches_the_database(world: World) -> None:
    """Not from the document, not from variables, not from names that a client made up."""
    one = process(world.database, world.clock)
    await one.ask(f'query Q_{SECRET} {{ a_{SECRET}: echo(text: "{SECRET}") }}')
    await one.ask("query ($t: String!) { echo(text: $t) }", t=SECRET)
    await one.recorded.write()
    async with world.database.reading() as session:
        connection = await session.connection()
        for table in ("recorded_operation", "recorded_use", "recorded_value", "recorded_duration"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()
            assert SECRET not in str(rows)
            assert rows or table == "recorded_value"


async def test_errors_and_streams_are_counted_and_refusals_are_not(world: World) -> None:
    """A stream counts once when it begins; what was refused never ran."""
    recorded = RecordedOperations(world.database, world.clock, days=30)
    failing = FakeDepartment(errors({"message": "no"}), events=[{"ticks": 1}, {"ticks": 2}])
    gateway = gateway_for(failing, observer=recorded.recorder)
    await gateway.answer(GraphQLRequest('query Fails { echo(text: "") }'), None)
    await gateway.answer(GraphQLRequest("query Refused { pong }"), None)
    assert (
        len([each async for each in gateway.subscribe(GraphQLRequest("subscription Ticks { ticks }"), None)]) == 2
    )
    await recorded.write()
    found = {each.recorded.name: each for each in await recorded.figures()}
    assert set(found) == {"Fails", "Ticks"}
    assert (found["Fails"].errors, found["Ticks"].errors) == (1, 0)
    assert (found["Ticks"].recorded.count, found["Ticks"].milliseconds(0.5)) == (1, None)
    assert [use.name for use in found["Ticks"].recorded.clients] == ["anonymous"]


async def test_operations_are_forgotten_after_their_days(world: World) -> None:
    """One that is asked again is remembered since it was first seen."""
    one = process(world.database, world.clock, days=2)
    await one.ask("query Old { ping }")
    await one.ask("query Kept { ping }")
    await one.recorded.write()
    began = world.clock.now()
    world.clock.move(days=2)
    await one.ask("query Kept { ping }")
    await one.recorded.write()
    await one.recorded.forget()
    (kept,) = await one.recorded.figures()
    assert (kept.recorded.name, kept.recorded.count, kept.recorded.first_seen) == ("Kept", 1, began)
    async with world.database.reading() as session:
        left = (await (await session.connection()).execute(text("SELECT name FROM recorded_operation"))).all()
    assert [name for (name,) in left] == ["Kept"]


async def test_whoever_sends_ever_new_operations_fills_no_table(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound they are one, which still tells the fields that they use."""
    monkeypatch.setattr(operation_recorder, "MOST_OPERATIONS", 30)
    monkeypatch.setattr(operation_recorder, "MOST_CLIENTS", 10)
    one = process(world.database, world.clock)
    for number in range(50):
        await one.ask(f"{{ a{number}: ping }}", (f"client-{number}", ""))
    await one.ask('{ last: echo(text: "") }')
    await one.recorded.write()
    found = await one.recorded.figures()
    assert len(found) == 31
    others = next(each.recorded for each in found if each.recorded.hash == OTHERS)
    assert (others.count, others.document) == (21, "")
    assert others.coordinates == {"Query.ping", "Query.echo", "Query.echo(text:)"}
    clients = {str(use) for each in found for use in each.recorded.clients}
    assert len(clients) == 11


async def test_a_database_that_is_away_loses_no_count(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers go on meanwhile; the counts are written when it is back."""
    one = process(world.database, world.clock)
    gone = Database("sqlite:////nowhere/at/all.db")
    monkeypatch.setattr(one.recorded, "_database", gone)
    await one.ask("query Ping { ping }")
    await one.recorded.close()
    monkeypatch.setattr(one.recorded, "_database", world.database)
    await one.ask("query Ping { ping }")
    await one.recorded.write()
    assert counts(await one.recorded.figures()) == {"Ping": 2}
    await gone.close()


async def test_each_door_tells_how_the_client_calls_itself(world: World) -> None:
    """By header over HTTP, in connection_init over WebSocket."""
    one = process(world.database, world.clock)
    routes = [
        *graphql_routes(one.gateway, verify_token, SystemClock()),
        *websocket_routes(one.gateway, verify_token, SystemClock()),
    ]
    named = {"apollographql-client-name": "mobile\n", "apollographql-client-version": "7" * 200}
    async with served(Starlette(routes=routes)) as url, aiohttp.ClientSession() as client:
        headers = {"apollographql-client-name": "mobile", "apollographql-client-version": "7" * 200}
        await client.post(f"{url}/graphql", json={"query": "query Http { ping }"}, headers=headers)
        protocol = [Subprotocol("graphql-transport-ws")]
        async with connect(url.replace("http", "ws") + "/graphql", subprotocols=protocol) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": named}))
            await socket.recv()
            begun = {"type": "subscribe", "id": "1", "payload": {"query": "query Socket { ping }"}}
            await socket.send(json.dumps(begun))
            await socket.recv()
    await one.recorded.write()
    clients = {each.recorded.name: str(each.recorded.clients[0]) for each in await one.recorded.figures()}
    assert clients == {"Http": "mobile " + "7" * 80, "Socket": "mobile " + "7" * 80}


def test_quantiles_are_told_within_eight_percent() -> None:
    """From what can be added up over processes; nothing was counted, nothing is told."""
    buckets: dict[int, int] = {}
    for milliseconds in range(1, 1001):
        bucket = bucket_of(milliseconds / 1000)
        buckets[bucket] = buckets.get(bucket, 0) + 1
    for share, exact in ((0.5, 500), (0.95, 950), (0.99, 990)):
        assert quantile(buckets, share) == pytest.approx(exact, rel=0.08)
    assert quantile({}, 0.5) is None
    assert (bucket_of(0), bucket_of(1e9)) == (0, 120)
