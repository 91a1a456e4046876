"""Ask a department that only reaches out: a request into its queue, a reply to this process's queue.

One :class:`Replies` per process hands each reply to whoever waits for its correlation id; a reply that
nobody waits for any more is dropped. Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from connectors.broker import Broker, BrokerUnavailable, Consumption, Delivery, Message, Unroutable
from connectors.clock import Clock
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, failing_stream
from connectors.queue_messages import REQUEST, RESPONSE, read_response, request_data
from connectors.topology import replies_queue, request_address, requests_queue
from schema.errors import RuntimeCode

log = logging.getLogger(__name__)

PRESENCE_IS_FRESH_FOR = 0.5
LAST_LOOK = 0.3


@dataclass(frozen=True, slots=True)
class _Expectation:
    department: str
    reply: asyncio.Future[Message]


class Replies:
    """The answers that come back to this process. ``open`` it once, after the broker is connected."""

    def __init__(self, broker: Broker, instance: str) -> None:
        self.instance = instance
        self._broker = broker
        self._expected: dict[str, _Expectation] = {}
        self._consumption: Consumption | None = None

    async def open(self) -> None:
        """Declare this process's reply queue and consume it. Raises :class:`BrokerUnavailable`."""
        await self._broker.declare_hub(self.instance)
        queue = replies_queue(self.instance)
        self._consumption = await self._broker.consume(queue, self._take, prefetch=256)

    def expect(self, correlation_id: str, department: str) -> asyncio.Future[Message]:
        """Of ``department`` and of nobody else. ``forget`` it in any case."""
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._expected[correlation_id] = _Expectation(department, reply)
        return reply

    def forget(self, correlation_id: str) -> None:
        self._expected.pop(correlation_id, None)

    async def close(self) -> None:
        if self._consumption is not None:
            await self._consumption.cancel()
            self._consumption = None

    async def _take(self, delivery: Delivery) -> None:
        """Harmless when repeated: the second reply finds nobody waiting."""
        message = delivery.message
        expected = self._expected.get(message.correlation_id or "")
        if expected is None or message.type != RESPONSE:
            log.debug("Dropped a late reply of %s", message.source)
        elif message.source != expected.department:
            log.warning('"%s" answered a request to "%s"; dropped', message.source, expected.department)
        elif not expected.reply.done():
            expected.reply.set_result(message)
        await delivery.acknowledge()


class MessageQueueConnector:
    """Implements :class:`connectors.connector.Connector` over a department's request queue."""

    def __init__(
        self,
        department: str,
        broker: Broker,
        replies: Replies,
        *,
        sdl: str,
        clock: Clock,
        deadline: timedelta = timedelta(seconds=5),
        max_in_flight: int = 64,
    ) -> None:
        self.department = department
        self._broker = broker
        self._replies = replies
        self._sdl = sdl
        self._clock = clock
        self._deadline = deadline
        self._in_flight = asyncio.Semaphore(max_in_flight)
        self._seen_online_until = 0.0
        self._looking: asyncio.Task[bool] | None = None

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """Raises AGENT_OFFLINE, DEPARTMENT_TIMEOUT, BROKER_UNAVAILABLE, or what the agent met itself."""
        if request.kind == "subscription":
            raise _no_subscriptions()
        timeout = min(request.timeout or self._deadline, self._deadline)
        try:
            async with asyncio.timeout(timeout.total_seconds()), self._in_flight:
                reply = await self._ask(request, expires_in=timeout)
        except TimeoutError as error:
            raise await self._why_late() from error
        return read_response(reply.data)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        """Not over a queue: raises :class:`ConnectorFailure` at once."""
        async for response in failing_stream(_no_subscriptions()):
            yield response

    async def describe(self) -> str:
        """The registered SDL: a department behind a queue cannot be asked while its agent is away."""
        return self._sdl

    async def is_online(self) -> bool:
        """Whether an agent consumes the queue now. Raises BROKER_UNAVAILABLE."""
        try:
            return await self._broker.consumers(requests_queue(self.department)) > 0
        except BrokerUnavailable as error:
            raise _no_broker(error, never_sent=True) from error

    async def close(self) -> None:
        """Broker and replies belong to the process; what is in flight ends by its deadline."""
        if self._looking is not None:
            self._looking.cancel()

    async def _ask(self, request: FetchRequest, *, expires_in: timedelta) -> Message:
        await self._check_online()
        correlation_id = uuid.uuid4().hex
        reply = self._replies.expect(correlation_id, self.department)
        now = self._clock.now()
        message = Message(
            id=correlation_id,
            type=REQUEST,
            source="hub",
            time=now,
            data=request_data(request),
            correlation_id=correlation_id,
            reply_to=self._replies.instance,
            expires_at=now + expires_in,
            traceparent=request.context.traceparent,
        )
        try:
            await self._broker.publish(request_address(self.department), message, durable=False)
            return await reply
        except BrokerUnavailable as error:
            raise _no_broker(error, never_sent=False) from error
        except Unroutable as error:
            raise self._offline() from error
        finally:
            self._replies.forget(correlation_id)

    async def _check_online(self) -> None:
        """Ask the broker at most every half second, once for all who wait; absence is never remembered."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._seen_online_until:
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.is_online())
        if not await asyncio.shield(self._looking):
            raise self._offline()
        self._seen_online_until = loop.time() + PRESENCE_IS_FRESH_FOR

    async def _why_late(self) -> ConnectorFailure:
        self._seen_online_until = 0.0
        late = ConnectorFailure(
            RuntimeCode.DEPARTMENT_TIMEOUT, "The department's agent did not answer within its deadline."
        )
        try:
            async with asyncio.timeout(LAST_LOOK):
                return late if await self.is_online() else self._offline(never_sent=False)
        except TimeoutError:
            return late
        except ConnectorFailure as failure:
            return failure

    def _offline(self, *, never_sent: bool = True) -> ConnectorFailure:
        message = "No agent of the department is connected."
        return ConnectorFailure(RuntimeCode.AGENT_OFFLINE, message, never_sent=never_sent)


def _no_broker(error: BrokerUnavailable, *, never_sent: bool) -> ConnectorFailure:
    message = "The message broker cannot be reached."
    return ConnectorFailure(RuntimeCode.BROKER_UNAVAILABLE, message, str(error), never_sent=never_sent)


def _no_subscriptions() -> ConnectorFailure:
    message = "Subscriptions to a department behind a queue are not supported yet. Ask for the value by a query."
    return ConnectorFailure(RuntimeCode.DEPARTMENT_ERROR, message, never_sent=True)
