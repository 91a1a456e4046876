"""What follows in a joint case from each answer; for any plan, any answers and any order. Source: art. 17; 9.6."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.domain import joint_flow
from schema.domain.case import (
    WITHOUT_RESULT,
    Case,
    CaseActor,
    CaseEventType,
    CaseState,
    ImpossibleTransition,
    fold,
)
from schema.domain.joint import ENDED, OPEN, JointPlan, S, SubCases, Voice
from tests.schema.domain.joint_cases import REFUSAL, RESTAURANT, Played, step

E = CaseEventType


def approved() -> Played:
    played = Played().file().accepts("business", "fire").approves("business", "fire", "food", "tax", "signboard")
    return played.happens(E.APPROVED, CaseActor.DEPARTMENT)


def test_first_steps_are_told_side_by_side_and_the_others_after_what_they_need() -> None:
    """The one department of an ordinary item is not told: its steps are."""
    played = Played().file()
    assert played.told() == ["business start", "fire start", "signboard start"]
    played.accepts("business", "fire").approves("business")
    assert played.told()[3:] == ["tax start"]
    played.approves("fire")
    assert played.told()[4:] == ["food start"]


def test_the_whole_is_accepted_when_all_who_come_first_have_accepted() -> None:
    """One acceptance, one limit: it begins for all together."""
    played = Played().file().accepts("business")
    assert played.case.state is CaseState.SUBMITTED
    assert played.accepts("fire").case.state is CaseState.IN_REVIEW


def test_the_lead_is_asked_once_all_answers_are_in() -> None:
    """art. 17: the lead's decision waits for all."""
    played = Played().file().accepts("business", "fire").approves("business", "fire", "food", "tax")
    assert "lead" not in played.told()
    assert played.sub_cases.missing() == ("signboard",)
    with pytest.raises(ImpossibleTransition, match="have not all answered"):
        played.happens(E.APPROVED, CaseActor.DEPARTMENT)
    with pytest.raises(ImpossibleTransition, match="have not all answered"):
        played.happens(E.DENIED, CaseActor.DEPARTMENT)
    played.approves("signboard")
    assert played.told()[-1] == "lead"
    assert played.happens(E.APPROVED, CaseActor.DEPARTMENT).case.state is CaseState.APPROVED


def test_one_result_has_the_licences_of_all() -> None:
    """One application, one result, several licences."""
    assert [each.kind for each in approved().sub_cases.licences()] == ["business-licence", "food-permit"]


def test_a_refusal_stops_the_dependants_with_its_reason_and_refuses_the_whole() -> None:
    """What was begun is undone, what was not begun never begins."""
    played = Played().file().accepts("business", "fire").approves("business").denies("fire")
    assert (played.case.state, played.case.reason, played.case.remedy) == (
        CaseState.DENIED,
        "no second exit",
        "appeal within 60 days",
    )
    food = played.sub_cases.of("food")
    assert (food.state, food.reason) == (S.STOPPED, "no second exit")
    assert played.told()[4:] == ["tax compensate"]
    assert played.states()["signboard"] is S.STOPPED


def test_undoing_goes_backwards() -> None:
    """The business licence is revoked after what was built on it, never before."""
    played = approved().happens(E.LAPSED, CaseActor.SYSTEM)
    assert sorted(played.told()[-2:]) == ["food compensate", "tax compensate"]
    played.undoes("food")
    assert played.told()[-1] == "fire compensate"
    played.undoes("tax")
    assert played.told()[-1] == "business compensate"
    played.undoes("business", "fire")
    assert played.sub_cases.are_settled()
    assert played.sub_cases.licences() == ()


def test_a_refusal_without_remedy_cannot_be_said() -> None:
    """9.2; an opinion refuses nothing, so it needs none."""
    played = Played().file()
    with pytest.raises(ImpossibleTransition, match="remedy"):
        played.says("fire", "decided", decision="denied", reason="no")
    played.says("signboard", "decided", decision="denied", reason="too bright")
    assert played.case.state is CaseState.SUBMITTED
    assert played.sub_cases.refusal() is None


def test_departments_ask_for_what_is_missing_in_one_notice() -> None:
    """一次性告知: others add to it while it is open; afterwards nobody may ask again."""
    played = Played().file().says("fire", "supplement-requested", notice="the floor plan")
    assert played.case.state is CaseState.SUPPLEMENT_REQUESTED
    played.says("business", "supplement-requested", notice="the lease")
    assert [event.type for event in played.events].count(E.SUPPLEMENT_REQUESTED) == 1
    played.happens(E.SUPPLEMENTED)
    assert played.told()[3:] == ["business supplement", "fire supplement"]
    assert played.states()["fire"] is S.STARTED
    assert played.accepts("business", "fire").case.state is CaseState.IN_REVIEW
    with pytest.raises(ImpossibleTransition):
        played.says("tax", "supplement-requested", notice="more")


