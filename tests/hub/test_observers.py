"""The ways to look at connectors: open circuits, drift of a schema, wrong types."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal, cast

import pytest

from connectors.connector import ConnectorFailure
from connectors.resilience import ConnectorState, ResilienceSettings
from connectors.resilience.bulkhead import BulkheadState
from hub.departments.conditions import ConditionKind, Observation
from hub.departments.observers import Drift, OpenCircuits
from hub.departments.wrong_types import WrongTypes
from hub.gateway import GraphQLAnswer, GraphQLRequest
from hub.gateway.observer import AnsweredOperation
from hub.registry.registration import ConnectorVersion, Registration, VersionState
from schema.errors import RuntimeCode
from tests.hub.registrations import NAMES, NAMES_AND_AGES
from tests.hub.test_connector_watch import MONDAY, Clock

CIRCUIT = ("people", ConditionKind.CIRCUIT_OPEN)


@pytest.fixture
def clock() -> Clock:
    return Clock()


MEMBER = ConnectorVersion(
    "people",
    1,
    "police",
    "graphql",
    NAMES,
    "http://127.0.0.1:9",
    3000,
    "header",
    VersionState.LIVE,
    MONDAY,
    "police",
)


def circuit(state: Literal["open", "closed"]) -> ConnectorState:
    unreachable = RuntimeCode.DEPARTMENT_UNREACHABLE
    bulkhead = BulkheadState(concurrency=50, in_flight=0, queue_length=0, waiting=0, refused=0)
    return ConnectorState(state, (), bulkhead, ResilienceSettings(), 0, "refused", unreachable)


async def test_a_circuit_that_stays_open_is_told_and_a_moment_is_not(clock: Clock) -> None:
    """A department that restarts is no incident."""
    states = {"people": circuit("open")}
    look = OpenCircuits(states.get, clock, timedelta(seconds=60))
    assert (await look((MEMBER,))).wrong == {}
    clock.move(seconds=61)
    observed = await look((MEMBER,))
    assert observed.wrong == {CIRCUIT: "DEPARTMENT_UNREACHABLE: refused"}
    states["people"] = circuit("closed")
    healed = await look((MEMBER,))
    assert (healed.wrong, healed.looked_at) == ({}, frozenset({CIRCUIT}))
    states["people"] = circuit("open")
    assert (await look((MEMBER,))).wrong == {}


async def test_a_schema_that_is_served_otherwise_than_registered_is_drift(clock: Clock) -> None:
    """Read again now and then; a department that is away now has not drifted, and not healed either."""
    served = [NAMES]

    async def describe(asked: Registration) -> str:
        assert asked.sdl is None
        if not served:
            raise ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, "away")
        return served[0]

    look = Drift(describe, clock, timedelta(minutes=10))
    drifted = ("people", ConditionKind.DRIFT)
    assert (await look((MEMBER,))).looked_at == frozenset({drifted})
    served[:] = [NAMES_AND_AGES]
    assert (await look((MEMBER,))).wrong == {}
    clock.move(minutes=11)
    assert (await look((MEMBER,))).wrong == {drifted: "Citizen.age was added"}
    served.clear()
    clock.move(minutes=11)
    assert (await look((MEMBER,))).wrong == {drifted: "Citizen.age was added"}
    newer = replace(MEMBER, version=2, sdl=NAMES_AND_AGES)
    assert (await look((newer,))).wrong == {}


def answered(count: int, *wrong: str) -> list[GraphQLAnswer]:
    """Answers in which "people" has a part, one of which has these services' wrong values."""
    errors = tuple(
        {"message": "", "extensions": {"code": "DEPARTMENT_WRONG_TYPE", "service": each}} for each in wrong
    )
    right = GraphQLAnswer({}, services=("people", "hub", "people"))
    return [right] * (count - 1) + [GraphQLAnswer({}, errors, services=("people", "hub"))]


async def test_a_department_that_sends_wrong_values_too_often_is_told(clock: Clock) -> None:
    """One in a hundred is a mistake, more is a schema that is not kept; who is asked little is not judged."""
    watched = WrongTypes(clock)

    def tell(answers: list[GraphQLAnswer]) -> None:
        for answer in answers:
            watched.answered(
                AnsweredOperation(cast("Any", None), GraphQLRequest(""), None, cast("Any", None), 0.1, answer)
            )

    tell(answered(50, "people"))
    assert await watched((MEMBER,)) == Observation({}, frozenset())
    tell(answered(50))
    assert (await watched((MEMBER,))).wrong == {}
    tell(answered(50, "people", "people", "hub"))
    kind = ("people", ConditionKind.WRONG_TYPES)
    assert (await watched((MEMBER,))).wrong[kind].startswith("2 of 150 answers in ten minutes (1.3 %)")
    clock.move(minutes=5)
    assert kind in (await watched((MEMBER,))).wrong
    tell(answered(200))
    assert await watched((MEMBER,)) == Observation({}, frozenset({kind}))
    clock.move(minutes=11)
    assert await watched((MEMBER,)) == Observation({}, frozenset({kind}))
    tell(answered(2, "people"))
    assert await watched((MEMBER,)) == Observation({}, frozenset())
    tell(answered(200, *["people"] * 9))
    newer = replace(MEMBER, version=2)
    assert await watched((newer,)) == Observation({}, frozenset({kind}))
