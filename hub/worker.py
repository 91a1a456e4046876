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
from hub.alerts import Alerts
from hub.deadlines import Deadlines
from hub.inbox import Inbox
from hub.payments import Payments
from hub.relay import Relay
from hub.wakeups import Wakeups, wait_at_most

log = structlog.get_logger(__name__)

RELAY_INTERVAL = timedelta(milliseconds=500)
COMMANDS_INTERVAL = timedelta(seconds=1)
PAYMENT_INTERVAL = timedelta(seconds=1)
ALERT_INTERVAL = timedelta(seconds=5)
LAPSE_INTERVAL = timedelta(minutes=1)
FORGET_INTERVAL = timedelta(hours=1)
LONGEST_PAUSE = timedelta(seconds=5)

DirectDepartments = Callable[[], Mapping[str, Handler]]
"""Departments that the hub reaches itself, each with the handler of its commands; asked again and again."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker works on."""

    broker: Broker
    relay: Relay
    inbox: Inbox
    payments: Payments
    deadlines: Deadlines
    wakeups: Wakeups
    direct_departments: DirectDepartments
    alerts: Alerts


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
        loops = (
            ("relay", self._relay, RELAY_INTERVAL, self._work.wakeups.outbox),
            ("inbox", self._consume_inbox, LONGEST_PAUSE, None),
            ("commands", self._consume_commands, COMMANDS_INTERVAL, None),
            ("payments", self._work.payments.poll, PAYMENT_INTERVAL, None),
            ("alerts", self._work.alerts.send_due, ALERT_INTERVAL, None),
            ("lapses", self._work.deadlines.lapse_unpaid, LAPSE_INTERVAL, None),
            ("forgetting", self._work.deadlines.forget, FORGET_INTERVAL, None),
        )
        self._tasks = tuple(
            asyncio.create_task(_forever(name, step, interval, event), name=f"worker-{name}")
            for name, step, interval, event in loops
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
        self._inbox.clear()
        self._commands.clear()

    async def _relay(self) -> None:
        while await self._work.relay.step():
            pass

    async def _consume_inbox(self) -> None:
        """Begin to consume; once begun, the broker restores lost connections itself."""
        if self._inbox:
            return
        await self._declare()
        self._inbox = await self._consume(topology.inbox_queues(), self._work.inbox.handle)

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

    async def _consume(self, queues: tuple[str, ...], handler: Handler) -> list[Consumption]:
        """All of the queues or none."""
        begun: list[Consumption] = []
        try:
            for queue in queues:
                begun.append(await self._work.broker.consume(queue, handler))
        except BaseException:
            for consumption in begun:
                await _cancel(consumption)
            raise
        return begun


async def _forever(
    name: str,
    step: Callable[[], Awaitable[object]],
    interval: timedelta,
    event: asyncio.Event | None,
) -> None:
    wake = event or asyncio.Event()
    failures = 0
    while True:
        wake.clear()
        try:
            await step()
        except (BrokerUnavailable, Unroutable) as error:
            failures += 1
            log.warning("worker waits for the broker", loop=name, why=str(error))
        except Exception:  # a loop outlives every failure: the alternative is a silent stop
            failures += 1
            log.exception("worker step failed", loop=name)
        else:
            failures = 0
        if failures:
            pause = backoff(failures, first=timedelta(milliseconds=100), longest=LONGEST_PAUSE)
            await asyncio.sleep(pause.total_seconds())
        else:
            await wait_at_most(wake, interval)


async def _cancel(consumption: Consumption) -> None:
    with suppress(BrokerUnavailable):
        await consumption.cancel()
