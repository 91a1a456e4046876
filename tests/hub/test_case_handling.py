"""Officers handle the cases of their department: domain.md, sections 3, 4 and 9.2; art. 4, 5, 12, 17."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.cases import case_store
from schema.domain.case import fold
from tests.hub.officers import (
    ASSISTANCE,
    CHIEF,
    HANNA,
    HUGO,
    REFUSAL,
    SOON,
    SUPERVISOR,
    WINDOW,
    Office,
    Word,
)
from tests.hub.world import ANNA, BO, FREE, OPERATOR, WITH_FEE, World


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


async def test_an_officer_takes_a_case_to_its_decision(office: Office) -> None:
    """No system of the department is told; the case is completed by the one decision."""
    case = await office.in_review()
    decided = await office.does("approveCase", case)

    assert decided["state"] == "COMPLETED"
    assert await office.happened(case) == ["submitted", "accepted", "review-started", "approved", "completed"]
    assert await office.world.commands() == []


@pytest.mark.parametrize("deed", ["denyCase", "refuseAcceptance"])
async def test_a_refusal_needs_reason_and_remedy(office: Office, deed: str) -> None:
    """Section 9.2: a refusal without them is impossible; the attempt leaves a trace for supervision."""
    case = await (office.in_review() if deed == "denyCase" else office.filed())

    assert await office.may_not(deed, case, reason=" ", remedy="appeal") == ["INVALID_TRANSITION"]
    office.world.clock.move(seconds=1)
    assert await office.may_not(deed, case, reason="why", remedy="") == ["INVALID_TRANSITION"]
    refused = await office.does(deed, case, **REFUSAL)

    assert (refused["reason"], refused["remedy"]) == (REFUSAL["reason"], REFUSAL["remedy"])
    seen = await office.case(case, SUPERVISOR, "refusedAttempts { attempted actor why }")
    assert [each["actor"] for each in seen["refusedAttempts"]] == ["officer", "officer"]
    assert await office.case(case, ANNA, "refusedAttempts { why }") == {"refusedAttempts": []}


async def test_what_is_missing_is_asked_for_once_and_answered_completely(office: Office) -> None:
    """一次性告知 (section 3): a remark for each; the answer covers all of it; a second time is refused."""
    case = await office.filed()
    notice: dict[str, Any] = {
        "reason": "incomplete",
        "answerBy": SOON,
        "materials": [
            {"name": "income", "remark": "of the whole household"},
            {"name": "diagnosis", "remark": "add it"},
        ],
        "fields": [{"name": "telephone", "remark": "does not answer"}],
    }
    asked = await office.does("requestSupplement", case, **notice)
    assert asked["state"] == "SUPPLEMENT_REQUESTED"
    fields = "answerBy formRemarks { field remark } materials { code state remark } guidance { by until }"
    assert await office.case(case, ANNA, fields) == {
        "answerBy": "2026-12-20T16:00:00+00:00",
        "formRemarks": [{"field": "telephone", "remark": "does not answer"}],
        "materials": [
            {"code": "income", "state": "RETURNED", "remark": "of the whole household"},
            {"code": "diagnosis", "state": "MISSING", "remark": "add it"},
        ],
        "guidance": {"by": "APPLICANT", "until": "2026-12-20T16:00:00+00:00"},
    }

    answer = "mutation S($input: SupplementInput!) { supplementCase(input: $input) { state } }"
    part: dict[str, Any] = {"case": case, "materials": [{"code": "income", "reference": "paper:2"}]}
    assert await office.graph.refused(answer, ANNA, input=part) == ["BAD_USER_INPUT"]
    whole = {
        "case": case,
        "form": {"telephone": "13900000000"},
        "materials": [{"code": "income", "reference": "paper:2"}, {"code": "diagnosis", "reference": "paper:3"}],
    }
    assert await office.graph.refused(answer, BO, input=whole) == ["NOT_FOUND"]
    assert (await office.graph.ask(answer, ANNA, input=whole))["supplementCase"] == {"state": "SUBMITTED"}
    assert (await office.case(case, HANNA, "form"))["form"]["telephone"] == "13900000000"

    assert await office.may_not("requestSupplement", case, **notice) == ["INVALID_TRANSITION"]
    seen = await office.case(case, SUPERVISOR, "refusedAttempts { attempted why }")
    assert seen["refusedAttempts"][0]["attempted"] == "supplement-requested"
    assert "一次性告知" in seen["refusedAttempts"][0]["why"]


async def test_a_notice_names_what_the_item_has(office: Office) -> None:
    """And says of each what is missing."""
    case = await office.filed()
    common: dict[str, Any] = {"reason": "incomplete", "answerBy": SOON}
    strange = [{"name": "birth certificate", "remark": "add it"}]

    assert await office.may_not("requestSupplement", case, **common, materials=strange) == ["BAD_USER_INPUT"]
    assert await office.may_not("requestSupplement", case, **common, fields=strange) == ["BAD_USER_INPUT"]
    assert await office.may_not("requestSupplement", case, **common) == ["INVALID_TRANSITION"]
    mute = [{"name": "income", "remark": " "}]
    assert await office.may_not("requestSupplement", case, **common, materials=mute) == ["INVALID_TRANSITION"]


async def test_a_special_procedure_suspends_and_an_extension_is_given_once(office: Office) -> None:
    """Section 4: ground and expected end; at most 10 working days, another approver, the applicant told."""
    case = await office.in_review()
    suspension: dict[str, Any] = {
        "ground": Word("SITE_INSPECTION"),
        "expectedEnd": "2026-12-01",
        "reason": "a visit",
    }
    past = {**suspension, "expectedEnd": "2026-11-22"}
    assert await office.may_not("suspendCase", case, **past) == ["INVALID_TRANSITION"]
    assert (await office.does("suspendCase", case, **suspension))["state"] == "SUSPENDED"
    assert (await office.does("resumeCase", case, outcome="as described"))["state"] == "IN_REVIEW"

    extension: dict[str, Any] = {"approver": "boss", "reason": "an expert is ill"}
    assert await office.may_not("extendCase", case, workingDays=11, **extension) == ["INVALID_TRANSITION"]
    alone = {**extension, "approver": "hanna"}
    assert await office.may_not("extendCase", case, workingDays=5, **alone) == ["INVALID_TRANSITION"]
    stranger = {**extension, "approver": "iris"}
    assert await office.may_not("extendCase", case, workingDays=5, **stranger) == ["BAD_USER_INPUT"]
    await office.does("extendCase", case, workingDays=10, **extension)
    assert await office.may_not("extendCase", case, workingDays=1, **extension) == ["INVALID_TRANSITION"]

    told = await office.case(case, ANNA, "events { type reason ground expectedEnd workingDays }")
    assert told["events"][3:] == [
        _event("suspended", "a visit", ground="SITE_INSPECTION", expectedEnd="2026-12-01"),
        _event("resumed", "as described"),
        _event("extended", "an expert is ill", workingDays=10),
    ]


def _event(type: str, reason: str, **more: Any) -> dict[str, Any]:
    return {"type": type, "reason": reason, "ground": None, "expectedEnd": None, "workingDays": None, **more}


async def test_of_two_decisions_at_the_same_moment_one_takes_effect(office: Office) -> None:
    """An officer's and the department's own: the second is refused with a trace, and is no dead letter."""
    world = office.world
    case = await world.cases.submit_case(ANNA, FREE)
    for step in ("jiyi.case.accepted", "jiyi.case.review-started"):
        await world.says(case, step)

    denied, ending = await asyncio.gather(
        office.graph.connector.fetch(_deny(case.id)),
        world.says(case, "jiyi.case.decided", decision="approved"),
    )

    events = await office.happened(case.id)
    assert len([each for each in events if each in {"approved", "denied"}]) == 1
    if "denied" in events:
        assert (denied.errors, ending) == ((), "acknowledged")
    else:
        assert [error["extensions"]["code"] for error in denied.errors] == ["INVALID_TRANSITION"]


def _deny(case: str) -> Any:
    from tests.hub.own_graph import request

    query = 'mutation D($c: ID!) { denyCase(case: $c, reason: "too young", remedy: "appeal") { state } }'
    return request(query, HANNA, {"c": case})


async def test_a_departments_late_word_about_a_case_in_an_officers_hand_is_noted(office: Office) -> None:
    """Both were right when they spoke; the case stays as the officer decided it."""
    world = office.world
    case = await world.cases.submit_case(ANNA, FREE)
    await office.does("acceptCase", case.id)
    await office.does("startReview", case.id)
    await office.does("denyCase", case.id, **REFUSAL)

    assert await world.says(case, "jiyi.case.decided", decision="approved") == "acknowledged"
    assert (await world.read(case)).state == "DENIED"


async def test_many_are_decided_at_once_each_with_its_own_outcome(office: Office) -> None:
    """What one case refuses stops no other."""
    ready, early = await office.in_review(), await office.filed()
    query = """mutation D($cases: [ID!]!) {
      decideCases(cases: $cases, decision: APPROVE) { id case { state } code } }"""
    data = await office.graph.ask(query, HANNA, cases=[ready, early, "no-such"])

    assert data["decideCases"] == [
        {"id": ready, "case": {"state": "COMPLETED"}, "code": None},
        {"id": early, "case": None, "code": "INVALID_TRANSITION"},
        {"id": "no-such", "case": None, "code": "NOT_FOUND"},
    ]


async def test_a_supervisor_urges_and_opens_the_green_channel(office: Office) -> None:
    """督办 (art. 4) with a deadline of its own; 绿色通道 (art. 5) with the item's shorter limit."""
    case = await office.filed()
    urge: dict[str, Any] = {"reason": "too slow", "answerBy": SOON}
    assert await office.may_not("urgeCase", case, HANNA, **urge) == ["FORBIDDEN"]
    await office.does("urgeCase", case, SUPERVISOR, **urge)
    past = {**urge, "answerBy": "2026-11-01T00:00:00+00:00"}
    assert await office.may_not("urgeCase", case, SUPERVISOR, **past) == ["INVALID_TRANSITION"]

    assert await office.may_not("expediteCase", case, SUPERVISOR, reason="x", limitDays=10) == ["BAD_USER_INPUT"]
    await office.does("expediteCase", case, SUPERVISOR, reason="danger to life")
    seen = await office.case(case, ANNA, "isExpedited events { type answerBy }")
    assert seen["isExpedited"] is True
    assert seen["events"][1] == {"type": "urged", "answerBy": "2026-12-20T16:00:00+00:00"}


