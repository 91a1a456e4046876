"""A day of holds against the provider's statement: each difference by its name, domain.md 9.8."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.fees.fees import Payment
from hub.notices.notices import Notices
from schema.domain.hold import HoldCommandState
from schema.domain.reconciliation import Movement, MovementKind
from tests.hub.fee_item import accepted, orders
from tests.hub.held_fees import LICENCE, begin, decided, hold, shared_case
from tests.hub.joint_item import FIRE, LEAD, REFUSAL
from tests.hub.officers import STRANGER
from tests.hub.own_graph import Graph
from tests.hub.world import OPERATOR, World

pytestmark = [
    pytest.mark.usefixtures("offered_to_hold"),
    pytest.mark.parametrize("made_url", ["sqlite"], indirect=True),
]


def key_of(world: World, payment: Payment) -> str:
    return next(each for each in world.provider.created if payment.number == f"P-{each[:8]}")


def authorisation(world: World, payment: Payment) -> Movement:
    key = key_of(world, payment)
    return Movement(MovementKind.AUTHORISATION, key, payment.number, payment.amount_fen, state="authorized")


async def reconciled(world: World, stated: list[Movement]) -> dict[str, Any]:
    world.provider.stated[:] = stated
    query = """mutation R($day: Date!) { reconcilePayments(day: $day) { movementsHere movementsThere amountHereFen
      amountThereFen differences { kind movement number state } } }"""
    found = await Graph(world).ask(query, OPERATOR, day="2026-11-23")
    answer: dict[str, Any] = found["reconcilePayments"]
    return answer


async def test_a_day_of_holds_captures_and_voids_is_balanced(world: World) -> None:
    """Only what was taken counts as money."""
    case = await shared_case(world)
    payment = await hold(world, case)
    said = {"subCase": "business", "decision": "approved", "licence": LICENCE}
    await world.says(case, "jiyi.sub-case.decided", LEAD, **said)
    await world.says(case, "jiyi.sub-case.decided", FIRE, subCase="fire", **REFUSAL)
    await world.holds.step()
    acts = [
        Movement(MovementKind(each.act), each.key, payment.number, each.amount_fen, state=f"{each.act}d".lower())
        for each in world.provider.acts.values()
    ]

    day = await reconciled(world, [authorisation(world, payment), *acts])

    assert day["differences"] == []
    assert (day["movementsHere"], day["movementsThere"]) == (3, 3)
    assert (day["amountHereFen"], day["amountThereFen"]) == (1000, 1000)


async def test_each_difference_about_holds_is_named(world: World) -> None:
    """Void missing, capture without a hold or unknown, doubled; a call that was missed is mended by asking."""
    denied, missed, taken = [await accepted(world) for _ in range(3)]
    let_go, unheard, kept = await hold(world, denied), await begin(world, missed), await hold(world, taken)
    await decided(world, denied, "denied")
    await world.holds.step()
    held = world.provider.holds(unheard.number)
    assert held.ends_at - held.authorised_at == timedelta(days=7)
    capture = MovementKind.CAPTURE

    day = await reconciled(
        world,
        [
            *(authorisation(world, each) for each in (let_go, unheard, kept)),
            Movement(capture, "strange", "P-strange", 5, state="captured"),
            Movement(capture, "unknown", kept.number, 300, state="captured"),
        ],
    )

    assert sorted((each["kind"], each["number"], each["state"]) for each in day["differences"]) == [
        ("CAPTURE_WITHOUT_HOLD", "P-strange", "OPEN"),
        ("MISSING_HERE", kept.number, "OPEN"),
        ("STATE_DIFFERS", unheard.number, "MENDED"),
        ("VOID_MISSING", let_go.number, "OPEN"),
    ]
    assert await orders(world, missed) == {"FILING": "AUTHORISED"}


async def test_a_hold_that_stays_open_after_the_decision_is_named(world: World) -> None:
    """The provider was told a day ago to let it go, and has not."""
    case = await accepted(world)
    payment = await hold(world, case)
    await decided(world, case, "denied")
    world.provider.is_away = True
    await world.holds.step()
    stated = [authorisation(world, payment)]
    assert (await reconciled(world, stated))["differences"] == []
    world.clock.move(days=1, seconds=1)
    assert [each["kind"] for each in (await reconciled(world, stated))["differences"]] == ["HOLD_LEFT"]


async def test_a_void_that_the_provider_refuses_is_told_to_finance(world: World) -> None:
    """Nothing will be taken; the hold ends by itself. Reconciliation names it until then."""
    case = await accepted(world)
    payment = await hold(world, case)
    await decided(world, case, "denied")
    [command] = await world.holds.list(OPERATOR, None, 10)
    world.provider.act_states[command.id] = HoldCommandState.REFUSED
    world.provider.acts[command.id] = None  # type: ignore[assignment]  # asked before
    await world.holds.step()

    assert await orders(world, case) == {"FILING": "VOIDED"}
    told = [each.text_en for each in await Notices(world.database, world.clock).of(STRANGER) if each.kind == "FEE"]
    assert [text.split(": ")[2] for text in told] == ["the hold has ended. See to it on the page of fees."]
    day = await reconciled(world, [authorisation(world, payment)])
    assert [(each["kind"], each["number"]) for each in day["differences"]] == [("HOLD_LEFT", payment.number)]
