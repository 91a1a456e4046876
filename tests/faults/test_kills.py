"""Whatever dies at whatever moment: no accepted case is lost, nothing happens twice, the road goes on.

The default suite kills once at each moment of one journey; who and when comes from a seed that is printed
(``JIYI_FAULT_SEED`` sets it). ``make road-faults`` kills everybody at every moment, on both stacks.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import pytest_asyncio

from hub.demo.client import HubClient
from hub.demo.connectors import enrol
from hub.demo.places import HUB
from hub.demo.road import Road, open_road
from hub.demo.sign_in import sign_in_app
from hub.demo.stack import SIXTH
from hub.demo.steps.case import FORM, ITEM, SUBMIT
from tests.acceptance.stacks import RunningDemo, embedded_demo, served_demo
from tests.conftest import FAULT_SEED
from tests.faults.answer_wire import answer_wire
from tests.faults.books import CASES, check_books, count_ratings
from tests.faults.journey import AWAY, MOMENTS, Journey, persist
from tests.faults.victims import VICTIMS, Kill, random_kill

pytestmark = [pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]

SEED = int(os.environ[FAULT_SEED])
TOKEN_LASTS = timedelta(minutes=10)
STACKS = ["embedded", pytest.param("rabbitmq", marks=[pytest.mark.rabbitmq, pytest.mark.postgresql])]


@dataclass
class SharedDemo:
    """A running demo and its citizen, who signs in again before the token ends."""

    demo: RunningDemo
    road: Road
    signed_in_at: datetime | None = None

    async def journey(self) -> Journey:
        now = datetime.now(UTC)
        if self.signed_in_at is None or now - self.signed_in_at > TOKEN_LASTS:
            phone = self.road.door("public-security")
            self.road.tokens["citizen"] = await sign_in_app(self.road.client, self.road.person, phone)
            self.signed_in_at = now
        return Journey(self.road)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=STACKS)
async def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SharedDemo]:
    start = embedded_demo if request.param == "embedded" else served_demo
    async with AsyncExitStack() as closing:
        demo = await closing.enter_async_context(start(tmp_path_factory.mktemp(request.param)))
        road = await closing.enter_async_context(open_road(demo.stack))
        await demo.stack.start_department(SIXTH)
        operator = await road.client.operator_token(demo.stack.places.operator_secret)
        demo.stack.enrolments[SIXTH] = await enrol(road.client, operator, SIXTH)
        yield SharedDemo(demo, road)


async def _travel(shared: SharedDemo, kills: Mapping[str, Kill]) -> None:
    """Walk one journey to its end with these kills, and look into all books."""
    journey = await shared.journey()
    ratings_before = await count_ratings(shared.road)
    for moment, act in MOMENTS.items():
        strike = kills[moment].strike(shared.demo) if moment in kills else asyncio.sleep(0)
        ends = await asyncio.gather(act(journey), strike, return_exceptions=True)
        for trouble in filter(None, ends):
            raise trouble
    await check_books(journey, ratings_before)


@pytest.mark.slow
@pytest.mark.parametrize("shared", ["embedded"], indirect=True)
async def test_one_kill_at_every_moment_of_the_road(shared: SharedDemo) -> None:
    """A dry run of the whole matrix in the default suite; each run tries others."""
    random = Random(SEED)
    kills = {moment: random_kill(random) for moment in MOMENTS}
    print(f"JIYI_FAULT_SEED={SEED}: " + "; ".join(f"{moment}: {kill}" for moment, kill in kills.items()))
    await _travel(shared, kills)


@pytest.mark.parametrize("shared", ["embedded"], indirect=True)
@pytest.mark.parametrize("passes_answer", [True, False], ids=["just after", "just before"])
async def test_hub_dies_as_it_answers_a_submission(shared: SharedDemo, passes_answer: bool) -> None:
    """Whoever has the receipt has it for good; whoever does not gets the same case by asking again."""
    journey, road = await shared.journey(), shared.road
    cases, ratings_before = await _number_of_cases(shared), await count_ratings(road)
    hub = shared.demo.stack.processes[HUB]
    given = {"input": {"itemCode": ITEM, "form": FORM, "idempotencyKey": journey.key}}
    async with answer_wire(road.client.base_url, hub.kill, passes_answer=passes_answer) as url:
        answer = None
        async with HubClient(url) as app:
            with contextlib.suppress(*AWAY):
                answer = await app.data(SUBMIT, given, road.token)
    assert (answer is not None) is passes_answer
    assert not hub.is_running
    await hub.start()
    await journey.submit()
    assert answer is None or answer["submitCase"]["receiptNumber"] == journey.accepted["receiptNumber"]
    assert await _number_of_cases(shared) == cases + 1
    for moment in ("case before decision", "fee paying", "licence issuing", "rating"):
        await MOMENTS[moment](journey)
    await check_books(journey, ratings_before)


async def _number_of_cases(shared: SharedDemo) -> int:
    road = shared.road
    data = await persist("the list of cases", lambda: road.client.data(CASES, token=road.token))
    return len(data["me"]["cases"])


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("victim", VICTIMS)
async def test_whoever_dies_at_whatever_moment(shared: SharedDemo, victim: str, moment: str) -> None:
    """The whole matrix; a cell that fails is tried again by its seed and names."""
    kill = random_kill(Random(f"{SEED} {victim} {moment}"), victim)
    print(f"JIYI_FAULT_SEED={SEED}: {moment}: {kill}")
    await _travel(shared, {moment: kill})
