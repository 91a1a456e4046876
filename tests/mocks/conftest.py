"""Mocks as processes, and somebody whom they call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.mocks.stranger import Receiver, Stranger, receiving

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
    with ExitStack() as opened:
        yield lambda refusals=0: opened.enter_context(receiving(refusals))
