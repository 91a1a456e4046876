"""Fees of several departments, and money that goes back: by itself, once, in part; domain.md 5 and 9.8."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hub.fees.books import read_books
from hub.fees.fees import Payment
from hub.fees.payment_provider import RefundReport
from hub.notices.notices import Notices
from schema.domain.case import Case, CaseState
from schema.domain.fee import FeeState
from schema.domain.payment import Arrival
from schema.domain.refund import Refund, RefundGround, RefundState
from schema.errors import DomainError, RuntimeCode
from tests.hub.fee_item import SURVEY, accepted, forget, offer, orders, pay
from tests.hub.joint_item import FIRE, LEAD, REFUSAL, RESTAURANT
from tests.hub.officers import HANNA, STRANGER, SUPERVISOR
from tests.hub.test_joint_cases import TAKEN, outcome
from tests.hub.world import ANNA, BO, OPERATOR, World, citizen

pytestmark = pytest.mark.usefixtures("offered")
ON_SQLITE = pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
"""What does not depend on the database's locks."""


@pytest.fixture
async def offered(world: World) -> AsyncIterator[None]:
    await offer(world.database)
    yield
    async with world.database.reading() as session:
        assert (await read_books(session)).problems == ()
    await forget(world.database)


async def balances(world: World) -> dict[str, int]:
    async with world.database.reading() as session:
        return {each.name: each.balance_fen for each in (await read_books(session)).accounts if each.balance_fen}


async def refunds(world: World, case: Case) -> list[Refund]:
    numbers = [each.number for each in (await world.fees.orders_of_cases((case.id,)))[case.id]]
    return [each for found in (await world.refunds.of_orders(numbers)).values() for each in found]


@ON_SQLITE
async def test_fees_are_data_due_when_they_say_and_go_to_whom_they_say(world: World) -> None:
    """One on acceptance, one for each copy on approval, one of another payee; the result follows the last."""
    case = await accepted(world)
    assert await orders(world, case) == {"FILING": "DUE"}
    await world.says(case, "jiyi.case.review-started")
    await world.says(case, "jiyi.case.decided", decision="approved")
    assert await orders(world, case) == {"FILING": "DUE", "PRINT": "DUE", "STAMP": "DUE"}

    await pay(world, case)

    assert (await world.read(case)).state is CaseState.COMPLETED
    assert await balances(world) == {"cashier": 1800, "payee:110102-MZ": -1700, "payee:110102-CZ": -100}
    settled = [
        each["input"]["amountFen"] for each in await world.commands() if each["operation"] == "SettleFeeOrder"
    ]
    assert settled == [300, 1400, 100]


@ON_SQLITE
async def test_a_waived_fee_is_not_asked_for(world: World) -> None:
    """The ground stands in the item, the answer in the form."""
    case = await accepted(world, replace(SURVEY, form={"copies": 1, "hardship": True}))
    await world.says(case, "jiyi.case.review-started")
    await world.says(case, "jiyi.case.decided", decision="approved")
    assert set(await orders(world, case)) == {"FILING", "PRINT"}


async def test_a_denied_case_pays_back_by_itself_and_calls_off_what_is_owed(world: World) -> None:
    """Decided with the denial, made by the provider, told once however often it answers."""
    case = await accepted(world)
    await pay(world, case)
    await world.says(case, "jiyi.case.review-started")
    await world.says(case, "jiyi.case.decided", decision="denied", reason="not yours", remedy="appeal")
    assert await orders(world, case) == {"FILING": "REFUNDING"}
    [refund] = await refunds(world, case)
    assert (refund.amount_fen, refund.ground, refund.ordered_by) == (300, RefundGround.NO_RESULT, None)

    await world.refunds.step()
    repeated = RefundReport(refund.id, RefundState.DONE, 300, world.clock.now())
    assert await asyncio.gather(*(world.refunds.reported(repeated) for _ in range(3))) == [False] * 3

    assert await orders(world, case) == {"FILING": "REFUNDED"}
    assert await balances(world) == {}
    assert len(world.provider.refunds) == 1
    assert (await world.events(case))[-3:] == ["denied", "fee-refund-ordered", "fee-refunded"]


async def two_of_which_one_ended(world: World) -> tuple[Case, Payment]:
    """A payment for the fees of two cases, of which one is withdrawn meanwhile; and the other case."""
    withdrawn, case = await accepted(world), await accepted(world)
    numbers = [f"FO-{each.receipt_number}-1" for each in (withdrawn, case)]
    payment = await world.fees.pay_fees(ANNA, numbers, "both")
    await world.applicant.withdraw(ANNA, withdrawn.id, None)
    assert (await orders(world, withdrawn), await orders(world, case)) == (
        {"FILING": "CANCELLED"},
        {"FILING": "PAYING"},
    )
    return case, payment


