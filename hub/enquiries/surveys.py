"""Publish surveys, take each person's answers once, count them, and answer the public.

Counts are for everybody once a survey is closed; texts are for its department alone, without a name.
Source: docs/enquiries.md, "Surveys" (art. 2, 7, 8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlmodel import col, func, select

from auth.actor import Actor
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.notices.notices import SUPERVISORS, department_desk
from hub.people.who import may_handle
from hub.printed_numbers import printed_number
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.storage.wakeups import Wakeups
from hub.supervision.card_store import Supervised, lift_cards, put_card
from hub.tables.supervision import CardRow
from hub.tables.survey import SurveyResponseRow, SurveyRow
from schema.domain.notice import NoticeText, card_text
from schema.domain.page import check_first
from schema.domain.personal_numbers import publishing_problem, without_personal_numbers
from schema.domain.supervision import CardLevel, CardMoment, CardTrigger
from schema.domain.survey import (
    QuestionKind,
    SurveyOption,
    SurveyQuestion,
    SurveyState,
    answer_by,
    answer_problems,
    state_of,
    survey_problems,
    tally,
)
from schema.errors import DomainError, RuntimeCode

ABOUT = "SURVEY"
BATCH = 100
LONGEST_ANSWER = 4000
MOST_KEPT = 100
"""Counts of closed surveys that are kept."""
_WHAT = NoticeText("民意征集", "survey")


@dataclass(frozen=True, slots=True)
class NewSurvey:
    """What a department asks the public."""

    title: str
    title_en: str
    questions: tuple[SurveyQuestion, ...]
    opens_at: datetime
    closes_at: datetime
    lead: str = ""
    lead_en: str = ""


class Surveys:
    """Reading is for everybody; every other method is told who asks."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._wakeups = wakeups
        self._counted: dict[str, Mapping[tuple[str, str], int]] = {}

    async def publish(self, actor: Actor, survey: NewSurvey) -> SurveyRow:
        """By an officer of the department that asks. Raises ``DomainError`` FORBIDDEN, BAD_USER_INPUT."""
        if not may_handle(actor, actor.department):
            raise DomainError(RuntimeCode.FORBIDDEN, "Only a department's officers ask the public in its name.")
        now = self._clock.now()
        wrong = list(survey_problems(survey.title, survey.questions, survey.opens_at, survey.closes_at, now))
        if problem := publishing_problem(tuple(_public_texts(survey))):
            wrong.append(problem)
        if max(len(survey.lead), len(survey.lead_en)) > LONGEST_ANSWER:
            wrong.append(f"`lead` has at most {LONGEST_ANSWER} characters.")
        if wrong:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))
        calendar = (await self._catalogue.current()).timing.calendar
        row = SurveyRow(
            id=str(uuid4()),
            number=printed_number("SV", now),
            department=actor.department or "",
            title=survey.title.strip(),
            title_en=survey.title_en.strip(),
            lead=survey.lead.strip(),
            lead_en=survey.lead_en.strip(),
            questions=[asdict(each) for each in survey.questions],
            opens_at=survey.opens_at,
            closes_at=survey.closes_at,
            answer_by=answer_by(survey.closes_at, calendar),
            published_at=now,
            published_by=actor.subject,
        )
        async with self._database.transaction() as session:
            session.add(row)
        return row

    async def answer(self, actor: Actor, id: str, answers: Mapping[str, Any]) -> SurveyRow:
        """One person's, once. Raises ``DomainError``: NOT_FOUND, INVALID_TRANSITION, BAD_USER_INPUT, CONFLICT."""
        async with self._database.transaction() as session:
            row = await session.get(SurveyRow, id)
            if row is None:
                raise _none()
            now = self._clock.now()
            if (state := state_of(row.opens_at, row.closes_at, row.answered_at, now)) is not SurveyState.OPEN:
                raise DomainError(
                    RuntimeCode.INVALID_TRANSITION, f"Survey {row.number} is {state}; it is not open."
                )
            if wrong := list(answer_problems(questions_of(row), answers)):
                raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))
            values = {"survey_id": id, "respondent": _respondent(id, actor), "answers": dict(answers), "at": now}
            if not await insert_if_absent(session, SurveyResponseRow, values):
                raise DomainError(RuntimeCode.CONFLICT, f"You have answered survey {row.number} already.")
        return row

    async def respond(self, actor: Actor, id: str, answer: str, answer_en: str) -> SurveyRow:
        """What the department makes of it, once, after its end."""
        if not 0 < len(answer.strip()) <= LONGEST_ANSWER or len(answer_en) > LONGEST_ANSWER:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`answer` has 1 to {LONGEST_ANSWER} characters.")
        if problem := publishing_problem((answer, answer_en)):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, problem)
        async with self._database.transaction() as session:
            row = await session.get(SurveyRow, id, with_for_update=True)
            if row is None or not may_handle(actor, row.department):
                raise _none()
            now = self._clock.now()
            if (state := state_of(row.opens_at, row.closes_at, row.answered_at, now)) is not SurveyState.CLOSED:
                message = f"Survey {row.number} is {state}; it is answered once, after it has closed."
                raise DomainError(RuntimeCode.INVALID_TRANSITION, message)
            row.answer, row.answer_en = answer.strip(), answer_en.strip()
            row.answered_at, row.answered_by = now, actor.subject
            await lift_cards(session, row.id, "answered", now)
        return row

    async def list(self, first: int = 20) -> Sequence[SurveyRow]:
        """Published ones, those that close last first."""
        check_first(first)
        statement = select(SurveyRow).order_by(col(SurveyRow.closes_at).desc(), col(SurveyRow.id)).limit(first)
        async with self._database.reading() as session:
            return (await session.exec(statement)).all()

    async def get(self, id: str) -> SurveyRow | None:
        async with self._database.reading() as session:
            return await session.get(SurveyRow, id)

    async def responses(self, row: SurveyRow) -> int:
        """How many have answered."""
        counted = select(func.count()).where(col(SurveyResponseRow.survey_id) == row.id)
        async with self._database.reading() as session:
            return (await session.exec(counted)).one()

    async def has_answered(self, actor: Actor, row: SurveyRow) -> bool:
        async with self._database.reading() as session:
            return await session.get(SurveyResponseRow, (row.id, _respondent(row.id, actor))) is not None

    async def counts(self, row: SurveyRow) -> Mapping[tuple[str, str], int] | None:
        """By question and option; ``None`` before it has closed, so that nobody follows the many.

        What has closed never changes: it is counted once, however many ask.
        """
        if self._clock.now() < row.closes_at:
            return None
        if row.id not in self._counted:
            counted = tally(questions_of(row), await self._answers(row))
            self._counted = {**dict(list(self._counted.items())[-MOST_KEPT:]), row.id: counted}
        return self._counted[row.id]

    async def texts(self, actor: Actor, id: str, question: str) -> Sequence[str]:
        """What was written to one question, for the department's officers, once it has closed; in no order, and
        without numbers that would tell who wrote."""
        row = await self.get(id)
        if row is None or not may_handle(actor, row.department) or self._clock.now() < row.closes_at:
            raise _none()
        kinds = {each.code: each.kind for each in questions_of(row)}
        if kinds.get(question) is not QuestionKind.TEXT:
            return ()
        written = (str(each[question]) for each in await self._answers(row) if each.get(question))
        return sorted(without_personal_numbers(each) for each in written)

    async def look(self) -> int:
        """The worker's round: a red card for each closed survey that the public has no answer to; how many."""
        now, found = self._clock.now(), 0
        had = select(CardRow.id).where(col(CardRow.case_id) == col(SurveyRow.id))
        late = (
            select(SurveyRow)
            .where(col(SurveyRow.answered_at).is_(None), col(SurveyRow.answer_by) <= now, ~had.exists())
            .limit(BATCH)
        )
        async with self._database.reading() as session:
            waiting = (await session.exec(late)).all()
        for row in waiting:
            moment = CardMoment(row.answer_by, CardTrigger.ANSWER_LIMIT, CardLevel.RED, row.answer_by)
            text = card_text(moment.trigger, moment.level, row.number, moment.due_at, _WHAT)
            told = (department_desk(row.department), SUPERVISORS)
            async with self._database.transaction() as session:
                of = Supervised(row.id, row.number, row.department, ABOUT)
                found += await put_card(session, of, moment, now, text, told)
        if found:
            self._wakeups.outbox.set()
        return found

    async def _answers(self, row: SurveyRow) -> Sequence[Mapping[str, Any]]:
        statement = select(SurveyResponseRow.answers).where(col(SurveyResponseRow.survey_id) == row.id)
        async with self._database.reading() as session:
            return (await session.exec(statement)).all()


def questions_of(row: SurveyRow) -> tuple[SurveyQuestion, ...]:
    return tuple(
        SurveyQuestion(
            each["code"],
            each["text"],
            each["text_en"],
            QuestionKind(each["kind"]),
            tuple(SurveyOption(**option) for option in each["options"]),
            each["is_required"],
        )
        for each in row.questions
    )


def _public_texts(survey: NewSurvey) -> Iterator[str]:
    yield from (survey.title, survey.title_en, survey.lead, survey.lead_en)
    for question in survey.questions:
        yield from (question.text, question.text_en)
        for option in question.options:
            yield from (option.text, option.text_en)


def _respondent(survey: str, actor: Actor) -> str:
    return sha256(f"{survey}/{actor.subject}".encode()).hexdigest()


def _none() -> DomainError:
    return DomainError(RuntimeCode.NOT_FOUND, "There is no such survey of yours.")
