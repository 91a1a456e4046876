"""What an applicant does: drafts, supplement, reminders, advice; domain.md, 3, 9.5, 9.15; art. 4, 8, 9."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auth.actor import Actor
from hub.cases.case_filing import Submission
from hub.cases.filing_advice import FilingAdvisor
from hub.licences.gathered_licences import Gathered
from schema.domain.licence import LicenceState
from schema.errors import DomainError, RuntimeCode
from tests.hub.officers import ASSISTANCE, CHIEF, HANNA, HUGO, STRANGER, SUPERVISOR, WINDOW, Office, officer
from tests.hub.test_licence_documents import TOLD
from tests.hub.test_licences import GUO, PERMIT, REVOKE, issue
from tests.hub.world import ANNA, BO, FREE, World

SAVE = "mutation S($input: DraftInput!) { saveDraft(input: $input) { id keptUntil form } }"
SEND = "mutation S($id: ID!) { submitDraft(draft: $id) { id state materials { code state } } }"
BEGUN: dict[str, Any] = {"itemCode": ASSISTANCE.item_code, "form": {"reason": "illness"}}
DONE: dict[str, Any] = {
    **BEGUN,
    "form": ASSISTANCE.form,
    "materials": [{"code": "income", "reference": "paper:1"}],
}


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


async def test_a_draft_is_saved_while_typing_and_filed_once(office: Office) -> None:
    """9.15: kept on the server, says until when; sent twice it is one case, and the draft is gone."""
    graph = office.graph
    draft = (await graph.ask(SAVE, ANNA, input=BEGUN))["saveDraft"]
    assert draft["keptUntil"] == "2026-12-23T09:00:00+00:00"
    assert await graph.refused(SEND, ANNA, id=draft["id"]) == ["BAD_USER_INPUT"]

    await graph.ask(SAVE, ANNA, input={**DONE, "id": draft["id"]})
    filed = (await graph.ask(SEND, ANNA, id=draft["id"]))["submitDraft"]
    again = (await graph.ask(SEND, ANNA, id=draft["id"]))["submitDraft"]
    assert filed == again
    assert filed["materials"] == [{"code": "income", "state": "GIVEN"}, {"code": "diagnosis", "state": "MISSING"}]
    assert (await graph.ask("{ myDrafts { id } }", ANNA))["myDrafts"] == []


async def test_a_draft_is_its_owners_alone_and_ends_after_30_days(office: Office) -> None:
    """Nobody else reads, changes, files or discards it; saving again begins the 30 days anew."""
    graph = office.graph
    draft = (await graph.ask(SAVE, ANNA, input=DONE))["saveDraft"]["id"]
    read = "query D($id: ID!) { draft(id: $id) { id } }"
    assert (await graph.ask(read, BO, id=draft))["draft"] is None
    assert await graph.refused(SAVE, BO, input={**DONE, "id": draft}) == ["NOT_FOUND"]
    assert await graph.refused(SEND, BO, id=draft) == ["NOT_FOUND"]
    assert await graph.refused("mutation D($id: ID!) { discardDraft(draft: $id) }", BO, id=draft) == ["NOT_FOUND"]

    office.world.clock.move(days=29)
    await graph.ask(SAVE, ANNA, input={**DONE, "id": draft})
    office.world.clock.move(days=29)
    assert (await graph.ask(read, ANNA, id=draft))["draft"] == {"id": draft}
    office.world.clock.move(days=1)
    assert (await graph.ask(read, ANNA, id=draft))["draft"] is None
    await office.world.deadlines.forget()
    assert await graph.refused(SAVE, ANNA, input={**DONE, "id": draft}) == ["NOT_FOUND"]


async def test_what_stands_against_filing_is_told_first(office: Office) -> None:
    """9.5: an open case of the item, a licence that is still valid, a draft; nobody else's."""
    world = office.world
    query = "query A($c: ID!) { filingAdvice(itemCode: $c) { kind licenceNumber textEn case { id } } }"

    async def advice(item: str) -> list[str]:
        return [each["kind"] for each in (await office.graph.ask(query, ANNA, c=item))["filingAdvice"]]

    await world.cases.submit_case(BO, ASSISTANCE)
    assert await advice(ASSISTANCE.item_code) == []
    await office.filed()
    await office.graph.ask(SAVE, ANNA, input=BEGUN)
    assert await advice(ASSISTANCE.item_code) == ["OPEN_CASE", "DRAFT"]
    case = await world.decided(FREE)
    issued = {"number": "MZ1", "issuerCode": "110102-MZ", "validUntil": "2026-11-30"}
    await world.says(case, "jiyi.licence.issued", **issued)
    assert await advice(FREE.item_code) == ["VALID_LICENCE"]
    world.clock.move(days=10)
    assert await advice(FREE.item_code) == []


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
async def test_licences_of_every_register_stand_against_filing(office: Office) -> None:
    """9.5: what a department holds or the hub issued counts as what an own case led to; what a register says now
    goes before that, and a department that is silent keeps nobody from filing."""
    world, named = office.world, await issue(office)
    query = "query A($c: ID!) { filingAdvice(itemCode: $c) { kind licenceNumber validUntil } }"

    async def held(item: str) -> list[str]:
        found = (await office.graph.ask(query, ANNA, c=item))["filingAdvice"]
        return [each["licenceNumber"] for each in found if each["kind"] == "VALID_LICENCE"]

    hers = await held(PERMIT.item_code)
    await office.graph.ask(REVOKE, GUO, **named, r="moved away")
    revoked = await held(PERMIT.item_code)
    world.told.append(TOLD)
    told = await held(FREE.item_code)
    world.told[:] = [replace(TOLD, state=LicenceState.REVOKED)]
    no_more = await held(FREE.item_code)

    async def silent(_actor: Actor) -> Gathered:
        raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, "The departments cannot be asked now.")

    advisor = FilingAdvisor(world.database, world.catalogue, world.drafts, world.clock, silent)

    assert (hers, revoked) == ([named["n"]], [])
    assert (told, no_more) == (["MZ-1"], [])
    assert await advisor.advice(ANNA, FREE.item_code) == ()


