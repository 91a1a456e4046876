"""Fees whose money is held, for tests: paid before the decision with a provider that can hold."""

from __future__ import annotations

from typing import Any

from hub.fees.books import read_books
from hub.fees.fees import Payment
from hub.notices.notices import Notices
from schema.domain.case import Case
from schema.domain.payment import Arrival, PaymentState
from tests.hub.joint_item import FIRE, LEAD, RESTAURANT
from tests.hub.world import ANNA, World

LICENCE = {"number": "N-1", "issuerCode": "110102-SJ"}


async def balances(world: World) -> dict[str, int]:
    async with world.database.reading() as session:
        return {each.name: each.balance_fen for each in (await read_books(session)).accounts if each.balance_fen}


async def begin(world: World, *cases: Case) -> Payment:
    """One payment for all that these cases owe."""
    found = await world.fees.orders_of_cases([case.id for case in cases])
    owed = [each.number for of_case in found.values() for each in of_case if each.state == "DUE"]
    return await world.fees.pay_fees(ANNA, owed, None)


async def hold(world: World, *cases: Case) -> Payment:
    payment = await begin(world, *cases)
    held = world.provider.holds(payment.number)
    assert await world.payments.money_held(payment.number, payment.amount_fen, held) is Arrival.TAKE
    return payment


async def decided(world: World, case: Case, decision: str) -> None:
    await world.says(case, "jiyi.case.review-started")
    said = {} if decision == "approved" else {"reason": "not yours", "remedy": "appeal"}
    await world.says(case, "jiyi.case.decided", decision=decision, **said)


async def shared_case(world: World) -> Case:
    """A joint case whose two departments have accepted it: each has a fee."""
    case = await world.cases.submit_case(ANNA, RESTAURANT)
    for department, code in ((LEAD, "business"), (FIRE, "fire")):
        await world.says(case, "jiyi.sub-case.accepted", department, subCase=code)
    return case


async def state_of(world: World, payment: Payment) -> PaymentState:
    found = await world.fees.payments_of(ANNA, 10)
    return next(each.state for each in found if each.number == payment.number)


async def told(world: World) -> list[str]:
    """What the payer reads about holds, the oldest first, without the order's number."""
    found = await Notices(world.database, world.clock).of(ANNA)
    return [each.text_en.split(": ", 1)[1] for each in reversed(found) if each.kind == "FEE"]


def settled(commands: list[dict[str, Any]]) -> list[int]:
    return [each["input"]["amountFen"] for each in commands if each["operation"] == "SettleFeeOrder"]