async def test_what_is_still_owed_can_be_paid_once_the_money_for_all_went_back(world: World) -> None:
    """One fee of a payment ended while it was paid: all of its money goes back, and the other is due again."""
    case, payment = await two_of_which_one_ended(world)

    arrived = await world.payments.money_arrived(payment.number, 600, world.clock.now())

    assert arrived is Arrival.REFUND
    assert await orders(world, case) == {"FILING": "DUE"}
    await pay(world, case)
    assert await orders(world, case) == {"FILING": "PAID"}


@ON_SQLITE
async def test_a_payment_that_cannot_be_taken_any_more_holds_nothing_up(world: World) -> None:
    """Nobody is told to complete a payment whose money would only go back."""
    case, payment = await two_of_which_one_ended(world)

    again = await world.fees.pay_fees(ANNA, [f"FO-{case.receipt_number}-1"], "one")
    told = ((payment.number, 600), (again.number, 300))
    meanings = [await world.payments.money_arrived(*each, world.clock.now()) for each in told]

    assert meanings == [Arrival.REFUND, Arrival.TAKE]


@ON_SQLITE
async def test_finance_reads_of_each_refund_and_the_payer_of_what_came_back(world: World) -> None:
    """Article 17: whoever keeps the cashier's books learns also of what the provider does not pay back."""
    case = await accepted(world)
    await pay(world, case)
    order = f"FO-{case.receipt_number}-1"
    done = await world.refunds.order(OPERATOR, order, 100, "too much")
    await world.refunds.step()
    refused = await world.refunds.order(OPERATOR, order, 50, "too much")
    world.provider.refund_states[refused.id] = RefundState.REFUSED
    await world.refunds.step()
    repeated = RefundReport(done.id, RefundState.DONE, 100, world.clock.now())
    await world.refunds.reported(repeated)
    notices = Notices(world.database, world.clock)
    kept = {who.subject: await notices.of(who) for who in (STRANGER, ANNA, HANNA)}
    told = {who: [each.text_en for each in found if each.kind == "REFUND"] for who, found in kept.items()}

    back = f"Fee order {order}: 1.00 CNY were refunded."
    lost = f"Fee order {order}: 0.50 CNY were not refunded: no such account. See to it on the page of fees."
    assert told == {"stranger": [lost, back], "anna": [back], "hanna": []}


@ON_SQLITE
async def test_an_owed_fee_of_a_withdrawn_case_is_called_off_and_its_money_sent_back(world: World) -> None:
    """Whoever pays all the same, since the page stood open, has it back without asking."""
    case = await accepted(world)
    payment = await world.fees.pay_fees(ANNA, [f"FO-{case.receipt_number}-1"], None)
    await world.applicant.withdraw(ANNA, case.id, None)
    assert await orders(world, case) == {"FILING": "CANCELLED"}

    assert await world.payments.money_arrived(payment.number, 300, world.clock.now()) is Arrival.REFUND
    assert await balances(world) == {"cashier": 300, "refunds": -300}
    assert await world.refunds.step() == 1
    assert await world.refunds.step() == 0

    assert await balances(world) == {}
    assert "fee-paid" not in await world.events(case)


async def test_the_refusing_departments_part_goes_back_the_others_stays(world: World) -> None:
    """One payment for two departments: one refuses, its fee goes back; the other has done its work (9.8)."""
    case = await world.cases.submit_case(ANNA, RESTAURANT)
    for department, code in ((LEAD, "business"), (FIRE, "fire")):
        await world.says(case, "jiyi.sub-case.accepted", department, subCase=code)
    assert await orders(world, case) == {"BUSINESS": "DUE", "FIRE": "DUE"}
    await pay(world, case)
    licence = {"number": "N-1", "issuerCode": "110102-SJ"}
    await world.says(case, "jiyi.sub-case.decided", LEAD, subCase="business", decision="approved", licence=licence)
    await world.says(case, "jiyi.sub-case.decided", FIRE, subCase="fire", **REFUSAL)

    await world.refunds.step()

    assert (await world.read(case)).state is CaseState.DENIED
    assert await orders(world, case) == {"BUSINESS": "PAID", "FIRE": "REFUNDED"}
    assert await balances(world) == {"cashier": 1000, "payee:110102-SJ": -1000}


@ON_SQLITE
async def test_an_officer_sends_a_part_back_once(world: World) -> None:
    """With a reason, under a key: the same again is the same refund, another under it an error of its own."""
    case = await accepted(world)
    await pay(world, case)
    number = f"FO-{case.receipt_number}-1"

    first = await world.refunds.order(HANNA, number, 100, "charged too much", "k")
    assert await world.refunds.order(HANNA, number, 100, "charged too much", "k") == first
    with pytest.raises(DomainError) as reused:
        await world.refunds.order(HANNA, number, 50, "charged too much", "k")
    with pytest.raises(DomainError) as too_much:
        await world.refunds.order(HANNA, number, 201, "more")
    await world.refunds.step()
    rest = await world.refunds.order(OPERATOR, number, None, "all of it")

    assert reused.value.code is RuntimeCode.IDEMPOTENCY_KEY_REUSED
    assert too_much.value.code is RuntimeCode.CONFLICT
    assert rest.amount_fen == 200
    assert await orders(world, case) == {"FILING": "REFUNDING"}
    await world.refunds.step()
    assert await orders(world, case) == {"FILING": "REFUNDED"}


