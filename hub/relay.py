"""The one way out: give changes their order, hand due messages to the broker, note what became of them.

Any number may run. A message may be sent twice (a crash between confirm and note): its id is the same
and its receiver drops the double; it is never sent zero times.
"""

from __future__ import annotations

import asyncio

import structlog
from sqlmodel import col, exists, select

from connectors.broker import Broker, BrokerUnavailable, Unroutable
from connectors.clock import Clock
from hub import outbox
from hub.change_feed import give_positions
from hub.database import Database
from hub.outbox import Claimed
from hub.tables.change import CaseChangeRow
from hub.tables.outbox import OutboxRow
from hub.wakeups import Wakeups

log = structlog.get_logger(__name__)

BATCH = 100


class Relay:
    def __init__(self, database: Database, broker: Broker, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._broker = broker
        self._clock = clock
        self._wakeups = wakeups

    async def step(self) -> bool:
        """One look at the tables; whether there was anything to do."""
        has_changes, has_messages = await self._look()
        if has_changes:
            async with self._database.transaction() as session:
                await give_positions(session)
            self._wakeups.changes.set()
        if has_messages:
            await self._send()
        return has_changes or has_messages

    async def _look(self) -> tuple[bool, bool]:
        changes = exists().where(col(CaseChangeRow.position).is_(None))
        messages = select(OutboxRow.sequence).where(outbox.is_due(self._clock.now())).exists()
        async with self._database.reading() as session:
            has_changes, has_messages = (await session.exec(select(changes, messages))).one()
        return bool(has_changes), bool(has_messages)

    async def _send(self) -> None:
        async with self._database.transaction() as session:
            claimed = await outbox.claim(session, self._clock.now(), BATCH)
        failures = await asyncio.gather(*(self._publish(each) for each in claimed))
        now = self._clock.now()
        async with self._database.transaction() as session:
            for each, why in zip(claimed, failures, strict=True):
                if why is None:
                    await outbox.mark_published(session, each, now)
                else:
                    await outbox.mark_failed(session, each, now, why)

    async def _publish(self, claimed: Claimed) -> str | None:
        """Why it was not sent; ``None`` once the broker has it."""
        try:
            await self._broker.publish(claimed.address, claimed.message)
        except (BrokerUnavailable, Unroutable) as error:
            log.warning("message waits", message=claimed.message.id, attempts=claimed.attempts, why=str(error))
            return f"{type(error).__name__}: {error}"
        return None