async def test_reopening_has_a_right_of_its_own_and_clears_the_ends(office: Office) -> None:
    """Section 9.2; neither the department nor the applicant reopens."""
    case = await office.in_review()
    await office.does("approveCase", case)
    assert (await office.case(case, fields="endedAt"))["endedAt"] is not None

    for nobody in (HANNA, CHIEF):
        assert await office.may_not("reopenCase", case, nobody, reason="mistake") == ["FORBIDDEN"]
    assert await office.may_not("reopenCase", case, ANNA, reason="mistake") == ["FORBIDDEN"]
    assert await office.may_not("reopenCase", case, SUPERVISOR, reason=" ") == ["INVALID_TRANSITION"]
    await office.does("reopenCase", case, SUPERVISOR, reason="a new fact")
    assert await office.case(case, fields="state endedAt") == {"state": "IN_REVIEW", "endedAt": None}
    assert (await office.does("approveCase", case))["state"] == "COMPLETED"


async def test_a_fee_that_was_paid_is_not_ordered_again_after_reopening(office: Office) -> None:
    """The licence that was issued stands, too."""
    world = office.world
    case = await world.decided(WITH_FEE)
    async with world.database.transaction() as session:
        row = await case_store.find(session, case.id, lock=True)
        assert row is not None
        row.facts = {**row.facts, "fee_is_paid": True}
    await office.does("issueResult", case.id, number="MZ7")
    await office.does("reopenCase", case.id, SUPERVISOR, reason="a new fact")
    await office.does("approveCase", case.id)

    assert (await office.happened(case.id))[-2:] == ["approved", "completed"]
    assert len((await world.fees.orders_of_cases((case.id,)))[case.id]) == 1