async def test_an_applicant_reminds_once_a_day_and_goes_on_elsewhere(office: Office) -> None:
    """催办 (art. 4); a case begun on the web goes on at a window, and the event says where (art. 9)."""
    case = await office.filed()
    remind = 'mutation R($c: ID!) { remindDepartment(case: $c, words: "please") { state } }'
    assert await office.graph.refused(remind, BO, c=case) == ["NOT_FOUND"]
    await office.graph.ask(remind, ANNA, c=case)
    assert await office.graph.refused(remind, ANNA, c=case) == ["INVALID_TRANSITION"]
    office.world.clock.move(days=1)
    await office.graph.ask(remind, ANNA, c=case)

    go_on = "mutation G($c: ID!) { continueCase(case: $c, channel: WINDOW) { channel } }"
    assert (await office.graph.ask(go_on, ANNA, c=case))["continueCase"] == {"channel": "WINDOW"}
    assert await office.graph.refused(go_on, ANNA, c=case) == ["INVALID_TRANSITION"]
    seen = await office.case(case, fields="events { type channel }")
    assert seen["events"][-1] == {"type": "continued", "channel": "WINDOW"}


async def test_a_supplement_goes_to_the_departments_system(office: Office) -> None:
    """A department without a command for it receives the case again, under the same receipt number."""
    world = office.world
    case = await world.cases.submit_case(ANNA, FREE)
    notice: dict[str, Any] = {"reason": "which way?", "form": [{"field": "delivery", "remark": "choose again"}]}
    assert await world.says(case, "jiyi.case.supplement-requested", **notice) == "acknowledged"
    answer = "mutation S($input: SupplementInput!) { supplementCase(input: $input) { state } }"
    assert await office.graph.refused(answer, ANNA, input={"case": case.id}) == ["BAD_USER_INPUT"]
    await office.graph.ask(answer, ANNA, input={"case": case.id, "form": {"delivery": "window"}})

    told = await world.commands()
    assert [each["operation"] for each in told] == ["ReceiveCase", "ReceiveCase"]
    assert told[1]["input"]["form"] == {"delivery": "window"}
    assert told[1]["input"]["receiptNumber"] == case.receipt_number
    assert (await world.says(case, "jiyi.case.supplement-requested", **notice)).startswith("dead: ")


