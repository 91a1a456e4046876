"""The process that a department runs: it reaches out to the broker and nobody needs to reach in.

It answers reads, executes commands in order, and passes the department's events on. Nothing of the hub,
no database and no migration is loaded here, and what one verb or kind does not need is not imported.
Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.agent_settings import AgentSettings, PortTaken, UnusableConnector
from connectors.agent_streams import AgentStreams
from connectors.broker import Broker, BrokerUnavailable, Consumption, Delivery, Handler, Unroutable
from connectors.clock import Clock
from connectors.command_handler import CommandHandler
from connectors.heart import Hearing, Heart
from connectors.presence import CANCEL, CREDIT, PROTOCOL, Presence
from connectors.queue_messages import SUBSCRIBE
from connectors.request_handler import RequestHandler
from connectors.topology import command_queues, requests_queue
from connectors.version import version

if TYPE_CHECKING:
    from connectors.connector import Connector
    from connectors.rabbitmq import RabbitMQBroker
    from connectors.remote_broker import RemoteBroker

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(milliseconds=250)
LONGEST_PAUSE = timedelta(seconds=4)


async def run_agent(settings: AgentSettings, clock: Clock) -> None:
    """Serve until SIGTERM or SIGINT; at SIGHUP connect anew. Says as one JSON line that it consumes everything."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    broker = open_broker(settings, clock)
    loop.add_signal_handler(signal.SIGHUP, broker.renew)
    async with open_connector(settings) as connector:
        await serve_agent(settings, clock, broker, connector, stop, _print_ready)


async def serve_agent(
    settings: AgentSettings,
    clock: Clock,
    broker: Broker,
    connector: Connector,
    stop: asyncio.Event,
    on_ready: Callable[[AgentSettings, str | None], None],
) -> None:
    """Everything but the process: events, connection, consumers; after ``stop``, what is in hand is ended."""
    async with AsyncExitStack() as closing:
        address = await closing.enter_async_context(_listen(settings, clock, broker))
        closing.push_async_callback(broker.close)
        if not await _until(stop, lambda: broker.connect()):
            return
        work = _Work(settings, clock, broker, connector)
        closing.push_async_callback(work.close)
        for queue, handler, prefetch in work.queues():
            if not await _until(stop, lambda q=queue, h=handler, p=prefetch: work.consume(q, h, p)):  # type: ignore[misc] # mypy cannot infer defaults
                return
        work.beat()
        on_ready(settings, address)
        await stop.wait()
        await work.drain(settings.drain)


def open_broker(settings: AgentSettings, clock: Clock) -> RabbitMQBroker | RemoteBroker:
    """Not connected yet; the address says which implementation."""
    broker = settings.broker
    tls = ssl.create_default_context(cafile=str(broker.ca_file)) if broker.ca_file else None
    if broker.is_amqp:
        from connectors.rabbitmq import RabbitMQBroker

        return RabbitMQBroker(
            broker.url_now, clock, department=settings.department, namespace=broker.namespace, tls=tls
        )
    from connectors.remote_broker import RemoteBroker
    from connectors.remote_token import token_source

    return RemoteBroker(broker.url, token_source(broker, tls), tls=tls)


@asynccontextmanager
async def open_connector(settings: AgentSettings) -> AsyncIterator[Connector]:
    """The department's own system, called from beside it: private addresses are what it is for."""
    if settings.connector.kind == "sql":
        try:
            connector = _database(settings)
        except ValueError as error:
            raise UnusableConnector(str(error)) from error
        try:
            yield connector
        finally:
            await connector.close()
        return
    from connectors.addresses import AddressRule
    from connectors.build import ConnectorRegistration, build_connector
    from connectors.http_client import HttpClient

    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    registration = ConnectorRegistration(
        name=settings.department,
        kind=settings.connector.kind,
        url=settings.connector.url,
        sdl=settings.connector.sdl,
        timeout=settings.connector.deadline,
        headers=settings.connector.headers,
        config=settings.connector.config,
    )
    try:
        built = build_connector(registration, client)
    except ValueError as error:
        await client.close()
        raise UnusableConnector(str(error)) from error
    try:
        yield built
    finally:
        await built.close()
        await client.close()


def _database(settings: AgentSettings) -> Connector:
    """From beside it every address is meant, and SQLite's files too."""
    from connectors.sql import SqlConnector, SqlLimits

    return SqlConnector(
        settings.department,
        settings.connector.sdl or "",
        settings.connector.url or "",
        timeout=settings.connector.deadline,
        config=settings.connector.config,
        limits=SqlLimits(connections=settings.connector.concurrency),
    )


