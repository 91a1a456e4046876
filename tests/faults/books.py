"""What must be true after a journey, read at every door that knows of it: once each, and none lost."""

from __future__ import annotations

from typing import Any

from hub.demo.places import CASHIER
from hub.demo.road import Road
from hub.demo.stack import QUEUE_DEPARTMENT
from hub.demo.steps.case import ITEM
from hub.demo.steps.rating import SUMMARY
from tests.faults.journey import LICENCES, STARS, Journey, persist

EVENTS = [
    "submitted",
    "accepted",
    "review-started",
    "approved",
    "fee-ordered",
    "fee-paid",
    "licence-ordered",
    "licence-issued",
    "completed",
]
CASES = "{ me { cases { receiptNumber } } }"
LEFT_OVER = "{ queues { name ready unacknowledged } deadLetters { queue type reason } }"


async def check_books(journey: Journey, ratings_before: int) -> None:
    """Every door tells of one case, one payment, one settlement, one licence, one rating."""
    road, case = journey.road, await journey.case()
    _check_case(case)
    await _check_department(road, case)
    await _check_money(road, case)
    cases = (await road.client.data(CASES, token=road.token))["me"]["cases"]
    listed = [each["receiptNumber"] for each in cases]
    assert listed.count(case["receiptNumber"]) == 1, f"the citizen's cases: {listed}"
    assert len(listed) == len(set(listed)), f"a case stands twice: {listed}"
    licences = [each["number"] for each in (await road.client.data(LICENCES, token=road.token))["me"]["licences"]]
    assert licences.count(case["licenceNumber"]) == 1, f"{case['licenceNumber']} among {licences}"
    assert await count_ratings(road) == ratings_before + 1, "ratings of the item"
    await persist("the queues come to rest", lambda: _is_at_rest(road))


async def count_ratings(road: Road) -> int:
    """How often the item was rated."""
    data = await road.client.data(SUMMARY, {"code": ITEM})
    return int(data["serviceItem"]["rating"]["count"])


def _check_case(case: dict[str, Any]) -> None:
    assert case["state"] == "COMPLETED"
    assert [event["version"] for event in case["events"]] == list(range(1, case["version"] + 1)), "versions"
    assert [event["type"] for event in case["events"]] == EVENTS, "each event once and in order"
    assert [fee["state"] for fee in case["fees"]] == ["PAID"], "one fee, paid"
    assert case["rating"] == {"stars": STARS}


async def _check_department(road: Road, case: dict[str, Any]) -> None:
    records = await road.client.json(f"{road.door(QUEUE_DEPARTMENT)}/__records")
    states = [each["state"] for each in records["cases"] if each["receiptNumber"] == case["receiptNumber"]]
    assert states == ["ISSUED"], f"the department's files of the case: {states}"
    issued = [each["number"] for each in records["issued"] if each["receiptNumber"] == case["receiptNumber"]]
    assert issued == [case["licenceNumber"]], f"licences issued for the case: {issued}"


async def _check_money(road: Road, case: dict[str, Any]) -> None:
    fee = case["fees"][0]
    books = await road.client.json(f"{road.door(CASHIER)}/__records")
    paid = [
        payment["amountFen"]
        for payment in books["payments"]
        if payment["state"] == "paid" and fee["number"] in [order["number"] for order in payment["orders"]]
    ]
    assert paid == [fee["amountFen"]], f"payments taken by the cashier: {paid}"
    records = await road.client.json(f"{road.door('finance')}/__records")
    settled = [each["receiptNumber"] for each in records["settlements"] if each["number"] == fee["number"]]
    assert settled == [fee["settlement"]["receiptNumber"]], f"settlements at finance: {settled}"


async def _is_at_rest(road: Road) -> bool | None:
    token = await road.client.operator_token(road.stack.places.operator_secret)
    left = await road.client.data(LEFT_OVER, token=token)
    assert left["deadLetters"] == [], f"dead letters: {left['deadLetters']}"
    return True if not any(queue["ready"] or queue["unacknowledged"] for queue in left["queues"]) else None
