"""The fees of two departments in one payment: held until the checks have passed, or taken before the hold ends.

Where one department refuses after that, its part goes back and the other's stays.

Read at every door: the citizen's graph, the cashier, finance, and the books of who keeps the fees.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub.demo.joint.offices import FIRE, instruct, patient
from hub.demo.places import CASHIER
from hub.demo.road import Road, expect_equal
from hub.demo.waiting import wait_for
from schema.domain.receipt_number import SHANGHAI

FIRE_PAYEE, HYGIENE_PAYEE = "110102-JC", "110102-WJ"
FIRE_FEE_FEN = 24_000
"""For the test of the fire equipment, by the area of the form: paid back where the check is not passed."""
HYGIENE_FEE_FEN = 60_000
"""For the test of hygiene: kept once the test was made."""
SHORT_HOLD_SECONDS = 3600
OWED = {FIRE_PAYEE: FIRE_FEE_FEN, HYGIENE_PAYEE: HYGIENE_FEE_FEN}
FEES = """query Fees($id: ID!) { case(id: $id) { fees {
  number name state amountFen refundedFen holdEndsAt payee { code } settlement { receiptNumber amountFen }
  receipts { number amountFen isReversal } refunds { id amountFen ground state } } } }"""
PAY = """mutation Pay($orders: [ID!]!, $key: String!) {
  payFees(orders: $orders, idempotencyKey: $key) { number amountFen payUrl orders } }"""
BOOKS = "{ feeBooks { accounts { name balanceFen } problems } }"
RECONCILE = """mutation Reconcile($day: Date!) { reconcilePayments(day: $day) {
  differences { kind movement number here there } } }"""


async def hold(road: Road) -> None:
    """One payment for both; pressed twice it is one. What is not decided yet is held; nothing of it is taken."""
    payment = await press(road)
    held = await wait_for("both fees are held or taken", lambda: _paid_for(road), patient(road))
    fire = held[FIRE_PAYEE]
    told = (fire["state"], bool(fire["holdEndsAt"]), fire["receipts"], fire["settlement"])
    expect_equal(told, ("AUTHORISED", True, [], None), "the fee of a check that has not passed yet")
    await instruct(road, FIRE, "approved")
    road.answers["held"] = {"payment": payment, "fees": list(held.values())}


async def taken(road: Road) -> None:
    """With the approvals: each part once, settled with its department and receipted; nothing is held any more."""
    paid = await wait_for("both fees are taken, settled and receipted", lambda: _settled(road), patient(road))
    number = road.found["payment"]["number"]
    told = await _at_cashier(road, number)
    expect_equal((told["state"], told["capturedFen"]), ("captured", sum(OWED.values())), "the hold at the cashier")
    acts = [each for each in (await _cashier(road))["holds"] if each["paymentNumber"] == number]
    made = sorted((each["act"], each["state"], each["amountFen"]) for each in acts)
    expect_equal(made, sorted(("capture", "done", fen) for fen in OWED.values()), "what was done with the hold")
    await _check_books(road, OWED)
    road.answers["taken"] = list(paid.values())


async def pay_at_once(road: Road) -> None:
    """The payer's bank holds for an hour only: what the check goes on for is taken before that."""
    door = f"{road.door(CASHIER)}/__holds"
    await road.client.json(door, "POST", {"seconds": SHORT_HOLD_SECONDS})
    payment = await press(road)
    await road.client.json(door, "DELETE")
    paid = await wait_for("both fees are taken, settled and receipted", lambda: _settled(road), patient(road))
    told = await _at_cashier(road, payment["number"])
    expect_equal((told["state"], told["capturedFen"]), ("captured", sum(OWED.values())), "the hold at the cashier")
    road.answers["paid"] = {"payment": payment, "fees": list(paid.values())}


async def press(road: Road) -> dict[str, Any]:
    """One payment for both, begun twice and made once at the cashier."""
    road.found["books"] = await _balances(road)
    due = await wait_for("the fees of two departments are due", lambda: _fees_in(road, "DUE"), patient(road))
    expect_equal({payee: fee["amountFen"] for payee, fee in due.items()}, OWED, "what is owed to whom, in fen")
    numbers = sorted(fee["number"] for fee in due.values())
    asked = {"orders": numbers, "key": f"fees-{road.found['case']['id']}"}
    payment: dict[str, Any] = (await road.client.data(PAY, asked, road.token))["payFees"]
    again = (await road.client.data(PAY, asked, road.token))["payFees"]
    expect_equal(again["number"], payment["number"], "the same payment begun twice")
    expect_equal(payment["amountFen"], sum(OWED.values()), "the amount of the one payment, in fen")
    await road.client.page(payment["payUrl"], {}, follow=False)
    begun = [each for each in (await _cashier(road))["payments"] if _orders(each) & set(numbers)]
    told = [(each["number"], _orders(each)) for each in begun]
    expect_equal(told, [(payment["number"], set(numbers))], "payments at the cashier")
    road.found["payment"] = payment
    return payment


