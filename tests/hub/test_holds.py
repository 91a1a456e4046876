"""Money that is held and taken only when the check passed (domain.md, 9.8), with a provider that can hold."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from hub.fees.hold_store import order_command
from hub.fees.payment_provider import HoldReport, ReportedState
from hub.tables.case import CaseRow
from hub.tables.fee import FeeOrderRow
from schema.domain.case import CaseState
from schema.domain.hold import HoldAct, HoldCommandState, HoldGround
from schema.domain.payment import Arrival, PaymentState
from schema.errors import DomainError, RuntimeCode
from tests.hub.fee_item import accepted, orders
from tests.hub.held_fees import LICENCE, balances, begin, decided, hold, settled, shared_case, state_of, told
from tests.hub.joint_item import FIRE, LEAD, REFUSAL
from tests.hub.officers import HANNA
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, OPERATOR, World

pytestmark = pytest.mark.usefixtures("offered_to_hold")
ON_SQLITE = pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
"""What does not depend on the database's locks."""


async def test_what_is_paid_before_the_decision_is_held_and_taken_with_the_approval(world: World) -> None:
    """No receipt, no settlement and no result before it is taken; then each of them, once."""
    case = await accepted(world)
    payment = await hold(world, case)

    number = f"FO-{case.receipt_number}-1"
    assert world.provider.created[next(iter(world.provider.created))].is_to_hold
    assert await orders(world, case) == {"FILING": "AUTHORISED"}
    assert await balances(world) == {"holds": 300, "pledged": -300}
    assert (settled(await world.commands()), await world.receipts.issue()) == ([], 0)
    assert not (await world.read(case)).has_to_pay

    await decided(world, case, "approved")
    assert await orders(world, case) == {"FILING": "CAPTURING", "PRINT": "DUE", "STAMP": "DUE"}
    assert await world.holds.step() == 1
    assert await world.holds.step() == 0

    assert (await orders(world, case))["FILING"] == "PAID"
    assert await state_of(world, payment) is PaymentState.PAID
    assert await balances(world) == {"cashier": 300, "payee:110102-MZ": -300}
    assert settled(await world.commands()) == [300]
    assert (await world.receipts.issue(), len((await world.receipts.of_orders([number]))[number])) == (1, 1)
    assert [each for each in await world.events(case) if each.startswith("fee-a") or "captured" in each] == [
        "fee-authorised",
        "fee-captured",
    ]


@ON_SQLITE
async def test_what_is_due_on_approval_is_taken_at_once(world: World) -> None:
    """The check has passed: nothing is to be waited for, and the provider is asked for a payment as ever."""
    case = await accepted(world)
    await hold(world, case)
    await decided(world, case, "approved")
    await world.holds.step()

    payment = await begin(world, case)
    await world.payments.money_arrived(payment.number, payment.amount_fen, world.clock.now())

    assert [each.is_to_hold for each in world.provider.created.values()] == [True, False]
    assert (await world.read(case)).state is CaseState.COMPLETED


@ON_SQLITE
async def test_a_result_waits_until_what_is_held_is_taken(world: World) -> None:
    """The applicant has done their part; the licence is ordered with the capture, not before."""
    case = await accepted(world)
    await hold(world, case)
    await decided(world, case, "approved")
    payment = await begin(world, case)
    await world.payments.money_arrived(payment.number, payment.amount_fen, world.clock.now())
    before = await world.read(case)
    assert (before.state, before.owes_fees, before.has_to_pay) == (CaseState.APPROVED, True, False)

    await world.holds.step()

    assert (await world.read(case)).state is CaseState.COMPLETED


@ON_SQLITE
async def test_each_part_of_a_hold_is_taken_when_its_own_work_is_done(world: World) -> None:
    """A fee for handling with its department's answer, one for the result not before the whole is granted."""
    case = await shared_case(world)
    await hold(world, case)
    for department, code in ((LEAD, "business"), (FIRE, "fire")):
        said = {"licence": LICENCE} if code == "business" else {}
        await world.says(case, "jiyi.sub-case.decided", department, subCase=code, decision="approved", **said)

    await world.holds.step()

    assert await orders(world, case) == {"BUSINESS": "PAID", "FIRE": "AUTHORISED"}
    assert await balances(world) == {
        "cashier": 1000,
        "payee:110102-SJ": -1000,
        "holds": 2000,
        "pledged": -2000,
    }


