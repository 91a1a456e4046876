"""Electronic supervision (电子监察): the board of cards, explanations, and figures computed from events.

A red card is closed only with an explanation by its department that a supervisor accepts. A department
sees its own cards, a supervisor all of them; an observer reads figures and no persons.
Source: docs/time-limits.md, "Supervision" (art. 17, 18).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.roles import OPERATOR, SUPERVISOR
from connectors.clock import Clock
from hub.notices.notices import SUPERVISORS, About, department_desk, put_notice
from hub.people.who import may_handle
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.supervision import CardRow
from schema.domain.notice import NoticeKind, NoticeText
from schema.domain.page import check_first
from schema.domain.supervision import CardLevel
from schema.errors import DomainError, RuntimeCode

LONGEST_EXPLANATION = 2000


@dataclass(frozen=True, slots=True)
class CardFilter:
    """Which cards to show; open ones unless closed ones are wanted too."""

    department: str | None = None
    level: CardLevel | None = None
    include_closed: bool = False
    case_id: str | None = None


class Supervision:
    """Every method is told who asks. Raises ``DomainError`` FORBIDDEN for who may not."""

    def __init__(self, database: Database, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups

    async def cards(self, actor: Actor, wanted: CardFilter, first: int = 50) -> tuple[CardRow, ...]:
        """The newest moments first."""
        check_first(first)
        department = _visible(actor, wanted.department)
        statement = select(CardRow)
        if department is not None:
            statement = statement.where(col(CardRow.department) == department)
        if wanted.level is not None:
            statement = statement.where(col(CardRow.level) == wanted.level.value)
        if wanted.case_id is not None:
            statement = statement.where(col(CardRow.case_id) == wanted.case_id)
        if not wanted.include_closed:
            statement = statement.where(col(CardRow.closed_at).is_(None))
        async with self._database.reading() as session:
            found = await session.exec(statement.order_by(col(CardRow.at).desc(), col(CardRow.id)).limit(first))
            return tuple(found.all())

    async def explain(self, actor: Actor, card: str, explanation: str) -> CardRow:
        """The department says why; the supervisor is told."""
        text = _said(explanation, "explanation")
        async with self._database.transaction() as session:
            row = await _open_card(session, card)
            if not may_handle(actor, row.department):
                raise DomainError(RuntimeCode.NOT_FOUND, "Your department has no such card.")
            row.explanation, row.explained_by, row.explained_at = text, actor.subject, self._clock.now()
            row.returned_reason = None
            told = NoticeText(
                f"办件 {row.receipt_number} 的督办牌已提交说明，请审核。",
                f"The card of case {row.receipt_number} was explained. Accept the explanation or return it.",
            )
            await self._tell(session, row, SUPERVISORS, NoticeKind.CARD_EXPLAINED, told)
        return row

    async def accept_explanation(self, actor: Actor, card: str) -> CardRow:
        """The supervisor closes an explained card."""
        _supervisor(actor)
        async with self._database.transaction() as session:
            row = await _open_card(session, card)
            if row.explained_at is None or row.returned_reason is not None:
                why = "The card has no explanation yet. It is closed with one that its department gives."
                raise DomainError(RuntimeCode.INVALID_TRANSITION, why)
            row.closed_at, row.closed_by, row.closed_why = self._clock.now(), actor.subject, "explained"
            told = NoticeText(
                f"办件 {row.receipt_number} 的说明已被采纳，督办牌销号。",
                f"The explanation of case {row.receipt_number} was accepted; the card is closed.",
            )
            await self._tell(session, row, department_desk(row.department), NoticeKind.CARD_CLOSED, told)
        return row

    async def return_explanation(self, actor: Actor, card: str, reason: str) -> CardRow:
        """The supervisor is not content; the department explains again."""
        _supervisor(actor)
        text = _said(reason, "reason")
        async with self._database.transaction() as session:
            row = await _open_card(session, card)
            if row.explained_at is None:
                raise DomainError(
                    RuntimeCode.INVALID_TRANSITION, "No explanation was given that could be returned."
                )
            row.returned_reason = text
            told = NoticeText(
                f"办件 {row.receipt_number} 的说明被退回，请重新说明。",
                f"The explanation of case {row.receipt_number} was returned. Explain again.",
            )
            await self._tell(session, row, department_desk(row.department), NoticeKind.EXPLANATION_RETURNED, told)
        return row

    async def _tell(
        self, session: AsyncSession, row: CardRow, recipient: str, kind: NoticeKind, text: NoticeText
    ) -> None:
        at = self._clock.now()
        key, about = f"{kind.value}/{row.id}/{at.isoformat()}", About(row.case_id, row.receipt_number)
        put_notice(session, recipient, kind, key, text, at, about)
        self._wakeups.outbox.set()


def _visible(actor: Actor, department: str | None) -> str | None:
    """Whose cards the actor sees: ``None`` is everybody's."""
    if actor.has_role(SUPERVISOR) or actor.has_role(OPERATOR):
        return department
    if actor.department is not None and may_handle(actor, actor.department):
        if department not in {None, actor.department}:
            raise DomainError(RuntimeCode.FORBIDDEN, "These are another department's cards.")
        return actor.department
    raise DomainError(RuntimeCode.FORBIDDEN, "Cards are for supervisors and for the departments that have them.")


def _supervisor(actor: Actor) -> None:
    if not actor.has_role(SUPERVISOR):
        raise DomainError(RuntimeCode.FORBIDDEN, "Only a supervisor may do this.")


async def _open_card(session: AsyncSession, card: str) -> CardRow:
    row = await session.get(CardRow, card, with_for_update=True)
    if row is None:
        raise DomainError(RuntimeCode.NOT_FOUND, "There is no such card.")
    if row.closed_at is not None:
        raise DomainError(RuntimeCode.INVALID_TRANSITION, f"The card was closed: {row.closed_why}.")
    return row


def _said(text: str, name: str) -> str:
    said = text.strip()
    if not 1 <= len(said) <= LONGEST_EXPLANATION:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`{name}` has 1 to {LONGEST_EXPLANATION} characters.")
    return said
