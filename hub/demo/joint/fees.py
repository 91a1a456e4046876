"""The fees of two departments, paid in one payment; where one refuses, its part goes back and the other's stays.

Read at every door: the citizen's graph, the cashier, finance, and the books of who keeps the fees.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hub.demo.joint.offices import patient
from hub.demo.places import CASHIER
from hub.demo.road import Road, expect_equal
from hub.demo.waiting import wait_for
from schema.domain.receipt_number import SHANGHAI

FIRE_PAYEE, HYGIENE_PAYEE = "110102-JC", "110102-WJ"
FIRE_FEE_FEN = 24_000
"""For the test of the fire equipment, by the area of the form: paid back where the check is not passed."""
HYGIENE_FEE_FEN = 60_000
"""For the test of hygiene: kept once the test was made."""
OWED = {FIRE_PAYEE: FIRE_FEE_FEN, HYGIENE_PAYEE: HYGIENE_FEE_FEN}
FEES = """query Fees($id: ID!) { case(id: $id) { fees {
  number name state amountFen refundedFen payee { code } settlement { receiptNumber amountFen }
  receipts { number amountFen isReversal } refunds { id amountFen ground state } } } }"""
PAY = """mutation Pay($orders: [ID!]!, $key: String!) {
  payFees(orders: $orders, idempotencyKey: $key) { number amountFen payUrl orders } }"""
BOOKS = "{ feeBooks { accounts { name balanceFen } problems } }"
RECONCILE = """mutation Reconcile($day: Date!) { reconcilePayments(day: $day) {
  differences { kind movement number here there } } }"""


async def pay(road: Road) -> None:
    """One payment for both; pressed twice it is one; each department's part is settled and has its receipt."""
    road.found["books"] = await _balances(road)
    due = await wait_for("the fees of two departments are due", lambda: _fees_in(road, "DUE"), patient(road))
    expect_equal({payee: fee["amountFen"] for payee, fee in due.items()}, OWED, "what is owed to whom, in fen")
    numbers = sorted(fee["number"] for fee in due.values())
    asked = {"orders": numbers, "key": f"fees-{road.run}"}
    payment = (await road.client.data(PAY, asked, road.token))["payFees"]
    again = (await road.client.data(PAY, asked, road.token))["payFees"]
    expect_equal(again["number"], payment["number"], "the same payment begun twice")
    expect_equal(payment["amountFen"], sum(OWED.values()), "the amount of the one payment, in fen")
    await road.client.page(payment["payUrl"], {}, follow=False)
    paid = await wait_for("both fees are paid, settled and receipted", lambda: _settled(road), patient(road))
    taken = [each for each in (await _cashier(road))["payments"] if _orders(each) & set(numbers)]
    told = [(each["number"], each["state"], _orders(each)) for each in taken]
    expect_equal(told, [(payment["number"], "paid", set(numbers))], "payments at the cashier")
    road.found["payment"] = payment
    road.answers["paid"] = {"payment": payment, "fees": list(paid.values())}


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
    await _check_books(road)
    road.answers["part returned"] = list(fees.values())


async def _check_books(road: Road) -> None:
    """By what they moved since before the payment; compared with the cashier's statement nothing differs."""
    before, after = road.found["books"], await _balances(road)
    moved = {name: fen - before.get(name, 0) for name, fen in after.items() if fen != before.get(name, 0)}
    kept = {"cashier": HYGIENE_FEE_FEN, f"payee:{HYGIENE_PAYEE}": -HYGIENE_FEE_FEN}
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


async def _cashier(road: Road) -> dict[str, Any]:
    found: dict[str, Any] = await road.client.json(f"{road.door(CASHIER)}/__records")
    return found


def _orders(payment: dict[str, Any]) -> set[str]:
    return {order["number"] for order in payment["orders"]}


async def _balances(road: Road) -> dict[str, int]:
    books = (await road.client.data(BOOKS, token=await _operator(road)))["feeBooks"]
    expect_equal(books["problems"], [], "what does not add up in the books")
    return {each["name"]: int(each["balanceFen"]) for each in books["accounts"]}


async def _operator(road: Road) -> str:
    return await road.client.operator_token(road.stack.places.operator_secret)