def test_not_accepting_at_first_sight_is_not_accepting_the_whole() -> None:
    """不予受理 before acceptance."""
    told = {key: REFUSAL[key] for key in ("reason", "remedy")}
    played = Played().file().accepts("business").says("fire", "not-accepted", **told)
    assert played.case.state is CaseState.NOT_ACCEPTED
    assert played.told()[3:] == ["business compensate"]


def test_a_refusal_while_the_applicant_supplements_counts_afterwards() -> None:
    """The notice promised that the answer would be looked at."""
    played = Played().file().says("fire", "supplement-requested", notice="the floor plan").denies("business")
    before = played.case.state
    after = played.happens(E.SUPPLEMENTED).case.state
    assert (before, after) == (CaseState.SUPPLEMENT_REQUESTED, CaseState.DENIED)


def test_silence_is_consent_where_the_rule_says_so() -> None:
    """9.6: deemed consent; without the rule an opinion is missed, and a required answer stays owed."""
    played = Played().file()
    deemed = joint_flow.limit_passed(played.case, played.sub_cases, "signboard", played.now())
    assert deemed is not None
    assert played.take(deemed).states()["signboard"] is S.DEEMED
    assert joint_flow.limit_passed(played.case, played.sub_cases, "fire", played.now()) is None
    opinion = JointPlan(steps=(step("a"), step("b", voice=Voice.ADVISORY, limit_days=1)))
    other = Played(opinion).file()
    missed = joint_flow.limit_passed(other.case, other.sub_cases, "b", other.now())
    assert missed is not None
    assert other.take(missed).states()["b"] is S.MISSED


def test_a_failed_command_is_driven_again_as_a_new_one() -> None:
    """Only what failed, and under a name of its own: the first may have had its effect."""
    played = Played().file().happens(E.WITHDRAWN)
    with pytest.raises(ImpossibleTransition, match="has not failed"):
        played.take(joint_flow.redrive(played.case, played.sub_cases, "fire", "again", "op", played.now()))
    played.happens(E.COMMAND_FAILED, CaseActor.SYSTEM, subCase="fire", code="OUTCOME_UNKNOWN")
    assert played.sub_cases.of("fire").failed == "OUTCOME_UNKNOWN"
    played.take(joint_flow.redrive(played.case, played.sub_cases, "fire", "again", "op", played.now()))
    assert played.told()[-1] == "fire compensate"
    assert (played.sub_cases.of("fire").attempt, played.sub_cases.of("fire").failed) == (2, None)


@pytest.mark.parametrize(
    ("type", "data", "words"),
    [
        ("accepted", {"subCase": "gone"}, 'no sub-case "gone"'),
        ("decided", {"subCase": "fire", "decision": "perhaps"}, '"approved" or "denied"'),
        ("decided", {"subCase": "business", "decision": "approved"}, "issues a licence"),
        ("forgotten", {"subCase": "fire"}, "No word on a sub-case"),
    ],
)
def test_what_makes_no_sense_is_refused(type: str, data: dict[str, str], words: str) -> None:
    played = Played().file()
    with pytest.raises(ValueError, match=words):
        joint_flow.sub_case_said(played.case, played.sub_cases, f"jiyi.sub-case.{type}", data, played.now())


ANSWERS = ("approve", "approve", "approve", "accept", "deny", "silent")


@dataclass(frozen=True)
class Setting:
    """A plan, each department's answer, and whether the applicant withdraws after so many words."""

    plan: JointPlan
    answers: dict[str, str]
    withdraws_after: int | None


@st.composite
def plans(draw: st.DrawFn) -> JointPlan:
    names = "abcdef"[: draw(st.integers(1, 6))]
    steps = []
    for place, name in enumerate(names):
        before = draw(st.sets(st.sampled_from(names[:place]))) if place else set()
        is_advisory = place > 0 and draw(st.booleans())
        voice = {"voice": Voice.ADVISORY, "limit_days": 1} if is_advisory else {}
        deemed = {"deemed_consent": True} if is_advisory and draw(st.booleans()) else {}
        has_licence = not is_advisory and draw(st.booleans())
        undo = "undo" if has_licence or draw(st.booleans()) else None
        licence = f"licence-{name}" if has_licence else None
        steps.append(step(name, *sorted(before), **voice, **deemed, compensation=undo, licence_kind=licence))
    return JointPlan(steps=tuple(draw(st.permutations(steps))))


