"""Stand between a broker and a department's agent, and let the replies go wrong on their way.

The hub's queues of the department are on one side, the agent's on the other, told apart by the namespace that the
agent's file names. Messages are passed on as they are, unread: whatever hub and agent say to each other, the relay
is a wire. What it changes is how often, in which order, how late and whether at all they come.
Source of the names: docs/architecture.md, "Queues".
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from collections import Counter
from typing import Any

import aio_pika
from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.application import application
from mocks.faults import Fault, Faults
from mocks.faults.scenario import read_scenario
from mocks.server import listen, run
from mocks.structured import UnreadableFile

BROKER = "JIYI_BROKER_URL"
_PARTITIONS = 4
_PAUSE_SECONDS = 0.5
_HELD_AT_MOST_SECONDS = 0.25


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--broker", default=os.environ.get(BROKER), help=f"amqp(s)://…; {BROKER}")
    parser.add_argument("--department", required=True)
    parser.add_argument("--namespace", default="", help="the hub's broker_namespace")
    parser.add_argument("--agent-namespace", required=True, help="broker.namespace of the agent's file")


def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM. Raises :class:`UnreadableFile`."""
    if not str(arguments.broker or "").startswith(("amqp://", "amqps://")):
        raise UnreadableFile(f"--broker or {BROKER} is the address of a RabbitMQ: amqp://…")
    if arguments.namespace == arguments.agent_namespace:
        raise UnreadableFile("--agent-namespace must differ from --namespace, else messages go in a circle.")
    scenario = read_scenario(arguments.scenario) if arguments.scenario else None
    faults = Faults(scenario=scenario, seed=arguments.seed)
    listener = listen("mock relay", arguments.host, arguments.port)
    relay = QueueRelay(
        arguments.broker, arguments.department, arguments.namespace, arguments.agent_namespace, faults
    )
    app = application((Route("/__relayed", relay.state),), faults, jobs=(relay.run,))
    run(app, listener, faults)


class QueueRelay:
    """The relay of one department. ``relayed`` counts what was passed on, by kind."""

    def __init__(self, url: str, department: str, hub: str, agent: str, faults: Faults) -> None:
        self._url, self._department, self._hub, self._agent = url, department, hub, agent
        self._faults = faults
        self._held: list[AbstractIncomingMessage] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_connected = False
        self.relayed: Counter[str] = Counter()

    async def state(self, _request: Request) -> Response:
        """Whether it stands between them now, and what it passed on, doubled, held back and lost."""
        return JSONResponse({"connected": self.is_connected, **self.relayed})

    async def run(self) -> None:
        """Be there for as long as the process; comes back when the broker does."""
        while True:
            with contextlib.suppress(AMQPException, OSError):
                await self._stand_between()
            self.is_connected = False
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _stand_between(self) -> None:
        async with await aio_pika.connect(self._url) as connection:
            channel = await connection.channel(publisher_confirms=True)
            await channel.set_qos(prefetch_count=200)
            ended = asyncio.Event()
            connection.close_callbacks.add(lambda *_: ended.set())
            to_agent = await channel.declare_exchange(f"{self._agent}jiyi.hub", ExchangeType.DIRECT, durable=True)
            from_agent = await channel.declare_exchange(
                f"{self._agent}{self._department}.out", ExchangeType.TOPIC, durable=True
            )
            to_hub = await channel.get_exchange(f"{self._hub}{self._department}.out", ensure=True)
            for name in (self._requests, *self._commands):
                await self._declare_for_agent(channel, to_agent, name)
                queue = await channel.get_queue(f"{self._hub}{name}", ensure=True)
                await queue.consume(self._onwards(to_agent, name))
            replies: AbstractQueue = await channel.declare_queue(exclusive=True)
            await replies.bind(from_agent, "#")
            await replies.consume(self._back(to_hub))
            self.is_connected = True
            await ended.wait()

    @property
    def _requests(self) -> str:
        return f"{self._department}.requests"

    @property
    def _commands(self) -> tuple[str, ...]:
        return tuple(f"{self._department}.commands.{number}" for number in range(_PARTITIONS))

    async def _declare_for_agent(self, channel: AbstractChannel, exchange: AbstractExchange, name: str) -> None:
        ordered = {"x-queue-type": "quorum", "x-single-active-consumer": True}
        arguments: dict[str, Any] = {} if name == self._requests else ordered
        queue = await channel.declare_queue(f"{self._agent}{name}", durable=True, arguments=arguments)
        await queue.bind(exchange, name)

    def _onwards(self, exchange: AbstractExchange, name: str) -> Any:
        async def pass_on(incoming: AbstractIncomingMessage) -> None:
            await exchange.publish(_copy(incoming), name)
            self.relayed["commands" if ".commands." in name else "requests"] += 1
            await incoming.ack()

        return pass_on

    def _back(self, exchange: AbstractExchange) -> Any:
        async def pass_back(incoming: AbstractIncomingMessage) -> None:
            is_reply = (incoming.routing_key or "").startswith("reply.")
            fault = self._faults.take("/replies" if is_reply else "/events")
            await self._with_fault(exchange, incoming, fault, is_reply=is_reply)
            await incoming.ack()

        return pass_back

    async def _with_fault(
        self, exchange: AbstractExchange, incoming: AbstractIncomingMessage, fault: Fault, *, is_reply: bool
    ) -> None:
        if is_reply and fault.loseReplies:
            self.relayed["lost"] += 1
            return
        delay = fault.delayMs.seconds(self._faults.random) if is_reply else 0
        if is_reply and fault.reorderReplies:
            self._held.append(incoming)
            self.relayed["heldBack"] += 1
            self._later(self._release(exchange, incoming, _HELD_AT_MOST_SECONDS + delay))
            return
        if delay:
            self._later(self._send_later(exchange, incoming, delay))
        else:
            await self._send(exchange, incoming, "replies" if is_reply else "events")
        if (is_reply and fault.duplicateReplies) or (not is_reply and fault.duplicateEvents):
            await self._send(exchange, incoming, "doubled")
        # What was held back comes after what came later, the newest first.
        while self._held:
            await self._send(exchange, self._held.pop(), "replies")

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _release(
        self, exchange: AbstractExchange, incoming: AbstractIncomingMessage, seconds: float
    ) -> None:
        """What nothing came after goes by itself, before its deadline; the newest first."""
        await asyncio.sleep(seconds)
        while self._held:
            await self._send(exchange, self._held.pop(), "replies")

    async def _send_later(
        self, exchange: AbstractExchange, incoming: AbstractIncomingMessage, seconds: float
    ) -> None:
        await asyncio.sleep(seconds)
        await self._send(exchange, incoming, "replies")

    async def _send(self, exchange: AbstractExchange, incoming: AbstractIncomingMessage, what: str) -> None:
        await exchange.publish(_copy(incoming), incoming.routing_key or "")
        self.relayed[what] += 1


def _copy(incoming: AbstractIncomingMessage) -> aio_pika.Message:
    """The message as it came, properties and all."""
    return aio_pika.Message(
        incoming.body,
        headers=incoming.headers,
        content_type=incoming.content_type,
        content_encoding=incoming.content_encoding,
        delivery_mode=incoming.delivery_mode,
        priority=incoming.priority,
        correlation_id=incoming.correlation_id,
        reply_to=incoming.reply_to,
        expiration=incoming.expiration,
        message_id=incoming.message_id,
        timestamp=incoming.timestamp,
        type=incoming.type,
        app_id=incoming.app_id,
    )
