"""Fees are paid once, whatever the cashier says how often."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlmodel import col, select

from hub.fees.fees import Payment
from hub.fees.payment_provider import ReportedState
from hub.tables.fee import PaymentRow
from schema.domain.case import Case, CaseState
from schema.domain.fee import FeeState
from schema.domain.payment import Arrival
from schema.errors import DomainError, RuntimeCode
from tests.hub.world import ANNA, ANNA_NUMBER, BO, FREE, World


async def begun(world: World) -> tuple[Case, Payment]:
    case = await world.decided()
    return case, await world.fees.pay_fees(ANNA, [f"FO-{case.receipt_number}-1"], None)


async def state_of(world: World, case: Case) -> FeeState:
    return (await world.fees.orders_of_cases((case.id,)))[case.id][0].state


async def test_paid_money_moves_the_case_and_tells_finance_and_department(world: World) -> None:
    """One transaction: order, case, and both commands."""
    case, payment = await begun(world)

    meaning = await world.payments.money_arrived(payment.number, 900, world.clock.now())

    assert meaning is Arrival.TAKE
    assert await state_of(world, case) is FeeState.PAID
    assert (await world.events(case))[-2:] == ["fee-paid", "licence-ordered"]
    commands = await world.commands()
    assert [(command["to"], command["operation"]) for command in commands] == [
        ("civil-affairs", "ReceiveCase"),
        ("civil-affairs", "IssueLicence"),
        ("finance", "SettleFeeOrder"),
    ]
    assert commands[1]["input"]["holderIdNumber"] == ANNA_NUMBER
    assert commands[2]["input"] == {
        "number": f"FO-{case.receipt_number}-1",
        "amountFen": 900,
        "paidAt": "2026-11-23T09:00:00+00:00",
        "paymentNumber": payment.number,
    }


async def test_a_second_report_changes_nothing(world: World) -> None:
    """Callbacks come twice, also at the same moment."""
    case, payment = await begun(world)

    meanings = await asyncio.gather(
        *(world.payments.money_arrived(payment.number, 900, world.clock.now()) for _ in range(4))
    )

    assert sorted(str(meaning) for meaning in meanings) == ["repeated", "repeated", "repeated", "take"]
    assert (await world.events(case)).count("fee-paid") == 1
    assert len(await world.commands()) == 3


async def test_a_repetition_waits_for_nobody(world: World) -> None:
    """A cashier that repeats its calls to a slow hub would make it slower still, if each waited for a lock."""
    _, payment = await begun(world)
    await world.payments.money_arrived(payment.number, 900, world.clock.now())

    async with world.database.transaction() as session:
        await session.exec(select(PaymentRow).where(col(PaymentRow.number) == payment.number).with_for_update())
        async with asyncio.timeout(5):
            meaning = await world.payments.money_arrived(payment.number, 900, world.clock.now())

    assert meaning is Arrival.REPEATED


async def test_a_wrong_amount_is_not_taken(world: World) -> None:
    """The order stays as it was."""
    case, payment = await begun(world)

    assert await world.payments.money_arrived(payment.number, 899, world.clock.now()) is Arrival.WRONG_AMOUNT
    assert await state_of(world, case) is FeeState.PAYING


async def test_paying_again_gives_the_running_payment(world: World) -> None:
    """Pressing the button twice is no second payment; nor is another set of orders one of its own."""
    case, payment = await begun(world)
    other = await world.decided()
    order, second = f"FO-{case.receipt_number}-1", f"FO-{other.receipt_number}-1"

    assert await world.fees.pay_fees(ANNA, [order], None) == payment
    with pytest.raises(DomainError, match="being paid") as refused:
        await world.fees.pay_fees(ANNA, [order, second], None)
    assert refused.value.code is RuntimeCode.CONFLICT


async def test_several_orders_are_one_payment(world: World) -> None:
    """One cashier for all."""
    numbers = [f"FO-{(await world.decided()).receipt_number}-1" for _ in range(2)]

    payment = await world.fees.pay_fees(ANNA, numbers, "key")

    assert payment.amount_fen == 1800
    assert await world.fees.pay_fees(ANNA, list(reversed(numbers)), "key") == payment
    with pytest.raises(DomainError) as refused:
        await world.fees.pay_fees(ANNA, numbers[:1], "key")
    assert refused.value.code is RuntimeCode.IDEMPOTENCY_KEY_REUSED


async def test_only_own_orders_that_are_due_can_be_paid(world: World) -> None:
    """Another's order looks as if it were not there."""
    case, payment = await begun(world)
    order = f"FO-{case.receipt_number}-1"

    with pytest.raises(DomainError) as foreign:
        await world.fees.pay_fees(BO, [order], None)
    await world.payments.money_arrived(payment.number, 900, world.clock.now())
    with pytest.raises(DomainError) as paid:
        await world.fees.pay_fees(ANNA, [order], None)

    assert (foreign.value.code, paid.value.code) == (RuntimeCode.NOT_FOUND, RuntimeCode.CONFLICT)
    assert await world.fees.order(BO, order) is None


