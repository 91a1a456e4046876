"""Messages are decided in the transaction of their cause and sent later; none is lost, none overtakes.

A row is claimed by a leased ``UPDATE … RETURNING``: several relays share the work, and what a dead one
held is taken again when its lease is over. Of one partition only the oldest unsent message is claimed.
A command stays open until its outcome is known and is sent again meanwhile, with the same id; its
receiver drops the double, and later commands of the case to the same department wait.
Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, func, update
from sqlalchemy.orm import aliased
from sqlmodel import col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Message
from connectors.cloud_events import event_from_json, event_to_json
from connectors.topology import HUB_EXCHANGE
from connectors.trace import current_trace
from hub.storage.database import UtcDateTime
from hub.storage.pending_rows import insert_later
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
    """Decide to send. The message leaves after the transaction is committed, and only then; it carries on the
    trace of what it was decided for."""
    if message.traceparent is None:
        message = replace(message, traceparent=current_trace())
    row = {
        "id": message.id,
        "address": address,
        "partition_key": message.partition_key,
        "message": event_to_json(message),
        "awaits_outcome": awaits_outcome,
        "created_at": now,
        "next_attempt_at": now,
        "attempts": 0,
    }
    insert_later(session, OutboxRow, row)


def _is_due() -> ColumnElement[bool]:
    """Open, its time has come (``now``), and nothing older of its case stands before it.

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
    return col(OutboxRow.done_at).is_(None) & (col(OutboxRow.next_attempt_at) <= _NOW) & ~waits


_NOW, _LEASED_UNTIL, _MOST = (
    bindparam("now", type_=UtcDateTime()),
    bindparam("leased_until", type_=UtcDateTime()),
    bindparam("most", type_=Integer()),
)
_ROW = OutboxRow.metadata.tables["outbox"].c
HAS_DUE = select(OutboxRow.sequence).where(_is_due()).exists()
"""Whether anything is due at ``now``, a parameter. Statements that are run again and again are made once."""
NEXT_DUE = (
    select(func.min(_ROW.next_attempt_at, type_=UtcDateTime()))
    .where(_ROW.done_at.is_(None), _ROW.next_attempt_at > _NOW)
    .scalar_subquery()
)
"""When the next one is due after ``now``."""
_DUE = (
    select(col(OutboxRow.sequence))
    .where(_is_due())
    .order_by(col(OutboxRow.sequence))
    .limit(_MOST)
    .with_for_update(skip_locked=True, of=OutboxRow)
)
_CLAIM = (
    update(_ROW.sequence.table)
    .where(_ROW.sequence.in_(_DUE))
    .values(next_attempt_at=_LEASED_UNTIL, attempts=_ROW.attempts + 1)
    .returning(_ROW.sequence, _ROW.address, _ROW.message, _ROW.awaits_outcome, _ROW.attempts)
)


async def claim(session: AsyncSession, now: datetime, limit: int) -> tuple[Claimed, ...]:
    """Take due messages, oldest first."""
    values = {"now": now, "leased_until": now + LEASE, "most": limit}
    rows = await (await session.connection()).execute(_CLAIM, values)
    ordered = sorted(rows, key=lambda row: row.sequence)
    return tuple(
        Claimed(row.sequence, row.address, event_from_json(row.message), row.awaits_outcome, row.attempts)
        for row in ordered
    )


_OPEN = update(_ROW.sequence.table).where(
    _ROW.sequence.in_(bindparam("sequences", expanding=True)), _ROW.done_at.is_(None)
)
_PUBLISHED = {"published_at": func.coalesce(_ROW.published_at, _NOW, type_=UtcDateTime()), "last_error": None}
_DONE = _OPEN.values(**_PUBLISHED, done_at=_NOW)
_SENT = _OPEN.values(**_PUBLISHED, next_attempt_at=bindparam("resend", type_=UtcDateTime()))
_FAILED = _OPEN.values(next_attempt_at=bindparam("retry", type_=UtcDateTime()), last_error=bindparam("why"))


