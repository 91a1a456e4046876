"""What officers, supervisors and raters do about a low rating; and the worker's eye on its limits.

Who had a part in what was rated never learns of the follow-up; its officer learns who rated once they took it.
Source: docs/ratings.md (art. 17, 23).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from auth.actor import Actor
from auth.roles import SUPERVISOR
from connectors.clock import Clock
from hub.people.who import may_handle
from hub.ratings.follow_up_store import events_of, follow_up_of, raise_due_cards, record
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.follow_up import FollowUpRow
from schema.domain.follow_up import (
    UNDER_WAY,
    FollowUpEvent,
    FollowUpEventType,
    FollowUpStep,
    ImpossibleFollowUpStep,
    may_follow_up,
    transition,
)
from schema.domain.page import check_first
from schema.errors import DomainError, RuntimeCode

BATCH = 100
_T = FollowUpEventType


class FollowUps:
    """Every method is told who asks; who may not know of one is told that there is none."""

    def __init__(self, database: Database, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups

    async def take(self, actor: Actor, id: str) -> FollowUpRow:
        """An officer of the department, or a supervisor, who had no part in it."""
        return await self._by_office(actor, id, _T.TAKEN, None)

    async def verify(self, actor: Actor, id: str, finding: str) -> FollowUpRow:
        """The rater was contacted, and this was found."""
        return await self._by_office(actor, id, _T.VERIFIED, finding)

    async def resolve(self, actor: Actor, id: str, outcome: str) -> FollowUpRow:
        """It was mended; the rater is told how."""
        return await self._by_office(actor, id, _T.RESOLVED, outcome)

    async def explain(self, actor: Actor, id: str, outcome: str) -> FollowUpRow:
        """Nothing is to be mended; the rater is told why."""
        return await self._by_office(actor, id, _T.EXPLAINED, outcome)

    async def mark_malicious(self, actor: Actor, id: str, reason: str) -> FollowUpRow:
        """A supervisor, once it was verified. The rating stays, with the mark."""
        if not actor.has_role(SUPERVISOR):
            raise _none()
        return await self._by_office(actor, id, _T.MARKED_MALICIOUS, reason)

    async def reply(self, actor: Actor, id: str, text: str) -> FollowUpRow:
        """The rater answers the outcome, once."""
        return await self._move(
            actor, id, _T.REPLIED, {"text": text.strip()}, lambda row: actor.subject == row.rater
        )

    async def get(self, actor: Actor, id: str) -> FollowUpRow | None:
        async with self._database.reading() as session:
            row = await session.get(FollowUpRow, id)
        return row if row is not None and (actor.subject == row.rater or may_work_on(actor, row)) else None

    async def of(self, actor: Actor, first: int = 20) -> Sequence[FollowUpRow]:
        """What one's own ratings opened, the newest first."""
        check_first(first)
        mine = select(FollowUpRow).where(col(FollowUpRow.rater) == actor.subject)
        ordered = mine.order_by(col(FollowUpRow.rated_at).desc(), col(FollowUpRow.id)).limit(first)
        async with self._database.reading() as session:
            return (await session.exec(ordered)).all()

    async def work(self, actor: Actor, *, mine: bool = False, first: int = 50) -> Sequence[FollowUpRow]:
        """Those under way that the actor may work on, the first to fall due first."""
        check_first(first)
        statement = select(FollowUpRow).where(col(FollowUpRow.state).in_(UNDER_WAY))
        if not actor.has_role(SUPERVISOR):
            statement = statement.where(col(FollowUpRow.department) == (actor.department or "-"))
        if mine:
            statement = statement.where(col(FollowUpRow.officer) == actor.subject)
        ordered = statement.order_by(col(FollowUpRow.resolve_by), col(FollowUpRow.id)).limit(2 * first)
        async with self._database.reading() as session:
            found = (await session.exec(ordered)).all()
        return [row for row in found if may_work_on(actor, row)][:first]

    async def events(self, row: FollowUpRow) -> tuple[FollowUpEvent, ...]:
        """Of one that the caller was allowed to read."""
        async with self._database.reading() as session:
            return await events_of(session, row.id)

    async def look(self) -> int:
        """The worker's round: a card for each limit that has passed; how many follow-ups were looked at. May be
        taken twice: a card is put once."""
        now = self._clock.now()
        due = select(FollowUpRow.id).where(col(FollowUpRow.clock_at) <= now).limit(BATCH)
        async with self._database.reading() as session:
            ids = (await session.exec(due)).all()
        for each in ids:
            async with self._database.transaction() as session:
                row = await session.get_one(FollowUpRow, each, with_for_update=True)
                await raise_due_cards(session, row, now)
        if ids:
            self._wakeups.outbox.set()
        return len(ids)

    async def _by_office(self, actor: Actor, id: str, type: FollowUpEventType, text: str | None) -> FollowUpRow:
        said = {"officer": actor.subject, **({"text": text.strip()} if text is not None else {})}
        return await self._move(actor, id, type, said, lambda row: may_work_on(actor, row))

    async def _move(
        self, actor: Actor, id: str, type: FollowUpEventType, data: dict[str, Any], may: Any
    ) -> FollowUpRow:
        async with self._database.transaction() as session:
            row = await session.get(FollowUpRow, id, with_for_update=True)
            if row is None or not may(row):
                raise _none()
            try:
                after, event = transition(follow_up_of(row), FollowUpStep(type, self._clock.now(), data))
            except ImpossibleFollowUpStep as refused:
                raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused)) from None
            await record(session, row, after, event)
        self._wakeups.outbox.set()
        return row


def may_work_on(actor: Actor, row: FollowUpRow) -> bool:
    """The department's officers and the supervisors, but nobody who had a part in what was rated."""
    is_theirs = may_handle(actor, row.department) or actor.has_role(SUPERVISOR)
    return is_theirs and may_follow_up(follow_up_of(row), actor.subject)


def knows_rater(actor: Actor, row: FollowUpRow) -> bool:
    """Who rated is for the officer who took it, the supervisors, and the rater."""
    return actor.subject in {row.rater, row.officer} or (actor.has_role(SUPERVISOR) and may_work_on(actor, row))


def _none() -> DomainError:
    return DomainError(RuntimeCode.NOT_FOUND, "You have no such follow-up.")
