"""The hub's background work: relay, inbox, commands of departments that the hub reaches, deadlines.

``async with worker:`` runs it beside the doors or alone; any number may run over one database. Every
loop outlives its failures: it logs them, rests, and goes on. Leaving ends all of them cleanly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog

from connectors import topology
from connectors.broker import Broker, BrokerUnavailable, Consumption, Handler, Unroutable
from connectors.handling import backoff
from hub.messages.inbox import Inbox
from hub.messages.relay import Relay
from hub.storage.wakeups import Wakeups, wait_at_most

log = structlog.get_logger(__name__)

RELAY_INTERVAL = timedelta(milliseconds=500)
COMMANDS_INTERVAL = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=5)
SHORTEST_REST = timedelta(milliseconds=50)
RELAY_BREATH = timedelta(milliseconds=25)
"""Between two looks while there is work: what comes meanwhile goes together, for less."""
INBOX_PREFETCH, COMMANDS_PREFETCH = 64, 16
"""Of one queue, at once. What the inbox has in hand shares its transactions."""

DirectDepartments = Callable[[], Mapping[str, Handler]]
"""Departments that the hub reaches itself, each with the handler of its commands; asked again and again."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A step that is taken again and again, ``interval`` after it ended or at once when ``wake`` is set.

    ``rests_first`` is how long after the worker began it is taken for the first time.
    """

    name: str
    step: Callable[[], Awaitable[object]]
    """May return the time after which it has something to do again, where that is less than ``interval``."""
    interval: timedelta
    wake: asyncio.Event | None = None
    rests_first: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker works on. ``periodic`` are the steps of the domain's parts, each safe to take twice."""

    broker: Broker
    relay: Relay
    inbox: Inbox
    wakeups: Wakeups
    direct_departments: DirectDepartments
    periodic: tuple[Periodic, ...] = ()
    relay_interval: timedelta = RELAY_INTERVAL
    """Between two looks into the outbox while nobody tells of anything in it."""


class Worker:
    """``instance`` names this process at the broker."""

    def __init__(self, work: Work, instance: str) -> None:
        self._work = work
        self._instance = instance
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._is_declared = False
        self._inbox: list[Consumption] = []
        self._commands: dict[str, tuple[Handler, list[Consumption]]] = {}

    async def __aenter__(self) -> Self:
        own = (
            Periodic("relay", self._relay, self._work.relay_interval, self._work.wakeups.outbox),
            Periodic("inbox", self._consume_inbox, LONGEST_PAUSE),
            Periodic("commands", self._consume_commands, COMMANDS_INTERVAL),
        )
        self._tasks = tuple(
            asyncio.create_task(_forever(each), name=f"worker-{each.name}")
            for each in (*own, *self._work.periodic)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        running = [*self._inbox, *(one for _, each in self._commands.values() for one in each)]
        await asyncio.gather(*(_cancel(consumption) for consumption in running))
        await self._work.inbox.close()
        self._inbox.clear()
        self._commands.clear()

    async def _relay(self) -> timedelta | None:
        while await self._work.relay.step():  # noqa: ASYNC110  it is what comes meanwhile that is waited for
            await asyncio.sleep(RELAY_BREATH.total_seconds())
        return self._work.relay.rests_for()

    async def _consume_inbox(self) -> None:
        """Begin to consume; once begun, the broker restores lost connections itself."""
        if self._inbox:
            return
        await self._declare()
        self._inbox = await self._consume(topology.inbox_queues(), self._work.inbox.handler, INBOX_PREFETCH)

    async def _consume_commands(self) -> None:
        """Follow the connectors: begin for those that came, end for those that went or changed."""
        await self._declare()
        wanted = self._work.direct_departments()
        for department, (handler, consumptions) in tuple(self._commands.items()):
            if wanted.get(department) != handler:
                del self._commands[department]
                for consumption in consumptions:
                    await _cancel(consumption)
        for department, handler in wanted.items():
            if department not in self._commands:
                await self._work.broker.declare_department(department)
                queues = topology.command_queues(department)
                self._commands[department] = (handler, await self._consume(queues, handler))

    async def _declare(self) -> None:
        """The hub's own queues come first: there the outcomes of commands go."""
        if not self._is_declared:
            await self._work.broker.declare_hub(self._instance)
            self._is_declared = True

    async def _consume(
        self, queues: tuple[str, ...], handler: Handler, prefetch: int = COMMANDS_PREFETCH
    ) -> list[Consumption]:
        """All of the queues or none."""
        begun: list[Consumption] = []
        try:
            for queue in queues:
                begun.append(await self._work.broker.consume(queue, handler, prefetch=prefetch))
        except BaseException:
            for consumption in begun:
                await _cancel(consumption)
            raise
        return begun


async def _forever(periodic: Periodic) -> None:
    wake = periodic.wake or asyncio.Event()
    failures = 0
    await asyncio.sleep(periodic.rests_first.total_seconds())
    while True:
        wake.clear()
        rests: object = None
        try:
            rests = await periodic.step()
        except (BrokerUnavailable, Unroutable) as error:
            failures += 1
            log.warning("worker waits for the broker", loop=periodic.name, why=str(error))
        except Exception:  # a loop outlives every failure: the alternative is a silent stop
            failures += 1
            log.exception("worker step failed", loop=periodic.name)
        else:
            failures = 0
        if failures:
            pause = backoff(failures, first=timedelta(milliseconds=100), longest=LONGEST_PAUSE)
            await asyncio.sleep(pause.total_seconds())
        else:
            rests = rests if isinstance(rests, timedelta) else periodic.interval
            await wait_at_most(wake, min(max(rests, SHORTEST_REST), periodic.interval))


async def _cancel(consumption: Consumption) -> None:
    with suppress(BrokerUnavailable):
        await consumption.cancel()
