"""Tell departments what is wrong: kept with what caused it, sent until it has arrived or a day has passed.

An alert is a CloudEvent. It may arrive twice, with the same id. Any number of workers share the sending: a row is
leased by moving its next try, and whoever moved it sends it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from connectors.handling import backoff
from hub.people.who import may_manage, may_see
from hub.storage.database import Database
from hub.tables.watch import AlertRow, DepartmentContactRow
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

WEBHOOK, MAIL = "webhook", "mail"
LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=1)
TOLD_AT_ONCE = 50
AT_ONCE = 8

Send = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Sends one event to one address. Raises :class:`NotSent`."""


class NotSent(Exception):
    """The other side did not take it. The text is fit for its department."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One event on its way by one way, or where that ended."""

    id: str
    way: str
    type: str
    subject: str
    created_at: datetime
    attempts: int
    state: str
    last_error: str | None


async def put_alert(
    session: AsyncSession, department: str, type: str, subject: str, data: Mapping[str, Any], now: datetime
) -> int:
    """For each way that the department gave, in the caller's transaction; how many ways that is."""
    contact = await session.get(DepartmentContactRow, department)
    ways = [(WEBHOOK, contact.webhook_url), (MAIL, contact.mail_address)] if contact else []
    given = [(way, address) for way, address in ways if address]
    for way, address in given:
        event_id = uuid.uuid4().hex
        event = {
            "specversion": "1.0",
            "id": event_id,
            "type": type,
            "source": "hub",
            "subject": subject,
            "time": now.isoformat(),
            "data": {"department": department, **data},
        }
        session.add(
            AlertRow(
                id=event_id,
                department=department,
                way=way,
                address=address,
                event=event,
                created_at=now,
                next_attempt_at=now,
            )
        )
    return len(given)


class Alerts:
    """``senders`` by way; a way without a sender waits."""

    def __init__(self, database: Database, clock: Clock, senders: Mapping[str, Send]) -> None:
        self._database = database
        self._clock = clock
        self._senders = senders

    async def recent(self, department: str, actor: Actor) -> tuple[Alert, ...]:
        """The last ones, the newest first."""
        if not may_see(actor, department):
            return ()
        query = (
            select(AlertRow)
            .where(AlertRow.department == department)
            .order_by(col(AlertRow.created_at).desc(), col(AlertRow.id))
            .limit(TOLD_AT_ONCE)
        )
        async with self._database.reading() as session:
            rows = (await session.exec(query)).all()
        return tuple(_alert(row) for row in rows)

    async def test(self, department: str, actor: Actor) -> int:
        """Send something that means nothing, to see that it arrives; by how many ways."""
        may_manage(actor, department)
        async with self._database.transaction() as session:
            now = self._clock.now()
            ways = await put_alert(session, department, "jiyi.alert.test", department, {}, now)
        if ways == 0:
            message = f'"{department}" has given no address. Set a webhook or a mail address first.'
            raise DomainError(RuntimeCode.CONFLICT, message)
        return ways

    async def send_due(self) -> None:
        """Each alert whose time has come, once."""
        while rows := await self._leased():
            await asyncio.gather(*(self._send(row) for row in rows))

    async def _leased(self) -> list[AlertRow]:
        rows: list[AlertRow] = []
        while len(rows) < AT_ONCE and (row := await self._lease()) is not None:
            rows.append(row)
        return rows

    async def _lease(self) -> AlertRow | None:
        now = self._clock.now()
        is_due = (
            col(AlertRow.done_at).is_(None),
            col(AlertRow.next_attempt_at) <= now,
            col(AlertRow.way).in_(tuple(self._senders)),
        )
        async with self._database.reading() as session:
            oldest = col(AlertRow.next_attempt_at)
            due = (await session.exec(select(AlertRow.id).where(*is_due).order_by(oldest).limit(1))).first()
        if due is None:
            return None
        leased = (
            update(AlertRow)
            .where(col(AlertRow.id) == due, *is_due)
            .values(next_attempt_at=now + LEASE, attempts=AlertRow.attempts + 1)
            .returning(AlertRow)
        )
        async with self._database.transaction() as session:
            found = (await session.exec(leased)).first()
        return found[0] if found else await self._lease()

    async def _send(self, row: AlertRow) -> None:
        error = None
        try:
            await self._senders[row.way](row.address, row.event)
        except NotSent as failure:
            error = str(failure)
        except Exception:  # one alert that cannot be sent holds up no other
            log.exception("an alert could not be sent", way=row.way)
            error = "It could not be sent; the hub's log says why."
        now = self._clock.now()
        is_over = error is None or now - row.created_at >= GIVEN_UP_AFTER
        pause = backoff(row.attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        if error is not None:
            log.warning("an alert was not taken", department=row.department, way=row.way, is_over=is_over)
        values = {
            "is_delivered": error is None,
            "last_error": error,
            "done_at": now if is_over else None,
            "next_attempt_at": now + pause,
        }
        async with self._database.transaction() as session:
            await session.exec(update(AlertRow).where(col(AlertRow.id) == row.id).values(**values))


def _alert(row: AlertRow) -> Alert:
    ended = "delivered" if row.is_delivered else "given-up"
    state = ended if row.done_at else "waiting"
    return Alert(
        row.id,
        row.way,
        row.event["type"],
        row.event["subject"],
        row.created_at,
        row.attempts,
        state,
        row.last_error,
    )
