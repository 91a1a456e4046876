"""Officers of each department see and decide their own sub-case, and nobody another's. art. 17."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from auth.actor import Actor
from schema.domain.case import Case
from tests.hub.joint_item import ADVISER, FIRE, LEAD, RESTAURANT, TAX, approve, forget, offer
from tests.hub.own_graph import Graph
from tests.hub.test_joint_cases import outcome
from tests.hub.world import ANNA, BO, OPERATOR, World, citizen

WORK = """{ departmentSubCases { receiptNumber form item { code }
  subCase { code state waitsFor department { code } } results { code licence { number } } } }"""
DECIDE = "mutation D($input: DecideSubCaseInput!) { decideSubCase(input: $input) { code state reason opinion } }"
GRANT = """mutation G($department: String!, $chief: ID!, $until: DateTime!) {
  grantDelegation(department: $department, representative: $chief, until: $until) { id } }"""
SUB_CASES = """query C($id: ID!) { case(id: $id) { isJoint
  subCases { code state isRequired dependsOn waitsFor reason licence { kind number issuerCode } } } }"""
FAILED = "{ failedSubCases { receiptNumber subCase { code failed } } }"
REDRIVE = """mutation R($case: ID!, $code: ID!) {
  redriveSubCase(case: $case, subCase: $code, reason: "their system is back") { state failed } }"""


def officer(department: str, role: str = "handler") -> Actor:
    who = citizen(f"officer-{department}", roles=frozenset({"citizen", "department-staff", role}))
    return replace(who, department=department)


@pytest.fixture
async def graph(world: World) -> AsyncIterator[Graph]:
    await offer(world.database)
    yield Graph(world)
    await forget(world.database)


async def file(world: World) -> Case:
    return await world.cases.submit_case(ANNA, RESTAURANT)


def said(case: Case, code: str, decision: str, **more: Any) -> dict[str, Any]:
    return {"case": case.receipt_number, "subCase": code, "decision": decision, **more}


async def test_an_officer_sees_the_own_departments_work_with_what_it_needs(world: World, graph: Graph) -> None:
    """Neither the trade name nor another department's sub-case."""
    case = await file(world)
    work = (await graph.ask(WORK, officer(FIRE)))["departmentSubCases"]
    assert [(each["receiptNumber"], each["subCase"]["code"]) for each in work] == [(case.receipt_number, "fire")]
    assert work[0]["form"] == {"premises": "1 Market Street"}
    assert (await graph.ask(WORK, officer(TAX)))["departmentSubCases"] == []
    assert await graph.refused(WORK, replace(ANNA, department=None)) == ["FORBIDDEN"]
    assert await graph.refused(WORK, replace(BO, department=FIRE)) == ["FORBIDDEN"]


async def test_an_officer_decides_in_place_of_the_system(world: World, graph: Graph) -> None:
    """A chief representative under a delegation alone (art. 17); the next department is told with the result."""
    case = await file(world)
    licence = {"number": "N1", "issuerCode": "110102-SJ"}
    chief = officer(LEAD, "chief-representative")
    approval = said(case, "business", "APPROVE", licence=licence, opinion="in order")
    await graph.ask(DECIDE, officer(LEAD), input=said(case, "business", "ACCEPT"))
    assert await graph.refused(DECIDE, chief, input=approval) == ["FORBIDDEN"]
    until = (world.clock.now() + timedelta(days=1)).isoformat()
    granted = await graph.ask(GRANT, OPERATOR, department=LEAD, chief=chief.subject, until=until)
    await graph.ask(DECIDE, chief, input=approval)
    seen = await graph.ask("query C($id: ID!) { case(id: $id) { events { delegation } } }", ANNA, id=case.id)
    assert granted["grantDelegation"]["id"] in {each["delegation"] for each in seen["case"]["events"]}
    shown = (await graph.ask(SUB_CASES, ANNA, id=case.id))["case"]
    assert shown["isJoint"] is True
    assert shown["subCases"][0] == {
        "code": "business",
        "state": "APPROVED",
        "isRequired": True,
        "dependsOn": [],
        "waitsFor": [],
        "reason": None,
        "licence": {"kind": "business-licence", "number": "N1", "issuerCode": "110102-SJ"},
    }
    assert [(each["code"], each["state"]) for each in shown["subCases"][1:]] == [
        ("fire", "STARTED"),
        ("food", "WAITING"),
        ("tax", "STARTED"),
        ("hygiene", "STARTED"),
    ]
    assert shown["subCases"][2]["waitsFor"] == ["fire"]