async def test_the_refusing_departments_part_is_let_go_and_the_others_is_taken(world: World) -> None:
    """One hold for two departments: the smaller part is captured, the rest voided, nothing is paid back (9.8)."""
    case = await shared_case(world)
    payment = await hold(world, case)
    said = {"subCase": "business", "decision": "approved", "licence": LICENCE}
    await world.says(case, "jiyi.sub-case.decided", LEAD, **said)
    await world.says(case, "jiyi.sub-case.decided", FIRE, subCase="fire", **REFUSAL)

    assert await world.holds.step() == 2

    assert (await world.read(case)).state is CaseState.DENIED
    assert await orders(world, case) == {"BUSINESS": "PAID", "FIRE": "VOIDED"}
    assert await balances(world) == {"cashier": 1000, "payee:110102-SJ": -1000}
    assert sorted((each.act, each.amount_fen) for each in world.provider.acts.values()) == [
        (HoldAct.CAPTURE, 1000),
        (HoldAct.VOID, 2000),
    ]
    assert (settled(await world.commands()), world.provider.refunds) == ([1000], {})
    assert await state_of(world, payment) is PaymentState.PAID


@pytest.mark.parametrize("end", ["denied", "withdrawn"])
async def test_a_case_that_ends_without_a_result_lets_its_money_go(world: World, end: str) -> None:
    """Nothing was taken, so nothing is refunded and there is no receipt."""
    case = await accepted(world)
    payment = await hold(world, case)
    if end == "denied":
        await decided(world, case, "denied")
    else:
        await world.applicant.withdraw(ANNA, case.id, None)
    assert await orders(world, case) == {"FILING": "VOIDING"}

    await world.holds.step()

    assert await orders(world, case) == {"FILING": "VOIDED"}
    assert await balances(world) == {}
    assert (await world.events(case))[-3:] == [end, "fee-void-ordered", "fee-voided"]
    assert await state_of(world, payment) is PaymentState.VOIDED
    assert await told(world) == ["the hold of 3.00 CNY was released. Nothing was taken."]
    assert (await world.receipts.issue(), world.provider.refunds, settled(await world.commands())) == (0, {}, [])


async def test_calls_that_come_twice_late_and_out_of_order_have_their_effect_once(world: World) -> None:
    """Authorised is told after captured, captured after its double, voided of what was captured."""
    case = await accepted(world)
    payment = await begin(world, case)
    world.provider.states[payment.number] = ReportedState.AUTHORISED
    held = world.provider.holds(payment.number)
    world.clock.move(seconds=6)
    await world.payments.poll()  # the call is late: what it says was found by asking
    await decided(world, case, "approved")
    [command] = await world.holds.list(OPERATOR, None, 10)
    captured = HoldReport(command.id, HoldAct.CAPTURE, HoldCommandState.DONE, 300, world.clock.now())

    told = await asyncio.gather(*(world.holds.reported(captured) for _ in range(3)))
    voided = HoldReport(command.id, HoldAct.VOID, HoldCommandState.DONE, 300, world.clock.now())
    late = [await world.payments.money_held(payment.number, 300, held), await world.holds.reported(voided)]

    assert (sorted(told, key=str), late) == ([False, False, True], [Arrival.REPEATED, False])
    assert await balances(world) == {"cashier": 300, "payee:110102-MZ": -300}
    assert settled(await world.commands()) == [300]
    assert await world.holds.step() == 0


