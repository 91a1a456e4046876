"""Surveys, rule by rule (articles 2, 7, 8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schema.domain.survey import (
    QuestionKind,
    SurveyOption,
    SurveyQuestion,
    SurveyState,
    answer_problems,
    state_of,
    survey_problems,
    tally,
)

K = QuestionKind
NOW = datetime(2026, 11, 23, tzinfo=UTC)
OPENS, CLOSES = NOW + timedelta(days=1), NOW + timedelta(days=8)
SAT, SUN = SurveyOption("SAT", "周六", "Saturday"), SurveyOption("SUN", "周日", "Sunday")
DAY = SurveyQuestion("day", "哪天？", "Which day?", K.SINGLE, (SAT, SUN))
DAYS = SurveyQuestion("days", "哪些天？", "Which days?", K.MULTIPLE, (SAT, SUN), is_required=False)
WHY = SurveyQuestion("why", "为什么？", "Why?", K.TEXT, is_required=False)


@pytest.mark.parametrize(
    ("now", "answered", "state"),
    [
        (NOW, None, SurveyState.ANNOUNCED),
        (OPENS, None, SurveyState.OPEN),
        (CLOSES, None, SurveyState.CLOSED),
        (CLOSES, CLOSES, SurveyState.ANSWERED),
    ],
)
def test_a_state_is_computed_from_its_times(now: datetime, answered: datetime | None, state: SurveyState) -> None:
    assert state_of(OPENS, CLOSES, answered, now) is state


@pytest.mark.parametrize(
    ("title", "questions", "closes", "count"),
    [
        ("t", (DAY, DAYS, WHY), CLOSES, 0),
        (" ", (DAY,), CLOSES, 1),
        ("t", (), CLOSES, 1),
        ("t", (DAY, DAY), CLOSES, 1),
        ("t", (replace(DAY, options=(SAT,)),), CLOSES, 1),
        ("t", (replace(DAY, options=(SAT, SAT)),), CLOSES, 1),
        ("t", (replace(WHY, options=(SAT, SUN)),), CLOSES, 1),
        ("t", (replace(DAY, options=()),), CLOSES, 1),
        ("t", (DAY,), NOW, 1),
        ("t", (DAY,), OPENS + timedelta(days=181), 1),
    ],
)
def test_what_is_no_survey_is_told(
    title: str, questions: tuple[SurveyQuestion, ...], closes: datetime, count: int
) -> None:
    assert len(list(survey_problems(title, questions, OPENS, closes, NOW))) == count


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ({"day": "SAT"}, 0),
        ({"day": "SAT", "days": ["SAT", "SUN"], "why": "x"}, 0),
        ({}, 1),
        ({"day": "MON"}, 1),
        ({"day": ["SAT"]}, 1),
        ({"day": "SAT", "days": "SAT"}, 1),
        ({"day": "SAT", "days": ["MON"]}, 1),
        ({"day": "SAT", "why": "x" * 1001}, 1),
        ({"day": "SAT", "why": {"a": 1}}, 1),
        ({"day": "SAT", "other": "x"}, 1),
    ],
)
def test_answers_are_held_to_the_questions(answers: dict[str, Any], count: int) -> None:
    assert len(list(answer_problems((DAY, DAYS, WHY), answers))) == count


def test_every_option_is_counted_and_nobody_counts_twice() -> None:
    answers: list[dict[str, Any]] = [{"day": "SAT", "days": ["SAT", "SAT"]}, {"day": "SAT", "why": "SAT"}]
    assert tally((DAY, DAYS, WHY), answers) == {
        ("day", "SAT"): 2,
        ("day", "SUN"): 0,
        ("days", "SAT"): 1,
        ("days", "SUN"): 0,
    }