async def test_a_result_goes_by_post_with_tracking_and_is_confirmed(office: Office) -> None:
    """Art. 12, 13: post, locker or window; the window's officer may hand it out."""
    case = await office.in_review()
    await office.does("approveCase", case)
    early = "mutation C($c: ID!) { confirmResult(case: $c) { state } }"
    assert await office.graph.refused(early, ANNA, c=case) == ["INVALID_TRANSITION"]
    assert await office.may_not("sendResult", case, way=Word("POST")) == ["INVALID_TRANSITION"]

    await office.does("sendResult", case, WINDOW, way=Word("POST"), tracking="EMS123")
    assert (await office.case(case, fields="guidance { code }"))["guidance"] == {"code": "receive-post"}
    await office.graph.ask(early, ANNA, c=case)
    seen = await office.case(case, fields="events { type way tracking actor }")
    assert seen["events"][-2:] == [
        {"type": "result-sent", "way": "POST", "tracking": "EMS123", "actor": "officer"},
        {"type": "result-collected", "way": None, "tracking": None, "actor": "applicant"},
    ]


async def test_what_can_be_done_is_told_by_office(office: Office) -> None:
    """Pages offer this and nothing else."""
    case = await office.filed()
    told = {who.subject: (await office.case(case, who, "actions"))["actions"] for who in (ANNA, HANNA, SUPERVISOR)}
    assert told == {
        "anna": ["REMIND", "WITHDRAW", "CONTINUE"],
        "hanna": ["ACCEPT", "REFUSE_ACCEPTANCE", "REQUEST_SUPPLEMENT", "TERMINATE", "HAND_OVER"],
        "supervisor": ["URGE", "EXPEDITE"],
    }


