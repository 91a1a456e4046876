"""Admission and exit of service items over the graph (准入退出制); art. 3, 11, 22, 23; domain.md, 9.3."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import col

from auth.actor import Actor
from hub.cases.case_filing import Submission
from hub.catalogue.catalogue import CatalogueStore, seed_entries
from hub.tables.catalogue import CatalogueEntryRow
from schema.errors import DomainError
from tests.hub.own_graph import Graph, request
from tests.hub.world import ANNA, FREE, OPERATOR, World, citizen
from tests.schema.domain.test_catalogue_lint import RIGHT

LEGAL = citizen("lena", roles=frozenset({"citizen", "legal-reviewer"}))
PRICE = citizen("paul", roles=frozenset({"citizen", "price-reviewer"}))
OFFICE = replace(
    citizen("olga", roles=frozenset({"citizen", "department-staff"})), department="jixian-subdistrict"
)
OTHERS = replace(OFFICE, subject="otto", department="finance")
CIVIL = replace(OFFICE, subject="cara", department="civil-affairs")

PROPOSE = """mutation ($content: JSON!) { proposeServiceItem(content: $content, reason: "asked for") {
  id state chargesFee findings { code severity } } }"""
REVIEW = """mutation ($id: ID!, $approve: Boolean!) { reviewServiceItem(
  proposal: $id, approve: $approve, reason: "read") {
  state history { step office by } } }"""
ADMIT = """mutation ($id: ID!, $from: DateTime) { admitServiceItem(
  proposal: $id, reason: "offered", effectiveFrom: $from) { state version } }"""
ITEM = """query ($code: ID!) { serviceItem(code: $code) { version name
  admission { state reason successor { code } history { step office reason version effectiveFrom } } } }"""
FREE_ITEM = {**RIGHT, "fees": [], "steps": RIGHT["steps"][:2]}


@pytest.fixture
async def graph(world: World) -> AsyncIterator[Graph]:
    yield Graph(world)
    made = col(CatalogueEntryRow.code) == RIGHT["code"]
    changed = (col(CatalogueEntryRow.kind) == "item") & (col(CatalogueEntryRow.version) > 2)
    async with world.database.transaction() as session:  # The tests of a session share one catalogue.
        await session.exec(delete(CatalogueEntryRow).where(made | changed))
        await session.exec(delete(CatalogueEntryRow).where(col(CatalogueEntryRow.kind) == "standing"))


async def proposed(graph: Graph, content: dict[str, Any], actor: Actor = OFFICE) -> str:
    return str((await graph.ask(PROPOSE, actor, content=content))["proposeServiceItem"]["id"])


async def admitted(graph: Graph, content: dict[str, Any], actor: Actor = OFFICE) -> str:
    """Through both reviews into the catalogue."""
    proposal = await proposed(graph, content, actor)
    reviewed = await graph.ask(REVIEW, LEGAL, id=proposal, approve=True)
    if reviewed["reviewServiceItem"]["state"] == "FEE_REVIEW":
        await graph.ask(REVIEW, PRICE, id=proposal, approve=True)
    assert (await graph.ask(ADMIT, OPERATOR, id=proposal))["admitServiceItem"]["state"] == "ADMITTED"
    return proposal


async def test_an_item_with_a_fee_passes_law_price_and_operator(graph: Graph) -> None:
    """Proposal, legal review, fee review, admitted: each step with who, by which right and why."""
    made = (await graph.ask(PROPOSE, OFFICE, content=RIGHT))["proposeServiceItem"]
    assert (made["state"], made["chargesFee"], made["findings"]) == ("LEGAL_REVIEW", True, [])
    assert await graph.refused(REVIEW, PRICE, id=made["id"], approve=True) == ["INVALID_TRANSITION"]
    assert await graph.refused(ADMIT, OPERATOR, id=made["id"]) == ["INVALID_TRANSITION"]
    await graph.ask(REVIEW, LEGAL, id=made["id"], approve=True)
    after = (await graph.ask(REVIEW, PRICE, id=made["id"], approve=True))["reviewServiceItem"]
    assert after == {
        "state": "REVIEWED",
        "history": [
            {"step": "PROPOSED", "office": "DEPARTMENT", "by": "olga"},
            {"step": "LEGALLY_APPROVED", "office": "LEGAL_REVIEWER", "by": "lena"},
            {"step": "FEE_APPROVED", "office": "PRICE_REVIEWER", "by": "paul"},
        ],
    }
    assert (await graph.ask(ITEM, None, code="NEW-ITEM"))["serviceItem"] is None
    assert (await graph.ask(ADMIT, OPERATOR, id=made["id"]))["admitServiceItem"] == {
        "state": "ADMITTED",
        "version": 1,
    }
    item = (await graph.ask(ITEM, None, code="NEW-ITEM"))["serviceItem"]
    assert item["admission"]["state"] == "ADMITTED"
    assert [step["step"] for step in item["admission"]["history"]] == [
        "PROPOSED",
        "LEGALLY_APPROVED",
        "FEE_APPROVED",
        "ADMITTED",
    ]
    assert item["admission"]["history"][-1]["effectiveFrom"] == "2026-11-23T09:00:00+00:00"


async def test_without_a_fee_the_price_office_is_not_asked(graph: Graph) -> None:
    proposal = await proposed(graph, FREE_ITEM)
    reviewed = (await graph.ask(REVIEW, LEGAL, id=proposal, approve=True))["reviewServiceItem"]
    assert reviewed["state"] == "REVIEWED"
    assert [step["step"] for step in reviewed["history"]][-1] == "FEE_NOT_NEEDED"


async def test_a_rejected_proposal_is_at_its_end(graph: Graph) -> None:
    proposal = await proposed(graph, FREE_ITEM)
    assert (await graph.ask(REVIEW, LEGAL, id=proposal, approve=False))["reviewServiceItem"]["state"] == "REJECTED"
    assert await graph.refused(REVIEW, LEGAL, id=proposal, approve=True) == ["INVALID_TRANSITION"]
    assert await graph.refused(ADMIT, OPERATOR, id=proposal) == ["INVALID_TRANSITION"]


async def test_only_those_whose_matter_it_is_take_a_step(graph: Graph) -> None:
    """The owner proposes, reviewers review, an operator admits; nobody reviews their own; others read nothing."""
    assert await graph.refused(PROPOSE, OTHERS, content=FREE_ITEM) == ["FORBIDDEN"]
    assert await graph.refused(PROPOSE, ANNA, content=FREE_ITEM) == ["FORBIDDEN"]
    assert await graph.refused(PROPOSE, None, content=FREE_ITEM) == ["UNAUTHENTICATED"]
    both = replace(OFFICE, roles=frozenset({"department-staff", "legal-reviewer"}))
    own = await proposed(graph, FREE_ITEM, both)
    assert await graph.refused(REVIEW, both, id=own, approve=True) == ["INVALID_TRANSITION"]
    assert await graph.refused(REVIEW, OFFICE, id=own, approve=True) == ["FORBIDDEN"]
    assert await graph.refused(ADMIT, LEGAL, id=own) == ["FORBIDDEN"]
    listed = "{ itemProposals { item } }"
    assert (await graph.ask(listed, OTHERS))["itemProposals"] == []
    assert (await graph.ask(listed, LEGAL))["itemProposals"] == [{"item": "NEW-ITEM"}]
    withdraw = 'mutation ($id: ID!) { withdrawItemProposal(proposal: $id, reason: "late") { state } }'
    assert await graph.refused(withdraw, OTHERS, id=own) == ["FORBIDDEN"]
    assert (await graph.ask(withdraw, both, id=own))["withdrawItemProposal"]["state"] == "WITHDRAWN"


async def test_what_the_lint_calls_an_error_is_not_taken(graph: Graph) -> None:
    """A fee without its basis stands in no proposal; art. 22."""
    wrong = deepcopy(RIGHT)
    wrong["fees"][0] |= {"legal_basis": "", "legal_basis_en": ""}
    response = await graph.connector.fetch(request(PROPOSE, OFFICE, {"content": wrong}))
    assert "FEE_WITHOUT_BASIS" in response.errors[0]["message"]
    assert (await graph.ask("{ itemProposals { id } }", OPERATOR))["itemProposals"] == []


async def test_a_new_item_with_a_form_is_live_on_every_process_by_data_alone(graph: Graph, world: World) -> None:
    """Two processes over one database: no restart, seconds, and it can be filed with its own form."""
    other = CatalogueStore(world.database, world.clock)
    assert (await other.current()).item("NEW-ITEM", world.clock.now()) is None
    await admitted(graph, FREE_ITEM)
    world.clock.move(seconds=4)
    item = (await other.current()).item("NEW-ITEM", world.clock.now())
    assert item is not None
    assert item.form["properties"]["kind"]["enum"] == ["a", "b"]


async def test_an_item_is_offered_from_the_day_that_was_said(graph: Graph, world: World) -> None:
    """Effective dates: before it nobody sees the new version, and never from a past day on."""
    proposal = await proposed(graph, FREE_ITEM)
    await graph.ask(REVIEW, LEGAL, id=proposal, approve=True)
    assert await graph.refused(ADMIT, OPERATOR, id=proposal, **{"from": "2026-11-01T00:00:00+08:00"}) == [
        "INVALID_TRANSITION"
    ]
    await graph.ask(ADMIT, OPERATOR, id=proposal, **{"from": "2026-12-01T00:00:00+08:00"})
    assert (await graph.ask(ITEM, None, code="NEW-ITEM"))["serviceItem"] is None
    world.clock.move(days=9)
    assert (await graph.ask(ITEM, None, code="NEW-ITEM"))["serviceItem"]["version"] == 1


async def test_a_running_case_keeps_the_version_it_began_under(graph: Graph, world: World) -> None:
    """A published version is frozen: the next one stands beside it; 9.3."""
    case = await world.cases.submit_case(ANNA, FREE)
    row = next(each for each in _seed() if each.code == FREE.item_code)
    await admitted(graph, {**row.content, "name": "敬老卡办理"}, CIVIL)
    read = "query ($id: ID!) { case(id: $id) { item { name version } } }"
    assert (await graph.ask(ITEM, None, code=FREE.item_code))["serviceItem"]["name"] == "敬老卡办理"
    assert (await graph.ask(read, ANNA, id=case.id))["case"]["item"] == {"name": "老年人优待证办理", "version": 2}


async def test_a_suspended_item_cannot_be_filed_and_comes_back(graph: Graph, world: World) -> None:
    suspend = """mutation { suspendServiceItem(code: "CA-SENIOR-CARD", reason: "cards ran out") {
      admission { state reason } } }"""
    resume = 'mutation { resumeServiceItem(code: "CA-SENIOR-CARD", reason: "cards came") { admission { state } } }'
    stopped = (await graph.ask(suspend, OPERATOR))["suspendServiceItem"]["admission"]
    assert stopped == {"state": "SUSPENDED", "reason": "cards ran out"}
    listed = (await graph.ask("{ serviceItems { code } }", None))["serviceItems"]
    assert {"code": "CA-SENIOR-CARD"} not in listed
    submit = "mutation ($input: SubmitCaseInput!) { submitCase(input: $input) { id } }"
    given = {"itemCode": FREE.item_code, "form": FREE.form}
    assert await graph.refused(submit, ANNA, input=given) == ["NOT_FOUND"]
    with pytest.raises(DomainError, match=r"CA-SENIOR-CARD is suspended \(.cards ran out.\)\. File when"):
        await world.cases.submit_case(ANNA, Submission(FREE.item_code, FREE.form))
    assert await graph.refused(suspend, OPERATOR) == ["INVALID_TRANSITION"]
    assert await graph.refused(resume, CIVIL) == ["FORBIDDEN"]
    await graph.ask(resume, OPERATOR)
    assert await world.cases.submit_case(ANNA, Submission(FREE.item_code, FREE.form))


async def test_a_step_that_was_planned_takes_effect_whatever_was_said_meanwhile(
    graph: Graph, world: World
) -> None:
    """Effective dates: suspended until it leaves the catalogue, it leaves it on its day."""
    leave = """mutation { exitServiceItem(code: "PS-FIREWORKS", reason: "a new law",
      effectiveFrom: "2026-12-01T00:00:00+08:00") { code } }"""
    suspend = 'mutation { suspendServiceItem(code: "PS-FIREWORKS", reason: "dry") { admission { state } } }'
    await graph.ask(leave, OPERATOR)
    assert (await graph.ask(suspend, OPERATOR))["suspendServiceItem"]["admission"]["state"] == "SUSPENDED"
    world.clock.move(days=9)

    found = (await graph.ask(ITEM, None, code="PS-FIREWORKS"))["serviceItem"]

    assert (found["admission"]["state"], found["admission"]["reason"]) == ("EXITED", "a new law")


async def test_a_version_that_was_planned_comes_into_force_on_its_day(graph: Graph, world: World) -> None:
    """A smaller change that is admitted meanwhile is in force until then, and no longer."""
    for name, since in (("新规", "2026-12-01T00:00:00+08:00"), ("更正", None)):
        proposal = await proposed(graph, {**FREE_ITEM, "name": name})
        await graph.ask(REVIEW, LEGAL, id=proposal, approve=True)
        await graph.ask(ADMIT, OPERATOR, id=proposal, **{"from": since})
    assert (await graph.ask(ITEM, None, code="NEW-ITEM"))["serviceItem"]["name"] == "更正"

    world.clock.move(days=9)

    assert (await graph.ask(ITEM, None, code="NEW-ITEM"))["serviceItem"]["name"] == "新规"


async def test_who_sends_again_gets_the_same_case_when_the_item_has_left(graph: Graph, world: World) -> None:
    """The answer was lost, and the item was suspended meanwhile: the case was filed, and its client learns so."""
    submit = "mutation ($input: SubmitCaseInput!) { submitCase(input: $input) { id } }"
    given = {"itemCode": FREE.item_code, "form": FREE.form, "idempotencyKey": "one"}
    first = (await graph.ask(submit, ANNA, input=given))["submitCase"]
    suspend = 'mutation { suspendServiceItem(code: "CA-SENIOR-CARD", reason: "cards ran out") { code } }'
    await graph.ask(suspend, OPERATOR)

    assert (await graph.ask(submit, ANNA, input=given))["submitCase"] == first
    assert await graph.refused(submit, ANNA, input={**given, "idempotencyKey": "two"}) == ["NOT_FOUND"]
    assert await graph.refused(submit, ANNA, input={**given, "form": {"delivery": "window"}}) == ["NOT_FOUND"]


async def test_a_merged_item_points_to_its_successor_and_is_at_its_end(graph: Graph, world: World) -> None:
    merge = """mutation ($to: ID!) { mergeServiceItem(code: "PS-FIREWORKS", successor: $to, reason: "rare") {
      admission { state successor { code } history { step successor } } } }"""
    assert await graph.refused(merge, OPERATOR, to="NOTHING") == ["BAD_USER_INPUT"]
    merged = (await graph.ask(merge, OPERATOR, to="PS-SEAL"))["mergeServiceItem"]["admission"]
    assert (merged["state"], merged["successor"]) == ("MERGED", {"code": "PS-SEAL"})
    assert merged["history"] == [{"step": "MERGED", "successor": "PS-SEAL"}]
    with pytest.raises(DomainError, match=r"PS-FIREWORKS was merged into PS-SEAL \(.rare.\)\. File that one\."):
        await world.cases.submit_case(ANNA, Submission("PS-FIREWORKS", {}))
    leave = 'mutation { exitServiceItem(code: "PS-FIREWORKS", reason: "gone") { code } }'
    assert await graph.refused(leave, OPERATOR) == ["INVALID_TRANSITION"]


async def test_a_change_is_tried_against_last_years_cases(graph: Graph, world: World) -> None:
    """9.3: whom in progress it touches, before it is published; who may not read cases is told counts alone."""
    case = await world.cases.submit_case(ANNA, FREE)
    await world.cases.submit_case(ANNA, Submission(FREE.item_code, {"delivery": "window"}))
    row = next(each for each in _seed() if each.code == FREE.item_code)
    changed = deepcopy(row.content)
    changed["form"]["properties"]["delivery"] |= {
        "enum": ["window", "locker"],
        "enum_titles": ["窗口领取", "取件柜"],
        "enum_titles_en": ["At the window", "Pick-up locker"],
    }
    attempt = """query ($content: JSON!) { tryServiceItem(content: $content) { findings { code } cases
      wouldBeRefused inProgress inProgressTouched touched { receiptNumber state problems } } }"""
    told = (await graph.ask(attempt, OPERATOR, content=changed))["tryServiceItem"]
    assert told == {
        "findings": [],
        "cases": 2,
        "wouldBeRefused": 1,
        "inProgress": 2,
        "inProgressTouched": 1,
        "touched": [
            {
                "receiptNumber": case.receipt_number,
                "state": "SUBMITTED",
                "problems": ["`form.delivery` must be one of: window, locker."],
            }
        ],
    }
    told = (await graph.ask(attempt, LEGAL, content=changed))["tryServiceItem"]
    assert (told["inProgressTouched"], told["touched"]) == (1, [])
    assert await graph.refused(attempt, ANNA, content=changed) == ["FORBIDDEN"]


async def test_items_with_little_demand_are_listed_for_merging_or_exit(graph: Graph, world: World) -> None:
    """From the cases of a year, never from opinion; exempt ones and young ones are not among them; art. 3."""
    world.clock.move(days=400)
    for number in range(3):
        await world.cases.submit_case(ANNA, replace(FREE, idempotency_key=str(number)))
    listed = "{ itemsWithLittleDemand { item { code } cases } }"
    found = (await graph.ask(listed, OPERATOR))["itemsWithLittleDemand"]
    codes = [each["item"]["code"] for each in found]
    assert "CA-MARRIAGE-RECORD" in codes
    assert not {"CA-SENIOR-CARD", "PS-SECRET"} & set(codes)
    assert await graph.refused(listed, LEGAL) == ["FORBIDDEN"]


def _seed() -> tuple[CatalogueEntryRow, ...]:
    return tuple(row for row in seed_entries() if row.kind == "item")
