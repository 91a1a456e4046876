"""Every message has its effect once: its id and its effect are written in one transaction.

What the rules refuse is not dropped: it leaves a trace and becomes a dead letter, from which it can be
driven again. While the database is away the message stays in hand. Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Delivery, Message
from connectors.clock import Clock
from connectors.handling import backoff
from hub.database import Database
from hub.insertion import insert_if_absent
from hub.tables.inbox import SeenRow
from hub.wakeups import Wakeups

log = structlog.get_logger(__name__)

LONGEST_PAUSE = timedelta(seconds=4)

Effect = Callable[[AsyncSession], Awaitable[None]]
"""What a message does, inside the transaction that also notes it as seen."""


class Unacceptable(Exception):
    """The message can have no effect as things stand. ``trace`` writes what is to be remembered of it."""

    def __init__(self, reason: str, trace: Callable[[AsyncSession], None] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.trace = trace


class Inbox:
    """``effect_of`` reads what it needs before the transaction and returns what to do inside it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wakeups: Wakeups,
        effect_of: Callable[[Message], Awaitable[Effect]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups
        self._effect_of = effect_of

    async def handle(self, delivery: Delivery) -> None:
        """A :data:`connectors.broker.Handler`; twice is harmless since ``seen`` and effect are one."""
        attempt = 1
        while True:
            try:
                await self._take(delivery)
                return
            except (OperationalError, InterfaceError) as error:
                log.warning("database away, message kept in hand", message=delivery.message.id, why=str(error))
            pause = backoff(attempt, first=timedelta(milliseconds=100), longest=LONGEST_PAUSE)
            await asyncio.sleep(pause.total_seconds())
            attempt += 1

    async def _take(self, delivery: Delivery) -> None:
        message = delivery.message
        try:
            await self._once(message)
        except Unacceptable as refused:
            log.warning("message refused", message=message.id, type=message.type, why=refused.reason)
            if refused.trace is not None:
                async with self._database.transaction() as session:
                    refused.trace(session)
            await delivery.dead_letter(refused.reason)
            return
        self._wakeups.outbox.set()
        await delivery.acknowledge()

    async def _once(self, message: Message) -> None:
        if await self._is_seen(message):
            return
        effect = await self._effect_of(message)
        async with self._database.transaction() as session:
            seen = {"source": message.source, "id": message.id, "at": self._clock.now()}
            if await insert_if_absent(session, SeenRow, seen):
                await effect(session)

    async def _is_seen(self, message: Message) -> bool:
        async with self._database.reading() as session:
            return await session.get(SeenRow, (message.source, message.id)) is not None