async def test_what_was_handed_in_is_read_by_those_who_decide_alone(office: Office) -> None:
    """Who watches over a case, or runs the hub, sees how it moves, not what is in it."""
    case = await office.filed()
    content = "form materials { code }"
    for reader in (ANNA, HANNA, WINDOW):
        assert (await office.case(case, reader, content))["form"] == ASSISTANCE.form
    for watcher in (SUPERVISOR, OPERATOR):
        assert await office.case(case, watcher, content) == {"form": None, "materials": []}


async def test_the_row_is_the_fold_of_the_events(office: Office) -> None:
    """After everything that officers do."""
    case = await office.in_review()
    await office.does("suspendCase", case, ground=Word("TESTING"), expectedEnd="2026-12-01", reason="a test")
    await office.does("resumeCase", case)
    await office.does("extendCase", case, workingDays=2, approver="boss", reason="more tests")
    await office.does("handOverCase", case, to="hugo", reason="on leave")
    await office.does("approveCase", case, HUGO)
    await office.does("sendResult", case, HUGO, way=Word("WINDOW"))

    async with office.world.database.reading() as session:
        row = await case_store.find(session, case)
        assert row is not None
        kept = case_store.case_of(row)
        events = (await case_store.events(session, (case,)))[case]
    assert fold(case_store.beginning(kept), events) == kept


OVERDUE = """query O($overdue: Boolean!) { officerCases(overdue: $overdue) {
  edges { node { id dueAt isOverdue } } } }"""


async def test_cases_whose_limit_has_passed_are_listed_apart(office: Office) -> None:
    """限时办结 (section 4, art. 17): an officer sees what is late; what is decided is late no more."""
    case, other = await office.in_review(), await office.filed()

    async def listed(*, overdue: bool) -> dict[str, bool]:
        edges = (await office.graph.ask(OVERDUE, HANNA, overdue=overdue))["officerCases"]["edges"]
        return {each["node"]["id"]: each["node"]["isOverdue"] for each in edges}

    assert await listed(overdue=True) == {}
    assert await listed(overdue=False) == {case: False, other: False}
    office.world.clock.move(days=60)
    assert await listed(overdue=True) == {case: True}
    await office.does("approveCase", case)
    assert await listed(overdue=True) == {}


async def test_silence_counts_before_what_an_officer_says_later(office: Office) -> None:
    """Section 3: after 5 working days the case counts as accepted, also where no worker came to say so; whoever
    then asks for a supplement is too late, and the refusal does not take the acceptance back."""
    case = await office.filed()
    office.world.clock.move(days=9)
    wanted: dict[str, Any] = {"reason": "incomplete", "answerBy": SOON}
    wanted |= {"materials": [{"name": "income", "remark": "of all"}]}

    assert await office.may_not("requestSupplement", case, **wanted) == ["INVALID_TRANSITION"]

    assert (await office.case(case, HANNA, "state"))["state"] == "ACCEPTED"
    assert "accepted" in await office.happened(case)


async def test_the_applicant_is_told_what_moves_the_due_date_or_ends_the_case(office: Office) -> None:
    """Section 4: of an extension, of a suspension and its end; of a termination, and of a new limit."""
    case = await office.in_review()
    await office.does("suspendCase", case, ground=Word("TESTING"), expectedEnd="2026-12-01", reason="a test")
    await office.does("resumeCase", case)
    await office.does("extendCase", case, workingDays=2, approver="boss", reason="more tests")
    await office.does("terminateCase", case, reason="the applicant died")
    other = await office.in_review()
    await office.does("approveCase", other)
    await office.does("reopenCase", other, SUPERVISOR, reason="a new fact")

    told = (await office.graph.ask("{ notices { kind textEn } }", ANNA))["notices"]

    assert [(each["kind"], each["textEn"].partition(" ")[2][21:].lstrip(": ")) for each in reversed(told)] == [
        ("DUE_DATE_MOVED", "its time limit stands still for a special procedure. Read why, and until when."),
        ("DUE_DATE_MOVED", "the special procedure is over and its time limit runs again."),
        ("DUE_DATE_MOVED", "its time limit was extended. Read by how much, and why."),
        ("DECIDED", "has ended without a decision. Read why."),
        ("DECIDED", "was decided. Read the result, and what you can do about it."),
        ("DUE_DATE_MOVED", "was reopened and has a new time limit. Read why."),
    ]
