"""The one way out: give changes their order, hand due messages to the broker, note what became of them.

Any number may run. A message may be sent twice (a crash between confirm and note): its id is the same
and its receiver drops the double; it is never sent zero times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists, select
from sqlmodel import col

from connectors.broker import Broker, BrokerUnavailable, Unroutable
from connectors.clock import Clock
from hub.durable.rows import is_of_a_ticket, mark_sent
from hub.messages import outbox
from hub.messages.outbox import Claimed
from hub.storage.change_feed import give_positions
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.change import ChangeRow

log = structlog.get_logger(__name__)

BATCH = 200
_LOOK = select(
    exists().where(col(ChangeRow.position).is_(None)).label("changes"),
    outbox.HAS_DUE.label("messages"),
    outbox.NEXT_DUE.label("due"),
)


class Relay:
    def __init__(self, database: Database, broker: Broker, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._broker = broker
        self._clock = clock
        self._wakeups = wakeups
        self._rests_until: datetime | None = None
        """When the first message is due that waits for its time only, as of the last look."""

    async def step(self) -> bool:
        """One look at the tables; whether there was anything to do. Where not, ``rests_for`` says how long not."""
        has_changes, has_messages, self._rests_until = await self._look()
        if not has_changes and not has_messages:
            return False
        claimed: tuple[Claimed, ...] = ()
        async with self._database.transaction() as session:
            if has_changes:
                await give_positions(session)
            if has_messages:
                claimed = await outbox.claim(session, self._clock.now(), BATCH)
        if has_changes:
            self._wakeups.changes.set()
        if claimed:
            await self._send(claimed)
        return True

    def rests_for(self) -> timedelta | None:
        """How long from now nothing is due by the passing of time; ``None`` where nothing waits for that."""
        return self._rests_until - self._clock.now() if self._rests_until is not None else None

    async def _look(self) -> tuple[bool, bool, datetime | None]:
        async with self._database.reading() as session:
            connection = await session.connection()
            row = (await connection.execute(_LOOK, {"now": self._clock.now()})).one()
        return bool(row.changes), bool(row.messages), row.due

    async def _send(self, claimed: Sequence[Claimed]) -> None:
        failures = await asyncio.gather(*(self._publish(each) for each in claimed))
        now = self._clock.now()
        async with self._database.transaction() as session:
            told = tuple(zip(claimed, failures, strict=True))
            await outbox.lock_sent(session, claimed)
            await outbox.mark_published(session, [each for each, why in told if why is None], now)
            for each, why in told:
                if why is not None:
                    await outbox.mark_failed(session, each, now, why)
            sent = (each.message for each, why in zip(claimed, failures, strict=True) if why is None)
            await mark_sent(session, [each.id for each in sent if is_of_a_ticket(each.data)], now)

    async def _publish(self, claimed: Claimed) -> str | None:
        """Why it was not sent; ``None`` once the broker has it."""
        try:
            await self._broker.publish(claimed.address, claimed.message)
        except (BrokerUnavailable, Unroutable) as error:
            log.warning("message waits", message=claimed.message.id, attempts=claimed.attempts, why=str(error))
            return f"{type(error).__name__}: {error}"
        return None
