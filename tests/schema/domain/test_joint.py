"""The steps of a joint item as data: what must not go live, and which may begin.

Source: art. 17; domain.md, 9.5, 9.6.
"""

from __future__ import annotations

from typing import Any

import pytest

from schema.domain.joint import JointPlan, S, SubCases, Voice, plan_problems
from tests.schema.domain.joint_cases import RESTAURANT, Played, step


def problems(*steps: Any, asked: tuple[str, ...] = ("premises",)) -> list[str]:
    return list(plan_problems(JointPlan(steps=steps), asked))


def test_a_sound_plan_has_no_problem() -> None:
    assert list(plan_problems(RESTAURANT, ("premises", "menu"))) == []


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((step("a", "b"), step("b", "a")), "wait for each other in a circle"),
        ((step("a", "gone"),), 'depends on "gone", which is no step'),
        ((step("a"), step("a")), '"a" is there twice'),
        ((step("a", voice=Voice.ADVISORY, limit_days=3),), "no step is required"),
        ((step("a"), step("b", voice=Voice.ADVISORY)), "an opinion that may be missed has a limit"),
        ((step("a", deemed_consent=True),), "consent is deemed only after a limit"),
        ((step("a", deemed_consent=True, limit_days=3, licence_kind="k"),), "silence issues no licence"),
        ((step("a", licence_kind="k", compensation=None),), "must be revocable"),
        ((step("a", limit_days=0),), "at least one working day"),
        ((step("a", needs=("menu",)),), 'needs "menu", which nobody is asked for'),
        ((step("a", produces=("r",)), step("b", needs=("r",))), 'needs "r" of step "a". Let it depend'),
        ((step("a", produces=("premises",)),), "must not be asked from the applicant"),
        ((step("a", licence_kind="premises"),), "must not be asked from the applicant"),
    ],
)
def test_what_must_not_go_live_is_told_with_its_mend(steps: Any, words: str) -> None:
    """9.5: what another step of the same case produces is never asked; 9.6: opinions have limits of their own."""
    found = problems(*steps)
    assert len(found) == 1
    assert words in found[0]


def test_what_two_departments_need_is_asked_once() -> None:
    """9.5: both name the same answer of the one form; nothing of it is doubled."""
    assert problems(step("a", needs=("premises",)), step("b", needs=("premises",))) == []


def test_a_result_reaches_those_behind_through_others() -> None:
    """It need not be a direct dependency."""
    chain = (step("a", produces=("r",)), step("b", "a"), step("c", "b", needs=("r",)))
    assert problems(*chain) == []
    assert JointPlan(steps=chain).before("c") == {"a", "b"}
    assert JointPlan(steps=chain).begun_by(["b"]) == ("b", "c")


def test_steps_that_depend_on_nothing_begin_side_by_side() -> None:
    """并联审批: side by side where nothing forbids it."""
    assert SubCases.beginning(RESTAURANT).startable() == ("business", "fire", "signboard")


def test_a_blocked_step_says_what_it_waits_for() -> None:
    """The applicant and the officer see the reason, not a state alone."""
    played = Played().file()
    assert played.sub_cases.waits_for("food") == ("business", "fire")
    played.accepts("business", "fire").approves("business")
    assert played.sub_cases.waits_for("food") == ("fire",)
    assert played.sub_cases.of("tax").state is S.STARTED
