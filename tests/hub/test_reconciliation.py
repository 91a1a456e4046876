"""The books of a day against the provider's statement, over the graph: each planted difference by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from hub.doors.signed_callback import CallbackFault
from hub.fees.payment_provider import ReportedState
from schema.domain.reconciliation import Movement, MovementKind
from tests.hub.fee_item import accepted, forget, offer, orders, pay
from tests.hub.officers import HANNA, STRANGER
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, OPERATOR, World

pytestmark = [
    pytest.mark.usefixtures("offered"),
    pytest.mark.parametrize("made_url", ["sqlite"], indirect=True),
]
DAY = "2026-11-23"
RECONCILE = """mutation R($day: Date!) { reconcilePayments(day: $day) { day isBalanced movementsHere movementsThere
  amountHereFen amountThereFen differences { id kind movement number here there state explanation } } }"""
EXPLAIN = (
    """mutation E($id: ID!) { explainDifference(id: $id, explanation: "charged by hand") { state explanation } }"""
)
BOOKS = "{ feeBooks { problems accounts { name balanceFen } } }"
KEEPERS = {
    "refunds": "{ refunds { id order amountFen reason } }",
    "reconciliations": "{ reconciliations { id } }",
    "books": BOOKS,
    "refused callbacks": "{ refusedCallbacks { count bodyDigest } }",
}


@pytest.fixture
async def offered(world: World) -> AsyncIterator[None]:
    await offer(world.database)
    yield
    await forget(world.database)


@pytest.fixture
def graph(world: World) -> Graph:
    return Graph(world)


async def paid(world: World) -> Movement:
    """A paid fee, as the provider's statement has it."""
    number = await pay(world, await accepted(world))
    key = next(each for each in world.provider.created if number == f"P-{each[:8]}")
    movement = Movement(MovementKind.PAYMENT, key, number, 300, state="paid")
    world.provider.stated.append(movement)
    return movement


async def test_a_day_in_order_is_balanced_and_the_books_say_where_the_money_is(world: World, graph: Graph) -> None:
    """Payments and refunds of both sides, and what each department is owed."""
    for _ in range(2):
        await paid(world)
    case = await accepted(world)
    await pay(world, case)
    key = list(world.provider.created)[-1]
    world.provider.stated.append(Movement(MovementKind.PAYMENT, key, f"P-{key[:8]}", 300, state="paid"))
    refund = await world.refunds.order(HANNA, f"FO-{case.receipt_number}-1", 100, "too much")
    await world.refunds.step()
    world.provider.stated.append(Movement(MovementKind.REFUND, refund.id, f"P-{key[:8]}", 100, state="refunded"))

    day = (await graph.ask(RECONCILE, OPERATOR, day=DAY))["reconcilePayments"]

    assert (day["isBalanced"], day["differences"]) == (True, [])
    assert [day[each] for each in ("movementsHere", "amountHereFen", "movementsThere", "amountThereFen")] == [
        4,
        800,
    ] * 2
    books = (await graph.ask(BOOKS, OPERATOR))["feeBooks"]
    assert books["problems"] == []
    assert {"name": "payee:110102-MZ", "balanceFen": -800} in books["accounts"]


async def test_each_planted_difference_is_named_and_what_was_missed_is_mended(world: World, graph: Graph) -> None:
    """A missing call is made up for by asking; the rest waits for an officer, whose word is kept."""
    moved = [await paid(world) for _ in range(4)]
    missed = await accepted(world)
    payment = await world.fees.pay_fees(ANNA, [f"FO-{missed.receipt_number}-1"], None)
    world.provider.states[payment.number] = ReportedState.PAID
    key = list(world.provider.created)[-1]
    lines = [
        moved[0],
        replace(moved[1], amount_fen=299),
        moved[2],
        moved[2],
        Movement(MovementKind.PAYMENT, "not ours", "P-strange", 700, state="paid"),
        Movement(MovementKind.PAYMENT, key, payment.number, 300, state="paid"),
    ]
    world.provider.stated[:] = lines

    day = (await graph.ask(RECONCILE, OPERATOR, day=DAY))["reconcilePayments"]

    found = {each["kind"]: each for each in day["differences"]}
    assert {kind: (each["number"], each["state"]) for kind, each in found.items()} == {
        "AMOUNT_DIFFERS": (moved[1].number, "OPEN"),
        "DOUBLED": (moved[2].number, "OPEN"),
        "MISSING_THERE": (moved[3].number, "OPEN"),
        "MISSING_HERE": ("P-strange", "OPEN"),
        "STATE_DIFFERS": (payment.number, "MENDED"),
    }
    assert (found["AMOUNT_DIFFERS"]["here"], found["AMOUNT_DIFFERS"]["there"]) == ("300 fen PAID", "299 fen paid")
    assert day["isBalanced"] is False
    assert await orders(world, missed) == {"FILING": "PAID"}

    said = (await graph.ask(EXPLAIN, OPERATOR, id=found["MISSING_HERE"]["id"]))["explainDifference"]
    assert said == {"state": "EXPLAINED", "explanation": "charged by hand"}
    assert await graph.refused(EXPLAIN, OPERATOR, id=found["MISSING_HERE"]["id"]) == ["CONFLICT"]
    again = (await graph.ask(RECONCILE, OPERATOR, day=DAY))["reconcilePayments"]["differences"]
    assert [(each["kind"], each["state"]) for each in again if each["state"] != "OPEN"] == [
        ("MISSING_HERE", "EXPLAINED")
    ]


