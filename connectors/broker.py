"""Messages between the hub and its departments, and what a broker promises.

Two implementations, one contract suite (``tests/contracts/broker``): ``embedded`` (durable tables behind
a store interface) and ``rabbitmq``. Promises: what ``publish`` returned from survives a restart; what was
not acknowledged is delivered again; messages with one ``partition_key`` are handled in order; a message
that failed too often is kept as a dead letter. Envelope: CloudEvents 1.0, JSON structured mode.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A CloudEvent. ``data`` is JSON: a GraphQL request or response, or a department's event.

    ``expires_at`` (aware) is the deadline after which nobody may act on it; ``partition_key`` orders:
    it is the case number or any other opaque value, never personal data.
    """

    id: str
    type: str
    source: str
    time: datetime
    data: Any
    subject: str | None = None
    partition_key: str = ""
    correlation_id: str | None = None
    reply_to: str | None = None
    expires_at: datetime | None = None
    traceparent: str | None = None
    extensions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """Figures of one queue, as ``rabbitmqctl list_queues`` has them."""

    name: str
    ready: int
    unacknowledged: int
    consumers: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message nobody could handle: why, how often it was tried, and since when it lies here."""

    queue: str
    message: Message
    reason: str
    attempts: int
    since: datetime


class BrokerUnavailable(Exception):
    """The broker cannot be reached, or did not confirm in time. Nothing is known to be accepted."""


class Unroutable(Exception):
    """No queue is bound where the message was sent. The department is not declared."""


LARGEST_MESSAGE_BYTES = 4_000_000


class MessageTooLarge(Exception):
    """The message has more than :data:`LARGEST_MESSAGE_BYTES`. Trying again cannot help."""

    def __init__(self, size: int) -> None:
        super().__init__(f"A message has at most {LARGEST_MESSAGE_BYTES} bytes, this one has {size}.")


class Delivery(Protocol):
    """One message in the hands of a consumer. Exactly one of the three methods ends it."""

    @property
    def message(self) -> Message: ...

    @property
    def attempt(self) -> int:
        """1 on first delivery."""
        ...

    async def acknowledge(self) -> None: ...

    async def retry(self, delay: timedelta, reason: str) -> None:
        """Deliver again after ``delay``; later messages of the same partition wait. Becomes a dead letter
        once the queue's delivery limit is reached."""
        ...

    async def dead_letter(self, reason: str) -> None: ...


Handler = Callable[[Delivery], Awaitable[None]]
"""May be called twice with the same message: it must be idempotent. An exception is a retry."""


class Consumption(Protocol):
    """A running consumer. Leave it with ``cancel``: what is in hand goes back to the queue."""

    async def cancel(self) -> None: ...


class Broker(Protocol):
    """The four things the hub, its worker and an agent need of a broker."""

    async def connect(self) -> None:
        """Raises :class:`BrokerUnavailable`. After it, lost connections are restored for ever."""
        ...

    async def declare_department(self, department: str) -> None:
        """Make the queues and exchanges of one department. Harmless when repeated."""
        ...

    async def declare_hub(self, instance: str) -> None:
        """Make the hub's own inbox queues and this process's reply queue. Harmless when repeated."""
        ...

    async def declare_agent(self, department: str, agent: str) -> None:
        """Make the queue of one running agent. It goes by itself when nobody has used it for a day."""
        ...

    async def remove_agent(self, department: str, agent: str) -> None:
        """The agent is gone for good. Harmless when repeated."""
        ...

    async def publish(self, address: str, message: Message, *, durable: bool = True) -> None:
        """Return once the broker has it safe. ``address`` is one of ``connectors.topology``'s.

        Raises :class:`BrokerUnavailable` or :class:`Unroutable`; over a wire, :class:`MessageTooLarge`.
        """
        ...

    async def publish_all(self, address: str, messages: Sequence[Message]) -> None:
        """Durable ones, in their order: whatever fails, none is safe without those before it.

        Raises as ``publish`` does; all of them may be published again.
        """
        ...

    async def consume(self, queue: str, handler: Handler, *, prefetch: int = 16) -> Consumption: ...

    async def consumers(self, queue: str) -> int:
        """How many consumers the queue has now, 0 when it does not exist."""
        ...

    async def statistics(self) -> tuple[QueueStatistics, ...]:
        """Of all queues but those of single agents."""
        ...

    async def dead_letters(self) -> tuple[DeadLetter, ...]: ...

    async def redrive(self, message_id: str) -> bool:
        """Put one dead letter back to its queue. False when there is none with this id."""
        ...

    async def close(self) -> None: ...