async def test_a_provider_that_is_away_is_asked_again_with_the_same_key(world: World) -> None:
    """Our decision is kept; one payment comes of it."""
    case = await world.decided()
    world.provider.is_away = True
    with pytest.raises(DomainError) as refused:
        await world.fees.pay_fees(ANNA, [f"FO-{case.receipt_number}-1"], None)
    world.provider.is_away = False

    await world.fees.pay_fees(ANNA, [f"FO-{case.receipt_number}-1"], None)

    assert refused.value.code is RuntimeCode.SERVICE_UNAVAILABLE
    assert len(world.provider.created) == 1


async def test_a_missing_callback_is_found_by_asking(world: World) -> None:
    """The cashier's call may never arrive."""
    case, payment = await begun(world)
    world.provider.states[payment.number] = ReportedState.PAID
    world.clock.move(seconds=6)

    await world.payments.poll()

    assert await state_of(world, case) is FeeState.PAID


async def test_an_ended_session_makes_the_order_due_again_and_late_money_is_taken(world: World) -> None:
    """Thirty minutes later nobody pays; an hour later the money comes after all."""
    case, payment = await begun(world)
    world.clock.move(minutes=31)
    world.provider.states[payment.number] = ReportedState.EXPIRED
    await world.payments.poll()
    assert await state_of(world, case) is FeeState.DUE

    world.provider.states[payment.number] = ReportedState.PAID
    world.clock.move(minutes=30)
    await world.payments.poll()

    assert await state_of(world, case) is FeeState.PAID


async def test_money_for_what_was_paid_meanwhile_is_to_be_refunded(world: World) -> None:
    """Two payments for one order: the second is nobody's debt."""
    case, first = await begun(world)
    world.clock.move(minutes=31)
    second = await world.fees.pay_fees(ANNA, [f"FO-{case.receipt_number}-1"], None)
    assert second.number != first.number

    meanings = [
        await world.payments.money_arrived(payment.number, 900, world.clock.now()) for payment in (second, first)
    ]

    assert meanings == [Arrival.TAKE, Arrival.REFUND]
    assert (await world.events(case)).count("fee-paid") == 1


async def test_an_unpaid_fee_lapses_with_its_case_after_sixty_days(world: World) -> None:
    """The case says why it ended."""
    case = await world.decided()
    world.clock.move(days=59)
    await world.deadlines.lapse_unpaid()
    assert (await world.read(case)).state is CaseState.APPROVED

    world.clock.move(days=1)
    await world.deadlines.lapse_unpaid()

    lapsed = await world.read(case)
    assert lapsed.state is CaseState.LAPSED
    assert "was not paid" in (lapsed.reason or "")
    assert await state_of(world, case) is FeeState.EXPIRED


async def test_an_unknown_payment_is_nothing_of_ours(world: World) -> None:
    """Whoever signs it: there is no such payment."""
    assert await world.payments.money_arrived("P-none", 1, world.clock.now()) is None


async def test_forgetting_keeps_what_is_promised(world: World) -> None:
    """Doubles are recognised for thirty days; the truth is never deleted."""
    case = await world.cases.submit_case(ANNA, replace(FREE, idempotency_key="once"))
    event = world.event(case, "jiyi.case.accepted")
    await world.deliver(event)
    world.clock.move(days=29)

    await world.deadlines.forget()

    assert await world.deliver(event) == "acknowledged"
    assert await world.events(case) == ["submitted", "accepted"]
    assert (await world.cases.submit_case(ANNA, replace(FREE, idempotency_key="once"))).id == case.id
