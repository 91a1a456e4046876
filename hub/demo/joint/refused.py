"""One department refuses when others have begun: what waited never begins, what was begun is undone, once."""

from __future__ import annotations

from typing import Any

from hub.demo.joint import fees
from hub.demo.joint.offices import FIRE, LEAD, instruct, office, patient, records
from hub.demo.joint.restaurant import OWNERS, by_code, in_state, read, submit
from hub.demo.road import Road, expect, expect_equal
from hub.demo.waiting import wait_for

WITHDRAW = "mutation Withdraw($case: ID!) { withdrawCase(case: $case) { state } }"
REASON = "只有一个安全出口。There is only one exit."
REMEDY = "可在60日内申请行政复议。You may apply for administrative review within 60 days."


async def begin(road: Road, name: str = "joint") -> None:
    """Fire and rescue accepts, and waits until the others have done their work and both fees are paid."""
    await instruct(road, FIRE, "waiting")
    await submit(road, name)
    await wait_for("licence, registration and hygiene test", lambda: _begun(road), patient(road))
    expect_equal(by_code(await read(road))["fire"]["state"], "ACCEPTED", "the fire check")


async def refused(road: Road) -> None:
    await instruct(road, FIRE, "denied", reason=REASON, remedy=REMEDY)
    denied = await wait_for("the refusal", lambda: in_state(road, "DENIED"), patient(road))
    expect_equal((denied["reason"], denied["remedy"]), (REASON, REMEDY), "reason and remedy")
    food = by_code(denied)["food"]
    expect_equal((food["state"], food["reason"], food["startedAt"]), ("STOPPED", REASON, None), "the food permit")
    expect_equal(by_code(denied)["fire"]["state"], "DENIED", "the fire check")


async def withdrawn(road: Road) -> None:
    """Filed again; the fees are held, and the applicant withdraws before the fire check is made."""
    await begin(road, "again")
    await fees.press(road)
    await wait_for("the fire check's fee is held", lambda: fees.is_held(road), patient(road))
    found = (await road.client.data(WITHDRAW, {"case": road.found["case"]["id"]}, road.token))["withdrawCase"]
    expect_equal(found["state"], "WITHDRAWN", "the case that was taken back")
    await fees.part_released(road)


async def undone(road: Road) -> None:
    """By the case's events, and by the departments' own books."""
    settled = await wait_for("everything is undone", lambda: _settled(road), patient(road))
    states = {code: each["state"] for code, each in by_code(settled).items()}
    expected = {"business": "COMPENSATED", "fire": "DENIED", "food": "STOPPED", "tax": "COMPENSATED"}
    expect_equal({code: states[code] for code in expected}, expected, "states")
    for code in ("business", "tax"):
        own = (await records(road, OWNERS[code], settled["receiptNumber"]))[code]
        expect_equal((own["begun"], own["undone"], own["state"]), (1, 1, "UNDONE"), f"{code} at {OWNERS[code]}")
    expect("food" not in await records(road, LEAD, settled["receiptNumber"]), "the food permit was begun")
    licence = by_code(settled)["business"]["licence"]["number"]
    held = (await road.client.json(f"{office(road, LEAD)}/__records"))["licences"]
    expect_equal([e["state"] for e in held if e["number"] == licence], ["REVOKED"], "the business licence")
    road.answers["undone"] = settled


async def _begun(road: Road) -> bool | None:
    states = by_code(await read(road))
    is_begun = all(states[code]["state"] == "APPROVED" for code in ("business", "tax", "hygiene"))
    return True if is_begun else None


async def _settled(road: Road) -> dict[str, Any] | None:
    found = await read(road)
    moving = [each for each in found["subCases"] if each["state"] in {"COMPENSATING", "APPROVED"}]
    return found if not moving else None
