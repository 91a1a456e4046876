"""Surveys in the graph: what is asked and counted is for everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.enquiries.surveys import NewSurvey, questions_of
from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from hub.tables.survey import SurveyRow
from schema.domain.survey import QuestionKind, SurveyOption, SurveyState, state_of
from schema.domain.survey import SurveyQuestion as DomainQuestion

strawberry.enum(QuestionKind, name="SurveyQuestionKind", description="How a question is answered.")
strawberry.enum(SurveyState, description="Where a survey stands.")


@strawberry.type(name="SurveyOption", description="One choice.")
class SurveyOptionType:
    code: str = strawberry.field(description="What is sent for it.")
    text: str = strawberry.field(description="In Chinese.")
    text_en: str = strawberry.field(description="In English.")
    count: int | None = strawberry.field(description="How many chose it; null before the survey has closed.")


@strawberry.type(description="One question of a survey.")
class SurveyQuestion:
    code: str = strawberry.field(description="Names it in the answers.")
    text: str = strawberry.field(description="In Chinese.")
    text_en: str = strawberry.field(description="In English.")
    kind: QuestionKind = strawberry.field(description="How it is answered.")
    is_required: bool = strawberry.field(description="Whether it wants an answer.")
    options: list[SurveyOptionType] = strawberry.field(description="The choices; none for a text.")


@strawberry.type(description="A department asks the public (民意征集).")
class Survey:
    row: strawberry.Private[SurveyRow]

    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    number: str = strawberry.field(description="The number to quote; its last character checks it.")
    department: str = strawberry.field(description="Who asks.")
    title: str = strawberry.field(description="In Chinese.")
    title_en: str = strawberry.field(description="In English.")
    lead: str = strawberry.field(description="What it is about, in Chinese.")
    lead_en: str = strawberry.field(description="What it is about, in English.")
    opens_at: datetime = strawberry.field(description="When it opens.")
    closes_at: datetime = strawberry.field(description="When it closes.")
    answer: str | None = strawberry.field(description="What the department makes of it, in Chinese.")
    answer_en: str | None = strawberry.field(description="What the department makes of it, in English.")
    answered_at: datetime | None = strawberry.field(description="When it said so.")

    @resolved("Where it stands.")
    def state(self, info: Info) -> SurveyState:
        row = self.row
        return state_of(row.opens_at, row.closes_at, row.answered_at, services(info).clock.now())

    @resolved("What is asked, with the counts once it has closed.")
    async def questions(self, info: Info) -> list[SurveyQuestion]:
        counts = await services(info).surveys.counts(self.row)
        return [
            SurveyQuestion(
                code=each.code,
                text=each.text,
                text_en=each.text_en,
                kind=each.kind,
                is_required=each.is_required,
                options=[
                    SurveyOptionType(
                        code=one.code,
                        text=one.text,
                        text_en=one.text_en,
                        count=counts[each.code, one.code] if counts is not None else None,
                    )
                    for one in each.options
                ],
            )
            for each in questions_of(self.row)
        ]

    @resolved("How many have answered.")
    async def responses(self, info: Info) -> int:
        return await services(info).surveys.responses(self.row)

    @resolved("Whether you have answered it; false without sign-in.")
    async def has_answered(self, info: Info) -> bool:
        who = actor(info)
        return who is not None and await services(info).surveys.has_answered(who, self.row)

    @classmethod
    def of(cls, row: SurveyRow) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            number=row.number,
            department=row.department,
            title=row.title,
            title_en=row.title_en,
            lead=row.lead,
            lead_en=row.lead_en,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            answer=row.answer,
            answer_en=row.answer_en,
            answered_at=row.answered_at,
        )


@strawberry.input(description="One choice of a question.")
class SurveyOptionInput:
    code: str = strawberry.field(description="What is sent for it.")
    text: str = strawberry.field(description="In Chinese.")
    text_en: str = strawberry.field(default="", description="In English.")


@strawberry.input(description="One question of a new survey.")
class SurveyQuestionInput:
    code: str = strawberry.field(description="Names it in the answers.")
    text: str = strawberry.field(description="In Chinese.")
    text_en: str = strawberry.field(default="", description="In English.")
    kind: QuestionKind = strawberry.field(default=QuestionKind.SINGLE, description="How it is answered.")
    options: list[SurveyOptionInput] = strawberry.field(
        default_factory=list, description="2 to 20; none for a text."
    )
    is_required: bool = strawberry.field(default=True, description="Whether it wants an answer.")

    def question(self) -> DomainQuestion:
        options = tuple(SurveyOption(each.code, each.text, each.text_en) for each in self.options)
        return DomainQuestion(self.code, self.text, self.text_en, self.kind, options, self.is_required)


@strawberry.input(description="What your department asks the public.")
class SurveyInput:
    title: str = strawberry.field(description="In Chinese.")
    title_en: str = strawberry.field(default="", description="In English.")
    lead: str = strawberry.field(default="", description="What it is about, in Chinese.")
    lead_en: str = strawberry.field(default="", description="What it is about, in English.")
    questions: list[SurveyQuestionInput] = strawberry.field(description="1 to 20; they never change afterwards.")
    opens_at: datetime = strawberry.field(description="When it opens.")
    closes_at: datetime = strawberry.field(description="When it closes, at most 180 days later.")

    def survey(self) -> NewSurvey:
        questions = tuple(each.question() for each in self.questions)
        return NewSurvey(
            self.title, self.title_en, questions, self.opens_at, self.closes_at, self.lead, self.lead_en
        )


@strawberry.type
class SurveyQuery:
    @resolved("Surveys, those that close last first.")
    async def surveys(self, info: Info, first: int = 20) -> list[Survey]:
        return [Survey.of(row) for row in await services(info).surveys.list(first)]

    @resolved("One survey.")
    async def survey(self, info: Info, id: strawberry.ID) -> Survey | None:
        found = await services(info).surveys.get(id)
        return Survey.of(found) if found else None

    @resolved("What was written to one question of your department's closed survey, without names, in no order.")
    async def survey_texts(self, info: Info, id: strawberry.ID, question: str) -> list[str]:
        return list(await services(info).surveys.texts(signed_in(actor(info)), id, question))


@strawberry.type
class SurveyMutation:
    @mutation("Ask the public in the name of your department.")
    async def publish_survey(self, info: Info, input: SurveyInput) -> Survey:
        return Survey.of(await services(info).surveys.publish(signed_in(actor(info)), input.survey()))

    @mutation("Answer an open survey, once: by question a code, a list of codes, or a text.")
    async def answer_survey(self, info: Info, id: strawberry.ID, answers: JSON) -> Survey:
        given = answers if isinstance(answers, dict) else {}
        return Survey.of(await services(info).surveys.answer(signed_in(actor(info)), id, given))

    @mutation("Say what your department makes of its closed survey, for everybody, once.")
    async def respond_to_survey(self, info: Info, id: strawberry.ID, answer: str, answer_en: str = "") -> Survey:
        known, who = services(info).surveys, signed_in(actor(info))
        return Survey.of(await known.respond(who, id, answer, answer_en))
