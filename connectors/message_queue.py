"""Ask a department that only reaches out: a request into its queue, a reply to this process's queue.

One :class:`Replies` per process hands each reply to whoever waits for its correlation id; a reply that
nobody waits for any more is dropped. Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

from connectors.agents import Agents
from connectors.broker import Broker, BrokerUnavailable, Consumption, Delivery, Message, Unroutable
from connectors.clock import Clock, SystemClock
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.going_on import going_on
from connectors.presence import CREDIT, PRESENCE
from connectors.queue_messages import REQUEST, RESPONSE, STREAM, SUBSCRIBE, read_response, request_data
from connectors.queue_stream import CREDIT_EVENTS, QueueStream
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
    """What comes back to this process. ``open`` it once, after the broker is connected."""

    def __init__(self, broker: Broker, instance: str, clock: Clock | None = None) -> None:
        self.instance = instance
        self.agents = Agents(broker, instance, clock or SystemClock())
        self._broker = broker
        self._streams: dict[str, QueueStream] = {}
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

    def open_stream(self, name: str, department: str) -> QueueStream:
        """Of ``department`` and of nobody else. ``close_stream`` it in any case."""
        stream = self._streams[name] = QueueStream(name, department)
        return stream

    def close_stream(self, name: str) -> None:
        self._streams.pop(name, None)

    async def close(self) -> None:
        if self._consumption is not None:
            await self._consumption.cancel()
            self._consumption = None
        await self.agents.close()

    async def _take(self, delivery: Delivery) -> None:
        """Harmless when repeated: the second reply finds nobody waiting."""
        message = delivery.message
        if message.type == PRESENCE:
            self._see(message)
        elif message.type == STREAM:
            self._pass_on(message)
        else:
            self._answer(message)
        await delivery.acknowledge()

    def _see(self, message: Message) -> None:
        presence = self.agents.see(message)
        for stream in tuple(self._streams.values()):
            if presence is not None and stream.department == message.source:
                stream.hear(presence)

    def _pass_on(self, message: Message) -> None:
        stream = self._streams.get(message.correlation_id or "")
        if stream is None:
            agent = message.data.get("agent") if isinstance(message.data, dict) else None
            if isinstance(agent, str) and self.agents.is_there(message.source, agent):
                self.agents.cancel(message.source, message.correlation_id or "", agent)
        elif stream.department == message.source:
            stream.take(message)
        else:
            log.warning('"%s" sent an event of a stream of "%s"; dropped', message.source, stream.department)

    def _answer(self, message: Message) -> None:
        expected = self._expected.get(message.correlation_id or "")
        if expected is None or message.type != RESPONSE:
            log.debug("Dropped a late reply of %s", message.source)
        elif message.source != expected.department:
            log.warning('"%s" answered a request to "%s"; dropped', message.source, expected.department)
        elif not expected.reply.done():
            expected.reply.set_result(message)


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
        timeout = min(request.timeout or self._deadline, self._deadline)
        try:
            async with asyncio.timeout(timeout.total_seconds()), self._in_flight:
                reply = await self._ask(request, expires_in=timeout)
        except TimeoutError as error:
            raise await self._why_late() from error
        return read_response(reply.data)

    def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        """Every event in its order, each once; where some may be missing, because an agent or the broker went
        away, that is told and it goes on, as far as the request lets it. Raises what :meth:`fetch` does."""
        return going_on(lambda: self._events(request), self._agent_is_there, request.goes_on_for)

    async def _agent_is_there(self) -> None:
        await self._replies.agents.wait_for(self.department)

    async def _events(self, request: FetchRequest) -> AsyncGenerator[FetchResponse, None]:
        """One stream of one agent. Raises ``StreamLost`` where it was open and events may be missing."""
        name = uuid.uuid4().hex
        stream = self._replies.open_stream(name, self.department)
        agents = self._replies.agents
        try:
            await self._open_stream(stream, request)
            taken = 0
            while response := await stream.next(lambda: agents.is_there(self.department, stream.agent or "")):
                yield response
                taken += 1
                if taken % (CREDIT_EVENTS // 2) == 0:
                    stream.grant(CREDIT_EVENTS // 2)
                    credit = {"request": name, "events": CREDIT_EVENTS // 2}
                    agents.tell(self.department, (stream.agent or "",), CREDIT, credit)
        finally:
            self._replies.close_stream(name)
            if not stream.has_ended:
                agents.cancel(self.department, name, stream.agent)

    async def _open_stream(self, stream: QueueStream, request: FetchRequest) -> None:
        """Return once an agent serves it."""
        try:
            deadline = min(request.timeout or self._deadline, self._deadline)
            async with asyncio.timeout(deadline.total_seconds()):
                await self._check_online()
                message = self._message(SUBSCRIBE, stream.name, request, deadline)
                await self._publish(replace(message, data={**message.data, "credit": CREDIT_EVENTS}))
                await stream.opened.wait()
        except TimeoutError as error:
            raise await self._why_late() from error

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
        try:
            await self._publish(self._message(REQUEST, correlation_id, request, expires_in))
            return await reply
        except asyncio.CancelledError:
            # A mutation goes on: who sent it may want its effect, and its deadline holds in any case.
            if request.kind == "query":
                self._replies.agents.cancel(self.department, correlation_id)
            raise
        finally:
            self._replies.forget(correlation_id)

    def _message(self, type_: str, name: str, request: FetchRequest, expires_in: timedelta) -> Message:
        now = self._clock.now()
        return Message(
            id=name,
            type=type_,
            source="hub",
            time=now,
            data=request_data(request),
            correlation_id=name,
            reply_to=self._replies.instance,
            expires_at=now + expires_in,
            traceparent=request.context.traceparent,
        )

    async def _publish(self, message: Message) -> None:
        try:
            await self._broker.publish(request_address(self.department), message, durable=False)
        except BrokerUnavailable as error:
            raise _no_broker(error, never_sent=False) from error
        except Unroutable as error:
            raise self._offline() from error

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
        refusals = [each.refusal for each in self._replies.agents.of(self.department) if each.refusal]
        message = refusals[0] if refusals else "No agent of the department is connected."
        return ConnectorFailure(RuntimeCode.AGENT_OFFLINE, message, never_sent=never_sent)


def _no_broker(error: BrokerUnavailable, *, never_sent: bool) -> ConnectorFailure:
    message = "The message broker cannot be reached."
    return ConnectorFailure(RuntimeCode.BROKER_UNAVAILABLE, message, str(error), never_sent=never_sent)
