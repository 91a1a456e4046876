"""Serve subscriptions on the department's side: each event goes under a number, as far as the hub gave credit.

A stream ends with its source, when the hub gives it up, and when the hub process that asked is gone. An event that
the broker cannot take just now is sent again under its number, so that none is lost or doubled in silence.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from connectors.broker import Broker, BrokerUnavailable, Delivery, Message, MessageTooLarge, Unroutable
from connectors.clock import Clock
from connectors.connector import Connector, ConnectorFailure, FetchRequest
from connectors.presence import ALIVE_FOR
from connectors.queue_messages import (
    STREAM,
    SUBSCRIBE,
    MalformedMessage,
    failure_data,
    read_request,
    response_data,
)
from connectors.topology import reply_address
from schema.errors import RUNTIME_CODES, RuntimeCode

log = logging.getLogger(__name__)

MOST_STREAMS = 1000
"""Of one agent: each is a line in every sign of life."""

_SENT_AGAIN_FOR = timedelta(seconds=30)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


class _HubGone(Exception):
    """The reply queue of the hub process that subscribed does not exist any more."""


class _Stream:
    """One subscription: whose it is, how many events were sent, how many may be."""

    def __init__(self, message: Message, credit: int) -> None:
        self.message = message
        self.began = time.monotonic()
        self.sequence = 0
        self.task: asyncio.Task[None] | None = None
        self._credit = credit
        self._has_credit = asyncio.Event()
        self._has_credit.set()

    def add_credit(self, events: int) -> None:
        self._credit += events
        self._has_credit.set()

    async def use_credit(self) -> None:
        while self._credit <= 0:
            self._has_credit.clear()
            await self._has_credit.wait()
        self._credit -= 1


class AgentStreams:
    """``agent`` is the name by which the hub can tell this process something."""

    def __init__(self, department: str, agent: str, connector: Connector, broker: Broker, clock: Clock) -> None:
        self._department = department
        self._agent = agent
        self._connector = connector
        self._broker = broker
        self._clock = clock
        self._streams: dict[str, _Stream] = {}

    @property
    def positions(self) -> dict[str, int]:
        """The number of the last event sent, by stream."""
        return {name: stream.sequence for name, stream in self._streams.items()}

    async def begin(self, delivery: Delivery) -> None:
        """Serve the subscription in the background. One that is served already, or expired, is not begun."""
        message = delivery.message
        expired = message.expires_at is not None and message.expires_at <= self._clock.now()
        if message.reply_to and not expired and message.id not in self._streams:
            stream = _Stream(message, _credit_in(message))
            self._streams[message.id] = stream
            stream.task = asyncio.create_task(self._serve(stream))
        await delivery.acknowledge()

    def add_credit(self, name: str, events: int) -> None:
        stream = self._streams.get(name)
        if stream is not None and events > 0:
            stream.add_credit(events)

    def cancel(self, name: str) -> None:
        stream = self._streams.get(name)
        if stream is not None and stream.task is not None:
            stream.task.cancel()

    def end_of_hubs(self, is_there: Callable[[str], bool]) -> None:
        """End what was asked for by hub processes that do not answer any more; a new one may not have yet."""
        for name, stream in tuple(self._streams.items()):
            is_old = time.monotonic() - stream.began > ALIVE_FOR.total_seconds()
            if is_old and not is_there(stream.message.reply_to or ""):
                log.info("Stream %s ends: the hub process that asked for it is gone", name)
                self.cancel(name)

    async def close(self) -> None:
        """Tell each subscriber that this agent stops."""
        tasks = [stream.task for stream in self._streams.values() if stream.task is not None]
        streams = list(self._streams.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        stopping = ConnectorFailure(RuntimeCode.AGENT_OFFLINE, "The department's agent stops. Subscribe again.")
        for stream in streams:
            await self._send_once(stream, failure_data(stopping))

    async def _serve(self, stream: _Stream) -> None:
        try:
            await self._send(stream, {"opened": True})
            await self._send(stream, await self._events_of(stream))
        except _HubGone:
            log.info("Stream %s ends: nobody takes its events", stream.message.id)
        except BrokerUnavailable as error:
            log.warning("Stream %s ends: %s", stream.message.id, error)
        finally:
            self._streams.pop(stream.message.id, None)

    async def _events_of(self, stream: _Stream) -> dict[str, Any]:
        """Send all events; how it ended, as the data of the last message."""
        try:
            request = self._admitted(stream.message)
            # Every connector's stream is an async generator; the protocol says only what iterating needs.
            async with aclosing(cast("Any", self._connector.subscribe(request))) as events:
                async for response in events:
                    await stream.use_credit()
                    stream.sequence += 1
                    await self._send(stream, {"response": response_data(response)})
        except ConnectorFailure as failure:
            log.warning("Stream %s: %s %s", stream.message.id, failure, failure.detail)
            return failure_data(failure)
        except (BrokerUnavailable, _HubGone):
            raise
        except MessageTooLarge as error:
            log.warning("Stream %s: %s", stream.message.id, error)
            stream.sequence -= 1
            code = RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE
            return failure_data(ConnectorFailure(code, RUNTIME_CODES[code]))
        except Exception as error:
            log.exception("Stream %s met a mistake of ours", stream.message.id, exc_info=error)
            code = RuntimeCode.INTERNAL_SERVER_ERROR
            return failure_data(ConnectorFailure(code, RUNTIME_CODES[code]))
        return {"complete": True}

    def _admitted(self, message: Message) -> FetchRequest:
        if len(self._streams) > MOST_STREAMS:
            raise ConnectorFailure(RuntimeCode.SERVICE_UNAVAILABLE, "The department's agent has no room.")
        try:
            return read_request(message, expected=SUBSCRIBE)
        except MalformedMessage as error:
            raise ConnectorFailure(RuntimeCode.BAD_REQUEST, str(error)) from error

    async def _send(self, stream: _Stream, data: dict[str, Any]) -> None:
        """Until the broker has it. Raises :class:`BrokerUnavailable` once that takes too long."""
        loop = asyncio.get_running_loop()
        ends, pause = loop.time() + _SENT_AGAIN_FOR.total_seconds(), _FIRST_PAUSE
        while True:
            try:
                await self._publish(stream, data)
                return
            except Unroutable as error:
                raise _HubGone from error
            except BrokerUnavailable:
                if loop.time() + pause >= ends:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _send_once(self, stream: _Stream, data: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(1):
                await self._publish(stream, data)
        except (BrokerUnavailable, Unroutable, TimeoutError) as error:
            log.info("The end of stream %s could not be told: %s", stream.message.id, error)

    async def _publish(self, stream: _Stream, data: dict[str, Any]) -> None:
        message = Message(
            id=uuid4().hex,
            type=STREAM,
            source=self._department,
            time=self._clock.now(),
            data={"agent": self._agent, "sequence": stream.sequence, **data},
            correlation_id=stream.message.id,
            traceparent=stream.message.traceparent,
        )
        address = reply_address(self._department, stream.message.reply_to or "")
        await self._broker.publish(address, message, durable=False)


def _credit_in(message: Message) -> int:
    credit = message.data.get("credit") if isinstance(message.data, dict) else None
    return credit if isinstance(credit, int) and credit > 0 else 1
