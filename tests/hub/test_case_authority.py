"""By whose authority a case is moved: in hand, as substitute, by delegation, at the window; art. 12, 17."""

from __future__ import annotations

from typing import Any

import pytest

from auth.actor import Actor
from tests.hub.officers import (
    ASSISTANCE,
    CHIEF,
    DEPARTMENT,
    HANNA,
    HUGO,
    REFUSAL,
    SOON,
    STRANGER,
    SUPERVISOR,
    WINDOW,
    Office,
    Word,
    officer,
)
from tests.hub.own_graph import request
from tests.hub.world import ANNA, ANNA_NUMBER, BO, OPERATOR, World


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


async def test_who_has_a_case_in_hand_keeps_it_until_it_is_handed_over(office: Office) -> None:
    """Art. 17: recorded, and to a colleague of the department alone; the applicant sees that there was one."""
    case = await office.filed()
    await office.does("acceptCase", case, HANNA)

    assert await office.may_not("startReview", case, HUGO) == ["FORBIDDEN"]
    for outsider in ("anna", "iris", "window", "nobody"):
        gone = await office.may_not("handOverCase", case, HANNA, to=outsider, reason="on leave")
        assert gone == ["BAD_USER_INPUT"], outsider
    await office.does("handOverCase", case, HANNA, to="hugo", reason="on leave")
    assert (await office.does("startReview", case, HUGO))["state"] == "IN_REVIEW"
    assert await office.may_not("approveCase", case, HANNA) == ["FORBIDDEN"]
    assert (await office.happened(case))[2] == "handed-over"
    assert (await office.case(case, HUGO, "handler"))["handler"] == "hugo"
    assert (await office.case(case, ANNA, "handler"))["handler"] is None


async def test_a_substitute_acts_for_a_time(office: Office) -> None:
    """The event says that somebody acted in another's place; after the end it is over."""
    case = await office.in_review()
    other = await office.in_review()
    arrange = """mutation { arrangeSubstitute(department: "civil-affairs", absent: "hanna", substitute: "hugo",
      reason: "on leave", until: "2026-11-24T00:00:00+00:00") { id } }"""
    assert await office.graph.refused(arrange, STRANGER) == ["FORBIDDEN"]
    await office.graph.ask(arrange, HANNA)

    await office.does("approveCase", case, HUGO)
    seen = await office.case(case, ANNA, "events { type isBySubstitute }")
    assert {"type": "approved", "isBySubstitute": True} in seen["events"]
    office.world.clock.move(days=1)
    assert await office.may_not("approveCase", other, HUGO) == ["FORBIDDEN"]


GRANT = """mutation G($items: [ID!], $until: DateTime!) { grantDelegation(department: "civil-affairs",
  representative: "chief", items: $items, until: $until) { id } }"""


async def test_a_chief_representative_decides_under_a_delegation_and_it_is_recorded(office: Office) -> None:
    """首席代表制 (art. 17): granted by the department, with scope and end, looked at for each decision."""
    case = await office.in_review()
    assert await office.may_not("approveCase", case, CHIEF) == ["FORBIDDEN"]
    for nobody in (CHIEF, HANNA, SUPERVISOR):
        assert await office.graph.refused(GRANT, nobody, until=SOON) == ["FORBIDDEN"]
    await office.graph.ask(GRANT, DEPARTMENT, until=SOON, items=["CA-SENIOR-CARD"])
    assert await office.may_not("approveCase", case, CHIEF) == ["FORBIDDEN"]

    granted = await office.graph.ask(GRANT, OPERATOR, until=SOON)
    await office.does("approveCase", case, CHIEF)
    seen = await office.case(case, ANNA, "events { type delegation }")
    delegation = granted["grantDelegation"]["id"]
    assert {"type": "approved", "delegation": delegation} in seen["events"]

    second = await office.in_review()
    revoke = "mutation R($id: ID!) { revokeDelegation(id: $id) { revokedAt } }"
    await office.graph.ask(revoke, DEPARTMENT, id=delegation)
    assert await office.may_not("denyCase", second, CHIEF, **REFUSAL) == ["FORBIDDEN"]


async def test_a_delegation_ends_by_itself(office: Office) -> None:
    """Its end is looked at when the decision is made."""
    case = await office.in_review()
    await office.graph.ask(GRANT, DEPARTMENT, until=SOON)
    office.world.clock.move(days=40)
    assert await office.may_not("approveCase", case, CHIEF) == ["FORBIDDEN"]


async def test_nobody_handles_a_case_of_their_own(office: Office) -> None:
    """Not as a handler, and not as the officer at the window."""
    anna = officer("anna", "handler", "civil-affairs", "officer")
    case = await office.filed()
    assert await office.may_not("acceptCase", case, anna) == ["FORBIDDEN"]