async def part_returned(road: Road) -> None:
    """The refusing department's part alone went back, once: by graph, receipts, cashier, and the books."""
    fees = await wait_for("the refund is made and has its receipt", lambda: _returned(road), patient(road))
    states = {payee: (fee["state"], fee["refundedFen"]) for payee, fee in fees.items()}
    expected = {FIRE_PAYEE: ("REFUNDED", FIRE_FEE_FEN), HYGIENE_PAYEE: ("PAID", 0)}
    expect_equal(states, expected, "what went back, in fen")
    receipts = {payee: sorted(each["amountFen"] for each in fee["receipts"]) for payee, fee in fees.items()}
    expected_receipts = {FIRE_PAYEE: [-FIRE_FEE_FEN, FIRE_FEE_FEN], HYGIENE_PAYEE: [HYGIENE_FEE_FEN]}
    expect_equal(receipts, expected_receipts, "receipts, in fen")
    refund = fees[FIRE_PAYEE]["refunds"]
    expect_equal([(each["ground"], each["state"]) for each in refund], [("NO_RESULT", "DONE")], "the refund")
    made = [each for each in (await _cashier(road))["refunds"] if each["key"] == refund[0]["id"]]
    expect_equal([(each["state"], each["amountFen"]) for each in made], [("done", FIRE_FEE_FEN)], "at the cashier")
    await _check_books(road, {HYGIENE_PAYEE: HYGIENE_FEE_FEN})
    road.answers["part returned"] = list(fees.values())


async def is_held(road: Road) -> bool | None:
    """Whether the fire check's fee is held and not taken."""
    return True if (await _fees(road))[FIRE_PAYEE]["state"] == "AUTHORISED" else None


async def part_released(road: Road) -> None:
    """Of one hold the test that was made is taken, the check that was not is let go: nothing is paid back."""
    fees = await wait_for("what was held is let go", lambda: _released(road), patient(road))
    receipts = {payee: [each["amountFen"] for each in fee["receipts"]] for payee, fee in fees.items()}
    expect_equal(receipts, {FIRE_PAYEE: [], HYGIENE_PAYEE: [HYGIENE_FEE_FEN]}, "receipts, in fen")
    expect_equal([fee["refunds"] for fee in fees.values()], [[], []], "refunds")
    told = await _at_cashier(road, road.found["payment"]["number"])
    sums = told["state"], told["capturedFen"], told["voidedFen"]
    expect_equal(sums, ("captured", HYGIENE_FEE_FEN, FIRE_FEE_FEN), "the hold at the cashier")
    await _check_books(road, {HYGIENE_PAYEE: HYGIENE_FEE_FEN})
    road.answers["part released"] = list(fees.values())


async def _check_books(road: Road, kept_fen: Mapping[str, int]) -> None:
    """By what they moved since before the payment; compared with the cashier's statement nothing differs.

    ``kept_fen`` is what each payee has of it.
    """
    before, after = road.found["books"], await _balances(road)
    moved = {name: fen - before.get(name, 0) for name, fen in after.items() if fen != before.get(name, 0)}
    kept = {"cashier": sum(kept_fen.values()), **{f"payee:{payee}": -fen for payee, fen in kept_fen.items()}}
    expect_equal(moved, kept, "what moved in the books, in fen")
    day = datetime.now(SHANGHAI).date().isoformat()
    compared = (await road.client.data(RECONCILE, {"day": day}, await _operator(road)))["reconcilePayments"]
    number = road.found["payment"]["number"]
    ours = [each for each in compared["differences"] if each["number"] == number]
    expect_equal(ours, [], "differences between the books and the cashier's statement")


async def _fees(road: Road) -> dict[str, dict[str, Any]]:
    """The case's fees, by payee."""
    found = await road.client.data(FEES, {"id": road.found["case"]["id"]}, road.token)
    return {fee["payee"]["code"]: fee for fee in found["case"]["fees"]}


async def _fees_in(road: Road, state: str) -> dict[str, dict[str, Any]] | None:
    fees = await _fees(road)
    return fees if len(fees) == len(OWED) and {fee["state"] for fee in fees.values()} == {state} else None


async def _paid_for(road: Road) -> dict[str, dict[str, Any]] | None:
    fees = await _fees(road)
    return fees if {fee["state"] for fee in fees.values()} <= {"AUTHORISED", "CAPTURING", "PAID"} else None


async def _settled(road: Road) -> dict[str, dict[str, Any]] | None:
    fees = await _fees_in(road, "PAID")
    if fees is None or not all(fee["settlement"] and fee["receipts"] for fee in fees.values()):
        return None
    settled = {payee: fee["settlement"]["amountFen"] for payee, fee in fees.items()}
    expect_equal(settled, OWED, "what finance settled with whom, in fen")
    return fees


async def _returned(road: Road) -> dict[str, dict[str, Any]] | None:
    fees = await _fees(road)
    is_done = fees[FIRE_PAYEE]["state"] == "REFUNDED" and len(fees[FIRE_PAYEE]["receipts"]) > 1
    return fees if is_done else None


async def _released(road: Road) -> dict[str, dict[str, Any]] | None:
    fees = await _fees(road)
    is_taken = fees[HYGIENE_PAYEE]["state"] == "PAID" and fees[HYGIENE_PAYEE]["receipts"]
    return fees if fees[FIRE_PAYEE]["state"] == "VOIDED" and is_taken else None


async def _cashier(road: Road) -> dict[str, Any]:
    found: dict[str, Any] = await road.client.json(f"{road.door(CASHIER)}/__records")
    return found


async def _at_cashier(road: Road, number: str) -> dict[str, Any]:
    found: dict[str, Any] = await road.client.json(f"{road.door(CASHIER)}/payments/{number}")
    return found


def _orders(payment: dict[str, Any]) -> set[str]:
    return {order["number"] for order in payment["orders"]}


async def _balances(road: Road) -> dict[str, int]:
    books = (await road.client.data(BOOKS, token=await _operator(road)))["feeBooks"]
    expect_equal(books["problems"], [], "what does not add up in the books")
    return {each["name"]: int(each["balanceFen"]) for each in books["accounts"]}


async def _operator(road: Road) -> str:
    return await road.client.operator_token(road.stack.places.operator_secret)
