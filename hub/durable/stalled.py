"""Tickets whose command lies with the dead letters: nobody tries it any more, and their owners see that.

Looked for only while some request has been under way for a while, so that a hub at rest asks its broker nothing.
A command that is driven again, or ends, is not stalled any more. Source: docs/spec/durable.md, "States".
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlmodel import col, select

from connectors.broker import Broker
from connectors.clock import Clock
from connectors.queue_messages import COMMAND
from hub.durable.rows import locked, set_stalled
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.ticket import TicketRow
from schema.domain.ticket import TicketState

UNDER_WAY_FOR = timedelta(seconds=5)
"""No command is given up earlier: it is tried several times, with pauses."""
MOST_AT_ONCE = 500


class StalledTickets:
    """``look`` is taken now and then; it may be taken twice without harm."""

    def __init__(self, database: Database, broker: Broker, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._broker = broker
        self._clock = clock
        self._wakeups = wakeups

    async def look(self) -> int:
        """Mark what has stalled since, and what goes on again; how many tickets changed."""
        under_way = (
            col(TicketRow.state) == TicketState.SENT,
            col(TicketRow.sent_at) <= self._clock.now() - UNDER_WAY_FOR,
        )
        async with self._database.reading() as session:
            if (await session.exec(select(col(TicketRow.id)).where(*under_way).limit(1))).first() is None:
                return 0
        dead = {
            letter.message.id for letter in await self._broker.dead_letters() if letter.message.type == COMMAND
        }
        differing = (col(TicketRow.stalled_at).is_not(None)) | (col(TicketRow.id).in_(sorted(dead)[:MOST_AT_ONCE]))
        async with self._database.reading() as session:
            wanted = select(col(TicketRow.id)).where(*under_way, differing).limit(MOST_AT_ONCE)
            ids = (await session.exec(wanted)).all()
        changed = sum([await self._mark(each, dead) for each in ids])
        if changed:
            self._wakeups.outbox.set()
        return changed

    async def _mark(self, id: str, dead: Collection[str]) -> bool:
        async with self._database.transaction() as session:
            row = await locked(session, id)
            now = self._clock.now()
            return row is not None and set_stalled(session, row, now if id in dead else None, now)