class _Work:
    """The agent's consumers, and how many messages they have in hand."""

    def __init__(self, settings: AgentSettings, clock: Clock, broker: Broker, connector: Connector) -> None:
        self._settings = settings
        self._broker = broker
        self._consumptions: list[Consumption] = []
        self._in_hand = 0
        self._is_draining = False
        self._notes = None
        if settings.connector.idempotency == "none":
            from connectors.command_notes import FileCommandNotes

            self._notes = FileCommandNotes(settings.state_directory / "commands.db", clock.now())
        self._commands = CommandHandler(settings.department, connector, broker, clock, notes=self._notes)
        self._requests = RequestHandler(
            settings.department,
            connector,
            broker,
            clock,
            is_repeatable=self._notes is None,
            concurrency=settings.connector.concurrency,
        )
        self._name = uuid.uuid4().hex[:12]
        self._streams = AgentStreams(settings.department, self._name, connector, broker, clock)
        hearing = Hearing(self._hear, self._be_refused)
        self._heart = Heart(settings.department, self._name, broker, clock, self._presence, hearing)
        self._beating: asyncio.Task[None] | None = None
        self._changing: asyncio.Task[None] | None = None

    def queues(self) -> list[tuple[str, Handler, int]]:
        """What to consume, by whom, and how much at once."""
        department, concurrency = self._settings.department, self._settings.connector.concurrency
        # Without idempotency, what a crash finds in hand ends as OUTCOME_UNKNOWN: let that be one.
        commands = concurrency if self._notes is None else 1
        return [
            (requests_queue(department), self._handle_request, concurrency),
            *((queue, self._commands.handle, commands) for queue in command_queues(department)),
        ]

    async def consume(self, queue: str, handler: Handler, prefetch: int) -> None:
        async def counted(delivery: Delivery) -> None:
            if self._is_draining:
                await asyncio.Event().wait()  # goes back to the queue when the consumer is cancelled
            self._in_hand += 1
            try:
                await handler(delivery)
            finally:
                self._in_hand -= 1

        self._consumptions.append(await self._broker.consume(queue, counted, prefetch=prefetch))

    def beat(self) -> None:
        """From now on the hub knows of this agent, and can tell it something."""
        self._beating = asyncio.create_task(self._heart.run())

    async def drain(self, longest: timedelta) -> None:
        """Wait until what is in hand is ended; what waits for the department goes back to the queue."""
        self._is_draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(longest.total_seconds()):
                while self._in_hand > self._commands.waiting:  # noqa: ASYNC110  only while the process ends
                    await asyncio.sleep(0.02)

    async def close(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])
        if self._changing is not None:
            self._changing.cancel()
            await asyncio.wait([self._changing])
        await self._streams.close()
        await self._heart.leave()
        for consumption in self._consumptions:
            await consumption.cancel()
        if self._notes is not None:
            self._notes.close()

    async def _handle_request(self, delivery: Delivery) -> None:
        """Harmless when repeated: what is served already is not begun, and a read may run again."""
        if delivery.message.type == SUBSCRIBE:
            await self._streams.begin(delivery)
        else:
            await self._requests.handle(delivery)

    def _presence(self, beat: int) -> Presence:
        self._streams.end_of_hubs(self._heart.is_hub_there)
        return Presence(
            agent=self._name,
            beat=beat,
            protocol=PROTOCOL,
            version=version(),
            kind=self._settings.connector.kind,
            concurrency=self._settings.connector.concurrency,
            in_hand=self._in_hand,
            latency_ms=self._heart.latency_ms,
            hears=self._heart.hears,
            streams=self._streams.positions,
        )

    def _hear(self, type_: str, data: dict[str, Any]) -> None:
        name = str(data.get("request"))
        if type_ == CANCEL:
            self._requests.cancel(name)
            self._streams.cancel(name)
        elif type_ == CREDIT and isinstance(events := data.get("events"), int):
            self._streams.add_credit(name, events)

    def _be_refused(self, reason: str | None) -> None:
        """Nothing is begun while the hub refuses this agent; it goes on to say that it is there."""
        if reason is None:
            log.info("The hub works with this agent again")
        else:
            log.error("The hub refuses this agent: %s", reason)
        self._changing = asyncio.create_task(self._consume_all() if reason is None else self._consume_nothing())

    async def _consume_all(self) -> None:
        for queue, handler, prefetch in self.queues():
            await _until(asyncio.Event(), lambda q=queue, h=handler, p=prefetch: self.consume(q, h, p))  # type: ignore[misc] # mypy cannot infer defaults

    async def _consume_nothing(self) -> None:
        """What is in hand goes back to its queues, for an agent that the hub takes."""
        while self._consumptions:
            await self._consumptions.pop().cancel()


async def _until(stop: asyncio.Event, step: Callable[[], Awaitable[None]]) -> bool:
    """Try ``step`` for ever with a growing pause; False when ``stop`` came first."""
    pause = FIRST_PAUSE
    while not stop.is_set():
        try:
            await step()
            return True
        except (BrokerUnavailable, Unroutable) as error:
            log.warning("%s Trying again in %.2f s.", error, pause.total_seconds())
        try:
            await asyncio.wait_for(stop.wait(), pause.total_seconds())
        except TimeoutError:
            pause = min(pause * 2, LONGEST_PAUSE)
    return False


@asynccontextmanager
async def _listen(settings: AgentSettings, clock: Clock, broker: Broker) -> AsyncIterator[str | None]:
    """The events door, if it is wanted: from the first moment, so that it can say 503. Yields its address."""
    if settings.events is None:
        yield None
        return
    import uvicorn

    from connectors.agent_events import events_app

    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.events.host, settings.events.port))
        except OSError as error:
            place = f"{settings.events.host}:{settings.events.port}"
            raise PortTaken(
                f"events cannot be taken at {place}: {error.strerror}. Name another host or port."
            ) from None
        app = events_app(settings.department, broker, clock, settings.events.token)
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        # Not ``serve``: it would take the signals, which are this process's own.
        serving = asyncio.create_task(server._serve([listener]))
        try:
            yield f"http://{settings.events.host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


def _print_ready(settings: AgentSettings, address: str | None) -> None:
    print(json.dumps({"ready": True, "url": address, "department": settings.department}), flush=True)
