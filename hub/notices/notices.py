"""What people are told by themselves: kept per recipient, once each, read by who may.

A recipient is a citizen, a department's desk or an office; whoever of a desk reads a notice first has read
it for the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.roles import CHIEF_REPRESENTATIVE, HANDLER, OPERATOR, SUPERVISOR
from connectors.clock import Clock
from hub.notices.notice_delivery_store import Told, put_deliveries
from hub.storage.change_feed import ChangeKind, record_change
from hub.storage.database import Database
from hub.storage.insertion import insert_absent
from hub.storage.pending_rows import settle_later
from hub.tables.supervision import NoticeRow
from schema.domain.notice import NoticeKind, NoticeText
from schema.domain.page import check_first
from schema.errors import DomainError, RuntimeCode

SUPERVISORS = f"office:{SUPERVISOR}"
OPERATORS = f"office:{OPERATOR}"


def citizen(subject: str) -> str:
    """A person as a recipient: by the subject of their tokens, as the change feed knows them."""
    return subject


def department_desk(department: str) -> str:
    """All who handle the cases of a department."""
    return f"department:{department}"


def is_person(recipient: str) -> bool:
    """Whether it is one person, and no desk or office."""
    return not recipient.startswith(("department:", "office:"))


def recipients_of(actor: Actor) -> tuple[str, ...]:
    """Whose notices this actor reads."""
    found = [citizen(actor.subject)]
    if actor.department is not None and (actor.has_role(HANDLER) or actor.has_role(CHIEF_REPRESENTATIVE)):
        found.append(department_desk(actor.department))
    found += [
        office for role, office in ((SUPERVISOR, SUPERVISORS), (OPERATOR, OPERATORS)) if actor.has_role(role)
    ]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class About:
    """The case that a notice is about."""

    case_id: str
    receipt_number: str


def put_notice(
    session: AsyncSession,
    recipient: str,
    kind: NoticeKind,
    key: str,
    text: NoticeText,
    at: datetime,
    about: About | None = None,
    now: datetime | None = None,
) -> None:
    """Tell the recipient once; ``key`` is what it is once for. Written as the transaction ends, with its others.

    ``at`` is the moment that it belongs to; ``now`` says when it is told, where that is later. By which channels
    outside the hub a person is told is noted with it.
    """
    case_id, receipt_number = (about.case_id, about.receipt_number) if about else (None, None)
    put = _Put(recipient, kind, key, text, at, case_id, receipt_number, now or at)
    settle_later(session, _write, put)


@dataclass(frozen=True, slots=True)
class _Put:
    """A notice that is written as its transaction ends."""

    recipient: str
    kind: NoticeKind
    key: str
    text: NoticeText
    at: datetime
    case_id: str | None
    receipt_number: str | None
    now: datetime

    def values(self) -> dict[str, Any]:
        return {
            "recipient": self.recipient,
            "kind": self.kind.value,
            "key": self.key,
            "case_id": self.case_id,
            "receipt_number": self.receipt_number,
            "text_zh": self.text.zh,
            "text_en": self.text.en,
            "at": self.at,
        }


async def _write(session: AsyncSession, notices: Sequence[_Put]) -> None:
    """All of one transaction. Of those that were told before nothing is noted again."""
    # One recipient's stay in the order in which they were told.
    rows = [each.values() for each in sorted(notices, key=lambda each: each.recipient)]
    new = await insert_absent(session, NoticeRow, rows, key=("recipient", "key"), also=("id",))
    numbers = {(recipient, key): int(number) for recipient, key, number in new}
    told = []
    for each in notices:
        number = numbers.pop((each.recipient, each.key), None)
        if number is None:
            continue
        record_change(session, ChangeKind.NOTICE, str(number), owner=each.recipient, at=each.at)
        if is_person(each.recipient):
            told.append(Told(number, each.recipient, each.kind, each.case_id, each.receipt_number, each.now))
    await put_deliveries(session, told)


class Notices:
    """Read and mark notices; nobody learns of another's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(
        self, actor: Actor, *, unread_only: bool = False, first: int = 20, before: int | None = None
    ) -> tuple[NoticeRow, ...]:
        """The newest first; ``before`` is the id of the last one that was read."""
        check_first(first)
        statement = select(NoticeRow).where(col(NoticeRow.recipient).in_(recipients_of(actor)))
        if unread_only:
            statement = statement.where(col(NoticeRow.read_at).is_(None))
        if before is not None:
            statement = statement.where(col(NoticeRow.id) < before)
        async with self._database.reading() as session:
            found = await session.exec(statement.order_by(col(NoticeRow.id).desc()).limit(first))
            return tuple(found.all())

    async def one(self, actor: Actor, id: int) -> NoticeRow | None:
        """A notice that the actor may read, else ``None``."""
        async with self._database.reading() as session:
            row = await session.get(NoticeRow, id)
        return row if row is not None and row.recipient in recipients_of(actor) else None

    async def mark_read(self, actor: Actor, id: int) -> NoticeRow:
        """Marked once; marking again changes nothing."""
        async with self._database.transaction() as session:
            row = await session.get(NoticeRow, id, with_for_update=True)
            if row is None or row.recipient not in recipients_of(actor):
                raise DomainError(RuntimeCode.NOT_FOUND, "You have no such notice.")
            if row.read_at is None:
                row.read_at, row.read_by = self._clock.now(), actor.subject
            return row
