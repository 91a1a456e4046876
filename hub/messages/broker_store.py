"""The embedded broker's queues in the hub's database, on SQLite and PostgreSQL alike.

A claim is one ``UPDATE … RETURNING``: SQLite runs it under its write lock, PostgreSQL skips the rows
that another claimer has locked. Acknowledging deletes; who lost the lease deletes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel

from connectors.broker import BrokerUnavailable, DeadLetter, QueueStatistics
from connectors.cloud_events import decode_event, encode_event
from connectors.embedded_store import ClaimedMessage, Lease, NewMessage
from hub.storage.database import Database
from hub.tables.broker import BrokerConsumer, BrokerDeadLetter, BrokerMessage, BrokerQueue

_TABLES = SQLModel.metadata.tables
QUEUES = _TABLES[str(BrokerQueue.__tablename__)]
MESSAGES = _TABLES[str(BrokerMessage.__tablename__)]
DEAD = _TABLES[str(BrokerDeadLetter.__tablename__)]
CONSUMERS = _TABLES[str(BrokerConsumer.__tablename__)]


SWEEP_EVERY = timedelta(seconds=30)
"""What has expired is nobody's to claim before it is dropped."""


class DatabaseBrokerStore:
    """Implements :class:`connectors.embedded_store.BrokerStore` over the hub's database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: dict[str, int] = {}
        """What the owner said last that it consumes."""
        self._swept_at: datetime | None = None
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    async def declare(self, queues: Sequence[str], now: datetime) -> None:
        rows = [{"name": name, "declared_at": now} for name in queues]
        async with self._writing() as connection:
            await connection.execute(self._insert(QUEUES).values(rows).on_conflict_do_nothing())

    async def queues(self) -> frozenset[str]:
        async with self._reading() as connection:
            return frozenset((await connection.execute(select(QUEUES.c.name))).scalars())

    async def remove(self, queues: Sequence[str]) -> None:
        async with self._writing() as connection:
            await connection.execute(delete(MESSAGES).where(MESSAGES.c.queue.in_(queues)))
            await connection.execute(delete(QUEUES).where(QUEUES.c.name.in_(queues)))

    async def append(self, messages: Sequence[NewMessage]) -> None:
        async with self._writing() as connection:
            await connection.execute(insert(MESSAGES), [_message_row(message) for message in messages])

    async def claim(self, queue: str, *, limit: int, ordered: bool, lease: Lease) -> tuple[ClaimedMessage, ...]:
        statement = (
            update(MESSAGES)
            .where(MESSAGES.c.sequence.in_(_claimable(queue, limit, ordered=ordered, now=lease.now)))
            .values(lease_owner=lease.owner, lease_until=lease.until, attempts=MESSAGES.c.attempts + 1)
            .returning(MESSAGES.c.sequence, MESSAGES.c.body, MESSAGES.c.attempts)
        )
        async with self._writing() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(
            ClaimedMessage(row.sequence, decode_event(row.body.encode()), row.attempts)
            for row in sorted(rows, key=lambda row: row.sequence)
        )

    async def acknowledge(self, owner: str, sequences: Sequence[int]) -> None:
        async with self._writing() as connection:
            await connection.execute(delete(MESSAGES).where(_held(owner, sequences)))

    async def release(self, owner: str, sequence: int, available_at: datetime) -> None:
        released = {"lease_owner": None, "lease_until": None, "available_at": available_at}
        async with self._writing() as connection:
            await connection.execute(update(MESSAGES).where(_held(owner, (sequence,))).values(**released))

    async def bury(self, letter: DeadLetter, *, owner: str, sequence: int | None) -> None:
        async with self._writing() as connection:
            if sequence is not None:
                taken = delete(MESSAGES).where(_held(owner, (sequence,))).returning(MESSAGES.c.sequence)
                if (await connection.execute(taken)).first() is None:
                    return
            await connection.execute(insert(DEAD), [_dead_row(letter)])

    async def waiting(self, queues: Sequence[str], now: datetime) -> dict[str, bool]:
        is_ready = case((and_(_is_free(MESSAGES.c, now), _is_fresh(MESSAGES.c, now)), 1), else_=0)
        statement = (
            select(MESSAGES.c.queue, func.max(is_ready))
            .where(MESSAGES.c.queue.in_(queues))
            .group_by(MESSAGES.c.queue)
        )
        async with self._reading() as connection:
            return {queue: bool(ready) for queue, ready in await connection.execute(statement)}

    async def renew(self, lease: Lease, sequences: Sequence[int], consumers: Mapping[str, int]) -> None:
        async with self._writing() as connection:
            if sequences:
                await connection.execute(
                    update(MESSAGES).where(_held(lease.owner, sequences)).values(lease_until=lease.until)
                )
            if self._swept_at is None or abs(lease.now - self._swept_at) >= SWEEP_EVERY:
                await connection.execute(delete(MESSAGES).where(MESSAGES.c.drop_after <= lease.now))
                self._swept_at = lease.now
            mine = CONSUMERS.c.owner == lease.owner
            if consumers and consumers == self._told:
                told = await connection.execute(update(CONSUMERS).where(mine).values(seen_at=lease.now))
                if told.rowcount == len(consumers):
                    return
            await connection.execute(delete(CONSUMERS).where(mine))
            rows = [
                {"owner": lease.owner, "queue": queue, "number": number, "seen_at": lease.now}
                for queue, number in consumers.items()
            ]
            if rows:
                await connection.execute(insert(CONSUMERS), rows)
            self._told = dict(consumers)

    async def leave(self, owner: str) -> None:
        async with self._writing() as connection:
            await connection.execute(
                update(MESSAGES).where(MESSAGES.c.lease_owner == owner).values(lease_owner=None, lease_until=None)
            )
            await connection.execute(delete(CONSUMERS).where(CONSUMERS.c.owner == owner))

    async def consumers(self, queue: str, *, alive_since: datetime, apart_from: str) -> int:
        statement = select(func.coalesce(func.sum(CONSUMERS.c.number), 0)).where(
            CONSUMERS.c.queue == queue, CONSUMERS.c.seen_at >= alive_since, CONSUMERS.c.owner != apart_from
        )
        async with self._reading() as connection:
            return int((await connection.execute(statement)).scalar_one())

    async def statistics(self, *, now: datetime, alive_since: datetime) -> tuple[QueueStatistics, ...]:
        is_held = and_(MESSAGES.c.lease_until.is_not(None), MESSAGES.c.lease_until > now)
        held = func.coalesce(func.sum(case((is_held, 1), else_=0)), 0)
        messages = select(MESSAGES.c.queue, func.count(), held).where(_is_fresh(MESSAGES.c, now))
        living = select(CONSUMERS.c.queue, func.sum(CONSUMERS.c.number)).where(CONSUMERS.c.seen_at >= alive_since)
        async with self._reading() as connection:
            names = (await connection.execute(select(QUEUES.c.name).order_by(QUEUES.c.name))).scalars().all()
            counts = {
                name: (total, taken)
                for name, total, taken in await connection.execute(messages.group_by(MESSAGES.c.queue))
            }
            rows = await connection.execute(living.group_by(CONSUMERS.c.queue))
            consumers: dict[str, int] = {row[0]: row[1] for row in rows}
        return tuple(
            QueueStatistics(name, total - taken, taken, consumers.get(name, 0))
            for name, (total, taken) in ((name, counts.get(name, (0, 0))) for name in names)
        )

    async def dead_letters(self) -> tuple[DeadLetter, ...]:
        async with self._reading() as connection:
            rows = (await connection.execute(select(DEAD).order_by(DEAD.c.number))).all()
        return tuple(
            DeadLetter(row.queue, decode_event(row.body.encode()), row.reason, row.attempts, row.since)
            for row in rows
        )

    async def redrive(self, message_id: str, queue_prefix: str, now: datetime) -> bool:
        first = select(DEAD.c.number).where(
            DEAD.c.message_id == message_id, DEAD.c.queue.startswith(queue_prefix, autoescape=True)
        )
        statement = (
            delete(DEAD)
            .where(DEAD.c.number == first.order_by(DEAD.c.number).limit(1).scalar_subquery())
            .returning(DEAD.c.queue, DEAD.c.body)
        )
        async with self._writing() as connection:
            row = (await connection.execute(statement)).one_or_none()
            if row is None:
                return False
            message = NewMessage(row.queue, decode_event(row.body.encode()), now)
            await connection.execute(insert(MESSAGES), [_message_row(message)])
            return True

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.transaction() as session:
                yield await session.connection()
        except (SQLAlchemyError, OSError) as error:
            raise _unavailable(error) from error

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.reading() as session:
                yield await session.connection()
        except (SQLAlchemyError, OSError) as error:
            raise _unavailable(error) from error


def _claimable(queue: str, limit: int, *, ordered: bool, now: datetime) -> Select[Any]:
    candidate = MESSAGES.alias("candidate")
    statement = select(candidate.c.sequence).where(
        candidate.c.queue == queue, _is_free(candidate.c, now), _is_fresh(candidate.c, now)
    )
    if ordered:
        earlier = MESSAGES.alias("earlier")
        is_behind = exists().where(
            earlier.c.queue == candidate.c.queue,
            earlier.c.partition_key == candidate.c.partition_key,
            earlier.c.sequence < candidate.c.sequence,
        )
        statement = statement.where(~is_behind.correlate(candidate))
    # SQLite ignores the lock clause: there, the transaction holds the write lock already.
    return statement.order_by(candidate.c.sequence).limit(limit).with_for_update(skip_locked=True, of=candidate)


def _is_free(message: Any, now: datetime) -> ColumnElement[bool]:
    return and_(message.available_at <= now, or_(message.lease_until.is_(None), message.lease_until <= now))


def _is_fresh(message: Any, now: datetime) -> ColumnElement[bool]:
    return or_(message.drop_after.is_(None), message.drop_after > now)


def _held(owner: str, sequences: Sequence[int]) -> ColumnElement[bool]:
    return and_(MESSAGES.c.sequence.in_(sequences), MESSAGES.c.lease_owner == owner)


def _message_row(new: NewMessage) -> dict[str, Any]:
    return {
        "queue": new.queue,
        "partition_key": new.message.partition_key,
        "body": encode_event(new.message).decode(),
        "attempts": 0,
        "available_at": new.available_at,
        "drop_after": new.drop_after,
    }


def _dead_row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "message_id": letter.message.id,
        "queue": letter.queue,
        "body": encode_event(letter.message).decode(),
        "reason": letter.reason,
        "attempts": letter.attempts,
        "since": letter.since,
    }


def _unavailable(error: Exception) -> BrokerUnavailable:
    return BrokerUnavailable(f"The database of the embedded broker cannot be used: {type(error).__name__}.")
