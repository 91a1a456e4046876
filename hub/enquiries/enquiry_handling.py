"""What officers and supervisors do with enquiries: take, hand over, refer, answer; assign and investigate
complaints; urge; and the work list. Source: docs/enquiries.md (art. 14, 17, 18).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, or_, select

from auth.actor import Actor
from auth.roles import OFFICER, SUPERVISOR
from hub.enquiries import enquiry_store
from hub.enquiries.enquiries import LONGEST_TEXT
from hub.enquiries.enquiry_access import may_answer, may_know, watches
from hub.enquiries.enquiry_moves import Before, EnquiryMoves
from hub.people.colleagues import check_handler, check_server
from hub.people.who import may_handle
from hub.tables.enquiry import EnquiryRow
from schema.domain.enquiry import (
    OPEN,
    EnquiryActor,
    EnquiryEventType,
    EnquiryKind,
    EnquiryState,
    EnquiryStep,
)
from schema.domain.page import MAXIMUM_PAGE, check_first
from schema.errors import DomainError, RuntimeCode

_T = EnquiryEventType
Check = Callable[[Before], Awaitable[None]]
"""Raises :class:`DomainError` where the step may not be."""


class EnquiryHandling:
    """Every method is told who asks."""

    def __init__(self, moves: EnquiryMoves) -> None:
        self._moves = moves

    async def take(self, actor: Actor, enquiry: str) -> EnquiryRow:
        """The first officer who takes a question answers for it (首问负责制)."""
        return await self._answering(actor, enquiry, _T.TAKEN)

    async def hand_over(self, actor: Actor, enquiry: str, to: str, reason: str) -> EnquiryRow:
        """To a named colleague; recorded with its reason."""

        async def to_a_colleague(it: Before) -> None:
            await check_server(it.session, to, it.enquiry.department)

        return await self._answering(actor, enquiry, _T.HANDED_OVER, reason, {"to": to}, to_a_colleague)

    async def refer(self, actor: Actor, enquiry: str, department: str, reason: str) -> EnquiryRow:
        """To the department in charge: its first taker answers for it, until then the officer who refers."""
        catalogue = await self._moves.catalogue.current()
        if department not in {each.department for each in catalogue.organisations.values() if each.department}:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f'There is no department "{department}".')
        return await self._answering(actor, enquiry, _T.REFERRED, reason, {"department": department})

    async def answer(self, actor: Actor, enquiry: str, answer: str) -> EnquiryRow:
        """By the officer who answers for it; of a complaint by its investigator."""
        if not 1 <= len(answer.strip()) <= LONGEST_TEXT:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`answer` has 1 to {LONGEST_TEXT} characters.")
        return await self._answering(actor, enquiry, _T.ANSWERED, None, {"answer": answer.strip()})

    async def begin_investigation(self, actor: Actor, enquiry: str) -> EnquiryRow:
        return await self._answering(actor, enquiry, _T.INVESTIGATION_STARTED)

    async def assign(self, actor: Actor, enquiry: str, to: str, department: str) -> EnquiryRow:
        """A supervisor gives a complaint to an investigator, never to whom it is about."""

        async def refuse_own_department(it: Before) -> None:
            if department == it.enquiry.complained_department:
                message = "The complaint is about that department. Give it to an officer of another one."
                raise DomainError(RuntimeCode.INVALID_TRANSITION, message)
            await check_handler(it.session, to, department)

        return await self._watching(
            actor, enquiry, _T.ASSIGNED, None, {"to": to, "department": department}, refuse_own_department
        )

    async def urge(self, actor: Actor, enquiry: str, reason: str, answer_by: datetime) -> EnquiryRow:
        """A supervisor orders an answer by a day (督办, art. 4)."""
        if answer_by <= self._moves.clock.now():
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "`answerBy` is still to come.")
        return await self._watching(actor, enquiry, _T.URGED, reason, {"answerBy": answer_by.isoformat()})

    async def close(self, actor: Actor, enquiry: str) -> EnquiryRow:
        """An answered complaint, by its supervisor; by itself 30 days after the answer."""
        return await self._watching(actor, enquiry, _T.CLOSED)

    async def work(
        self,
        actor: Actor,
        kind: EnquiryKind | None = None,
        states: Sequence[EnquiryState] | None = None,
        *,
        mine: bool = False,
        first: int = 50,
    ) -> Sequence[EnquiryRow]:
        """What waits for the actor's office, the first to fall due first."""
        check_first(first)
        statement = select(EnquiryRow).where(col(EnquiryRow.state).in_(states or tuple(OPEN)), _seen_by(actor))
        if mine:
            statement = statement.where(col(EnquiryRow.owner) == actor.subject)
        if kind is not None:
            statement = statement.where(col(EnquiryRow.kind) == kind.value)
        ordered = statement.order_by(col(EnquiryRow.due_at), col(EnquiryRow.id)).limit(2 * MAXIMUM_PAGE)
        async with self._moves.database.reading() as session:
            found = (await session.exec(ordered)).all()
        allowed = [row for row in found if may_know(actor, enquiry_store.enquiry_of(row))]
        return [row for row in allowed if row.asker != actor.subject][:first]

    async def _answering(
        self,
        actor: Actor,
        enquiry: str,
        type: EnquiryEventType,
        reason: str | None = None,
        data: dict[str, Any] | None = None,
        check: Check | None = None,
    ) -> EnquiryRow:
        async def decide(it: Before) -> EnquiryStep:
            if actor.subject == it.enquiry.asker:
                raise DomainError(RuntimeCode.FORBIDDEN, "Nobody answers their own question.")
            if actor.subject != it.enquiry.owner and not may_answer(actor, it.enquiry):
                raise DomainError(RuntimeCode.FORBIDDEN, "Only who answers such questions does this.")
            if check is not None:
                await check(it)
            said = {"officer": actor.subject, **(data or {})}
            return EnquiryStep(type, EnquiryActor.OFFICER, it.at, reason=reason, data=said)

        return await self._moves.move(actor, enquiry, decide)

    async def _watching(
        self,
        actor: Actor,
        enquiry: str,
        type: EnquiryEventType,
        reason: str | None = None,
        data: dict[str, Any] | None = None,
        check: Check | None = None,
    ) -> EnquiryRow:
        async def decide(it: Before) -> EnquiryStep:
            if not watches(actor, it.enquiry):
                raise DomainError(RuntimeCode.FORBIDDEN, "Only a supervisor does this, and nobody to their own.")
            if check is not None:
                await check(it)
            said = {"officer": actor.subject, **(data or {})}
            return EnquiryStep(type, EnquiryActor.SUPERVISOR, it.at, reason=reason, data=said)

        return await self._moves.move(actor, enquiry, decide)


def _seen_by(actor: Actor) -> Any:
    """Which rows are worth reading; :func:`may_know` decides on each."""
    if actor.has_role(SUPERVISOR):
        return col(EnquiryRow.id).is_not(None)
    mine = [col(EnquiryRow.owner) == actor.subject]
    is_question = col(EnquiryRow.kind) != EnquiryKind.COMPLAINT.value
    if actor.has_role(OFFICER):
        mine.append(is_question)
    elif may_handle(actor, actor.department):
        mine.append(is_question & (col(EnquiryRow.department) == actor.department))
    return or_(*mine)
