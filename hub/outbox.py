"""Messages are decided in the transaction of their cause and sent later; none is lost, none overtakes.

A row is claimed by a leased ``UPDATE … RETURNING``: several relays share the work, and what a dead one
held is taken again when its lease is over. Of one partition only the oldest unsent message is claimed.
A command stays open until its outcome is known and is sent again meanwhile, with the same id; its
receiver drops the double, and later commands of the case to the same department wait.
Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.orm import aliased
from sqlmodel import col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Message
from connectors.cloud_events import event_from_json, event_to_json
from hub.database import UtcDateTime
from hub.tables.outbox import OutboxRow

LEASE = timedelta(seconds=10)
FIRST_RETRY = timedelta(milliseconds=250)
LONGEST_RETRY = timedelta(seconds=5)
FIRST_RESEND = timedelta(seconds=60)
LONGEST_RESEND = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in this relay's hands until its lease is over."""

    sequence: int
    address: str
    message: Message
    awaits_outcome: bool
    attempts: int


def put(session: AsyncSession, address: str, message: Message, now: datetime, *, awaits_outcome: bool) -> None:
    """Decide to send. The message leaves after the transaction is committed, and only then."""
    session.add(
        OutboxRow(
            id=message.id,
            address=address,
            partition_key=message.partition_key,
            message=event_to_json(message),
            awaits_outcome=awaits_outcome,
            created_at=now,
            next_attempt_at=now,
        )
    )


def is_due(now: datetime) -> ColumnElement[bool]:
    """Open, its time has come, and nothing older of its case stands before it.

    That is: nothing unsent, and no command to the same department whose outcome is not known. So a command that
    became a dead letter parks its case at that department, until it was driven again; other cases go on.
    """
    older = aliased(OutboxRow)
    of_its_case = (
        col(older.partition_key) == col(OutboxRow.partition_key),
        col(older.sequence) < col(OutboxRow.sequence),
        col(older.done_at).is_(None),
    )
    is_unsent = col(older.published_at).is_(None)
    same_department = col(older.address) == col(OutboxRow.address)
    waits = exists().where(*of_its_case, is_unsent | (same_department & col(older.awaits_outcome)))
    return col(OutboxRow.done_at).is_(None) & (col(OutboxRow.next_attempt_at) <= now) & ~waits


async def claim(session: AsyncSession, now: datetime, limit: int) -> tuple[Claimed, ...]:
    """Take due messages, oldest first."""
    due = (
        select(col(OutboxRow.sequence))
        .where(is_due(now))
        .order_by(col(OutboxRow.sequence))
        .limit(limit)
        .with_for_update(skip_locked=True, of=OutboxRow)
    )
    statement = (
        update(OutboxRow)
        .where(col(OutboxRow.sequence).in_(due))
        .values(next_attempt_at=now + LEASE, attempts=col(OutboxRow.attempts) + 1)
        .returning(OutboxRow)
        .execution_options(synchronize_session=False)
    )
    rows: Sequence[OutboxRow] = (await session.exec(statement)).scalars().all()
    ordered = sorted(rows, key=lambda row: row.sequence or 0)
    return tuple(
        Claimed(row.sequence or 0, row.address, event_from_json(row.message), row.awaits_outcome, row.attempts)
        for row in ordered
    )


async def mark_published(session: AsyncSession, claimed: Claimed, now: datetime) -> None:
    """The broker has it. A command stays open and is due again when no outcome has come by then."""
    values: dict[str, object] = {"published_at": _first(now), "last_error": None}
    if claimed.awaits_outcome:
        values["next_attempt_at"] = now + _doubled(FIRST_RESEND, claimed.attempts, LONGEST_RESEND)
    else:
        values["done_at"] = now
    await _update(session, claimed.sequence, values)


async def mark_failed(session: AsyncSession, claimed: Claimed, now: datetime, why: str) -> None:
    """Not sent; try again after a pause that grows to a bound."""
    pause = _doubled(FIRST_RETRY, claimed.attempts, LONGEST_RETRY)
    await _update(session, claimed.sequence, {"next_attempt_at": now + pause, "last_error": why[:500]})


async def close_command(session: AsyncSession, command: str, outcome: str, now: datetime) -> bool:
    """Note the outcome of a command; only the first one counts. False when it is unknown or closed.

    An outcome may overtake our own note that the command was sent: it proves that it was.
    """
    statement = (
        update(OutboxRow)
        .where(col(OutboxRow.id) == command, col(OutboxRow.done_at).is_(None))
        .values(done_at=now, outcome=outcome, published_at=_first(now))
        .execution_options(synchronize_session=False)
    )
    result = await session.exec(statement)
    return bool(result.rowcount)


async def _update(session: AsyncSession, sequence: int, values: dict[str, object]) -> None:
    statement = update(OutboxRow).where(col(OutboxRow.sequence) == sequence, col(OutboxRow.done_at).is_(None))
    await session.exec(statement.values(**values).execution_options(synchronize_session=False))


def _first(now: datetime) -> ColumnElement[datetime]:
    """The moment of the first sending: the one that is noted, else now."""
    return func.coalesce(col(OutboxRow.published_at), now, type_=UtcDateTime())


def _doubled(first: timedelta, attempts: int, longest: timedelta) -> timedelta:
    factor: int = 2 ** min(max(attempts - 1, 0), 20)
    return min(first * factor, longest)
