"""GraphQL types of enquiries and the knowledge base. Whoever holds an enquiry was allowed to read it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from auth.roles import SUPERVISOR
from hub.enquiries.enquiries import Question
from hub.own_subgraph.enums import Channel
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, actor, services
from hub.tables.enquiry import EnquiryRow
from schema.domain.enquiry import EnquiryActor, EnquiryEvent, EnquiryKind, EnquiryState
from schema.domain.enquiry import EnquiryEventType as DomainEventType
from schema.domain.knowledge import KnowledgeEntry as DomainEntry
from schema.domain.telephone import masked_telephone

strawberry.enum(EnquiryKind, description="What somebody turns to the administration with.")
strawberry.enum(EnquiryState, description="Where an enquiry stands.")
strawberry.enum(EnquiryActor, description="In which office somebody moved an enquiry.")


@strawberry.type(name="EnquiryEvent", description="One thing that happened to an enquiry.")
class EnquiryEventType:
    type: str = strawberry.field(description="What happened.")
    state: EnquiryState = strawberry.field(description="Where it stands since.")
    actor: EnquiryActor = strawberry.field(description="In which office.")
    at: datetime = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why.")

    @classmethod
    def of(cls, event: EnquiryEvent) -> Self:
        return cls(type=event.type.value, state=event.state, actor=event.actor, at=event.at, reason=event.reason)


@strawberry.type(description="A consultation, a suggestion or a complaint.")
class Enquiry:
    row: strawberry.Private[EnquiryRow]

    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    number: str = strawberry.field(description="The number to quote; its last character checks it.")
    kind: EnquiryKind = strawberry.field(description="What it is.")
    state: EnquiryState = strawberry.field(description="Where it stands.")
    subject: str = strawberry.field(description="What it is about, in a line.")
    text: str = strawberry.field(description="What was asked, suggested or complained of.")
    item_code: str | None = strawberry.field(description="The service item it is about.")
    department: str | None = strawberry.field(description="The department that answers; null for nobody yet.")
    channel: Channel = strawberry.field(description="Where it was asked.")
    asked_at: datetime = strawberry.field(description="When.")
    due_at: datetime | None = strawberry.field(description="By when it is answered: 24:00 of a working day.")
    answer: str | None = strawberry.field(description="What was answered.")
    answered_at: datetime | None = strawberry.field(description="When.")
    is_taken: bool = strawberry.field(description="Whether an officer answers for it by name (首问负责制).")
    owner: strawberry.ID | None = strawberry.field(description="That officer.")

    @resolved("Where a caller is called back: whole for the officer who answers for it, masked for others.")
    def callback(self, info: Info) -> str | None:
        who, number = actor(info), self.row.callback
        if number is None or (who is not None and who.subject == self.row.owner):
            return number
        return masked_telephone(number)

    @resolved("How the asker rated the answer, 1 to 5; null for officers, who do not learn who rated how.")
    def stars(self, info: Info) -> int | None:
        return self.row.stars if self._may_see_rating(info) else None

    @resolved("Everything that happened to it, in order; ratings as for `stars`.")
    async def events(self, info: Info) -> list[EnquiryEventType]:
        found, sees = await services(info).enquiries.own.events(self.row), self._may_see_rating(info)
        return [EnquiryEventType.of(each) for each in found if sees or each.type is not DomainEventType.RATED]

    def _may_see_rating(self, info: Info) -> bool:
        who = actor(info)
        return who is not None and (who.subject == self.row.asker or who.has_role(SUPERVISOR))

    @classmethod
    def of(cls, row: EnquiryRow) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            number=row.number,
            kind=EnquiryKind(row.kind),
            state=EnquiryState(row.state),
            subject=row.subject,
            text=row.text,
            item_code=row.item_code,
            department=row.department,
            channel=Channel(row.channel),
            asked_at=row.asked_at,
            due_at=row.due_at,
            answer=row.answer,
            answered_at=row.answered_at,
            is_taken=row.owner is not None,
            owner=strawberry.ID(row.owner) if row.owner else None,
        )


@strawberry.type(description="A published answer, without names.")
class KnowledgeEntry:
    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    question: str = strawberry.field(description="The question, as an officer rewrote it.")
    answer: str = strawberry.field(description="The answer.")
    item_code: str | None = strawberry.field(description="The service item it is about.")
    department: str | None = strawberry.field(description="Who answers for it.")
    keywords: list[str] = strawberry.field(description="Other words by which it is found.")
    published_at: datetime = strawberry.field(description="Since when it is public.")

    @classmethod
    def of(cls, entry: DomainEntry) -> Self:
        return cls(
            id=strawberry.ID(entry.id),
            question=entry.question,
            answer=entry.answer,
            item_code=entry.item_code,
            department=entry.department,
            keywords=list(entry.keywords),
            published_at=entry.published_at,
        )


@strawberry.input(description="A consultation or a suggestion.")
class QuestionInput:
    subject: str = strawberry.field(description="What it is about, at most 100 characters.")
    text: str = strawberry.field(description="What is asked, at most 4,000 characters.")
    is_suggestion: bool = strawberry.field(default=False, description="A suggestion (建议), not a question.")
    item_code: strawberry.ID | None = strawberry.field(default=None, description="About this service item.")
    case: strawberry.ID | None = strawberry.field(default=None, description="About this own case.")
    department: str | None = strawberry.field(default=None, description="To this department.")
    channel: Channel | None = strawberry.field(default=Channel.WEB, description="Where it is asked.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key gives the same enquiry, however often it is sent."
    )

    def question(self) -> Question:
        return Question(
            EnquiryKind.SUGGESTION if self.is_suggestion else EnquiryKind.CONSULTATION,
            self.subject,
            self.text,
            self.item_code,
            self.case,
            self.department,
            None,
            self.channel or Channel.WEB,
            self.idempotency_key,
        )


@strawberry.input(description="A complaint about a case, an officer or a department; none of them ever reads it.")
class ComplaintInput:
    subject: str = strawberry.field(description="What it is about, at most 100 characters.")
    text: str = strawberry.field(description="What happened, at most 4,000 characters.")
    case: strawberry.ID | None = strawberry.field(default=None, description="About the handling of this own case.")
    officer: strawberry.ID | None = strawberry.field(default=None, description="About this officer.")
    department: str | None = strawberry.field(default=None, description="About this department.")
    channel: Channel | None = strawberry.field(default=Channel.WEB, description="Where it is made.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key gives the same complaint, however often it is sent."
    )

    def question(self) -> Question:
        return Question(
            EnquiryKind.COMPLAINT,
            self.subject,
            self.text,
            None,
            self.case,
            self.department,
            self.officer,
            self.channel or Channel.WEB,
            self.idempotency_key,
        )
