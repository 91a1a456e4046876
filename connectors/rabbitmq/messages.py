"""A Message as an AMQP message and back; what a dead letter carries beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, DeliveryMode

from connectors.broker import DeadLetter, Message
from connectors.cloud_events import MEDIA_TYPE, InvalidCloudEvent, decode_event, encode_event
from connectors.topology import out_exchange

_QUEUE, _REASON, _ATTEMPTS, _SINCE = (
    "x-jiyi-queue",
    "x-jiyi-reason",
    "x-jiyi-attempts",
    "x-jiyi-since",
)
_MALFORMED = "jiyi.malformed"


def to_amqp(message: Message, *, durable: bool, expires_in: timedelta | None = None) -> aio_pika.Message:
    headers: dict[str, Any] = {"traceparent": message.traceparent} if message.traceparent else {}
    return aio_pika.Message(
        encode_event(message),
        headers=headers,
        content_type=MEDIA_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT if durable else DeliveryMode.NOT_PERSISTENT,
        message_id=message.id,
        type=message.type,
        correlation_id=message.correlation_id,
        expiration=expires_in,
    )


def from_amqp(incoming: AbstractIncomingMessage) -> Message | None:
    """``None`` when the body is no CloudEvent."""
    try:
        return decode_event(incoming.body)
    except InvalidCloudEvent:
        return None


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
    amqp = to_amqp(letter.message, durable=True)
    amqp.headers = {
        **amqp.headers,
        _QUEUE: letter.queue,
        _REASON: letter.reason,
        _ATTEMPTS: letter.attempts,
        _SINCE: letter.since.isoformat(),
    }
    return amqp


def letter_from_amqp(incoming: AbstractIncomingMessage, namespace: str, now: datetime) -> DeadLetter:
    """Ours carry why; what RabbitMQ buried itself carries ``x-death``.

    A letter that came through a department's exchange can only be about that department's queues.
    """
    message = from_amqp(incoming) or malformed(incoming, now)
    headers = incoming.headers
    if _QUEUE in headers:
        letter = DeadLetter(
            str(headers[_QUEUE]),
            message,
            str(headers.get(_REASON, "")),
            _number(headers.get(_ATTEMPTS)),
            _time(headers.get(_SINCE)) or now,
        )
        return _within_department(letter, (incoming.exchange or "").removeprefix(namespace))
    death: Any = (headers.get("x-death") or [{}])[0]  # type: ignore[index] # a table of the broker's own
    queue = str(death.get("queue", "")).removeprefix(namespace)
    since = death.get("time") if isinstance(death.get("time"), datetime) else now
    return DeadLetter(
        queue, message, f"RabbitMQ: {death.get('reason', 'unknown')}", attempts_before(incoming), since
    )


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
