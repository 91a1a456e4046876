"""GraphQL types of supervision: cards, and figures per department and officer."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.supervision.supervision_figures import DepartmentFigures as DomainFigures
from hub.supervision.supervision_figures import OfficerFigures as DomainOfficer
from hub.tables.supervision import CardRow
from schema.domain.case import CaseEventType
from schema.domain.supervision import CardLevel, CardTrigger

strawberry.enum(CardLevel, description="From mild to severe; a case without a card is green.")
strawberry.enum(CardTrigger, description="What a card was raised for.")


@strawberry.type(description="A card of electronic supervision.")
class Card:
    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    receipt_number: str = strawberry.field(description="The case.")
    item_code: str = strawberry.field(description="Its service item.")
    department: str = strawberry.field(description="The department that has the card.")
    trigger: CardTrigger = strawberry.field(description="What it was raised for.")
    level: CardLevel = strawberry.field(description="How severe it is.")
    at: datetime = strawberry.field(description="The moment that it belongs to.")
    sub_case: strawberry.ID | None = strawberry.field(
        description="The step of a joint case that it is of; else it is of the whole."
    )
    due_at: datetime | None = strawberry.field(description="The deadline that it watches.")
    raised_at: datetime = strawberry.field(description="When the hub came to it.")
    explanation: str | None = strawberry.field(description="What the department says.")
    explained_at: datetime | None = strawberry.field(description="When it said so.")
    returned_reason: str | None = strawberry.field(description="Why the supervisor was not content.")
    closed_at: datetime | None = strawberry.field(description="When it was closed.")
    closed_why: str | None = strawberry.field(description="explained, or the event that ended it.")

    @classmethod
    def of(cls, row: CardRow) -> Self:
        return cls(
            id=strawberry.ID(row.id),
            receipt_number=row.receipt_number,
            item_code=row.item_code,
            department=row.department,
            trigger=CardTrigger(row.trigger),
            level=CardLevel(row.level),
            sub_case=strawberry.ID(row.sub_case) if row.sub_case else None,
            at=row.at,
            due_at=row.due_at,
            raised_at=row.raised_at,
            explanation=row.explanation,
            explained_at=row.explained_at,
            returned_reason=row.returned_reason,
            closed_at=row.closed_at,
            closed_why=row.closed_why,
        )


@strawberry.type(description="How often something happened.")
class EventCount:
    type: str = strawberry.field(description="What happened, as in a case's events.")
    count: int = strawberry.field(description="How often.")


@strawberry.type(description="What a department did in a period, counted from events.")
class DepartmentFigures:
    department: str = strawberry.field(description="The department.")
    submitted: int = strawberry.field(description="Cases filed.")
    accepted: int = strawberry.field(description="Cases accepted.")
    deemed_accepted: int = strawberry.field(description="Of these, by the department's silence.")
    decided: int = strawberry.field(description="Cases approved or denied.")
    decided_late: int = strawberry.field(description="Of these, after the end of the promise.")
    extended: int = strawberry.field(description="Extensions.")
    suspended: int = strawberry.field(description="Suspensions.")
    supplements: int = strawberry.field(description="Requests for a supplement.")
    reminded: int = strawberry.field(description="Reminders and urgings.")
    warnings: int = strawberry.field(description="Warnings raised.")
    yellow_cards: int = strawberry.field(description="Yellow cards raised.")
    red_cards: int = strawberry.field(description="Red cards raised.")
    open: int = strawberry.field(description="Cases not decided, now.")
    near: int = strawberry.field(description="Open warnings and yellow cards of limits, now.")
    overdue: int = strawberry.field(description="Open cases beyond their promise, now.")

    @classmethod
    def of(cls, figures: DomainFigures) -> Self:
        events, cards, kind = figures.events, figures.cards, CaseEventType
        return cls(
            department=figures.department,
            submitted=events[kind.SUBMITTED],
            accepted=events[kind.ACCEPTED],
            deemed_accepted=figures.deemed,
            decided=figures.decided,
            decided_late=figures.decided_late,
            extended=events[kind.EXTENDED],
            suspended=events[kind.SUSPENDED],
            supplements=events[kind.SUPPLEMENT_REQUESTED],
            reminded=events[kind.REMINDED] + events[kind.URGED],
            warnings=cards[CardLevel.WARNING],
            yellow_cards=cards[CardLevel.YELLOW],
            red_cards=cards[CardLevel.RED],
            open=figures.open,
            near=figures.near,
            overdue=figures.overdue,
        )


@strawberry.type(description="What an officer did in a period, counted from events.")
class OfficerFigures:
    officer: strawberry.ID = strawberry.field(description="The officer, as tokens name them.")
    events: list[EventCount] = strawberry.field(description="What they caused, in order of its name.")

    @classmethod
    def of(cls, figures: DomainOfficer) -> Self:
        counted = [EventCount(type=kind, count=figures.events[kind]) for kind in sorted(figures.events)]
        return cls(officer=strawberry.ID(figures.officer), events=counted)
