"""Any interleaving of retries, cancellations, sendings, doubles and lost answers has one effect for each request.

Hypothesis draws what happens; the department's own book is the judge.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth.actor import Actor
from hub.storage.database import Database
from tests.hub.durable.department import Durable
from tests.hub.world import Delivery, World, citizen

COUNT = "mutation ($by: Int, $key: String) { count(by: $by, idempotencyKey: $key) { id } }"
CANCEL = "mutation ($id: ID!) { cancelDurableTicket(id: $id) { state } }"
STATES = "{ myDurableTickets(first: 100) { edges { node { id state ... on CountDurableTicket { result } } } } }"

Steps = list[tuple[str, str]]
KEYS = ("a", "b", "c")
STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(KEYS)),
    st.tuples(st.just("ask otherwise"), st.sampled_from(KEYS)),
    st.tuples(st.just("cancel"), st.sampled_from(KEYS)),
    st.tuples(st.sampled_from(["relay", "deliver", "deliver twice", "hear", "hear twice", "wait"]), st.just("")),
    st.tuples(st.sampled_from(["lose an answer", "broker away"]), st.just("")),
)


@pytest.fixture(scope="module")
def runs(made_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Steps], None]]:
    """One hub for all histories; each is another person's."""
    path = shutil.copy(made_sqlite, tmp_path_factory.mktemp("histories") / "jiyi.db")
    database = Database(f"sqlite:///{path}")
    durable, persons = Durable(World(database)), itertools.count()
    with asyncio.Runner() as runner:

        async def play(steps: Steps) -> None:
            history = Play(durable, citizen(f"person-{next(persons)}"))
            for what, key in steps:
                await history.step(what, key)
            await history.end()

        yield lambda steps: runner.run(play(steps))
        runner.run(database.close())


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=4, max_size=20))
def test_each_request_has_one_effect_or_was_cancelled(runs: Callable[[Steps], None], steps: Steps) -> None:
    """What was accepted is done once; what was taken back, never; what was refused left nothing."""
    runs(steps)


class Play:
    """One history. ``tickets`` and ``cancelled`` are what the client was told."""

    def __init__(self, durable: Durable, person: Actor) -> None:
        self.durable = durable
        self.person = person
        durable.department.effects.clear()
        durable.wire.commands.clear()
        self.tickets: dict[str, str] = {}
        self.cancelled: set[str] = set()

    async def step(self, what: str, key: str) -> None:
        durable, wire = self.durable, self.durable.wire
        if what == "ask":
            await self._ask(key)
        elif what == "ask otherwise" and key in self.tickets:
            variables = {"by": 99, "key": key}
            assert await durable.refused(COUNT, self.person, variables=variables) == ["IDEMPOTENCY_KEY_REUSED"]
        elif what == "cancel" and key in self.tickets:
            answer = await durable.asks(CANCEL, self.person, variables={"id": self.tickets[key]})
            if not answer.errors:
                self.cancelled.add(key)
        elif what == "relay":
            await durable.relay.step()
            wire.is_away = False
        elif what.startswith("deliver"):
            if wire.is_away:  # an outcome waits for the broker, which comes back meanwhile
                asyncio.get_running_loop().call_later(0.1, wire.come_back)
            for attempt in range(1, 3 if what == "deliver twice" else 2):
                for command in wire.commands[-2:]:
                    await durable.handler.handle(Delivery(command, attempt))
        elif what.startswith("hear"):
            outcomes = list(wire.outcomes) * (2 if what == "hear twice" else 1)
            wire.outcomes.clear()
            for outcome in outcomes:
                assert await durable.world.deliver(outcome) == "acknowledged"
        elif what == "wait":
            durable.world.clock.move(minutes=2)
        elif what == "lose an answer":
            durable.department.loses_answers = 1
        elif what == "broker away":
            wire.is_away = True

    async def end(self) -> None:
        """Everything comes to its end; then the department's book and the tickets must say the same."""
        durable = self.durable
        durable.wire.is_away = False
        for _ in range(4):
            await durable.hears()
            await durable.done()
            durable.world.clock.move(hours=2)
        done = {key for key in self.tickets if key not in self.cancelled}
        assert sorted(by for _, by in durable.department.effects) == sorted(_number(key) for key in done)
        edges: list[dict[str, Any]] = (await durable.gets(STATES, self.person))["myDurableTickets"]["edges"]
        assert {edge["node"]["id"]: (edge["node"]["state"], edge["node"]["result"]) for edge in edges} == {
            ticket: ("DONE", _number(key)) if key in done else ("CANCELLED", None)
            for key, ticket in self.tickets.items()
        }

    async def _ask(self, key: str) -> None:
        variables = {"by": _number(key), "key": key}
        ticket: str = (await self.durable.gets(COUNT, self.person, variables=variables))["count"]["id"]
        assert self.tickets.setdefault(key, ticket) == ticket


def _number(key: str) -> int:
    return KEYS.index(key) + 1
