"""A restaurant is opened: filed once, told side by side, sent back once, decided by all, one result, rated."""

from __future__ import annotations

from typing import Any

from hub.demo.joint import consent, offline
from hub.demo.joint.offices import FIRE, LEAD, instruct, office, patient, records
from hub.demo.road import Road, expect, expect_equal
from hub.demo.waiting import wait_for

ITEM = "JT-RESTAURANT"
FORM = {"tradeName": "集贤面馆", "premises": "集贤街道集贤里1号", "areaSquareMetres": 80}
NOTICE = "请说明疏散通道。Please describe the escape route."
MATERIALS = ("ID", "PREMISES", "HEALTH", "LAYOUT", "PLEDGE")
LAYOUT = {"code": "LAYOUT", "reference": "paper:平面图，第二稿"}
ANSWER = "后门直通集贤里。The back door leads to Jixianli."
SUBMIT = "mutation Submit($input: SubmitCaseInput!) { submitCase(input: $input) { id receiptNumber state } }"
CASE = """query Case($id: ID!) { case(id: $id) {
  receiptNumber state version reason remedy isJoint licenceNumber events { version type state }
  subCases { code state dependsOn waitsFor startedAt decidedAt opinion reason failed department { name }
    licence { kind number issuerCode } } } }"""
SUPPLEMENT = "mutation Supplement($input: SupplementInput!) { supplementCase(input: $input) { state } }"
LICENCES = "{ me { licences { number kind state } } }"
ISSUER = "110102-SJ"
RATE = 'mutation Rate($case: ID!) { rateService(case: $case, stars: 5, comment: "一次办好") { stars } }'
STEPS = ("business", "fire", "food", "tax", "hygiene")
OWNERS = {"business": LEAD, "fire": FIRE, "food": LEAD, "tax": "taxation", "hygiene": "health"}


async def share(road: Road) -> None:
    """What departments know already is not asked for."""
    await consent.consent(road, ITEM)


async def file(road: Road) -> None:
    """Once for all: the same submission twice is one case."""
    await instruct(road, FIRE, "supplement", reason=NOTICE)
    case = await submit(road)
    await consent.recorded(road)
    states = by_code(await read(road))
    expect_equal(set(states), set(STEPS), "the sub-cases")
    expect_equal(states["food"]["waitsFor"], ["business", "fire"], "what the food permit waits for")
    expect_equal(states["tax"]["state"], "WAITING", "tax registration before the business licence")
    road.answers["filed"] = {"case": case, "subCases": list(states.values())}


async def supplement(road: Road) -> None:
    """The notice names what is missing; the answer goes to the department that asked, and to no other."""
    asked = await wait_for("a notice", lambda: in_state(road, "SUPPLEMENT_REQUESTED"), patient(road))
    expect_equal(asked["reason"], NOTICE, "the notice")
    await instruct(road, FIRE, "waiting")  # it accepts, and decides once both fees are held
    given = {"case": road.found["case"]["id"], "form": {"remark": ANSWER}, "materials": [LAYOUT]}
    await road.client.data(SUPPLEMENT, {"input": given}, road.token)
    found = await wait_for("the department has the answer", lambda: _supplemented(road), patient(road))
    expect_equal(found["told"]["form"]["premises"], FORM["premises"], "what fire and rescue was told")
    told = [each["code"] for each in found["told"]["materials"]]
    expect_equal(told, ["LAYOUT", "PLEDGE"], "which materials fire and rescue was told of")
    expect("tradeName" not in found["told"]["form"], "fire and rescue was told more than it needs")


async def decided(road: Road) -> None:
    """Each department once, the lead once, in an order that the dependencies allow."""
    done = await wait_for("the whole is completed", lambda: in_state(road, "COMPLETED"), patient(road))
    states = by_code(done)
    expect_equal({each["state"] for each in states.values()}, {"APPROVED"}, "states of the sub-cases")
    for code, each in states.items():
        for before in each["dependsOn"]:
            expect(each["startedAt"] >= states[before]["decidedAt"], f"{code} began before {before} was decided")
    types = [event["type"] for event in done["events"]]
    expect_equal(types.count("supplement-requested"), 1, "notices")
    expect_equal([event["version"] for event in done["events"]], list(range(1, len(types) + 1)), "versions")
    for code, owner in OWNERS.items():
        own = (await records(road, owner, done["receiptNumber"]))[code]
        expect_equal((own["begun"], own["undone"], own["state"]), (1, 0, "APPROVED"), f"{code} at {owner}")
    lead = (await road.client.json(f"{office(road, LEAD)}/__records"))["jointCases"]
    asked = [(each["asked"], each["decided"]) for each in lead if each["receiptNumber"] == done["receiptNumber"]]
    expect_equal(asked, [(1, 1)], "how often the lead was asked and decided")
    road.found["done"] = done
    road.answers["decided"] = done


async def licences(road: Road) -> None:
    """What the case names is what the issuers hold, and what the citizen's list shows."""
    done = road.found["done"]
    issued = {each["licence"]["kind"]: each["licence"]["number"] for each in done["subCases"] if each["licence"]}
    expect_equal(set(issued), {"business-licence", "food-business-permit"}, "licences of the steps")
    held = (await road.client.json(f"{office(road, LEAD)}/__records"))["licences"]
    numbers = {each["number"] for each in held if each["state"] == "VALID"}
    expect({*issued.values(), done["licenceNumber"]} <= numbers, "a licence is not in the issuer's register")
    mine = (await road.client.data(LICENCES, token=road.token))["me"]["licences"]
    shown = {each["number"] for each in mine}
    expect({*issued.values(), done["licenceNumber"]} <= shown, "a licence is not in the citizen's list")
    road.found["licences"] = (done["licenceNumber"], *issued.values())
    road.answers["licences"] = {"steps": issued, "whole": done["licenceNumber"]}


async def verified(road: Road) -> None:
    """As their holder shows them, by whoever is shown them."""
    await offline.verify(road, ISSUER, road.found["licences"])


async def rate(road: Road) -> None:
    rated = await road.client.data(RATE, {"case": road.found["case"]["id"]}, road.token)
    expect_equal(rated["rateService"]["stars"], 5, "the rating")


async def submit(road: Road, name: str = "joint") -> dict[str, Any]:
    """With what was shared in place of papers, where anything was. Of one ``name`` there is one in a walk."""
    shared = road.found.get("shared", {})
    materials = [{"code": code, "reference": shared.get(code, f"paper:{code}")} for code in MATERIALS]
    given = {"itemCode": ITEM, "form": FORM, "materials": materials, "idempotencyKey": f"{name}-{road.run}"}
    case: dict[str, Any] = (await road.client.data(SUBMIT, {"input": given}, road.token))["submitCase"]
    again = (await road.client.data(SUBMIT, {"input": given}, road.token))["submitCase"]
    expect_equal(again["receiptNumber"], case["receiptNumber"], "the same submission sent twice")
    road.found["case"] = case
    return case


async def read(road: Road) -> dict[str, Any]:
    found: dict[str, Any] = (await road.client.data(CASE, {"id": road.found["case"]["id"]}, road.token))["case"]
    return found


async def in_state(road: Road, *states: str) -> dict[str, Any] | None:
    found = await read(road)
    return found if found["state"] in states else None


def by_code(case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["code"]: each for each in case["subCases"]}


async def _supplemented(road: Road) -> dict[str, Any] | None:
    fire = (await records(road, FIRE, road.found["case"]["receiptNumber"])).get("fire")
    return fire if fire and fire["supplements"] == 1 else None