@ON_SQLITE
async def test_a_capture_is_not_believed_with_another_amount_act_or_key(world: World) -> None:
    """A signed mistake takes no money either."""
    case = await accepted(world)
    payment = await hold(world, case)
    await decided(world, case, "approved")
    [command] = await world.holds.list(OPERATOR, None, 10)
    done, now = HoldCommandState.DONE, world.clock.now()

    assert await world.holds.reported(HoldReport(command.id, HoldAct.CAPTURE, done, 299, now)) is False
    assert await world.holds.reported(HoldReport(command.id, HoldAct.VOID, done, 300, now)) is False
    assert await world.holds.reported(HoldReport("unknown", HoldAct.CAPTURE, done, 300, now)) is None
    wrong = await world.payments.money_held(payment.number, 299, world.provider.holds(payment.number))
    assert wrong is Arrival.REPEATED
    assert (await orders(world, case))["FILING"] == "CAPTURING"


@ON_SQLITE
async def test_a_hold_of_another_amount_is_not_taken_note_of(world: World) -> None:
    """The order stays as it was."""
    case = await accepted(world)
    payment = await begin(world, case)
    held = world.provider.holds(payment.number)

    assert await world.payments.money_held(payment.number, 299, held) is Arrival.WRONG_AMOUNT
    assert await world.payments.money_held("P-none", 300, held) is None
    assert (await orders(world, case), await balances(world)) == ({"FILING": "PAYING"}, {})


@pytest.mark.postgresql
@pytest.mark.parametrize("made_url", ["postgresql"], indirect=True)
async def test_a_decision_and_a_capture_of_the_same_payment_do_not_wait_for_each_other(world: World) -> None:
    """One department's part is told to be taken while another's refusal is being written: neither is undone."""
    case = await shared_case(world)
    await hold(world, case)
    said = {"subCase": "business", "decision": "approved", "licence": LICENCE}
    await world.says(case, "jiyi.sub-case.decided", LEAD, **said)
    [command] = await world.holds.list(OPERATOR, None, 10)
    captured = HoldReport(command.id, HoldAct.CAPTURE, HoldCommandState.DONE, 1000, world.clock.now())
    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database()"
    )

    async with world.database.transaction() as session, asyncio.timeout(20):
        await session.get_one(CaseRow, case.id, with_for_update=True)
        told = asyncio.create_task(world.holds.reported(captured))
        connection = await session.connection()
        while not (await connection.execute(waiting)).scalar_one():  # noqa: ASYNC110 - it is told in no other way
            await asyncio.sleep(0.01)
        fire = await session.get_one(FeeOrderRow, f"FO-{case.receipt_number}-2", with_for_update=True)
        order_command(session, fire, HoldAct.VOID, HoldGround.NO_RESULT, world.clock.now())

    assert await told is True
    assert await orders(world, case) == {"BUSINESS": "PAID", "FIRE": "VOIDING"}


@ON_SQLITE
async def test_a_provider_that_is_away_or_at_work_is_asked_again_under_the_same_key(world: World) -> None:
    """With growing pauses, also after a restart: what is waited for stands in the table."""
    case = await accepted(world)
    await hold(world, case)
    await decided(world, case, "denied")
    world.provider.is_away = True
    assert (await world.holds.step(), await world.holds.step()) == (1, 0)
    world.provider.is_away = False
    [command] = await world.holds.list(OPERATOR, HoldCommandState.ORDERED, 10)
    world.provider.act_states[command.id] = HoldCommandState.ORDERED
    world.clock.move(seconds=6)
    assert await world.holds.step() == 1
    world.provider.act_states[command.id] = HoldCommandState.DONE
    world.clock.move(seconds=11)

    assert await world.holds.step() == 1

    assert await orders(world, case) == {"FILING": "VOIDED"}
    assert list(world.provider.acts) == [command.id]


