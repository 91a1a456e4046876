"""Surveys (民意征集): a department asks, everybody answers once, the counts and an answer are published.

What one person wrote is nobody's but the department's, and tells no name. Source: docs/enquiries.md, "Surveys";
articles 2, 7, 8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from schema.domain.working_days import WorkingCalendar, deadline

MOST_QUESTIONS = 20
MOST_OPTIONS = 20
LONGEST_LABEL = 200
LONGEST_TEXT = 1000
LONGEST_SURVEY = timedelta(days=180)
ANSWER_DAYS = 15
"""Working days after its end in which the department says what it makes of it, as for a suggestion."""


class QuestionKind(StrEnum):
    SINGLE = "SINGLE"
    MULTIPLE = "MULTIPLE"
    TEXT = "TEXT"


class SurveyState(StrEnum):
    ANNOUNCED = "ANNOUNCED"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    ANSWERED = "ANSWERED"


@dataclass(frozen=True, slots=True)
class SurveyOption:
    code: str
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class SurveyQuestion:
    """One question; a TEXT has no options."""

    code: str
    text: str
    text_en: str
    kind: QuestionKind
    options: tuple[SurveyOption, ...] = ()
    is_required: bool = True


def state_of(opens_at: datetime, closes_at: datetime, answered_at: datetime | None, now: datetime) -> SurveyState:
    """Computed from its times, never stored."""
    if answered_at is not None:
        return SurveyState.ANSWERED
    if now < opens_at:
        return SurveyState.ANNOUNCED
    return SurveyState.OPEN if now < closes_at else SurveyState.CLOSED


def answer_by(closes_at: datetime, calendar: WorkingCalendar) -> datetime:
    """24:00 of the working day by which the public is answered."""
    return deadline(calendar, closes_at, ANSWER_DAYS)


def survey_problems(
    title: str, questions: Sequence[SurveyQuestion], opens_at: datetime, closes_at: datetime, now: datetime
) -> Iterator[str]:
    """Everything that keeps it from being published."""
    if not 0 < len(title.strip()) <= LONGEST_LABEL:
        yield f"`title` has 1 to {LONGEST_LABEL} characters."
    if not max(opens_at, now) < closes_at <= opens_at + LONGEST_SURVEY:
        yield f"It closes in time to come, at most {LONGEST_SURVEY.days} days after it opens."
    if not 0 < len(questions) <= MOST_QUESTIONS:
        yield f"A survey has 1 to {MOST_QUESTIONS} questions."
    if len({each.code for each in questions}) != len(questions):
        yield "Two questions have the same code."
    for each in questions:
        has_options = bool(each.options)
        if has_options is (each.kind is QuestionKind.TEXT) or len(each.options) not in {
            0,
            *range(2, MOST_OPTIONS + 1),
        }:
            yield f'Question "{each.code}": a choice has 2 to {MOST_OPTIONS} options, a text has none.'
        if len({one.code for one in each.options}) != len(each.options):
            yield f'Question "{each.code}": two options have the same code.'
        if any(not 0 < len(text.strip()) <= LONGEST_LABEL for text in (each.code, each.text)):
            yield f'Question "{each.code}": code and text have 1 to {LONGEST_LABEL} characters.'


def answer_problems(questions: Sequence[SurveyQuestion], answers: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong with one person's answers: by question a code, a list of codes, or a text."""
    for code in sorted(set(answers) - {each.code for each in questions}):
        yield f'There is no question "{code}".'
    for each in questions:
        given = answers.get(each.code)
        if given in (None, "", []):
            if each.is_required:
                yield f'Question "{each.code}" wants an answer.'
            continue
        known = {one.code for one in each.options}
        match each.kind:
            case QuestionKind.SINGLE if not (isinstance(given, str) and given in known):
                yield f'Question "{each.code}": choose one of {", ".join(sorted(known))}.'
            case QuestionKind.MULTIPLE if not _are_chosen(given, known):
                yield f'Question "{each.code}": choose among {", ".join(sorted(known))}.'
            case QuestionKind.TEXT if not (isinstance(given, str) and len(given) <= LONGEST_TEXT):
                yield f'Question "{each.code}": write at most {LONGEST_TEXT} characters.'


def _are_chosen(given: object, known: set[str]) -> bool:
    """Each at most once."""
    if not isinstance(given, list) or len(given) > len(known) or not all(isinstance(each, str) for each in given):
        return False
    return set(given) <= known and len(set(given)) == len(given)


def tally(
    questions: Sequence[SurveyQuestion], answers: Iterable[Mapping[str, Any]]
) -> Mapping[tuple[str, str], int]:
    """How many chose each option, by question and option; a text is not counted. All options are there."""
    counted: Counter[tuple[str, str]] = Counter()
    for each in answers:
        for code, given in each.items():
            chosen = given if isinstance(given, list) else [given]
            counted.update({(code, str(one)) for one in chosen})
    return {(each.code, one.code): counted[each.code, one.code] for each in questions for one in each.options}
