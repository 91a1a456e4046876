"""How a department fares is counted by the minute, by every process, with the codes of what went wrong."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from auth.actor import Actor
from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure, FetchRequest
from connectors.resilience import ResilienceSettings
from hub.departments.connector_traffic import CountedConnector
from hub.recording.recorded_operations import RecordedOperations
from hub.registry.registration import ConnectorState, ConnectorVersion, ConnectorView, VersionState
from tests.hub.execution.fakes import FakeDepartment, Script, errors, timeout
from tests.hub.own_graph import Graph
from tests.hub.world import MONDAY, OPERATOR, World


async def ask(recorded: RecordedOperations, name: str, *scripts: Script) -> None:
    """One request for each script, through one process."""
    for script in scripts:
        settings = ResilienceSettings(retries=0)
        connector = CountedConnector(
            name, recorded.traffic, FakeDepartment(script), settings, SystemClock(), random.Random(1)
        )
        with suppress(ConnectorFailure):
            await connector.fetch(FetchRequest("{ ping }"))


async def test_requests_are_counted_by_the_minute_with_their_errors(world: World) -> None:
    """Over two processes and two minutes; another connector's are not among them."""
    one, other = (RecordedOperations(world.database, world.clock, days=30) for _ in range(2))
    await ask(one, "police", {"ping": "pong"}, timeout())
    await ask(other, "police", {"ping": "pong"}, errors({"message": "no"}))
    await ask(other, "library", {"ping": "pong"})
    await one.write()
    await other.write()
    world.clock.move(minutes=1)
    await ask(one, "police", {"ping": "pong"})
    await one.write()
    first, second = await other.traffic_of("police", 60)
    assert (first.requests, first.errors) == (4, {"DEPARTMENT_ERROR": 1, "DEPARTMENT_TIMEOUT": 1})
    assert (second.requests, second.errors, second.at - first.at) == (1, {}, timedelta(minutes=1))
    assert 0 < (first.milliseconds(0.5) or 0) <= (first.milliseconds(0.99) or 0)
    assert await one.traffic_of("police", 1) == (second,)


async def test_minutes_are_forgotten_after_a_day(world: World) -> None:
    """They are for looking at what is happening; a row for each minute for ever would be a burden."""
    recorded = RecordedOperations(world.database, world.clock, days=30)
    await ask(recorded, "police", {"ping": "pong"})
    await recorded.write()
    world.clock.move(hours=25)
    await recorded.forget()
    world.clock.move(hours=-25)
    assert await recorded.traffic_of("police", 60) == ()


async def test_what_the_breaker_refuses_counts_too(world: World) -> None:
    """It is what clients met."""
    recorded = RecordedOperations(world.database, world.clock, days=30)
    settings = ResilienceSettings(retries=0, failures_to_open=1)
    connector = CountedConnector(
        "police", recorded.traffic, FakeDepartment(timeout()), settings, SystemClock(), random.Random(1)
    )
    for _ in range(2):
        with pytest.raises(ConnectorFailure):
            await connector.fetch(FetchRequest("{ ping }"))
    await recorded.write()
    (minute,) = await recorded.traffic_of("police", 60)
    assert minute.errors == {"CIRCUIT_OPEN": 1, "DEPARTMENT_TIMEOUT": 1}


class OneConnector:
    """A registry that knows "police" alone."""

    async def get(self, name: str, _actor: Actor) -> ConnectorView | None:
        version = ConnectorVersion(
            name, 1, "police", "graphql", "", "", 3000, "header", VersionState.LIVE, MONDAY, "police"
        )
        return ConnectorView(name, "police", "graphql", ConnectorState.LIVE, version, (version,))


async def test_the_graph_tells_a_connectors_minutes(world: World) -> None:
    """For pages of operators and of the department itself."""
    graph = Graph(world, registry=OneConnector())
    recorded = RecordedOperations(world.database, world.clock, days=30)
    await ask(recorded, "police", {"ping": "pong"}, timeout(), timeout())
    await recorded.write()
    query = """{ connector(name: "police") {
      traffic(minutes: 5) { at requests errors codes { code count } p50 p99 }
    } }"""
    (minute,) = (await graph.ask(query, OPERATOR))["connector"]["traffic"]
    assert (minute["at"], minute["requests"], minute["errors"]) == ("2026-11-23T09:00:00+00:00", 3, 2)
    assert minute["codes"] == [{"code": "DEPARTMENT_TIMEOUT", "count": 2}]
    assert 0 < minute["p50"] <= minute["p99"]
    for minutes in (0, 1441):
        too_many = f'{{ connector(name: "police") {{ traffic(minutes: {minutes}) {{ requests }} }} }}'
        assert await graph.refused(too_many, OPERATOR) == ["BAD_USER_INPUT"]
