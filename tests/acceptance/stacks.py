"""The whole demo, started for tests: real processes on free ports, on either broker and database.

Starting one takes seconds, so a module shares it. Between the hub's broker and whoever speaks to it from
another process there is a wire that can be cut.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex

import pytest
from yarl import URL

from hub.cli.ports import free_port
from hub.demo.certificate import make_certificate
from hub.demo.leftovers import forget_namespace
from hub.demo.places import HUB, find_places, lan_address
from hub.demo.stack import Stack
from tests.conftest import RABBITMQ, _require
from tests.contracts.broker.wire import Wire
from tests.databases import fresh_postgresql

DECISION_DELAY_SECONDS = 0.6


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """A started stack. ``wire`` carries the agent's WebSocket, or all of AMQP."""

    stack: Stack
    wire: Wire


@asynccontextmanager
async def embedded_demo(
    directory: Path, *, connector_approval: str = "automatic", clock_file: Path | None = None
) -> AsyncIterator[RunningDemo]:
    """SQLite and the embedded broker. ``clock_file`` is one that a test moves."""
    places = find_places(directory, "127.0.0.1", "http", free_port())
    async with _wired("127.0.0.1", places.ports[HUB]) as wire:
        stack = Stack(places, agent_hub_url=f"http://127.0.0.1:{wire.port}", connector_approval=connector_approval)
        stack.clock_file = clock_file
        async with _started(stack):
            yield RunningDemo(stack, wire)


@asynccontextmanager
async def network_demo(directory: Path) -> AsyncIterator[Stack]:
    """What ``make demo HOST=0.0.0.0`` starts: TLS, by the machine's own address. Skips without a network."""
    if lan_address() == "127.0.0.1":
        pytest.skip("this machine has no network of its own; the demo for phones is not tried")
    places = find_places(directory, "0.0.0.0", "https", free_port())
    stack = Stack(places)
    stack.certificate, stack.key = make_certificate(directory, places.hub_url)
    async with _started(stack):
        yield stack


@asynccontextmanager
async def served_demo(directory: Path) -> AsyncIterator[RunningDemo]:
    """PostgreSQL and RabbitMQ, both of this machine. Skips or fails where one is missing."""
    _require("rabbitmq")
    broker = URL(RABBITMQ)
    places = find_places(directory, "127.0.0.1", "http", free_port())
    with _fresh_database() as database_url:
        async with _wired(broker.host or "127.0.0.1", broker.port or 5672) as wire:
            url = str(broker.with_host("127.0.0.1").with_port(wire.port))
            stack = Stack(places, url, database_url, broker_namespace=f"t{token_hex(4)}.")
            try:
                async with _started(stack):
                    yield RunningDemo(stack, wire)
            finally:
                await forget_namespace(RABBITMQ, stack.broker_namespace)


@asynccontextmanager
async def second_hub(stack: Stack) -> AsyncIterator[str]:
    """Another hub process over the same database and broker; its address."""
    port, first = free_port(), stack.processes[HUB]
    arguments = tuple(str(port) if each == str(stack.places.ports[HUB]) else each for each in first.arguments)
    log = first.log.with_name("second-hub.log")
    process = replace(first, name="second-hub", arguments=arguments, log=log, _process=None)
    await process.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await process.stop()


@asynccontextmanager
async def _started(stack: Stack) -> AsyncIterator[None]:
    stack.decision_delay_seconds = DECISION_DELAY_SECONDS
    # Tests share the machine: they ask what happens, not how fast.
    stack.patience = 20
    try:
        await stack.start()
        yield
    finally:
        await stack.stop()


@asynccontextmanager
async def _wired(host: str, port: int) -> AsyncIterator[Wire]:
    wire = Wire(host, port)
    await wire.start()
    try:
        yield wire
    finally:
        await wire.close()


@contextmanager
def _fresh_database() -> Iterator[str]:
    _require("postgresql")
    with fresh_postgresql() as url:
        yield url