async def test_two_officers_at_once_do_not_refund_twice(world: World) -> None:
    """The second finds nothing left."""
    case = await accepted(world)
    await pay(world, case)
    number = f"FO-{case.receipt_number}-1"

    ends = await asyncio.gather(
        *(world.refunds.order(OPERATOR, number, None, "all of it") for _ in range(4)), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in ends) == ["DomainError"] * 3 + ["Refund"]


@pytest.mark.parametrize(
    "actor", [ANNA, BO, STRANGER, SUPERVISOR, citizen("hanna")], ids=lambda each: each.subject
)
@ON_SQLITE
async def test_nobody_else_refunds(world: World, actor: object) -> None:
    """Not the payer, not another, not an officer of another department; it looks as if it were not there."""
    case = await accepted(world)
    await pay(world, case)
    if actor is STRANGER:
        actor = replace(STRANGER, department="transport")
    with pytest.raises(DomainError) as refused:
        await world.refunds.order(actor, f"FO-{case.receipt_number}-1", None, "mine")  # type: ignore[arg-type]
    assert refused.value.code is RuntimeCode.NOT_FOUND
    with pytest.raises(DomainError):
        await world.refunds.list(actor, None, 10)  # type: ignore[arg-type]


@ON_SQLITE
async def test_a_refund_that_the_provider_refuses_leaves_the_money_where_it_was(world: World) -> None:
    """An officer sees it and may try again."""
    case = await accepted(world)
    await pay(world, case)
    refund = await world.refunds.order(OPERATOR, f"FO-{case.receipt_number}-1", None, "all of it")
    world.provider.refund_states[refund.id] = RefundState.REFUSED

    await world.refunds.step()

    [ended] = await world.refunds.list(OPERATOR, RefundState.REFUSED, 10)
    assert (ended.id, ended.refusal) == (refund.id, "no such account")
    assert await orders(world, case) == {"FILING": "PAID"}
    assert await balances(world) == {"cashier": 300, "payee:110102-MZ": -300}


@ON_SQLITE
async def test_what_the_provider_would_not_pay_back_is_not_ordered_again_by_itself(world: World) -> None:
    """More happens to the case after that, and nothing of it fails; an officer sees to the money."""
    case = await world.cases.submit_case(ANNA, RESTAURANT)
    for department, code in ((LEAD, "business"), (FIRE, "fire")):
        await world.says(case, "jiyi.sub-case.accepted", department, subCase=code)
    await pay(world, case)
    licence = {"number": "N-1", "issuerCode": "110102-SJ"}
    await world.says(case, "jiyi.sub-case.decided", LEAD, subCase="business", decision="approved", licence=licence)
    await world.says(case, "jiyi.sub-case.decided", FIRE, subCase="fire", **REFUSAL)
    [refund] = await refunds(world, case)
    world.provider.refund_states[refund.id] = RefundState.REFUSED
    await world.refunds.step()

    assert [await outcome(world, case, code, TAKEN) for code in ("tax", "business")] == ["acknowledged"] * 2

    assert [each.state for each in await refunds(world, case)] == [RefundState.REFUSED]
    assert await orders(world, case) == {"BUSINESS": "PAID", "FIRE": "PAID"}


@ON_SQLITE
async def test_a_provider_that_is_away_or_at_work_is_asked_again_under_the_same_key(world: World) -> None:
    """With growing pauses, also after a restart: what is waited for stands in the table."""
    case = await accepted(world)
    await pay(world, case)
    refund = await world.refunds.order(OPERATOR, f"FO-{case.receipt_number}-1", None, "all of it")
    world.provider.is_away = True
    assert await world.refunds.step() == 1
    assert await world.refunds.step() == 0
    world.provider.is_away = False
    world.provider.refund_states[refund.id] = RefundState.ORDERED
    world.clock.move(seconds=6)
    assert await world.refunds.step() == 1
    world.provider.refund_states[refund.id] = RefundState.DONE
    world.clock.move(seconds=11)

    assert await world.refunds.step() == 1

    assert await orders(world, case) == {"FILING": "REFUNDED"}
    assert list(world.provider.refunds) == [refund.id]


@ON_SQLITE
async def test_a_refund_is_not_believed_with_another_amount_or_another_key(world: World) -> None:
    """A signed mistake moves no money either."""
    case = await accepted(world)
    await pay(world, case)
    refund = await world.refunds.order(OPERATOR, f"FO-{case.receipt_number}-1", None, "all of it")

    assert await world.refunds.reported(RefundReport(refund.id, RefundState.DONE, 299)) is False
    assert await world.refunds.reported(RefundReport("unknown", RefundState.DONE, 300)) is None

    assert (await world.fees.order(ANNA, f"FO-{case.receipt_number}-1")).state is FeeState.REFUNDING  # type: ignore[union-attr]
