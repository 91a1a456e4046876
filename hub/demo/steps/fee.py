"""The approved case's fee is paid at the cashier, who calls back twice; the licence joins the list."""

from __future__ import annotations

from typing import Any

from hub.demo.places import CASHIER
from hub.demo.road import Road, expect_equal
from hub.demo.stack import QUEUE_DEPARTMENT
from hub.demo.steps.case import read_case
from hub.demo.waiting import wait_for

FEES = "{ me { fees { number state amountFen settlement { receiptNumber amountFen } } } }"
PAY = "mutation Pay($orders: [ID!]!) { payFees(orders: $orders) { number amountFen payUrl } }"
LICENCES = "{ me { licences { number kind issuer { code } } } }"


async def walk(road: Road) -> None:
    fee = await wait_for("a fee order for the approved case", lambda: _due(road))
    payment = (await road.client.data(PAY, {"orders": [fee["number"]]}, road.token))["payFees"]
    expect_equal(payment["amountFen"], fee["amountFen"], "the amount to pay")
    await road.client.page(payment["payUrl"], {}, follow=False)
    paid = await wait_for("the fee is settled", lambda: _settled(road, fee["number"]))
    await _check_cashier(road, payment)
    await _check_finance(road, paid)
    licence = await _check_licence(road)
    road.found["licence"] = licence
    road.answers["fee"] = {"fee": paid, "payment": payment, "licence": licence}


async def _due(road: Road) -> dict[str, Any] | None:
    case = await read_case(road, road.found["case"]["id"])
    numbers = {fee["number"] for fee in case["fees"] if fee["state"] in {"DUE", "PAYING"}}
    fees = (await road.client.data(FEES, token=road.token))["me"]["fees"]
    return next((fee for fee in fees if fee["number"] in numbers), None)


async def _settled(road: Road, number: str) -> dict[str, Any] | None:
    fees = (await road.client.data(FEES, token=road.token))["me"]["fees"]
    found = [fee for fee in fees if fee["number"] == number]
    return found[0] if found and found[0]["state"] == "PAID" and found[0]["settlement"] else None


async def _check_cashier(road: Road, payment: dict[str, Any]) -> None:
    told = await road.client.json(f"{road.door(CASHIER)}/payments/{payment['number']}")
    expect_equal((told["state"], told["amountFen"]), ("paid", payment["amountFen"]), "the cashier's books")
    await wait_for("each callback of the cashier is taken, twice", lambda: _called_back(road))


async def _called_back(road: Road) -> bool | None:
    records = await road.client.json(f"{road.door(CASHIER)}/__records")
    paid = [each for each in records["payments"] if each["state"] == "paid"]
    return True if records["callbacks"]["delivered"] == 2 * len(paid) else None


async def _check_finance(road: Road, fee: dict[str, Any]) -> None:
    records = await road.client.json(f"{road.door('finance')}/__records")
    settled = [each for each in records["settlements"] if each["number"] == fee["number"]]
    expect_equal([each["amountFen"] for each in settled], [fee["amountFen"]], "settlements at finance")
    expect_equal(settled[0]["receiptNumber"], fee["settlement"]["receiptNumber"], "the receipt's number")


async def _check_licence(road: Road) -> dict[str, Any]:
    case = road.found["case"]

    async def completed() -> dict[str, Any] | None:
        found = await read_case(road, case["id"])
        return found if found["state"] == "COMPLETED" else None

    await wait_for("the case is completed", completed)
    records = await road.client.json(f"{road.door(QUEUE_DEPARTMENT)}/__records")
    issued = [each["number"] for each in records["issued"] if each["receiptNumber"] == case["receiptNumber"]]
    expect_equal(len(issued), 1, "licences that the department issued for the case")
    number = issued[0]
    before = set(road.found["licences"])
    licences = (await road.client.data(LICENCES, token=road.token))["me"]["licences"]
    new = [licence for licence in licences if licence["number"] not in before]
    expect_equal([licence["number"] for licence in new], [number], "new licences in the gathered list")
    found: dict[str, Any] = new[0]
    return found
