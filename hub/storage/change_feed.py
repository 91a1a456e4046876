"""What changed, and for whom: one order for all processes, followed by any number of subscribers.

How to use it. Where something changes, in the transaction of the effect::

    record_change(session, ChangeKind.TICKET, ticket.id, owner=ticket.subject, at=now, version=ticket.version)

then, after the commit, ``wakeups.outbox.set()``, so that the relay gives positions at once. Where it is told (a
subscription's resolver)::

    async for told in followed(info, Interest(who.subject, ChangeKind.TICKET, ticket_id)):
        yield ...   # ``Beginning`` first: say how it stands; then a ``Change`` for each version

``hub.own_subgraph.following.followed`` asks at each event whether the token still holds, and lets the reader
resume where it was. ``owner`` is who may hear of it (the subject of a token), ``subject`` the thing's id: what
stands in it is read by id and version when it is told, never kept here.

Sequences of a database commit out of order, so a reader that tails them would skip. Here a change gets its
``position`` after it is committed, under one lock, from the relay alone; a reader that has seen position n has
seen everything up to n. One task per process reads; while nobody follows, it rests.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy import BigInteger, ColumnElement, Integer, bindparam, func, update
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.storage.database import Database
from hub.storage.forgetting import forget_old
from hub.storage.insertion import insert_if_absent
from hub.storage.pending_rows import insert_later
from hub.storage.wakeups import Wakeups, wait_at_most
from hub.tables.change import ChangeCounterRow, ChangeRow
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

LOOK_EVERY = timedelta(milliseconds=150)
"""Where nobody tells this process of changes."""
AFTER_FAILURE = timedelta(milliseconds=500)
READ_AT_ONCE = 500
READ_SIDE_BY_SIDE = 4
UNREAD_LIMIT = 1000
LOOKED_AHEAD = 16
_COUNTER = 1


class ChangeKind(StrEnum):
    """What it is that changed."""

    CASE = "case"
    TICKET = "ticket"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Change:
    """One version of one thing, at its place in the global order."""

    position: int
    kind: ChangeKind
    subject: str
    version: int
    owner: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """Everything after ``position`` is told. ``has_gap``: what the reader missed is not kept any more."""

    position: int
    has_gap: bool = False


@dataclass(frozen=True, slots=True)
class Interest:
    """What a follower wants to hear of: an owner's things of one kind, or one of them.

    ``desks`` are further owners, such as the desk of a department that the follower works at.
    """

    owner: str
    kind: ChangeKind
    subject: str | None = None
    desks: tuple[str, ...] = ()

    @property
    def owners(self) -> tuple[str, ...]:
        return (self.owner, *self.desks)

    def covers(self, change: Change) -> bool:
        is_mine = change.owner in self.owners and change.kind is self.kind
        return is_mine and self.subject in {None, change.subject}


@dataclass(eq=False, slots=True)
class _Follower:
    interest: Interest
    unread: asyncio.Queue[Change] = field(default_factory=lambda: asyncio.Queue(UNREAD_LIMIT))
    is_too_slow: bool = False


def record_change(
    session: AsyncSession, kind: ChangeKind, subject: str, *, owner: str, at: datetime, version: int = 1
) -> None:
    """Note a change in the transaction that makes it; it is told once the relay has given it its position."""
    change = {"kind": kind, "subject": subject, "version": version, "owner": owner, "at": at}
    insert_later(session, ChangeRow, change)


_CHANGE = SQLModel.metadata.tables["change"].c
_LAST = SQLModel.metadata.tables["change_counter"].c
_LAST_GIVEN = select(_LAST.position).where(_LAST.id == _COUNTER).with_for_update()
_WAITING = (
    select(_CHANGE.id, func.row_number().over(order_by=_CHANGE.id).label("place"))
    .where(_CHANGE.position.is_(None))
    .order_by(_CHANGE.id)
    .limit(bindparam("most", type_=Integer()))
    .subquery()
)
_GIVE = (
    update(_CHANGE.id.table)
    .where(_CHANGE.id == _WAITING.c.id)
    .values(position=bindparam("last", type_=BigInteger()) + _WAITING.c.place)
    .returning(_CHANGE.id)
)
_COUNT = (
    update(_LAST.id.table)
    .where(_LAST.id == _COUNTER)
    .values(position=_LAST.position + bindparam("number", type_=BigInteger()))
)


async def give_positions(session: AsyncSession, limit: int = READ_AT_ONCE) -> int:
    """Put committed changes in their global order; how many. Several relays take turns at the counter."""
    connection = await session.connection()
    position = (await connection.execute(_LAST_GIVEN)).scalar()
    if position is None:
        await insert_if_absent(session, ChangeCounterRow, {"id": _COUNTER, "position": 0})
        position = (await connection.execute(_LAST_GIVEN)).scalar_one()
    number = len((await connection.execute(_GIVE, {"last": position, "most": limit})).all())
    await connection.execute(_COUNT, {"number": number})
    return number


async def forget_changes(database: Database, before: datetime) -> None:
    """Delete the oldest positions, up to the first that is not older: so a gap is always at the beginning."""
    async with database.reading() as session:
        kept = select(func.min(ChangeRow.position)).where(col(ChangeRow.at) >= before)
        first = (await session.exec(kept)).one()
    position = col(ChangeRow.position)
    await forget_old(
        database, ChangeRow, position < first if first is not None else position.is_not(None), position
    )


class ChangeFeed:
    """``async with feed:`` runs the reader; ``follow`` gives one subscriber what concerns them."""

    def __init__(self, database: Database, wakeups: Wakeups, look_every: timedelta = LOOK_EVERY) -> None:
        self._database = database
        self._wakeups = wakeups
        self._look_every = look_every
        self._followers: dict[str, set[_Follower]] = {}
        """By the owner whose changes they want."""
        self.turns = asyncio.Semaphore(READ_SIDE_BY_SIDE)
        """To be taken for what a follower reads at its beginning: thousands may begin at the same moment."""
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

    async def follow(
        self, interest: Interest, after: int | None = None, ahead: Callable[[Change], None] | None = None
    ) -> AsyncGenerator[Beginning | Change, None]:
        """First where it begins: from there on nothing is missed. Then every change, in order.

        ``after`` is the position that a reader has seen already: what came since is told first, unless it is
        not kept any more, which the beginning says. ``ahead`` hears of the next ones, where several wait to be
        told. Raises :class:`DomainError` for a reader that is too slow.
        """
        follower, waiting = _Follower(interest), deque[Change]()
        here = await self._register(follower)
        try:
            if after is None or await self._has_forgotten(after):
                yield Beginning(here, has_gap=after is not None)
                after = here
            else:
                yield Beginning(after)
                async for change in self._missed(interest, after, here):
                    yield change
            while waiting or not follower.is_too_slow or not follower.unread.empty():
                if not waiting:
                    waiting.append(await follower.unread.get())
                while len(waiting) < LOOKED_AHEAD and not follower.unread.empty():
                    waiting.append(follower.unread.get_nowait())
                    if ahead is not None and waiting[-1].position > after:
                        ahead(waiting[-1])
                change = waiting.popleft()
                if change.position > after:
                    yield change
        finally:
            self._leave(follower)
        message = (
            f"More than {UNREAD_LIMIT} changes were waiting to be read. Subscribe again with the last cursor."
        )
        raise DomainError(RuntimeCode.SUBSCRIBER_TOO_SLOW, message)

    async def _register(self, follower: _Follower) -> int:
        async with self._reading:
            if not self._followers:
                self._position = await self._last_position()
            for owner in follower.interest.owners:
                self._followers.setdefault(owner, set()).add(follower)
            self._has_followers.set()
            return self._position

    def _leave(self, follower: _Follower) -> None:
        for owner in follower.interest.owners:
            others = self._followers.get(owner, set())
            others.discard(follower)
            if not others:
                self._followers.pop(owner, None)

    async def _run(self) -> None:
        while True:
            await self._has_followers.wait()
            self._wakeups.changes.clear()
            try:
                while await self._read() == READ_AT_ONCE:
                    continue
            except Exception as error:  # noqa: BLE001  whatever it was, readers wait for what comes next
                log.warning("change feed cannot read, trying again", why=type(error).__name__)
                await asyncio.sleep(AFTER_FAILURE.total_seconds())
                self._wakeups.changes.set()
            await wait_at_most(self._wakeups.changes, self._look_every)

    async def _read(self) -> int:
        """A page of what is new, for whoever follows; how much it was."""
        async with self._reading:
            if not self._followers:
                self._has_followers.clear()
                return 0
            page = await self._after(self._position)
            for change in page:
                self._position = change.position
                self._deliver(change)
            return len(page)

    def _deliver(self, change: Change) -> None:
        for follower in self._followers.get(change.owner, ()):
            if not follower.interest.covers(change) or follower.is_too_slow:
                continue
            follower.unread.put_nowait(change)
            follower.is_too_slow = follower.unread.full()

    async def _last_position(self) -> int:
        async with self._database.reading() as session:
            counter = await session.get(ChangeCounterRow, _COUNTER)
        return counter.position if counter else 0

    async def _has_forgotten(self, position: int) -> bool:
        async with self.turns:
            return await self._is_forgotten(position)

    async def _is_forgotten(self, position: int) -> bool:
        """Whether something after it is not kept any more, or it was never given here."""
        async with self._database.reading() as session:
            counter = await session.get(ChangeCounterRow, _COUNTER)
            oldest = (await session.exec(select(func.min(ChangeRow.position)))).one()
        last = counter.position if counter else 0
        return position > last or position < (last if oldest is None else oldest - 1)

    async def _missed(self, interest: Interest, after: int, until: int) -> AsyncIterator[Change]:
        """What concerns one follower in ``(after, until]``, by the page."""
        wanted = [col(ChangeRow.owner).in_(interest.owners), col(ChangeRow.kind) == interest.kind]
        if interest.subject is not None:
            wanted.append(col(ChangeRow.subject) == interest.subject)
        while after < until:
            async with self.turns:
                page = await self._page(col(ChangeRow.position) <= until, *wanted, after=after)
            for change in page:
                yield change
            after = page[-1].position if len(page) == READ_AT_ONCE else until

    async def _after(self, position: int) -> Sequence[Change]:
        return await self._page(after=position)

    async def _page(self, *wanted: ColumnElement[bool], after: int) -> Sequence[Change]:
        statement = (
            select(ChangeRow)
            .where(col(ChangeRow.position) > after, *wanted)
            .order_by(col(ChangeRow.position))
            .limit(READ_AT_ONCE)
        )
        async with self._database.reading() as session:
            rows = (await session.exec(statement)).all()
        return [_change_of(row) for row in rows]


def _change_of(row: ChangeRow) -> Change:
    return Change(row.position or 0, ChangeKind(row.kind), row.subject, row.version, row.owner)
