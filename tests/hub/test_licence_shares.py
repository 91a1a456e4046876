"""A licence shared with one recipient for one purpose and a time, taken back, and seen to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from auth.access_log import AccessRecord
from schema.domain.licence import LicenceState
from tests.hub.officers import HANNA, STRANGER, Office
from tests.hub.test_licence_documents import OF_CIVIL_AFFAIRS, TOLD, verdict
from tests.hub.test_licences import GUO, REVOKE, SQLITE, issue
from tests.hub.world import ANNA, BO, MONDAY, World

pytestmark = SQLITE
SHARE = """mutation ($input: ShareLicenceInput!) { shareLicence(input: $input) { id state recipient } }"""
WITHDRAW = "mutation ($id: ID!) { withdrawLicenceShare(id: $id) { state withdrawnAt } }"
READ = """query ($id: ID!) { sharedLicence(id: $id) {
  isValid reason licence { number holder statements { value } sharedWith purpose } } }"""
DOCUMENT = "{ myLicenceShares { id state presentation { document endsAt } } }"
READERS = "{ accessRecords { reader purpose fields departments } }"


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def wish(named: dict[str, str], **changed: Any) -> dict[str, Any]:
    """With civil affairs, for an hour."""
    return {
        "issuerCode": named["i"],
        "number": named["n"],
        "recipientKind": "ORGANISATION",
        "recipient": "110102-MZ",
        "purpose": "低保申请",
        "endsAt": (MONDAY + timedelta(hours=1)).isoformat(),
        "show": ["address"],
        **changed,
    }


async def share(office: Office, named: dict[str, str], **changed: Any) -> str:
    made = (await office.graph.ask(SHARE, ANNA, input=wish(named, **changed)))["shareLicence"]
    assert made["state"] == "OPEN"
    return str(made["id"])


async def test_one_recipient_reads_and_the_holder_sees_it(office: Office) -> None:
    """Only officers of that organisation, only what is shown; each reading is in the holder's log."""
    named = await issue(office)
    made = await share(office, named)
    read = (await office.graph.ask(READ, HANNA, id=made))["sharedLicence"]

    assert (read["reason"], read["licence"]["statements"]) == ("VALID", [{"value": "西单北大街 1 号"}])
    assert (read["licence"]["sharedWith"], read["licence"]["purpose"]) == ("集易示范区民政局", "低保申请")
    for nobody in (STRANGER, GUO, BO):
        assert await office.graph.refused(READ, nobody, id=made) == ["NOT_FOUND"]
        assert (await office.graph.ask("{ receivedLicenceShares { id } }", nobody))["receivedLicenceShares"] == []
        assert await office.graph.refused(WITHDRAW, nobody, id=made) == ["NOT_FOUND"]
    received = await office.graph.ask("{ receivedLicenceShares { id purpose } }", HANNA)
    assert received["receivedLicenceShares"] == [{"id": made, "purpose": "低保申请"}]
    assert (await office.graph.ask(READERS))["accessRecords"] == [
        {
            "reader": "hanna",
            "purpose": "集易示范区民政局: 低保申请",
            "fields": ["Licence.kind", "Licence.number", "Licence.address"],
            "departments": ["hub"],
        }
    ]
    assert (await office.graph.ask(READERS, BO))["accessRecords"] == []


@pytest.mark.parametrize("how", ["withdrawn", "over", "revoked"])
async def test_a_share_ends_everywhere(office: Office, how: str) -> None:
    """At the graph, for the document that was handed out, and for who asks for another; the reason is named."""
    named = await issue(office)
    inside = await share(office, named)
    outside = await share(office, named, recipientKind="BEARER", recipient="房东李某")
    shares = (await office.graph.ask("{ myLicenceShares { id recipientKind } }"))["myLicenceShares"]
    assert [each["id"] for each in shares] == [outside, inside]
    document = (await office.world.shares.document(ANNA, outside)).document
    assert (await verdict(office, document))["licence"]["sharedWith"] == "房东李某"
    match how:
        case "withdrawn":
            for each in (inside, outside):
                gone = (await office.graph.ask(WITHDRAW, ANNA, id=each))["withdrawLicenceShare"]
                assert gone["state"] == "WITHDRAWN"
            wanted = "SHARE_WITHDRAWN"
        case "over":
            office.world.clock.move(hours=1)
            wanted = "SHARE_ENDED"
        case _:
            await office.graph.ask(REVOKE, GUO, **named, r="false statements")
            wanted = "REVOKED"

    told = await verdict(office, document)
    assert (told["reason"], told["isValid"], told["licence"]) == (wanted, False, None)
    if how == "revoked":
        read = (await office.graph.ask(READ, HANNA, id=inside))["sharedLicence"]
        assert (read["isValid"], read["reason"]) == (False, "REVOKED")
        return
    assert await office.graph.refused(READ, HANNA, id=inside) == ["NOT_FOUND"]
    closed = (await office.graph.ask(DOCUMENT))["myLicenceShares"]
    assert [each["presentation"] for each in closed] == [None, None]


async def test_what_is_read_by_a_document_is_in_the_log_too(office: Office) -> None:
    """And where the log cannot be written nothing is handed out (domain.md, 9.12)."""
    named = await issue(office)
    made = await share(office, named, recipientKind="BEARER", recipient="房东李某", show=[])
    document = (await office.world.shares.document(ANNA, made)).document
    await verdict(office, document)
    (record,) = (await office.graph.ask(READERS))["accessRecords"]

    class Broken:
        async def write_access(self, records: Sequence[AccessRecord]) -> None:
            raise OSError("full")

    office.world.shares._access_log = Broken()
    ask = "query ($d: String!) { verifyLicence(document: $d) { isValid } }"

    assert (record["reader"], record["purpose"]) == (f"share:{made}", "房东李某: 低保申请")
    assert await office.graph.refused(ask, None, d=document) == ["SERVICE_UNAVAILABLE"]


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"purpose": " "}, "BAD_USER_INPUT"),
    ({"endsAt": MONDAY.isoformat()}, "BAD_USER_INPUT"),
    ({"endsAt": (MONDAY + timedelta(days=91)).isoformat()}, "BAD_USER_INPUT"),
    ({"recipient": "110102-XX"}, "NOT_FOUND"),
    ({"show": ["secret"]}, "BAD_USER_INPUT"),
    ({"number": "another's"}, "NOT_FOUND"),
)


async def test_a_share_that_cannot_be(office: Office) -> None:
    named = await issue(office)
    for changed, code in WRONG:
        assert await office.graph.refused(SHARE, ANNA, input=wish(named, **changed)) == [code]
    assert await office.graph.refused(SHARE, BO, input=wish(named)) == ["NOT_FOUND"]


async def test_a_departments_licence_is_asked_for_anew_at_each_reading(office: Office) -> None:
    """What its register says then counts; while it is silent the verdict says how old the word is."""
    world = office.world
    world.told.append(TOLD)
    ends = (MONDAY + timedelta(days=10)).isoformat()
    made = await share(office, OF_CIVIL_AFFAIRS, endsAt=ends, show=[])
    reasons = []
    for state in (LicenceState.VALID, LicenceState.SUSPENDED, LicenceState.VALID, None):
        world.clock.move(hours=30)
        world.told[:] = [replace(TOLD, state=state, told_at=world.clock.now())] if state else []
        read = (await office.graph.ask(READ, HANNA, id=made))["sharedLicence"]
        reasons.append(read["reason"])

    assert reasons == ["VALID", "SUSPENDED", "VALID", "STATUS_TOO_OLD"]