async def test_the_worker_compares_each_day_once_it_is_over(world: World) -> None:
    """Days that it missed are made up for; two workers make one comparison."""
    reconciliations = world.fee_services.reconciliations
    assert await reconciliations.reconcile_past_days() == 1
    assert await reconciliations.reconcile_past_days() == 0
    world.clock.move(days=3)

    assert await reconciliations.reconcile_past_days() == 3

    days = [each.row.day.isoformat() for each in await reconciliations.newest(OPERATOR, 10)]
    assert sorted(days) == ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"]


@pytest.mark.parametrize("what", KEEPERS)
async def test_only_who_keeps_the_fees_sees_them(world: World, graph: Graph, what: str) -> None:
    """Not a citizen, not a handler of another department; finance's own and operators do."""
    await world.fee_services.callback_refusals.note(CallbackFault.FORGED, b"x")
    finance = replace(STRANGER, department="finance")
    for actor in (ANNA, BO, HANNA):
        assert await graph.refused(KEEPERS[what], actor) == ["FORBIDDEN"], actor
    for actor in (finance, OPERATOR):
        assert await graph.ask(KEEPERS[what], actor)


async def test_refused_callbacks_are_counted(world: World, graph: Graph) -> None:
    """A flood within a minute is one line, by its fault."""
    for _ in range(3):
        await world.fee_services.callback_refusals.note(CallbackFault.FORGED, b"x")
    await world.fee_services.callback_refusals.note(CallbackFault.UNSIGNED, b"y")
    seen = (await graph.ask("{ refusedCallbacks { fault count bodyDigest } }", OPERATOR))["refusedCallbacks"]
    assert [(each["fault"], each["count"]) for each in seen] == [("FORGED", 3), ("UNSIGNED", 1)]
    assert len(seen[0]["bodyDigest"]) == 64


async def test_a_payer_sees_their_payments_and_what_went_back_and_nobody_elses(world: World, graph: Graph) -> None:
    """Object by object: payment, order, refund."""
    case = await accepted(world)
    await pay(world, case)
    number = f"FO-{case.receipt_number}-1"
    await world.refunds.order(OPERATOR, number, 100, "too much")
    query = "{ myPayments { number state orders amountFen } }"
    [payment] = (await graph.ask(query, ANNA))["myPayments"]
    assert (payment["state"], payment["orders"], payment["amountFen"]) == ("PAID", [number], 300)
    assert (await graph.ask(query, BO))["myPayments"] == []
    fees = "query F($id: ID!) { case(id: $id) { fees { refundedFen refunds { amountFen reason state } } } }"
    seen: Any = (await graph.ask(fees, ANNA, id=case.id))["case"]["fees"][0]
    assert seen["refunds"] == [{"amountFen": 100, "reason": "too much", "state": "ORDERED"}]
    assert (await graph.ask(fees, BO, id=case.id))["case"] is None
    pays = "mutation P($orders: [ID!]!) { payFees(orders: $orders) { number } }"
    assert await graph.refused(pays, BO, orders=[number]) == ["NOT_FOUND"]
    back = 'mutation R($order: ID!) { refundFee(order: $order, reason: "mine") { id } }'
    assert [await graph.refused(back, actor, order=number) for actor in (ANNA, BO)] == [["NOT_FOUND"]] * 2