@pytest.mark.parametrize("decision", ["approved", "denied"])
async def test_an_answer_that_is_lost_between_is_asked_for_again_and_done_once(
    world: World, decision: str
) -> None:
    """The provider has taken it, or let it go, and whoever asked died before noting it."""
    case = await accepted(world)
    await hold(world, case)
    await decided(world, case, decision)
    world.provider.loses_answers = True
    assert await world.holds.step() == 1
    world.provider.loses_answers = False
    world.clock.move(seconds=6)

    assert [await world.holds.step() for _ in range(2)] == [1, 0]

    assert len(world.provider.acts) == 1
    assert settled(await world.commands()) == ([300] if decision == "approved" else [])
    assert (await orders(world, case))["FILING"] == ("PAID" if decision == "approved" else "VOIDED")


@ON_SQLITE
async def test_money_that_is_held_when_nobody_owes_it_is_let_go_whole(world: World) -> None:
    """One fee of the payment ended meanwhile: the hold goes, and the other fee is due again."""
    withdrawn, case = await accepted(world), await accepted(world)
    payment = await begin(world, withdrawn, case)
    await world.applicant.withdraw(ANNA, withdrawn.id, None)

    held = world.provider.holds(payment.number)
    assert await world.payments.money_held(payment.number, 600, held) is Arrival.REFUND
    assert await balances(world) == {"holds": 600, "pledged": -600}
    await world.holds.step()

    assert await balances(world) == {}
    assert (await orders(world, withdrawn), await orders(world, case)) == (
        {"FILING": "CANCELLED"},
        {"FILING": "DUE"},
    )
    [command] = await world.holds.list(OPERATOR, None, 10)
    assert (command.order, command.ground, command.amount_fen) == (None, HoldGround.NOT_OWED, 600)


@ON_SQLITE
async def test_a_payer_whose_money_cannot_be_held_pays_at_once(world: World) -> None:
    """The provider was asked to hold and took it: as with one that cannot, it goes back if it is refused."""
    case = await accepted(world)
    payment = await begin(world, case)
    await world.payments.money_arrived(payment.number, 300, world.clock.now())
    assert await orders(world, case) == {"FILING": "PAID"}

    await decided(world, case, "denied")
    await world.refunds.step()

    assert (await orders(world, case), world.provider.acts) == ({"FILING": "REFUNDED"}, {})


@ON_SQLITE
async def test_a_provider_that_cannot_hold_is_never_asked_to(world: World) -> None:
    """What it is sent is what it was always sent."""
    world.provider.can_hold = False
    await begin(world, await accepted(world))
    assert [each.is_to_hold for each in world.provider.created.values()] == [False]


@ON_SQLITE
@pytest.mark.parametrize("actor", [ANNA, BO, HANNA], ids=lambda each: each.subject)
async def test_only_who_keeps_the_fees_sees_what_is_done_with_holds(world: World, actor: Any) -> None:
    """Not the payer, who has it with the fee; not another department."""
    with pytest.raises(DomainError) as refused:
        await world.holds.list(actor, None, 10)
    assert refused.value.code is RuntimeCode.FORBIDDEN


@ON_SQLITE
async def test_the_payer_sees_that_money_is_held_and_nobody_else(world: World) -> None:
    """Object by object: the order and the payment, until when, and that nothing was taken."""
    case = await accepted(world)
    await hold(world, case)
    graph = Graph(world)
    fees = "query F($id: ID!) { case(id: $id) { guidance { code } fees { state holdEndsAt paidAt } } }"
    payments = "{ myPayments { state holdEndsAt } }"
    ends = "2026-11-30T09:00:00+00:00"

    seen = (await graph.ask(fees, ANNA, id=case.id))["case"]
    assert seen["fees"] == [{"state": "AUTHORISED", "holdEndsAt": ends, "paidAt": None}]
    assert seen["guidance"]["code"] == "accepted"
    assert (await graph.ask(payments, ANNA))["myPayments"] == [{"state": "AUTHORISED", "holdEndsAt": ends}]
    assert (await graph.ask(payments, BO))["myPayments"] == []
    assert (await graph.ask(fees, BO, id=case.id))["case"] is None
    pays = "mutation P($orders: [ID!]!) { payFees(orders: $orders) { number } }"
    assert await graph.refused(pays, ANNA, orders=[f"FO-{case.receipt_number}-1"]) == ["CONFLICT"]
