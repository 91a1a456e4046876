"""A hold ends by itself: what is taken before that, and what becomes of what was not (domain.md, 9.8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schema.domain.hold import HoldAct, HoldGround
from schema.domain.payment import PaymentState
from tests.hub.fee_item import accepted, orders
from tests.hub.held_fees import balances, decided, hold, state_of, told
from tests.hub.world import OPERATOR, World

pytestmark = pytest.mark.usefixtures("offered_to_hold")
ON_SQLITE = pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
"""What does not depend on the database's locks."""


async def test_the_money_of_a_case_that_goes_on_is_taken_before_its_hold_ends(world: World) -> None:
    """The payer may not have it any more when the decision comes. Refused after that, it is paid back."""
    case = await accepted(world)
    await hold(world, case)
    world.clock.move(days=5, hours=23)
    assert await world.holds.take_before_end() == 0
    world.clock.move(hours=1)
    assert [await world.holds.take_before_end() for _ in range(2)] == [1, 0]
    await world.holds.step()

    assert await orders(world, case) == {"FILING": "PAID"}
    [command] = await world.holds.list(OPERATOR, None, 10)
    assert (command.act, command.ground) == (HoldAct.CAPTURE, HoldGround.HOLD_ENDS)
    early = "3.00 CNY were taken, since their hold was about to end. They are paid back if it is refused."
    assert await told(world) == [early]
    await decided(world, case, "denied")
    await world.refunds.step()
    assert await orders(world, case) == {"FILING": "REFUNDED"}
    assert (await balances(world), len(world.provider.refunds)) == ({}, 1)


@ON_SQLITE
async def test_a_refusal_while_the_money_is_being_taken_pays_it_back(world: World) -> None:
    """The provider was asked to take it before its hold ended, and the case is refused before it answers."""
    case = await accepted(world)
    await hold(world, case)
    world.clock.move(days=6)
    await world.holds.take_before_end()
    await decided(world, case, "denied")
    assert await orders(world, case) == {"FILING": "CAPTURING"}

    await world.holds.step()
    assert await orders(world, case) == {"FILING": "REFUNDING"}
    await world.refunds.step()

    assert await orders(world, case) == {"FILING": "REFUNDED"}
    assert await balances(world) == {}
    assert (await world.events(case))[-4:] == ["denied", "fee-captured", "fee-refund-ordered", "fee-refunded"]


@ON_SQLITE
async def test_a_hold_that_ended_before_it_was_taken_makes_the_fee_due_again(world: World) -> None:
    """After a week of standstill: nothing was taken, the applicant is told, and pays anew."""
    case = await accepted(world)
    first = await hold(world, case)
    world.clock.move(days=8)
    await world.holds.take_before_end()

    await world.holds.step()

    assert (await orders(world, case), await balances(world)) == ({"FILING": "DUE"}, {})
    assert await state_of(world, first) is PaymentState.VOIDED
    assert (await world.read(case)).has_to_pay
    lost = "the hold of 3.00 CNY has ended and nothing was taken. Please pay it again."
    assert await told(world) == [lost]
    await hold(world, case)
    await decided(world, case, "approved")
    await world.holds.step()
    assert (await orders(world, case))["FILING"] == "PAID"


@ON_SQLITE
async def test_what_was_lost_of_a_refused_case_is_owed_by_nobody(world: World) -> None:
    """The hold ended while it was being taken, and the case is refused: nothing to pay and nothing to pay back."""
    case = await accepted(world)
    await hold(world, case)
    world.clock.move(days=8)
    await world.holds.take_before_end()
    await decided(world, case, "denied")

    await world.holds.step()

    assert (await orders(world, case), await balances(world)) == ({"FILING": "VOIDED"}, {})


@ON_SQLITE
async def test_a_hold_that_ends_soon_is_taken_at_once(world: World) -> None:
    """A payer's bank that holds for a day or less holds too short for any check."""
    world.provider.hold_time = timedelta(days=1)
    case = await accepted(world)
    await hold(world, case)
    [command] = await world.holds.list(OPERATOR, None, 10)
    assert (command.act, command.ground) == (HoldAct.CAPTURE, HoldGround.HOLD_ENDS)
    await world.holds.step()
    assert await orders(world, case) == {"FILING": "PAID"}
