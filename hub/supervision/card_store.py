"""Cards as rows: raised once each, told to whom they concern in the same transaction.

A card's key is its case, trigger, level, moment and part; whoever comes second finds it there. A warning goes to
the department, a yellow card to the supervisor too, a red one to the applicant as well. Of a part of a joint case
the department of the part has the card, and the lead reads of a yellow one.
Source: docs/time-limits.md, "Supervision".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.notices.notices import SUPERVISORS, About, citizen, department_desk, put_notice
from hub.storage.insertion import insert_if_absent
from hub.tables.case import CaseRow
from hub.tables.supervision import CardRow
from schema.domain.case import ImpossibleTransition
from schema.domain.catalogue import Catalogue
from schema.domain.joint import DepartmentStep
from schema.domain.notice import NoticeKind, NoticeText, card_text
from schema.domain.service_item import ServiceItem
from schema.domain.supervision import CardLevel, CardMoment, CardTrigger, trigger_of


@dataclass(frozen=True, slots=True)
class Supervised:
    """What a card is of: ``about`` says of what kind, ``number`` is how people know it."""

    id: str
    number: str
    department: str
    about: str
    item_code: str = ""
    item_version: int = 0


@dataclass(frozen=True, slots=True)
class Whose:
    """Which department has a card of a case of this item."""

    catalogue: Catalogue
    item: ServiceItem

    @property
    def lead(self) -> str:
        """Who has the whole."""
        return self.catalogue.department_of(self.item) or self.item.organisation

    def part(self, sub_case: str) -> DepartmentStep | None:
        return self.item.joint.step(sub_case) if self.item.joint and sub_case else None

    def of(self, sub_case: str) -> str:
        """Of the part of this code; of the whole where there is none."""
        step = self.part(sub_case)
        return (self.catalogue.department(step.organisation) or step.organisation) if step else self.lead


async def raise_cards(
    session: AsyncSession,
    case: CaseRow,
    whose: Whose,
    moments: Iterable[CardMoment],
    seen: datetime | None,
    now: datetime,
) -> int:
    """Raise every card whose moment lies after ``seen`` and not after ``now``; how many are new."""
    return sum([await raise_card(session, case, whose, each, now) for each in passed(moments, seen, now)])


def passed(moments: Iterable[CardMoment], seen: datetime | None, now: datetime) -> list[CardMoment]:
    """Those after ``seen`` and not after ``now``."""
    return [moment for moment in moments if moment.at <= now and (seen is None or moment.at > seen)]


async def raise_card(
    session: AsyncSession, case: CaseRow, whose: Whose, moment: CardMoment, now: datetime
) -> bool:
    """Raise one card, stamped with its true moment, and tell of it. Whether it is new."""
    part = whose.part(moment.sub_case)
    of = Supervised(
        case.id, case.receipt_number, whose.of(moment.sub_case), "CASE", case.item_code, case.item_version
    )
    named = NoticeText(part.name, part.name_en) if part else None
    text = card_text(moment.trigger, moment.level, case.receipt_number, moment.due_at, part=named)
    told = _told(case, of.department, whose.lead, moment.level)
    return await put_card(session, of, moment, now, text, told, About(case.id, case.receipt_number))


async def put_card(
    session: AsyncSession,
    of: Supervised,
    moment: CardMoment,
    now: datetime,
    text: NoticeText,
    recipients: Iterable[str],
    about: About | None = None,
) -> bool:
    """Keep one card and tell the recipients of it. Whether it is new; else nobody is told again."""
    values = {
        "id": str(uuid4()),
        "case_id": of.id,
        "about": of.about,
        "receipt_number": of.number,
        "item_code": of.item_code,
        "item_version": of.item_version,
        "department": of.department,
        "trigger": moment.trigger.value,
        "level": moment.level.value,
        "sub_case": moment.sub_case,
        "at": moment.at,
        "due_at": moment.due_at,
        "raised_at": now,
        "told_at": now,
    }
    if not await insert_if_absent(session, CardRow, values):
        return False
    for recipient in recipients:
        put_notice(session, recipient, NoticeKind.CARD, f"card/{values['id']}", text, moment.at, about, now)
    return True


def note_attempt(session: AsyncSession, refused: ImpossibleTransition, at: datetime) -> None:
    """An attempt that supervision looks at; whose it is and whom to tell, the worker finds out."""
    trigger, case = trigger_of(refused), refused.case
    if trigger is None:
        return
    session.add(
        CardRow(
            id=str(uuid4()),
            case_id=case.id,
            receipt_number=case.receipt_number,
            item_code=case.item_code,
            item_version=case.item_version,
            department="",
            trigger=trigger.value,
            level=CardLevel.YELLOW.value,
            at=at,
            raised_at=at,
        )
    )


async def tell_of_attempts(session: AsyncSession, catalogue: Catalogue, now: datetime) -> int:
    """Tell of the cards that were noted with an attempt; how many there were."""
    untold = select(CardRow).where(col(CardRow.told_at).is_(None)).order_by(col(CardRow.id)).limit(100)
    found = (await session.exec(untold.with_for_update(skip_locked=True))).all()
    for card in found:
        item = catalogue.item_version(card.item_code, card.item_version)
        card.department, card.told_at = catalogue.department_of(item) or item.organisation, now
        text = card_text(CardTrigger(card.trigger), CardLevel(card.level), card.receipt_number, None)
        about = About(card.case_id, card.receipt_number)
        for recipient in (department_desk(card.department), SUPERVISORS):
            put_notice(session, recipient, NoticeKind.CARD, f"card/{card.id}", text, card.at, about, now)
    return len(found)


async def lift_cards(
    session: AsyncSession, case_id: str, why: str, now: datetime, sub_case: str | None = None
) -> None:
    """Close what needs no explanation: warnings and yellow cards of a case that is decided or has a new limit, or
    of the part of it that is answered."""
    milder = (CardLevel.WARNING.value, CardLevel.YELLOW.value)
    open_ones = [col(CardRow.case_id) == case_id, col(CardRow.closed_at).is_(None), col(CardRow.level).in_(milder)]
    if sub_case is not None:
        open_ones.append(col(CardRow.sub_case) == sub_case)
    await session.exec(update(CardRow).where(*open_ones).values(closed_at=now, closed_why=why))


async def lift_all_cards(session: AsyncSession, case_id: str, why: str, now: datetime) -> None:
    """Close every card of a thing whose cards no department has: what ended it is the explanation."""
    open_ones = (col(CardRow.case_id) == case_id, col(CardRow.closed_at).is_(None))
    await session.exec(update(CardRow).where(*open_ones).values(closed_at=now, closed_why=why))


def _told(case: CaseRow, department: str, lead: str, level: CardLevel) -> Iterable[str]:
    """Each once, also where the department of a part has the whole as well."""
    desks = department_desk(department), department_desk(lead)
    if level is CardLevel.WARNING:
        return desks[:1]
    applicant = (citizen(case.applicant),) if level is CardLevel.RED else ()
    return dict.fromkeys((*desks, SUPERVISORS, *applicant))
