"""Holds with the mock cashier as a process of its own, over HTTP, calling back as the worst of them do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from hub.fees.books import read_books
from hub.fees.callback_refusals import CallbackRefusals
from hub.fees.fee_work import FeeWork
from hub.fees.fees import Fees, Payment
from hub.fees.http_payment_provider import HttpPaymentProvider
from hub.messages.event_door import payment_routes
from schema.domain.case import Case
from schema.domain.fee import FeeState
from schema.domain.working_days import day_of
from tests.hub.fee_item import accepted, forget, offer, orders
from tests.hub.held_fees import begin, decided
from tests.hub.serving import served
from tests.hub.world import OPERATOR, World
from tests.mocks.stranger import Stranger

SECRET = "shared between two"
MISBEHAVIOURS: dict[str, dict[str, Any]] = {
    "as usual": {},
    "double": {"copies": 5},
    "late": {"lateSeconds": 1},
    "out of order": {"outOfOrder": True},
    "forged": {"forged": True},
    "missing": {"copies": 0},
}
pytestmark = [
    pytest.mark.usefixtures("joined"),
    pytest.mark.parametrize("made_url", ["sqlite"], indirect=True),
]


@pytest.fixture(scope="module")
def cashier() -> Iterator[Stranger]:
    stranger = Stranger("cashier", environment={"CASHIER_SECRET": SECRET})
    yield stranger
    stranger.kill()


@pytest.fixture
async def joined(world: World, cashier: Stranger) -> AsyncIterator[None]:
    """The hub's door for the cashier's calls is open, and the hub asks this cashier."""
    world.clock.moment = datetime.now(UTC)
    await offer(world.database)
    app = Starlette()
    async with served(app) as url:
        provider = HttpPaymentProvider(cashier.url, f"{url}/payments/callback", can_hold=True)
        world.fees = Fees(world.database, provider, world.clock, f"{url}/portal/fees")
        money = FeeWork.over(
            world.database,
            world.catalogue,
            world.people,
            world.fees,
            provider,
            world.clock,
            world.wakeups,
            "finance",
        )
        world.payments, world.holds, world.refunds = money.payments, money.holds, money.refunds
        refusals = CallbackRefusals(world.database, world.clock, "finance")
        door = payment_routes(money.payments, money.holds, money.refunds, refusals, SystemClock(), SECRET)
        app.router.routes.extend(door)
        world.fee_services = replace(world.fee_services, reconciliations=money.reconciliations)
        yield
        cashier.ask("DELETE", "/__callbacks")
        cashier.ask("DELETE", "/__holds")
        await provider.close()
    async with world.database.reading() as session:
        assert (await read_books(session)).problems == ()
    await forget(world.database)


async def told(cashier: Stranger, method: str, path: str, body: Any = None) -> Any:
    return (await asyncio.to_thread(cashier.ask, method, path, body)).json


async def pressed(world: World, cashier: Stranger, case: Case, *, means: str = "") -> Payment:
    payment = await begin(world, case)
    await told(cashier, "POST", f"/pay/{payment.number}{means}")
    return payment


async def stands(world: World, case: Case, state: FeeState) -> None:
    """Wait until the fee on acceptance stands so: a call has come, or asking has found it."""
    async with asyncio.timeout(20):
        while (await orders(world, case))["FILING"] != state:
            world.clock.move(seconds=11)
            await world.payments.poll()
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("name", MISBEHAVIOURS)
async def test_what_is_held_is_taken_or_let_go_once_however_the_cashier_calls(
    world: World, cashier: Stranger, name: str
) -> None:
    """Two cases are held; one is approved, one denied: one capture, one void, and a day that is balanced."""
    await told(cashier, "POST", "/__callbacks", MISBEHAVIOURS[name])
    cases = {"approved": await accepted(world), "denied": await accepted(world)}
    numbers = {}
    for decision, case in cases.items():
        numbers[decision] = (await pressed(world, cashier, case)).number
        await stands(world, case, FeeState.AUTHORISED)
        await decided(world, case, decision)

    assert await world.holds.step() == 2

    await stands(world, cases["approved"], FeeState.PAID)
    await stands(world, cases["denied"], FeeState.VOIDED)
    shown = {each: await told(cashier, "GET", f"/payments/{number}") for each, number in numbers.items()}
    assert [(shown[each]["state"], shown[each]["capturedFen"]) for each in cases] == [
        ("captured", 300),
        ("voided", 0),
    ]
    day = await world.fee_services.reconciliations.reconcile(OPERATOR, day_of(datetime.now(UTC)))
    ours = [each.kind for each in day.differences if each.number in numbers.values()]
    assert ours == []


async def test_the_cashier_takes_nothing_of_a_hold_that_has_ended(world: World, cashier: Stranger) -> None:
    """It says so, and the fee is due again."""
    await told(cashier, "POST", "/__holds", {"seconds": 0})
    case = await accepted(world)
    await pressed(world, cashier, case)
    await stands(world, case, FeeState.CAPTURING)
    await world.holds.step()
    await stands(world, case, FeeState.DUE)


async def test_by_transfer_it_is_paid_at_once_and_paid_back(world: World, cashier: Stranger) -> None:
    """As with a cashier that holds nothing."""
    case = await accepted(world)
    await pressed(world, cashier, case, means="?means=transfer")
    await stands(world, case, FeeState.PAID)
    await decided(world, case, "denied")
    await world.refunds.step()
    await stands(world, case, FeeState.REFUNDED)


async def test_a_capture_that_takes_its_time_is_done_once(world: World, cashier: Stranger) -> None:
    """Pending at first; asked again later under the same key."""
    case = await accepted(world)
    payment = await pressed(world, cashier, case)
    await stands(world, case, FeeState.AUTHORISED)
    await told(cashier, "POST", "/__holds", {"captures": "pending"})
    await decided(world, case, "approved")
    assert await world.holds.step() == 1
    assert (await orders(world, case))["FILING"] == "CAPTURING"
    await told(cashier, "DELETE", "/__holds")
    world.clock.move(seconds=6)
    assert await world.holds.step() == 1
    await stands(world, case, FeeState.PAID)
    records = await told(cashier, "GET", "/__records")
    assert [each["act"] for each in records["holds"] if each["paymentNumber"] == payment.number] == ["capture"]
