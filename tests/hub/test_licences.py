"""Licences through the graph: issued by a completed case, renewed, suspended, revoked, and over by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from hub.cases.case_filing import Submission
from hub.own_subgraph import own_sdl
from hub.tables.licence import LicenceRow, LicenceStatusRow
from hub.tables.supervision import NoticeRow
from tests.hub.officers import Office, officer
from tests.hub.world import ANNA, BO, OPERATOR, World

PERMIT = Submission("PS-RESIDENCE-PERMIT", {"ground": "work", "address": "西单北大街 1 号"})
GUO = officer("guo", "handler", "public-security")
CHIEF = officer("chief", "chief-representative", "public-security")
OTHERS = officer("other", "handler", "civil-affairs")
MINE = """{ me { licences { issuerCode number kind name state validFrom validUntil
  issuer { code } holder { ... on Citizen { id } } } } }"""
MORE = """query ($i: ID!, $n: ID!) { licence(issuerCode: $i, number: $n) {
  statements { code value } events { type state reason } } }"""
SUSPEND = """mutation ($i: ID!, $n: ID!, $r: String!) {
  suspendLicence(issuerCode: $i, number: $n, reason: $r) { state } }"""
REINSTATE = "mutation ($i: ID!, $n: ID!) { reinstateLicence(issuerCode: $i, number: $n) { state } }"
REVOKE = """mutation ($i: ID!, $n: ID!, $r: String!) {
  revokeLicence(issuerCode: $i, number: $n, reason: $r) { state } }"""
RENEW = "mutation ($i: ID!, $n: ID!) { renewLicence(issuerCode: $i, number: $n) { number validFrom validUntil } }"
PUBLISH = "mutation ($input: LicenceTypeInput!) { publishLicenceType(input: $input) { code } }"


SQLITE = pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
"""Nothing in these differs from one database to the other."""


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


async def issue(office: Office, **result: Any) -> dict[str, str]:
    """A case all the way to its licence; how the licence is named."""
    case = await office.filed(PERMIT)
    for deed in ("acceptCase", "startReview", "approveCase"):
        await office.does(deed, case, GUO)
    assert (await office.does("issueResult", case, GUO, **result))["state"] == "COMPLETED"
    newest = (await mine(office))[-1]
    return {"i": newest["issuerCode"], "n": newest["number"]}


async def mine(office: Office) -> list[dict[str, Any]]:
    """What the gathered list has of the hub, each with what the register says of it."""
    found: list[dict[str, Any]] = (await office.graph.ask(MINE))["me"]["licences"]
    for each in found:
        more = await office.graph.ask(MORE, ANNA, i=each["issuerCode"], n=each["number"])
        each.update(more["licence"])
    return found


@SQLITE
async def test_a_completed_case_issues_the_licence(office: Office) -> None:
    """Domain.md, section 6: number and last day by its type, what it says from the form; an event, and word."""
    await issue(office)
    (found,) = await mine(office)
    async with office.world.database.reading() as session:
        told = (await session.exec(select(NoticeRow).where(col(NoticeRow.kind) == "LICENCE"))).all()

    assert found.pop("number").startswith("JZ261123-")
    assert found == {
        "issuerCode": "110102-GA",
        "kind": "residence-permit",
        "name": "居住证",
        "state": "VALID",
        "validFrom": "2026-11-23",
        "validUntil": "2027-11-22",
        "issuer": {"code": "110102-GA"},
        "holder": {"id": "anna"},
        "statements": [{"code": "address", "value": "西单北大街 1 号"}],
        "events": [{"type": "ISSUED", "state": "VALID", "reason": None}],
    }
    assert [(row.recipient, "有效期至 2027-11-22" in row.text_zh) for row in told] == [("anna", True)]


async def test_a_number_that_is_taken_issues_nothing(office: Office) -> None:
    """The whole decision is refused: the case stays open, no licence stands there twice."""
    await issue(office, number="JZ-1")
    case = await office.filed(PERMIT, BO)
    for deed in ("acceptCase", "startReview", "approveCase"):
        await office.does(deed, case, GUO)

    assert await office.may_not("issueResult", case, GUO, number="JZ-1") == ["CONFLICT"]
    assert (await office.case(case, BO))["state"] == "APPROVED"


async def test_suspended_reinstated_revoked_each_by_the_department_with_a_reason(office: Office) -> None:
    """Every change is an event that the holder reads; nothing follows a revocation."""
    named = await issue(office)
    ask, refused = office.graph.ask, office.graph.refused

    assert await refused(SUSPEND, GUO, **named, r=" ") == ["INVALID_TRANSITION"]
    assert (await ask(SUSPEND, GUO, **named, r="moved away"))["suspendLicence"] == {"state": "SUSPENDED"}
    assert await refused(SUSPEND, GUO, **named, r="again") == ["INVALID_TRANSITION"]
    assert (await ask(REINSTATE, GUO, **named))["reinstateLicence"] == {"state": "VALID"}
    assert (await ask(REVOKE, GUO, **named, r="false statements"))["revokeLicence"] == {"state": "REVOKED"}
    assert await refused(REINSTATE, GUO, **named) == ["INVALID_TRANSITION"]
    (found,) = await mine(office)
    assert [(each["type"], each["reason"]) for each in found["events"]] == [
        ("ISSUED", None),
        ("SUSPENDED", "moved away"),
        ("REINSTATED", None),
        ("REVOKED", "false statements"),
    ]
    async with office.world.database.reading() as session:
        assert (await session.exec(select(LicenceStatusRow.value))).all() == [1]


@SQLITE
async def test_nobody_reads_or_moves_anothers_licence(office: Office) -> None:
    """Neither a stranger nor an officer of another department learns that it is there; holders do not decide."""
    named = await issue(office)
    one = "query ($i: ID!, $n: ID!) { licence(issuerCode: $i, number: $n) { state } }"

    for nobody in (BO, OTHERS):
        assert (await office.graph.ask(one, nobody, **named))["licence"] is None
        assert await office.graph.refused(REVOKE, nobody, **named, r="envy") == ["NOT_FOUND"]
        assert await office.graph.refused(RENEW, nobody, **named) == ["NOT_FOUND"]
    assert await office.graph.refused(REVOKE, ANNA, **named, r="mine") == ["FORBIDDEN"]
    assert await office.graph.refused(REVOKE, CHIEF, **named, r="no delegation") == ["FORBIDDEN"]
    assert (await office.graph.ask(one, GUO, **named))["licence"] == {"state": "VALID"}
    assert (await office.graph.ask(one, ANNA, **named))["licence"] == {"state": "VALID"}
    theirs = "{ departmentLicences { number } }"
    assert (await office.graph.ask(theirs, OTHERS))["departmentLicences"] == []
    assert (await office.graph.ask(theirs, GUO))["departmentLicences"] == [{"number": named["n"]}]


async def test_a_licence_is_renewed_near_its_end_and_takes_the_place_of_the_old_one(office: Office) -> None:
    """By an officer, or by a completed case of the item; never while it is suspended."""
    named = await issue(office)
    assert await office.graph.refused(RENEW, GUO, **named) == ["INVALID_TRANSITION"]
    office.world.clock.move(days=340)
    renewed = (await office.graph.ask(RENEW, GUO, **named))["renewLicence"]
    by_case = await issue(office, number="JZ-3")

    assert (renewed["validFrom"], renewed["validUntil"]) == ("2027-10-29", "2028-10-28")
    assert [each["state"] for each in await mine(office)] == ["SUPERSEDED", "SUPERSEDED", "VALID"]
    await office.graph.ask(SUSPEND, GUO, **by_case, r="doubts")
    case = await office.filed(PERMIT)
    for deed in ("acceptCase", "startReview", "approveCase"):
        await office.does(deed, case, GUO)
    assert await office.may_not("issueResult", case, GUO) == ["INVALID_TRANSITION"]


@SQLITE
async def test_the_holder_is_reminded_once_each_time_and_the_end_is_noted(office: Office) -> None:
    """Thirty, seven days and one day before; what was missed meanwhile is told once. After it, it has expired."""
    await issue(office)
    world, told = office.world, []
    for days in (300, 35, 1, 27, 10):
        world.clock.move(days=days)
        await world.licences.look()
        await world.licences.look()
        async with world.database.reading() as session:
            expires = select(NoticeRow).where(col(NoticeRow.kind) == "LICENCE_EXPIRES")
            told.append(len((await session.exec(expires)).all()))
    (found,) = await mine(office)
    async with world.database.reading() as session:
        (row,) = (await session.exec(select(LicenceRow))).all()

    assert told == [0, 1, 1, 2, 2]
    assert (found["state"], found["events"][-1]["type"], row.look_on) == ("EXPIRED", "EXPIRED", None)


@SQLITE
async def test_a_new_type_of_licence_is_live_by_data_alone(office: Office) -> None:
    """Published through the graph and used by the next case, without a restart; a new version too."""
    kind = {
        "code": "residence-permit",
        "name": "居住登记卡",
        "nameEn": "Card",
        "numberPrefix": "KA",
        "remindDays": [],
    }
    assert await office.graph.refused(PUBLISH, GUO, input=kind) == ["FORBIDDEN"]
    assert await office.graph.refused(PUBLISH, OPERATOR, input={**kind, "numberPrefix": "1"}) == ["BAD_USER_INPUT"]
    await issue(office)
    await office.graph.ask(PUBLISH, OPERATOR, input=kind)
    await issue(office)
    first, second = await mine(office)

    assert (first["name"], first["statements"] != []) == ("居住证", True)
    assert (second["name"], second["number"][:2], second["validUntil"]) == ("居住登记卡", "KA", None)
    types = (await office.graph.ask("{ licenceTypes { code name } }", None))["licenceTypes"]
    assert {"code": "residence-permit", "name": "居住登记卡"} in types


def test_no_departments_licence_is_asked_of_the_hub() -> None:
    """A plan that went to the hub for it would lose the department's part of the list."""
    assert 'type Licence @key(fields: "issuerCode number", resolvable: false) @shareable {' in own_sdl()
