"""Which case changed: one order for all processes, followed by any number of subscribers.

Sequences of a database commit out of order, so a reader that tails them would skip. Here a change gets
its ``position`` after it is committed, under one lock, from the relay alone; a reader that has seen
position n has seen everything up to n. One task per process reads; while nobody follows, it rests.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy import func, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.database import Database
from hub.insertion import insert_if_absent
from hub.tables.change import CaseChangeRow, ChangeCounterRow
from hub.wakeups import Wakeups, wait_at_most
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

POLL_INTERVAL = timedelta(milliseconds=150)
READ_AT_ONCE = 500
UNREAD_LIMIT = 1000
_COUNTER = 1


@dataclass(frozen=True, slots=True)
class Change:
    """One version of one case, at its place in the global order."""

    position: int
    case_id: str
    version: int
    applicant: str


@dataclass(eq=False, slots=True)
class _Follower:
    applicant: str
    case_id: str | None
    unread: asyncio.Queue[Change] = field(default_factory=lambda: asyncio.Queue(UNREAD_LIMIT))
    is_too_slow: bool = False

    def wants(self, change: Change) -> bool:
        return change.applicant == self.applicant and self.case_id in {None, change.case_id}


async def give_positions(session: AsyncSession, limit: int = READ_AT_ONCE) -> int:
    """Put committed changes in their global order; how many. Several relays take turns at the counter."""
    await insert_if_absent(session, ChangeCounterRow, {"id": _COUNTER, "position": 0})
    counter = await session.get_one(ChangeCounterRow, _COUNTER, with_for_update=True)
    waiting = (
        select(col(CaseChangeRow.id))
        .where(col(CaseChangeRow.position).is_(None))
        .order_by(col(CaseChangeRow.id))
        .limit(limit)
    )
    changes = (await session.exec(waiting)).all()
    for change in changes:
        counter.position += 1
        statement = update(CaseChangeRow).where(col(CaseChangeRow.id) == change)
        await session.exec(statement.values(position=counter.position))
    return len(changes)


class ChangeFeed:
    """``async with feed:`` runs the reader; ``follow`` gives one subscriber what concerns them."""

    def __init__(self, database: Database, wakeups: Wakeups) -> None:
        self._database = database
        self._wakeups = wakeups
        self._followers: set[_Follower] = set()
        self._position = 0
        self._reading = asyncio.Lock()
        self._has_followers = asyncio.Event()
        self._tail: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._tail = asyncio.create_task(self._run(), name="change-feed")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tail is not None:
            self._tail.cancel()
            with suppress(asyncio.CancelledError):
                await self._tail

    async def follow(self, applicant: str, case_id: str | None = None) -> AsyncIterator[Change | None]:
        """First ``None``: from here on nothing is missed. Then every change of the applicant's cases."""
        follower = _Follower(applicant, case_id)
        await self._register(follower)
        try:
            yield None
            while not follower.is_too_slow or not follower.unread.empty():
                yield await follower.unread.get()
        finally:
            self._followers.discard(follower)
        message = f"More than {UNREAD_LIMIT} changes were waiting. Read the cases again, then subscribe."
        raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, message)

    async def _register(self, follower: _Follower) -> None:
        async with self._reading:
            if not self._followers:
                self._position = await self._last_position()
            self._followers.add(follower)
            self._has_followers.set()

    async def _run(self) -> None:
        while True:
            await self._has_followers.wait()
            self._wakeups.changes.clear()
            try:
                await self._read()
            except SQLAlchemyError as error:
                log.warning("change feed cannot read, trying again", why=str(error))
            await wait_at_most(self._wakeups.changes, POLL_INTERVAL)

    async def _read(self) -> None:
        async with self._reading:
            if not self._followers:
                self._has_followers.clear()
                return
            for change in await self._after(self._position):
                self._position = change.position
                self._deliver(change)

    def _deliver(self, change: Change) -> None:
        for follower in self._followers:
            if not follower.wants(change) or follower.is_too_slow:
                continue
            follower.unread.put_nowait(change)
            follower.is_too_slow = follower.unread.full()

    async def _last_position(self) -> int:
        async with self._database.reading() as session:
            last = (await session.exec(select(func.max(CaseChangeRow.position)))).one()
        return int(last or 0)

    async def _after(self, position: int) -> Sequence[Change]:
        statement = (
            select(CaseChangeRow)
            .where(col(CaseChangeRow.position) > position)
            .order_by(col(CaseChangeRow.position))
            .limit(READ_AT_ONCE)
        )
        async with self._database.reading() as session:
            rows = (await session.exec(statement)).all()
        return [Change(row.position or 0, row.case_id, row.version, row.applicant) for row in rows]