_LOCKED_BY_SEQUENCE = (
    select(_ROW.sequence)
    .where(_ROW.sequence.in_(bindparam("sequences", expanding=True)))
    .order_by(_ROW.sequence)
    .with_for_update()
)
_LOCKED_BY_ID = (
    select(_ROW.sequence)
    .where(_ROW.id.in_(bindparam("ids", expanding=True)), _ROW.done_at.is_(None))
    .order_by(_ROW.sequence)
    .with_for_update()
)


async def lock_sent(session: AsyncSession, claimed: Sequence[Claimed]) -> None:
    """Before what became of them is noted. Outcomes may be noted at the same moment: both take the rows in one
    order, and none waits for the other for ever."""
    await _lock(session, _LOCKED_BY_SEQUENCE, {"sequences": [each.sequence for each in claimed]})


async def _lock(session: AsyncSession, statement: Any, values: dict[str, Any]) -> None:
    connection = await session.connection()
    if connection.dialect.name != "sqlite":  # which has one writer at a time
        await connection.execute(statement, values)


async def mark_published(session: AsyncSession, claimed: Sequence[Claimed], now: datetime) -> None:
    """The broker has them. A command stays open and is due again when no outcome has come by then."""
    alike: dict[datetime | None, list[int]] = {}
    for each in claimed:
        resend = now + _doubled(FIRST_RESEND, each.attempts, LONGEST_RESEND) if each.awaits_outcome else None
        alike.setdefault(resend, []).append(each.sequence)
    connection = await session.connection()
    for resend, sequences in alike.items():
        values = {"now": now, "sequences": sequences}
        if resend is None:
            await connection.execute(_DONE, values)
        else:
            await connection.execute(_SENT, {**values, "resend": resend})


async def mark_failed(session: AsyncSession, claimed: Claimed, now: datetime, why: str) -> None:
    """Not sent; try again after a pause that grows to a bound."""
    pause = _doubled(FIRST_RETRY, claimed.attempts, LONGEST_RETRY)
    values = {"sequences": [claimed.sequence], "retry": now + pause, "why": why[:500]}
    await (await session.connection()).execute(_FAILED, values)


async def lock_commands(session: AsyncSession, commands: Sequence[str]) -> None:
    """Before their outcomes are noted, in the order of :func:`lock_sent`."""
    await _lock(session, _LOCKED_BY_ID, {"ids": list(commands)})


async def close_commands(
    session: AsyncSession, department: str, commands: Sequence[str], outcome: str, now: datetime
) -> frozenset[str]:
    """Note the outcome of commands that the department was sent; only the first one counts, those are returned.

    An outcome may overtake our own note that the command was sent: it proves that it was.
    """
    statement = (
        update(OutboxRow)
        .where(
            col(OutboxRow.id).in_(commands),
            col(OutboxRow.done_at).is_(None),
            col(OutboxRow.address).startswith(commands_of(department), autoescape=True),
        )
        .values(done_at=now, outcome=outcome, published_at=_first(now))
        .returning(col(OutboxRow.id))
        .execution_options(synchronize_session=False)
    )
    return frozenset((await session.exec(statement)).scalars().all())


async def withdraw(session: AsyncSession, command: str, outcome: str, now: datetime) -> bool:
    """Close a message that no relay has taken in hand yet, so that none will; false once one has.

    A claim and this meet at the row: whoever is second finds what the first one wrote.
    """
    unsent = (col(OutboxRow.attempts) == 0, col(OutboxRow.done_at).is_(None))
    statement = (
        update(OutboxRow)
        .where(col(OutboxRow.id) == command, *unsent)
        .values(done_at=now, outcome=outcome)
        .execution_options(synchronize_session=False)
    )
    return bool((await session.exec(statement)).rowcount)


def commands_of(department: str) -> str:
    """What every address begins with to which a command for the department goes."""
    return f"{HUB_EXCHANGE}/{department}.commands."


def _first(now: datetime) -> ColumnElement[datetime]:
    """The moment of the first sending: the one that is noted, else now."""
    return func.coalesce(col(OutboxRow.published_at), now, type_=UtcDateTime())


def _doubled(first: timedelta, attempts: int, longest: timedelta) -> timedelta:
    factor: int = 2 ** min(max(attempts - 1, 0), 20)
    return min(first * factor, longest)
