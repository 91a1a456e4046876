"""How a connector is treated can be seen and changed while hubs run; what was counted so far stays."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.clock import SystemClock
from connectors.resilience import Resilient
from hub.departments.connector_settings import ConnectorSettings
from hub.own_subgraph import ConnectorHealth
from hub.registry.registration import ConnectorVersion
from hub.registry.registration_checks import CheckRules, RegistrationChecks
from hub.registry.registry import Registry
from hub.registry.registry_rules import RegistryRules
from hub.storage.database import Database
from schema.errors import DomainError, RuntimeCode
from tests.connectors.test_resilience import COMMAND, QUERY, Scripted, code_of
from tests.hub.own_graph import Graph
from tests.hub.registrations import OPERATOR, OWN, POLICE, names
from tests.hub.world import World

CLOCK = SystemClock()
TIMEOUT = RuntimeCode.DEPARTMENT_TIMEOUT
SET = """mutation ($input: ConnectorResilienceInput!) {
  setConnectorResilience(name: "people", input: $input, reason: "the register is slow on Mondays") {
    resilience { deadlineMs concurrency retries hedge changed reason changedBy }
  }
}"""


@pytest.fixture
async def registry(database: Database) -> Registry:
    rules = RegistryRules("automatic", allow_private_addresses=True, default_timeout_ms=2000)
    checks = RegistrationChecks(OWN, CheckRules(allow_private_addresses=True))
    opened = Registry(database, CLOCK, _no_description, rules, checks)
    assert (await opened.publish(names(), POLICE)).check.ok
    return opened


async def _no_description(_registration: Any) -> str:
    raise AssertionError("the SDL is registered")


class Hub:
    """One hub process's connector "people" over that database."""

    def __init__(self, database: Database, version: ConnectorVersion, *script: RuntimeCode) -> None:
        self.settings = ConnectorSettings(database, CLOCK)
        self.version = version
        self.connector = Resilient(Scripted(*script), self.settings.of(version), CLOCK, random.Random(1))

    def follow(self) -> asyncio.Task[None]:
        return asyncio.ensure_future(self.settings.follow(lambda: (self.version,), lambda _name: self.connector))


async def people(registry: Registry) -> ConnectorVersion:
    (member,) = (await registry.live_graph()).members
    return member


async def test_every_hub_follows_within_two_seconds_and_keeps_what_it_has_counted(
    database: Database, registry: Registry
) -> None:
    """Two processes; one has met three time-outs, and three are now enough to open."""
    version = await people(registry)
    first, second = Hub(database, version, *[TIMEOUT] * 3), Hub(database, version)
    following = [first.follow(), second.follow()]
    for _ in range(3):
        await code_of(first.connector)
    await first.settings.change("people", {"failures_to_open": 3, "concurrency": 7}, "tight", OPERATOR)
    async with asyncio.timeout(2):
        while {each.connector.settings.concurrency for each in (first, second)} != {7}:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # nobody tells when a process has followed
    assert await code_of(first.connector, COMMAND) == RuntimeCode.CIRCUIT_OPEN
    assert await code_of(second.connector, QUERY) is None
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)


async def test_a_later_change_adds_to_the_earlier_and_null_goes_back(
    database: Database, registry: Registry
) -> None:
    """The deadline of the version holds where an operator set none."""
    settings = ConnectorSettings(database, CLOCK)
    await settings.change("people", {"retries": 0, "deadline_ms": 700}, "a", OPERATOR)
    await settings.change("people", {"deadline_ms": None, "hedge": True}, "b", OPERATOR)
    told = await settings.get("people")
    assert (told.changed, told.reason, told.changed_by) == ({"retries": 0, "hedge": True}, "b", OPERATOR.subject)
    assert told.settings.values()["deadline_ms"] == 2000


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"concurrency": 0}, RuntimeCode.BAD_USER_INPUT),
        ({"concurency": 5}, RuntimeCode.BAD_USER_INPUT),
        ({"concurency": None}, RuntimeCode.BAD_USER_INPUT),
    ],
)
async def test_what_is_out_of_bounds_changes_nothing(
    database: Database, registry: Registry, values: Mapping[str, Any], code: RuntimeCode
) -> None:
    """The error names the setting and what is allowed."""
    settings = ConnectorSettings(database, CLOCK)
    with pytest.raises(DomainError, match=next(iter(values))) as refusal:
        await settings.change("people", values, "", OPERATOR)
    assert refusal.value.code == code
    assert (await settings.get("people")).changed == {}


async def test_only_an_operator_may_and_only_for_what_there_is(database: Database, registry: Registry) -> None:
    """A department cannot give itself more of the hub than the others have."""
    settings = ConnectorSettings(database, CLOCK)
    with pytest.raises(DomainError) as refusal:
        await settings.change("people", {"concurrency": 9}, "", POLICE)
    assert refusal.value.code == RuntimeCode.FORBIDDEN
    with pytest.raises(DomainError) as refusal:
        await settings.change("nobody", {"concurrency": 9}, "", OPERATOR)
    assert refusal.value.code == RuntimeCode.NOT_FOUND


async def test_the_operators_door_tells_circuits_slots_and_settings(
    database: Database, registry: Registry, world: World
) -> None:
    """What a breaker and a bulkhead do is seen from outside, not guessed."""
    hub = Hub(database, await people(registry), *[TIMEOUT] * 5)

    def health(_name: str) -> ConnectorHealth:
        state = hub.connector.state
        return ConnectorHealth(state.last_error, state.last_error_at, state)

    graph = Graph(world, registry=registry, connector_settings=hub.settings, connector_health=health)
    told = await graph.ask(SET, OPERATOR, input={"retries": 1, "hedge": True})
    assert told["setConnectorResilience"]["resilience"] == {
        "deadlineMs": 2000,
        "concurrency": 50,
        "retries": 1,
        "hedge": True,
        "changed": ["hedge", "retries"],
        "reason": "the register is slow on Mondays",
        "changedBy": OPERATOR.subject,
    }
    assert await graph.refused(SET, OPERATOR, input={"retries": 9}) == ["BAD_USER_INPUT"]
    assert await graph.refused(SET, POLICE, input={"retries": 1}) == ["FORBIDDEN"]
    for _ in range(5):
        await code_of(hub.connector)
    seen = await graph.ask(
        """{ connector(name: "people") {
          circuit { kind state failures } bulkhead { concurrency inFlight waiting refused }
        } }""",
        OPERATOR,
    )
    assert seen["connector"] == {
        "circuit": [
            {"kind": "UNREACHABLE", "state": "closed", "failures": 0},
            {"kind": "TIMEOUT", "state": "open", "failures": 5},
            {"kind": "BAD_STATUS", "state": "closed", "failures": 0},
            {"kind": "MALFORMED_ANSWER", "state": "closed", "failures": 0},
        ],
        "bulkhead": {"concurrency": 50, "inFlight": 0, "waiting": 0, "refused": 0},
    }
