"""A ticket's row: read as a value, moved by its rules, told to whoever follows it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.storage.change_feed import ChangeKind, record_change
from hub.tables.ticket import TicketRow
from schema.domain.ticket import FINAL, Outcome, Ticket, TicketError, TicketMove, TicketState, moved

PURPOSE = "durable"
"""What a ticket's command says that it is for; others belong to cases."""


def ticket_of(row: TicketRow) -> Ticket:
    """The ticket without its result."""
    error = TicketError(row.error_code, row.error_message or "") if row.error_code else None
    return Ticket(
        id=row.id,
        owner=row.owner,
        department=row.department,
        subgraph=row.subgraph,
        field=row.field,
        state=TicketState(row.state),
        version=row.version,
        created_at=row.created_at,
        expires_at=row.expires_at,
        sent_at=row.sent_at,
        done_at=row.done_at,
        error=error,
        resolved_by=row.resolved_by,
        reason=row.reason,
        stalled_at=row.stalled_at,
    )


async def locked(session: AsyncSession, id: str) -> TicketRow | None:
    """The row, so that nobody else moves it meanwhile. Lock its outbox row first where both are needed."""
    return (await session.exec(select(TicketRow).where(col(TicketRow.id) == id).with_for_update())).first()


async def fields_of(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """The mutation that each ticket is of; ids of other commands are left out."""
    if not ids:
        return {}
    statement = select(col(TicketRow.id), col(TicketRow.field)).where(col(TicketRow.id).in_(sorted(ids)))
    return dict(list(await session.exec(statement)))


def move(
    session: AsyncSession, row: TicketRow, step: TicketMove, now: datetime, outcome: Outcome | None = None
) -> bool:
    """Take the step and tell it; false where the ticket's state does not allow it, and nothing changes."""
    state = moved(TicketState(row.state), step)
    if state is None:
        return False
    row.state, row.version = state, row.version + 1
    if state is TicketState.SENT:
        row.sent_at = row.sent_at or now
    if state in FINAL:
        row.done_at = now
    row.stalled_at = None
    if outcome is not None:
        row.result = outcome.result
        row.error_code = outcome.error.code if outcome.error else None
        row.error_message = outcome.error.message if outcome.error else None
    session.add(row)
    tell(session, row, now)
    return True


def set_stalled(session: AsyncSession, row: TicketRow, since: datetime | None, now: datetime) -> bool:
    """Nobody tries its command any more since then, or somebody does again; whether that is new."""
    if row.state != TicketState.SENT or (row.stalled_at is None) == (since is None):
        return False
    row.stalled_at, row.version = since, row.version + 1
    session.add(row)
    tell(session, row, now)
    return True


async def mark_sent(session: AsyncSession, ids: Collection[str], now: datetime) -> None:
    """The broker has these commands. In the transaction that notes it in the outbox."""
    if not ids:
        return
    statement = (
        update(TicketRow)
        .where(col(TicketRow.id).in_(sorted(ids)), col(TicketRow.state) == TicketState.ACCEPTED)
        .values(state=TicketState.SENT, version=col(TicketRow.version) + 1, sent_at=now)
        .returning(col(TicketRow.id), col(TicketRow.owner), col(TicketRow.version))
        .execution_options(synchronize_session=False)
    )
    for ticket, owner, version in (await session.exec(statement)).all():
        record_change(session, ChangeKind.TICKET, ticket, owner=owner, at=now, version=version)


async def close(session: AsyncSession, id: str, outcome: Outcome, now: datetime) -> None:
    """Note how the command ended. In the transaction that closes it in the outbox."""
    if (row := await locked(session, id)) is not None:
        row.sent_at = row.sent_at or now
        move(session, row, outcome.move, now, outcome)


def tell(session: AsyncSession, row: TicketRow, now: datetime) -> None:
    """Let followers hear of this version."""
    record_change(session, ChangeKind.TICKET, row.id, owner=row.owner, at=now, version=row.version)


def lane_of(department: str, owner: str) -> str:
    """In which order requests are executed: those of one person at one department, one after the other.

    A name that says nothing of the person; it travels as the message's partition key.
    """
    return f"ticket-{hashlib.sha256(f'{department}/{owner}'.encode()).hexdigest()[:24]}"


def is_of_a_ticket(data: Any) -> bool:
    """Whether a command's data is that of a durable request, and not of a case."""
    return isinstance(data, dict) and data.get("purpose") == PURPOSE
