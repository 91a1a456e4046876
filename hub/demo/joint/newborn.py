"""A child is born: birth certificate, household registration and insurance, each after what it needs."""

from __future__ import annotations

from typing import Any

from hub.demo.joint.offices import POLICE, join, patient, records
from hub.demo.joint.restaurant import CASE, SUBMIT, by_code, in_state
from hub.demo.road import Road, expect, expect_equal
from hub.demo.waiting import wait_for

ITEM = "JT-NEWBORN"
OWNERS = {"birth": "health", "household": POLICE, "insurance": "medical-insurance"}
FORM = {"childName": "李小满", "birthDate": "2026-05-21", "householder": "mother"}


async def offices(road: Road) -> None:
    await join(road, ITEM, *OWNERS.values())


async def file(road: Road) -> None:
    """Nobody but health is told anything yet."""
    given = {"itemCode": ITEM, "form": FORM, "materials": [], "idempotencyKey": f"newborn-{road.run}"}
    case = (await road.client.data(SUBMIT, {"input": given}, road.token))["submitCase"]
    road.found["case"] = case
    found = (await road.client.data(CASE, {"id": case["id"]}, road.token))["case"]
    expect_equal({each["code"] for each in found["subCases"]}, set(OWNERS), "the sub-cases")
    expect_equal(by_code(found)["household"]["dependsOn"], ["birth"], "what the household registration needs")


async def decided(road: Road) -> None:
    """One after another, each once; public security is told of the birth certificate that health issued."""
    done = await wait_for("the whole is completed", lambda: in_state(road, "COMPLETED"), patient(road))
    states = by_code(done)
    expect_equal({each["state"] for each in states.values()}, {"APPROVED"}, "states of the sub-cases")
    for code, owner in OWNERS.items():
        own = (await _file(road, owner, done["receiptNumber"]))[code]
        expect_equal((own["begun"], own["undone"], own["state"]), (1, 0, "APPROVED"), f"{code} at {owner}")
    told = (await _file(road, POLICE, done["receiptNumber"]))["household"]["told"]
    certificate = states["birth"]["licence"]["number"]
    expect(certificate in [each["licenceNumber"] for each in told["results"]], f"public security was told {told}")
    road.answers["decided"] = done


async def _file(road: Road, owner: str, receipt_number: str) -> dict[str, dict[str, Any]]:
    return await records(road, owner, receipt_number)