async def test_nobody_decides_anothers_sub_case(world: World, graph: Graph) -> None:
    """Who may not is told that there is none; nothing moves."""
    case = await file(world)
    for who in (officer(TAX), officer(LEAD), officer(FIRE, "observer"), ANNA, BO, OPERATOR):
        assert await graph.refused(DECIDE, who, input=said(case, "fire", "ACCEPT")) == ["NOT_FOUND"]
    assert await graph.refused(DECIDE, officer(FIRE), input=said(case, "gone", "ACCEPT")) == ["NOT_FOUND"]
    assert (await world.events(case)).count("sub-case-accepted") == 0


async def test_what_the_rules_forbid_an_officer_is_refused_with_its_reason(world: World, graph: Graph) -> None:
    """A licence without a number, a refusal without remedy, a word on what has not begun."""
    case = await file(world)
    refused = graph.refused
    assert await refused(DECIDE, officer(LEAD), input=said(case, "business", "APPROVE")) == ["BAD_USER_INPUT"]
    no_remedy = said(case, "fire", "DENY", reason="no second exit")
    assert await refused(DECIDE, officer(FIRE), input=no_remedy) == ["INVALID_TRANSITION"]
    assert await refused(DECIDE, officer(TAX), input=said(case, "tax", "ACCEPT")) == ["INVALID_TRANSITION"]


async def test_an_officer_of_an_opinion_is_heard_and_refuses_nothing(world: World, graph: Graph) -> None:
    """9.6: the lead decides, whatever an opinion says."""
    case = await file(world)
    await graph.ask(DECIDE, officer(ADVISER), input=said(case, "hygiene", "DENY", reason="too narrow"))
    for department, code in ((LEAD, "business"), (FIRE, "fire"), (LEAD, "food"), (TAX, "tax")):
        await approve(world, case, department, code)
    assert (await world.commands())[-1]["operation"] == "TestDecide"


async def test_an_operator_sees_a_failed_undoing_and_drives_it_again(world: World, graph: Graph) -> None:
    """As a new command: the first one may have had its effect."""
    case = await file(world)
    await world.applicant.withdraw(ANNA, case.id, None)
    await outcome(world, case, "fire", {"failure": {"code": "OUTCOME_UNKNOWN", "message": "?"}})
    assert (await graph.ask(FAILED, OPERATOR))["failedSubCases"] == [
        {"receiptNumber": case.receipt_number, "subCase": {"code": "fire", "failed": "OUTCOME_UNKNOWN"}}
    ]
    assert await graph.refused(FAILED, officer(FIRE)) == ["FORBIDDEN"]
    assert await graph.refused(REDRIVE, officer(FIRE), case=case.id, code="fire") == ["FORBIDDEN"]

    driven = (await graph.ask(REDRIVE, OPERATOR, case=case.id, code="fire"))["redriveSubCase"]
    assert driven == {"state": "COMPENSATING", "failed": None}
    undoings = [each for each in await world.commands() if each["input"].get("subCase") == "fire"]
    assert [each["operation"] for each in undoings] == ["TestBegin", "TestUndo", "TestUndo"]
    assert await graph.refused(REDRIVE, OPERATOR, case=case.id, code="fire") == ["INVALID_TRANSITION"]
    await outcome(world, case, "fire", {"response": {"data": {"told": {"accepted": True}}}})
    assert (await world.events(case))[-1] == "sub-case-compensated"
