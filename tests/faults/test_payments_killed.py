"""Processes die amid payments while the cashier misbehaves: each fee is paid once, the books balance.

Reconciliation finds nothing that waits for anybody, and names what is planted. Who dies when comes from a seed
that is printed (``JIYI_FAULT_SEED`` sets it).
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from hub.demo.places import CASHIER, HUB
from hub.demo.road import Road, open_road
from hub.demo.sign_in import sign_in_app
from tests.acceptance.stacks import RunningDemo, embedded_demo, served_demo
from tests.conftest import FAULT_SEED
from tests.faults.journey import Journey, persist
from tests.faults.victims import random_kill

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]

SEED = int(os.environ[FAULT_SEED])
STACKS = ["embedded", pytest.param("rabbitmq", marks=[pytest.mark.rabbitmq, pytest.mark.postgresql])]
BEIJING = timezone(timedelta(hours=8))
MISBEHAVIOURS: dict[str, dict[str, Any]] = {
    "double": {"copies": 5},
    "late": {"lateSeconds": 3},
    "out of order": {"outOfOrder": True},
    "forged": {"forged": True},
    "missing": {"copies": 0},
}
CASES = 3
RECONCILE = """mutation R($day: Date!) { reconcilePayments(day: $day) {
  isBalanced differences { kind number state } } }"""
BOOKS = "{ feeBooks { problems accounts { name balanceFen } } refundsOrdered: refunds(state: ORDERED) { id } }"
REFUND = """mutation R($order: ID!, $key: String!) {
  refundFee(order: $order, reason: "a part of it", amountFen: 100, idempotencyKey: $key) { id state } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=STACKS)
async def walk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[RunningDemo, Road]]:
    start = embedded_demo if request.param == "embedded" else served_demo
    async with AsyncExitStack() as closing:
        demo = await closing.enter_async_context(start(tmp_path_factory.mktemp(request.param)))
        road = await closing.enter_async_context(open_road(demo.stack))
        road.tokens["citizen"] = await sign_in_app(road.client, road.person, road.door("public-security"))
        yield demo, road


async def _operator(road: Road) -> str:
    return await persist(
        "the operator signs in", lambda: road.client.operator_token(road.stack.places.operator_secret)
    )


async def _asked(road: Road, query: str, **variables: Any) -> dict[str, Any]:
    token = await _operator(road)
    return await persist("an answer", lambda: road.client.data(query, variables, token))


async def _reconciled(road: Road) -> dict[str, Any]:
    day = datetime.now(UTC).astimezone(BEIJING).date().isoformat()
    answer: dict[str, Any] = (await _asked(road, RECONCILE, day=day))["reconcilePayments"]
    return answer


async def _paid_fees(road: Road, misbehaviour: dict[str, Any], random: Random, demo: RunningDemo) -> list[str]:
    """Cases are filed, decided and paid while hub and cashier die; the numbers of their fees."""
    journeys = [Journey(road) for _ in range(CASES)]
    await asyncio.gather(*(each.submit() for each in journeys))
    await asyncio.gather(*(each.decided() for each in journeys))
    door = f"{road.door(CASHIER)}/__callbacks"
    await persist("the cashier is told", lambda: road.client.json(door, "POST", misbehaviour))
    kills = [random_kill(random, victim) for victim in (HUB, CASHIER)]
    print(f"JIYI_FAULT_SEED={SEED}: {misbehaviour}: {'; '.join(map(str, kills))}")
    ends = await asyncio.gather(
        *(each.pay() for each in journeys), *(each.strike(demo) for each in kills), return_exceptions=True
    )
    for trouble in filter(None, ends):
        raise trouble
    await persist("the cashier is told", lambda: road.client.json(door, "POST", misbehaviour))
    await asyncio.gather(*(each.completed() for each in journeys))
    return [(await each.case())["fees"][0]["number"] for each in journeys]


@pytest.mark.parametrize("name", MISBEHAVIOURS)
async def test_each_fee_is_paid_once_and_the_books_balance(walk: tuple[RunningDemo, Road], name: str) -> None:
    """Beside the kills one refund: it is made once too, and money that nobody owed is back."""
    demo, road = walk
    random = Random(f"{SEED} {name}")
    numbers = await _paid_fees(road, MISBEHAVIOURS[name], random, demo)
    variables = {"order": numbers[0], "key": name}
    kill = random_kill(random, HUB)
    await asyncio.gather(_asked(road, REFUND, **variables), kill.strike(demo))
    await _asked(road, REFUND, **variables)

    async def all_is_back() -> dict[str, Any] | None:
        answer = await road.client.data(BOOKS, token=await _operator(road))
        return None if answer["refundsOrdered"] else answer

    books = await persist("all refunds are done", all_is_back)
    assert books["feeBooks"]["problems"] == []
    records = await road.client.json(f"{road.door(CASHIER)}/__records")
    paid = [each for each in records["payments"] if each["state"] == "paid"]
    refunded = sum(each["amountFen"] for each in records["refunds"] if each["state"] == "done")
    cashier = next(each for each in books["feeBooks"]["accounts"] if each["name"] == "cashier")
    assert cashier["balanceFen"] == sum(each["amountFen"] for each in paid) - refunded
    # A second payment of a fee may happen where the first one's answer was lost: then it is back.
    times = Counter(order["number"] for each in paid for order in each["orders"] if order["number"] in numbers)
    back = Counter(each["amountFen"] for each in records["refunds"])
    assert sum(times.values()) - len(numbers) <= back[900]
    assert (await _reconciled(road))["isBalanced"]


async def test_what_is_planted_is_named(walk: tuple[RunningDemo, Road]) -> None:
    """Missing here, missing there, another amount, doubled: each by its name, and nothing else."""
    demo, road = walk
    await _paid_fees(road, {"copies": 2}, Random(SEED), demo)
    records = await road.client.json(f"{road.door(CASHIER)}/__records")
    first, second, third = [each["number"] for each in records["payments"] if each["state"] == "paid"][:3]
    strange = {"movement": "payment", "key": "strange", "number": "P-strange", "amountFen": 5, "state": "paid"}
    planted = {"drop": [first], "double": [second], "amounts": {third: 1}, "add": [strange]}
    await road.client.json(f"{road.door(CASHIER)}/__statement", "POST", planted)

    found = (await _reconciled(road))["differences"]

    payments = {(each["kind"], each["number"]) for each in found if each["state"] == "OPEN"}
    assert payments >= {
        ("MISSING_THERE", first),
        ("DOUBLED", second),
        ("AMOUNT_DIFFERS", third),
        ("MISSING_HERE", "P-strange"),
    }
    assert {number for _, number in payments} == {first, second, third, "P-strange"}
