"""Two materials of a restaurant are not handed in: licences of two departments replace them, with consent.

Nothing is fetched without it; what was consented to is listed, and names the case once it is filed.
"""

from __future__ import annotations

from typing import Any

from hub.demo.joint.offices import patient
from hub.demo.road import Road, expect, expect_equal
from hub.demo.waiting import wait_for
from schema.domain.shared_record import SHARED

REPLACED = {"PREMISES": "real-estate-title", "HEALTH": "health-certificate"}
"""By the code of the material, the kind of licence that replaces it."""
SHARE = """mutation Share($input: ShareRecordInput!) { shareRecord(input: $input) {
  id reference itemCode material source consentedAt content } }"""
CONSENTS = "{ myConsents(first: 100) { id itemCode material source consentedAt withdrawnAt caseId } }"
MATERIALS = "query Materials($id: ID!) { case(id: $id) { materials { code reference trust } } }"


async def consent(road: Road, item: str) -> None:
    """Refused without consent; with it each licence is fetched once, however often it is asked for."""
    wanted = {"itemCode": item, "material": next(iter(REPLACED))}
    refused = await road.client.graphql(SHARE, {"input": {**wanted, "consent": False}}, road.token)
    code = refused["errors"][0]["extensions"]["code"]
    expect_equal(code, "FORBIDDEN", "fetching a licence without consent")
    shared = {material: await _share(road, item, material) for material in REPLACED}
    expect_equal({code: each["source"] for code, each in shared.items()}, REPLACED, "what replaces the materials")
    road.found["shared"] = {code: each["reference"] for code, each in shared.items()}
    road.answers["consent"] = list(shared.values())


async def recorded(road: Road) -> None:
    """The case has what was fetched, with the issuer's grade; each consent says for which case it was used."""
    case, references = road.found["case"]["id"], road.found["shared"]
    materials = (await road.client.data(MATERIALS, {"id": case}, road.token))["case"]["materials"]
    fetched = {each["code"]: (each["reference"], each["trust"]) for each in materials if each["code"] in REPLACED}
    expected = {code: (reference, "A") for code, reference in references.items()}
    expect_equal(fetched, expected, "the materials that licences replace")
    given = {each["id"]: each for each in (await road.client.data(CONSENTS, token=road.token))["myConsents"]}
    for code, reference in references.items():
        record = given.get(reference.removeprefix(SHARED))
        expect(record is not None and record["consentedAt"], f"the consent for {code} is not recorded")
        expect_equal(record and (record["material"], record["caseId"]), (code, case), f"the consent for {code}")


async def _share(road: Road, item: str, material: str) -> dict[str, Any]:
    wanted = {"itemCode": item, "material": material, "idempotencyKey": f"{material}-{road.run}", "consent": True}

    async def fetched() -> dict[str, Any] | None:
        """Not yet, where a department that may hold it does not answer in its time."""
        answer = await road.client.graphql(SHARE, {"input": wanted}, road.token)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        if codes == {"SERVICE_UNAVAILABLE"}:
            return None
        expect_equal(answer.get("errors", []), [], f"what replaces {material}")
        found: dict[str, Any] = answer["data"]["shareRecord"]
        return found

    shared = await wait_for(f"what replaces {material}", fetched, patient(road))
    again = (await road.client.data(SHARE, {"input": wanted}, road.token))["shareRecord"]
    expect_equal(again["id"], shared["id"], "the same consent sent twice")
    return shared
