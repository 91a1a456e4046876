"""Every message has its effect once: its id and its effect are written in one transaction.

What arrives while a transaction runs goes into the next one together, since most of what a message costs is the
transaction. Where one of them fails, none of it has happened, and each is taken by itself: so a batch has the
effect of its messages one by one, in their order, whatever is among them. So do messages of one case, which are
taken together too: where one of them has to be tried again, those behind it are given back untouched.
What the rules refuse is not dropped: it leaves a trace and becomes a dead letter, from which it can be
driven again. While the database is away the messages stay in hand. Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Delivery, Message
from connectors.clock import Clock
from connectors.handling import HeldBack, InOrder, backoff
from connectors.trace import traced
from hub.storage.database import Database
from hub.storage.insertion import insert_absent
from hub.storage.wakeups import Wakeups
from hub.tables.inbox import SeenRow

log = structlog.get_logger(__name__)

LONGEST_PAUSE = timedelta(seconds=4)
LARGEST_BATCH = 200
BREATH = timedelta(milliseconds=15)
"""Between two transactions while messages wait: more of them share the next one, which costs the most."""

Effect = Callable[[Message], Awaitable[None]]
"""What one message does, inside the transaction that also notes it as seen. Raises :class:`Unacceptable`."""

Effects = Callable[[AsyncSession, Sequence[Message]], Awaitable[Effect]]
"""Reads in one go what the messages are about; then each has its effect, in their order."""


class Unacceptable(Exception):
    """The message can have no effect as things stand. ``trace`` writes what is to be remembered of it."""

    def __init__(self, reason: str, trace: Callable[[AsyncSession], None] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.trace = trace


@dataclass(frozen=True, slots=True)
class _InHand:
    """A message, and whoever waits to hear what became of it: ``None``, or why it was refused."""

    message: Message
    done: asyncio.Future[str | None]


class Inbox:
    """One for a process; all its consumers hand their messages over."""

    def __init__(self, database: Database, clock: Clock, wakeups: Wakeups, effects: Effects) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups
        self._effects = effects
        self._waiting: list[_InHand] = []
        self._failing: Counter[str] = Counter()
        """By partition, how many have failed or are given back and do not know yet: none may pass them."""
        self._working: asyncio.Task[None] | None = None
        self.handler = InOrder(self.handle)

    async def handle(self, delivery: Delivery) -> None:
        """A :data:`connectors.broker.Handler`; twice is harmless since ``seen`` and effect are one.

        Raises :class:`HeldBack` where an earlier message of the partition failed.
        """
        partition = delivery.message.partition_key
        if self._failing[partition]:
            raise HeldBack
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_InHand(delivery.message, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(), name="inbox")
        try:
            refused = await done
        finally:
            if done.done() and not done.cancelled() and done.exception() is not None:
                self._failing -= Counter((partition,))
        if refused is None:
            await delivery.acknowledge()
        else:
            await delivery.dead_letter(refused)

    async def close(self) -> None:
        """Let the transaction that runs end. What nobody waits for any more comes again."""
        if self._working is not None:
            await asyncio.wait([self._working])

    async def _work(self) -> None:
        """Until nothing waits. Whoever stopped waiting is left out: the broker delivers it again."""
        while self._waiting:
            batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
            attempt = 1
            while batch := [each for each in batch if not each.done.done()]:
                try:
                    await self._take(batch)
                except (OperationalError, InterfaceError) as error:
                    log.warning("database away, messages kept in hand", messages=len(batch), why=str(error))
                    pause = backoff(attempt, first=timedelta(milliseconds=100), longest=LONGEST_PAUSE)
                    await asyncio.sleep(pause.total_seconds())
                    attempt += 1
            if self._waiting:
                await asyncio.sleep(BREATH.total_seconds())

    async def _take(self, batch: Sequence[_InHand]) -> None:
        """All in one transaction, or each in its own. Raises when the database is away, for those not done yet."""
        if len(batch) > 1 and await self._taken_together([each.message for each in batch]):
            for each in batch:
                self._end(each, None)
            return
        for place, each in enumerate(batch):
            if each.done.done():
                continue
            try:
                self._end(each, await self._taken_alone(each.message))
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:  # noqa: BLE001  it is the answer to the one who waits: a retry
                self._fail(each, error, (*batch[place + 1 :], *self._waiting))

    async def _taken_together(self, messages: Sequence[Message]) -> bool:
        try:
            await self._once(messages)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  told again by whichever message it was, alone
            log.info("a batch is taken one by one", messages=len(messages), why=f"{type(error).__name__}: {error}")
            return False
        return True

    async def _taken_alone(self, message: Message) -> str | None:
        """Why it was refused, ``None`` once it has had its effect."""
        try:
            await self._once((message,))
        except Unacceptable as refused:
            log.warning("message refused", message=message.id, type=message.type, why=refused.reason)
            if refused.trace is not None:
                async with self._database.transaction() as session:
                    refused.trace(session)
            return refused.reason
        return None

    async def _once(self, messages: Sequence[Message]) -> None:
        """One transaction: which of them are new, and what these do."""
        async with self._database.transaction() as session:
            at = self._clock.now()
            rows = {(each.source, each.id): {"source": each.source, "id": each.id, "at": at} for each in messages}
            absent = await insert_absent(session, SeenRow, [rows[key] for key in sorted(rows)])
            new = []
            for each in messages:
                if (key := (each.source, each.id)) in absent:
                    absent.remove(key)
                    new.append(each)
            if new:
                effect = await self._effects(session, new)
                for each in new:
                    with traced(each.traceparent):
                        await effect(each)

    def _fail(self, failed: _InHand, error: Exception, later: Sequence[_InHand]) -> None:
        """What is behind it in its partition waits until it is ended."""
        partition = failed.message.partition_key
        behind = [(each, HeldBack()) for each in later if each.message.partition_key == partition]
        for each, why in ((failed, error), *behind):
            if not each.done.done():
                self._failing[partition] += 1
                each.done.set_exception(why)

    def _end(self, ended: _InHand, refused: str | None) -> None:
        if not ended.done.done():
            ended.done.set_result(refused)
        self._wakeups.outbox.set()