async def test_materials_are_the_items_and_have_references(office: Office) -> None:
    """An unknown one, a doubled one and one without anything behind it are refused, each by name."""
    file = "mutation F($input: SubmitCaseInput!) { submitCase(input: $input) { id } }"
    for materials in (
        [{"code": "passport", "reference": "paper:1"}],
        [{"code": "income", "reference": "paper:1"}, {"code": "income", "reference": "paper:2"}],
        [{"code": "income"}],
    ):
        given = {**DONE, "materials": materials}
        assert await office.graph.refused(file, ANNA, input=given) == ["BAD_USER_INPUT"]
    pledged = {**DONE, "materials": [{"code": "income", "trust": "D"}]}
    assert (await office.graph.ask(file, ANNA, input=pledged))["submitCase"]["id"]


LIST = """query L(
  $state: [CaseState!], $item: ID, $mine: Boolean, $department: String, $first: Int, $after: String
) {
  officerCases(state: $state, item: $item, mine: $mine, department: $department, first: $first, after: $after) {
    edges { node { id state } } pageInfo { hasNextPage endCursor } } }"""


async def test_the_work_list_is_the_departments_and_comes_by_the_page(office: Office) -> None:
    """The oldest first; no one's own case, nobody else's department, no learning what is hidden."""
    world = office.world

    async def listed(actor: Any, **wanted: Any) -> list[str]:
        data = await office.graph.ask(LIST, actor, **wanted)
        return [edge["node"]["id"] for edge in data["officerCases"]["edges"]]

    first = await office.filed()
    world.clock.move(minutes=1)
    second = await office.filed(ASSISTANCE, BO)
    world.clock.move(minutes=1)
    third = (await world.cases.submit_case(ANNA, FREE)).id
    await office.does("acceptCase", second)

    assert await listed(HANNA) == [first, second, third]
    assert await listed(HANNA, mine=True) == [second]
    assert await listed(HUGO, mine=True) == []
    assert await listed(HANNA, state=["SUBMITTED"], item=ASSISTANCE.item_code) == [first]
    page = (await office.graph.ask(LIST, CHIEF, first=2))["officerCases"]
    assert page["pageInfo"]["hasNextPage"] is True
    assert await listed(CHIEF, first=2, after=page["pageInfo"]["endCursor"]) == [third]
    assert await listed(STRANGER) == []
    assert await listed(SUPERVISOR, department="civil-affairs") == [first, second, third]
    assert await listed(officer("bo", "handler")) == [first, third]
    assert await office.graph.refused(LIST, STRANGER, department="civil-affairs") == ["FORBIDDEN"]
    assert await office.graph.refused(LIST, ANNA) == ["FORBIDDEN"]
    assert await office.graph.refused(LIST, WINDOW) == ["BAD_USER_INPUT"]
    assert await office.graph.refused(LIST, HANNA, after="nonsense") == ["BAD_USER_INPUT"]


async def test_every_state_says_what_follows_in_both_languages(office: Office) -> None:
    """Art. 8: guidance throughout."""
    case = await office.filed(Submission(ASSISTANCE.item_code, ASSISTANCE.form))
    step = await office.case(case, fields="guidance { code by text textEn }")
    assert (step["guidance"]["code"], step["guidance"]["by"]) == ("submitted", "DEPARTMENT")
    assert "五个工作日" in step["guidance"]["text"]
    assert "5 working days" in step["guidance"]["textEn"]
