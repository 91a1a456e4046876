"""Mocks as processes, and somebody whom they call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from tests.mocks.stranger import Receiver, Stranger

Start = Callable[..., Stranger]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start mocks that end with the test."""
    started: list[Stranger] = []

    def run(module: str, *arguments: str, **environment: str) -> Stranger:
        started.append(Stranger(module, *arguments, environment=environment))
        return started[-1]

    yield run
    for stranger in started:
        stranger.kill()


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    """Open receivers that close with the test."""
    opened: list[Receiver] = []

    def run(refusals: int = 0, port: int = 0) -> Receiver:
        receiver = Receiver(refusals, port)
        Thread(target=receiver.server.serve_forever, args=(0.02,), daemon=True).start()
        opened.append(receiver)
        return receiver

    yield run
    for receiver in opened:
        receiver.server.shutdown()
        receiver.server.server_close()
