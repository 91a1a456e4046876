"""What the embedded broker needs of a database; the hub fulfils it (``hub.messages.broker_store``).

All times come in, the database's own clock is never asked. Every method raises
:class:`~connectors.broker.BrokerUnavailable` when the database cannot be reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.broker import DeadLetter, Message, QueueStatistics


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be kept. ``drop_after`` is set for transient ones, which expire unread."""

    queue: str
    message: Message
    available_at: datetime
    drop_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message leased to one owner. ``sequence`` is its place in the queue and its handle."""

    sequence: int
    message: Message
    attempt: int


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a message, until when, told by whose clock."""

    owner: str
    now: datetime
    until: datetime


class BrokerStore(Protocol):
    """Durable queues. An owner is one running broker; what it claimed is others' again after the lease."""

    async def declare(self, queues: Sequence[str], now: datetime) -> None: ...

    async def queues(self) -> frozenset[str]: ...

    async def remove(self, queues: Sequence[str]) -> None:
        """Forget queues with all that is in them."""
        ...

    async def append(self, messages: Sequence[NewMessage]) -> None: ...

    async def claim(self, queue: str, *, limit: int, ordered: bool, lease: Lease) -> tuple[ClaimedMessage, ...]:
        """Lease up to ``limit`` messages, oldest first. Ordered: only the first of each partition."""
        ...

    async def acknowledge(self, owner: str, sequences: Sequence[int]) -> None:
        """Delete what ``owner`` still holds."""
        ...

    async def release(self, owner: str, sequence: int, available_at: datetime) -> None:
        """Give one message back, not to be delivered before ``available_at``."""
        ...

    async def bury(self, letter: DeadLetter, *, owner: str, sequence: int | None) -> None:
        """Keep a dead letter in place of the message it was, unless ``owner`` lost that meanwhile."""
        ...

    async def waiting(self, queues: Sequence[str], now: datetime) -> Mapping[str, bool]:
        """Those of ``queues`` that are not empty; whether they have something to claim now."""
        ...

    async def renew(self, lease: Lease, sequences: Sequence[int], consumers: Mapping[str, int]) -> None:
        """One sign of life: prolong what the owner holds, say what it consumes, drop what expired."""
        ...

    async def leave(self, owner: str) -> None:
        """The owner closes: its leases and consumers end now."""
        ...

    async def consumers(self, queue: str, *, alive_since: datetime, apart_from: str) -> int: ...

    async def statistics(self, *, now: datetime, alive_since: datetime) -> tuple[QueueStatistics, ...]:
        """Every declared queue, by name."""
        ...

    async def dead_letters(self) -> tuple[DeadLetter, ...]: ...

    async def redrive(self, message_id: str, queue_prefix: str, now: datetime) -> bool:
        """Move one dead letter back to its queue, as if it had never been tried."""
        ...
