"""Acknowledge what ended in one turn of the loop by as few frames as can be.

Messages of one batch of the hub's inbox end together; acknowledged one by one they cost a frame, a write and a
turn of the broker each. One acknowledgement can stand for everything up to a message: it is sent as far as nothing
is in hand any more; what lies behind an earlier message that is still in hand goes by itself.
Source: AMQP 0-9-1, ``basic.ack``, ``multiple``; delivery tags count from 1 on a channel, without a gap.
"""

from __future__ import annotations

import asyncio

from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from connectors.broker import BrokerUnavailable


class Acknowledging:
    """Of one channel, on which there is one consumer and nothing else is fetched."""

    def __init__(self) -> None:
        self._first = 1
        """The first tag that is not acknowledged."""
        self._gone: set[int] = set()
        """Those behind it that are."""
        self._ended: dict[int, AbstractIncomingMessage] = {}
        self._sending: asyncio.Task[None] | None = None

    async def end(self, incoming: AbstractIncomingMessage) -> None:
        """Return once the acknowledgement is sent. Raises :class:`BrokerUnavailable`: the message comes again."""
        self._ended[incoming.delivery_tag or 0] = incoming
        if self._sending is None:
            self._sending = asyncio.create_task(self._send(), name="acknowledging")
            self._sending.add_done_callback(_look_at_failure)
        await asyncio.shield(self._sending)

    async def _send(self) -> None:
        await asyncio.sleep(0)
        # Whoever ends from here on begins the next one.
        self._sending, ended, self._ended = None, self._ended, {}
        behind = self._first
        while behind in ended or behind in self._gone:
            behind += 1
        together = [tag for tag in ended if 0 < tag < behind]
        alone = sorted(ended.keys() - set(together))
        self._first, self._gone = behind, {tag for tag in (*self._gone, *alone) if tag > behind}
        try:
            if together:
                await ended[max(together)].ack(multiple=True)
            for tag in alone:
                await ended[tag].ack()
        except CONNECTION_EXCEPTIONS as error:
            raise BrokerUnavailable("The connection broke before the acknowledgement.") from error


def _look_at_failure(sending: asyncio.Task[None]) -> None:
    """It is told to those who wait; where nobody waits any more, it is nobody's."""
    if not sending.cancelled():
        sending.exception()