@st.composite
def situations(draw: st.DrawFn) -> Setting:
    plan = draw(plans())
    answers = {}
    for each in plan.steps:
        answer = draw(st.sampled_from(ANSWERS))
        answers[each.code] = "approve" if answer == "silent" and each.is_required else answer
    return Setting(plan, answers, draw(st.none() | st.integers(0, 8)))


def play(setting: Setting, draw: st.DataObject, *, may_withdraw: bool) -> Played:
    """All departments answer in an order that is drawn, until nobody has anything to say."""
    played, words = Played(setting.plan).file(), 0
    for _ in range(60):
        if may_withdraw and words == setting.withdraws_after:
            with contextlib.suppress(ImpossibleTransition):
                played.happens(E.WITHDRAWN)
        waiting = played.in_state(*OPEN, S.COMPENSATING)
        if waiting:
            _answer(played, draw.draw(st.sampled_from(waiting)), setting)
            words += 1
        elif played.case.state is CaseState.IN_REVIEW:
            played.happens(E.APPROVED, CaseActor.DEPARTMENT)
        else:
            return played
        _check(played)
    raise AssertionError(f"it never ends: {played.states()}")


def _answer(played: Played, code: str, setting: Setting) -> None:
    state, answer = played.states()[code], setting.answers[code]
    if state is S.COMPENSATING:
        played.undoes(code)
    elif answer == "accept" and state is S.STARTED:
        played.accepts(code)
    elif answer == "silent":
        passed = joint_flow.limit_passed(played.case, played.sub_cases, code, played.now())
        assert passed is not None
        played.take(passed)
    elif answer == "deny":
        played.denies(code)
    else:
        played.approves(code)


def _check(played: Played) -> None:
    """What holds after every event."""
    for each, sub_case in played.sub_cases:
        if sub_case.state not in {S.WAITING, S.STOPPED}:
            begun = all(played.sub_cases.of(code).started_at for code in each.depends_on)
            assert begun, f"{each.code} began before what it depends on: {played.states()}"
        if sub_case.state is S.COMPENSATING:
            above = set(setting_above(played.plan, each.code))
            assert not above & set(played.in_state(*OPEN, S.COMPENSATING))
            standing = above & set(played.in_state(S.APPROVED, S.DEEMED))
            assert all(played.plan.step(code).compensation is None for code in standing)  # type: ignore[union-attr]  # a step


def setting_above(plan: JointPlan, code: str) -> tuple[str, ...]:
    return tuple(each for each in plan.begun_by([code]) if each != code)


def outcome(played: Played) -> tuple[str, tuple[str, ...]]:
    """What the applicant has in the end; whether a refusal came before or after acceptance is one."""
    refused = played.case.state in {CaseState.DENIED, CaseState.NOT_ACCEPTED}
    return (
        "refused" if refused else str(played.case.state),
        tuple(sorted(each.kind for each in played.sub_cases.licences())),
    )


@settings(max_examples=60, deadline=None)
@given(situations(), st.data())
def test_any_order_of_answers_gives_the_same_outcome(setting: Setting, data: st.DataObject) -> None:
    """Whoever is fastest, the applicant has the same in the end."""
    assert outcome(play(setting, data, may_withdraw=False)) == outcome(play(setting, data, may_withdraw=False))


@settings(max_examples=60, deadline=None)
@given(situations(), st.data())
def test_everything_begun_is_finished_or_undone_in_the_end(setting: Setting, data: st.DataObject) -> None:
    """Also where the applicant withdraws at any moment; no licence outlives an end without a result."""
    played = play(setting, data, may_withdraw=True)
    assert played.sub_cases.are_settled(), played.states()
    assert all(state in ENDED for state in played.states().values())
    if played.case.state in WITHOUT_RESULT:
        assert played.sub_cases.licences() == ()


@settings(max_examples=60, deadline=None)
@given(situations(), st.data())
def test_case_and_sub_cases_are_the_fold_of_their_events(setting: Setting, data: st.DataObject) -> None:
    """Nothing stands anywhere that the events do not say."""
    played = play(setting, data, may_withdraw=True)
    begun = Case("1", "JY261123-0123456789-X", "ITEM", 1, "anna")
    assert fold(begun, played.events) == played.case
    assert joint_flow.fold(SubCases.beginning(setting.plan), played.events) == played.sub_cases
    assert [event.version for event in played.events] == list(range(1, len(played.events) + 1))


def test_every_step_has_its_answer_before_the_restaurant_is_approved() -> None:
    """The example of the document, walked whole."""
    played = approved()
    assert set(played.states()) == {each.code for each in RESTAURANT.steps}
    assert set(played.states().values()) == {S.APPROVED}