@pytest.mark.parametrize("actor", [STRANGER, BO, WINDOW])
async def test_other_peoples_cases_cannot_be_moved(office: Office, actor: Actor) -> None:
    """Another department's handler learns no more than a stranger: there is no such case."""
    case = await office.filed()
    assert await office.may_not("acceptCase", case, actor) == ["NOT_FOUND"]
    if actor is not WINDOW:
        assert await office.case(case, actor) is None


FILE = """mutation F($number: String!, $input: SubmitCaseInput!) {
  fileForApplicant(applicantIdNumber: $number, input: $input) { id channel isFiledByOfficer } }"""


async def test_an_officer_files_for_whoever_shows_another_document(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Art. 12, 13: a passport is told wrong with the mend before anybody is asked; one document at a time."""
    file = """mutation F($number: String, $document: IdentityDocumentInput, $input: SubmitCaseInput!) {
      fileForApplicant(applicantIdNumber: $number, applicantDocument: $document, input: $input) { id } }"""
    given = {"itemCode": ASSISTANCE.item_code, "form": ASSISTANCE.form, "channel": "WINDOW"}
    monkeypatch.setattr(office.world.people, "numbers", {"anna": "GBR-990000105"})
    passport: dict[str, Any] = {"type": "PASSPORT", "number": "990 000 105", "issuingCountry": "gbr"}
    card: dict[str, Any] = {"type": "RESIDENT_CARD", "number": "110105194912310021"}
    for document, code, problem in (
        (card, "BAD_USER_INPUT", ("number", "DOCUMENT_CHECK_CHARACTER")),
        (passport | {"issuingCountry": None}, "BAD_USER_INPUT", ("issuingCountry", "ISSUING_COUNTRY_MISSING")),
        (passport | {"number": "990000106"}, "NOT_FOUND", None),
    ):
        response = await office.graph.connector.fetch(
            request(file, WINDOW, {"document": document, "input": given})
        )
        (error,) = response.errors
        assert error["extensions"]["code"] == code
        (told,) = error["extensions"].get("problems", [None])
        assert (told and (told["path"], told["rule"])) == problem
        assert document["number"] not in str(error)
    assert await office.graph.refused(file, WINDOW, input=given) == ["BAD_USER_INPUT"]
    both: dict[str, Any] = {"number": "GBR-990000105", "document": passport, "input": given}
    assert await office.graph.refused(file, WINDOW, **both) == ["BAD_USER_INPUT"]
    assert (await office.graph.ask(file, WINDOW, document=passport, input=given))["fileForApplicant"]
    assert len((await office.graph.ask("{ me { cases { id } } }", ANNA))["me"]["cases"]) == 1


async def test_an_officer_files_for_a_walk_in_and_answers_for_it_first(office: Office) -> None:
    """Art. 12, 13, 17: the applicant owns the case; first inquiry is handed over with a record."""
    given = {"itemCode": ASSISTANCE.item_code, "form": ASSISTANCE.form, "channel": "TELEPHONE"}
    assert await office.graph.refused(FILE, HANNA, number=ANNA_NUMBER, input=given) == ["FORBIDDEN"]
    online = {**given, "channel": "WEB"}
    assert await office.graph.refused(FILE, WINDOW, number=ANNA_NUMBER, input=online) == ["BAD_USER_INPUT"]
    unknown: dict[str, Any] = {"number": "110102199003070999", "input": given}
    assert await office.graph.refused(FILE, WINDOW, **unknown) == ["NOT_FOUND"]

    filed = (await office.graph.ask(FILE, WINDOW, number=ANNA_NUMBER, input=given))["fileForApplicant"]
    assert (filed["channel"], filed["isFiledByOfficer"]) == ("TELEPHONE", True)
    mine = await office.graph.ask("{ me { cases { id } } }", ANNA)
    assert mine["me"]["cases"] == [{"id": filed["id"]}]
    assert (await office.case(filed["id"], WINDOW, "firstInquiry"))["firstInquiry"] == "window"

    duty: dict[str, Any] = {"to": "window-2", "reason": "end of shift", "duty": Word("FIRST_INQUIRY")}
    assert await office.may_not("handOverCase", filed["id"], HANNA, **duty) == ["FORBIDDEN"]
    assert await office.may_not("handOverCase", filed["id"], WINDOW, **{**duty, "to": "hugo"}) == [
        "BAD_USER_INPUT"
    ]
    await office.does("handOverCase", filed["id"], WINDOW, **duty)
    assert (await office.case(filed["id"], WINDOW, "firstInquiry"))["firstInquiry"] == "window-2"
