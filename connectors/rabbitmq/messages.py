"""A Message as an AMQP message and back; what a dead letter carries beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, DeliveryMode

from connectors.broker import LARGEST_MESSAGE_BYTES, DeadLetter, Message
from connectors.cloud_events import (
    BATCH_MEDIA_TYPE,
    MEDIA_TYPE,
    InvalidCloudEvent,
    decode_event,
    decode_events,
    encode_event,
    join_events,
)
from connectors.lane import LARGEST_GROUP_BYTES, Encoded
from connectors.topology import out_exchange

_QUEUE, _REASON, _ATTEMPTS, _SINCE = (
    "x-jiyi-queue",
    "x-jiyi-reason",
    "x-jiyi-attempts",
    "x-jiyi-since",
)
_MALFORMED = "jiyi.malformed"
_LARGEST_BODY = LARGEST_MESSAGE_BYTES + LARGEST_GROUP_BYTES


def to_amqp(message: Message, body: bytes) -> aio_pika.Message:
    """A durable one; ``body`` is the message as it is encoded."""
    headers: dict[str, Any] = {"traceparent": message.traceparent} if message.traceparent else {}
    return aio_pika.Message(
        body,
        headers=headers,
        content_type=MEDIA_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=message.id,
        type=message.type,
        correlation_id=message.correlation_id,
    )


def group_to_amqp(group: Sequence[Encoded]) -> aio_pika.Message:
    """Durable ones that travel together."""
    if len(group) == 1:
        return to_amqp(group[0].message, group[0].body)
    body = join_events([each.body for each in group])
    return aio_pika.Message(body, content_type=BATCH_MEDIA_TYPE, delivery_mode=DeliveryMode.PERSISTENT)


def transient_to_amqp(group: Sequence[Encoded], now: datetime) -> aio_pika.Message:
    """Transient ones that travel together, as long as the longest-lived of them; each says its own end."""
    ends = [each.message.expires_at for each in group]
    last = None if None in ends else max(end for end in ends if end is not None)
    return aio_pika.Message(
        group[0].body if len(group) == 1 else join_events([each.body for each in group]),
        content_type=MEDIA_TYPE if len(group) == 1 else BATCH_MEDIA_TYPE,
        delivery_mode=DeliveryMode.NOT_PERSISTENT,
        expiration=None if last is None else max(last - now, timedelta(milliseconds=1)),
    )


def from_amqp(incoming: AbstractIncomingMessage) -> tuple[Message, ...]:
    """The events in it; none when the body holds none, or more than a department of ours ever sends."""
    if len(incoming.body) > _LARGEST_BODY:
        return ()
    try:
        if incoming.content_type == BATCH_MEDIA_TYPE:
            return decode_events(incoming.body)
        return (decode_event(incoming.body),)
    except InvalidCloudEvent:
        return ()


def malformed(incoming: AbstractIncomingMessage, now: datetime) -> Message:
    """What can be said of a message that is none, so that an operator can look at it."""
    text = incoming.body[:1000].decode(errors="replace")
    identity = incoming.message_id or f"malformed-{int(now.timestamp() * 1000)}"
    return Message(identity, _MALFORMED, "unknown", now, {"text": text})


def attempts_before(incoming: AbstractIncomingMessage) -> int:
    """How often the broker has delivered it already; a classic queue only knows whether."""
    counted = incoming.headers.get("x-delivery-count")
    return int(counted) if isinstance(counted, int) else int(bool(incoming.redelivered))


def letter_to_amqp(letter: DeadLetter) -> aio_pika.Message:
    amqp = to_amqp(letter.message, encode_event(letter.message))
    amqp.headers = {
        **amqp.headers,
        _QUEUE: letter.queue,
        _REASON: letter.reason,
        _ATTEMPTS: letter.attempts,
        _SINCE: letter.since.isoformat(),
    }
    return amqp


def letters_from_amqp(incoming: AbstractIncomingMessage, namespace: str, now: datetime) -> tuple[DeadLetter, ...]:
    """Ours carry why; what RabbitMQ buried itself carries ``x-death``, and is as many letters as it has parts.

    A letter that came through a department's exchange can only be about that department's queues.
    """
    messages = from_amqp(incoming) or (malformed(incoming, now),)
    headers = incoming.headers
    if _QUEUE in headers:
        letter = DeadLetter(
            str(headers[_QUEUE]),
            messages[0],
            str(headers.get(_REASON, "")),
            _number(headers.get(_ATTEMPTS)),
            _time(headers.get(_SINCE)) or now,
        )
        return (_within_department(letter, (incoming.exchange or "").removeprefix(namespace)),)
    death: Any = (headers.get("x-death") or [{}])[0]  # type: ignore[index] # a table of the broker's own
    queue = str(death.get("queue", "")).removeprefix(namespace)
    since = death.get("time") if isinstance(death.get("time"), datetime) else now
    reason, attempts = f"RabbitMQ: {death.get('reason', 'unknown')}", attempts_before(incoming)
    return tuple(DeadLetter(queue, each, reason, attempts, since) for each in messages)


def _within_department(letter: DeadLetter, exchange: str) -> DeadLetter:
    department = exchange.removesuffix(".out")
    if exchange != out_exchange(department) or letter.queue.startswith(f"{department}."):
        return letter
    return replace(letter, queue=exchange, reason=f"Told of a queue that is not its own: {letter.reason}")


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
