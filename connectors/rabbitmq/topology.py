"""What is declared on RabbitMQ: exchanges, queues with their arguments, bindings.

``jiyi.hub`` (direct) leads to every queue by its name; only the hub may write it. ``<department>.out``
(topic) is all that a department may write; it leads into ``jiyi.in`` (topic, internal), where inbox
queues, reply queues and the dead letters are bound: so departments and hub processes are declared
independently of each other. Sources: RabbitMQ, "Quorum queues", "Single active consumer".
"""

from __future__ import annotations

from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

from connectors.topology import (
    DEAD_LETTER_QUEUE,
    HUB_EXCHANGE,
    PARTITIONS,
    PRESENCE_KEY,
    agent_queue,
    command_queues,
    inbox_queue,
    inbox_queues,
    out_exchange,
    replies_queue,
    requests_queue,
)

IN_EXCHANGE = "jiyi.in"
DEAD_KEY = "dead"
CRASH_LIMIT = 1000
"""Redeliveries after crashes and cut connections before RabbitMQ itself buries a message. Tries by a
handler are counted apart, by ``connectors.topology.DELIVERY_LIMIT``."""

_BROWSE_LIMIT = 1_000_000
_REPLIES_LIVE_FOR_MS = 60_000
_AGENTS_LIVE_FOR_MS = 24 * 3600 * 1000


class Declarer:
    """Declares on one open channel; every name on the broker begins with ``namespace``."""

    def __init__(self, channel: AbstractChannel, namespace: str) -> None:
        self._channel = channel
        self._namespace = namespace

    async def department(self, department: str) -> None:
        await self._shared()
        out = await self._exchange(out_exchange(department), ExchangeType.TOPIC)
        into = await self._exchange(IN_EXCHANGE, ExchangeType.TOPIC, internal=True)
        for key in ("event.*", "reply.*", PRESENCE_KEY, DEAD_KEY):
            await into.bind(out, key)
        # The queue itself survives a restart so that agents need not wait for the hub; its messages do not.
        await self._queue(requests_queue(department), {})
        for name in command_queues(department):
            await self._queue(name, self._durable())

    async def agent(self, department: str, agent: str) -> None:
        await self._shared()
        await self._queue(agent_queue(department, agent), {"x-expires": _AGENTS_LIVE_FOR_MS})

    async def hub(self, instance: str) -> None:
        await self._shared()
        for number, name in enumerate(inbox_queues()):
            await self._queue(name, self._durable(), f"event.{number}")
        keys = (f"reply.{instance}", PRESENCE_KEY)
        await self._queue(replies_queue(instance), {"x-expires": _REPLIES_LIVE_FOR_MS}, *keys)

    async def _shared(self) -> None:
        await self._exchange(HUB_EXCHANGE, ExchangeType.DIRECT)
        await self._exchange(IN_EXCHANGE, ExchangeType.TOPIC, internal=True)
        await self._queue(
            DEAD_LETTER_QUEUE, {"x-queue-type": "quorum", "x-delivery-limit": _BROWSE_LIMIT}, DEAD_KEY
        )

    def _durable(self) -> dict[str, Any]:
        return {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": CRASH_LIMIT,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": f"{self._namespace}{HUB_EXCHANGE}",
            "x-dead-letter-routing-key": DEAD_LETTER_QUEUE,
            "x-dead-letter-strategy": "at-least-once",
        }

    async def _exchange(self, name: str, kind: ExchangeType, *, internal: bool = False) -> Any:
        return await self._channel.declare_exchange(
            f"{self._namespace}{name}", kind, durable=True, internal=internal
        )

    async def _queue(self, name: str, arguments: dict[str, Any], *in_keys: str) -> None:
        queue = await self._channel.declare_queue(f"{self._namespace}{name}", durable=True, arguments=arguments)
        await queue.bind(f"{self._namespace}{HUB_EXCHANGE}", name)
        for key in in_keys:
            await queue.bind(f"{self._namespace}{IN_EXCHANGE}", key)


def all_queues(departments: frozenset[str], instances: frozenset[str]) -> tuple[str, ...]:
    """The names that these declarations make, sorted."""
    names = {DEAD_LETTER_QUEUE}
    for department in departments:
        names |= {requests_queue(department), *command_queues(department)}
    for instance in instances:
        names |= {replies_queue(instance), *(inbox_queue(n) for n in range(PARTITIONS))}
    return tuple(sorted(names))
