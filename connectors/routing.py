"""What an address or a queue's name says: whose it is, where it leads, whether order counts.

The inverse of ``connectors.topology``, which makes the names. An address is ``exchange/routing-key``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.broker import Message, Unroutable
from connectors.topology import HUB_EXCHANGE, PARTITIONS, PRESENCE_KEY, inbox_queue, replies_queue

DEPARTMENT_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}\Z")
_RESERVED = frozenset({"hub", "jiyi"})
_ROUTING_KEY = re.compile(r"(event|reply)\.([A-Za-z0-9-]{1,64})\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """``exchange`` and ``routing_key`` as AMQP has them; ``department`` owns a ``<department>.out``."""

    exchange: str
    routing_key: str

    @property
    def department(self) -> str | None:
        return self.exchange.removesuffix(".out") if self.exchange.endswith(".out") else None

    @property
    def queue(self) -> str | None:
        """The one queue behind it, ``None`` when the topology has none there."""
        if self.exchange == HUB_EXCHANGE:
            return self.routing_key
        match = _ROUTING_KEY.match(self.routing_key)
        if self.department is None or match is None:
            return None
        if match[1] == "reply":
            return replies_queue(match[2])
        return inbox_queue(int(match[2])) if match[2].isdigit() and int(match[2]) < PARTITIONS else None

    @property
    def is_presence(self) -> bool:
        """Whether every hub process gets what is sent here."""
        return self.department is not None and self.routing_key == PRESENCE_KEY

    def __str__(self) -> str:
        return f"{self.exchange}/{self.routing_key}"


def parse_address(address: str) -> Address:
    """Raises :class:`Unroutable` when it is no ``exchange/routing-key``."""
    exchange, slash, routing_key = address.partition("/")
    if not slash or not exchange or not routing_key:
        raise Unroutable(f'"{address}" is no address. Use a function of connectors.topology.')
    return Address(exchange, routing_key)


def check_sender(address: Address, message: Message) -> None:
    """A department's exchange carries that department's messages only.

    Raises ``ValueError``: the source is how the hub knows who says a thing.
    """
    if address.department is not None and message.source != address.department:
        raise ValueError(
            f'A message of source "{message.source}" cannot be sent through "{address.exchange}". '
            f'Set its source to "{address.department}".'
        )


def check_department(department: str) -> str:
    """The name itself. Raises ``ValueError`` when it cannot name queues."""
    if not DEPARTMENT_NAME.match(department) or department in _RESERVED:
        raise ValueError(
            f'"{department}" cannot name a department. Use a-z, 0-9 and "-", beginning with a letter.'
        )
    return department


def is_of_an_agent(queue: str) -> bool:
    """The queue on which one running agent is told something; it comes and goes with it."""
    return ".agents." in queue


def is_ordered(queue: str) -> bool:
    """Command and inbox queues are handled in order per partition key."""
    return ".commands." in queue or queue.startswith("hub.inbox.")
