"""``python -m bench.queue``: request/replies a second through one department's queue, beside a bare aio-pika
ping-pong in the same run.

Hub side (the load is in its process), agent and broker share this machine, and take turns with the ping-pong.
``rabbitmq`` is the queue connector over RabbitMQ, ``embedded`` the same over the hub's own broker and its
WebSocket door, ``ping-pong`` two aio-pika programs without confirms, correlation by the same means. First so many
requests are kept in flight (a closed loop), then 300 a second are sent whether or not answers come.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import uvloop

from bench.queue_sides import SIDES, Side
from bench.usage import processor_seconds

AMQP = os.environ.get("JIYI_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672/")
RATE = 300


@dataclass(frozen=True, slots=True)
class Measured:
    """One turn. Latencies are in milliseconds; ``processor_ms`` is by part, for each request."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    processor_ms: dict[str, float]

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.queue", description=__doc__)
    parser.add_argument("--amqp", default=AMQP)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="of each turn")
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--sides", nargs="+", choices=sorted(SIDES), default=list(SIDES))
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(given.amqp, given.sides, given.rounds, given.seconds, given.in_flight))


async def measure(amqp: str, names: list[str], rounds: int, seconds: float, in_flight: int) -> None:
    """Each side is opened for its turn alone, so that the idle ones cost nothing."""
    busy: dict[str, list[Measured]] = {name: [] for name in names}
    steady: dict[str, list[Measured]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            async with AsyncExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jiyi-bench-")))
                side = await SIDES[name](stack, folder, amqp)
                await closed_loop(side.ask, 0.5, in_flight)
                busy[name].append(await _measured(side, lambda s=side: closed_loop(s.ask, seconds, in_flight)))  # type: ignore[misc] # mypy cannot infer defaults
                steady[name].append(await _measured(side, lambda s=side: open_loop(s.ask, seconds, RATE)))  # type: ignore[misc] # mypy cannot infer defaults
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, median of {rounds} rounds of {seconds} s")
    _print(f"{in_flight} in flight", busy)
    _print(f"{RATE} a second", steady)


async def closed_loop(ask: Callable[[], Awaitable[None]], seconds: float, in_flight: int) -> list[float]:
    """So many ask again and again until the time is over; how long each answer took, in seconds."""
    took: list[float] = []
    ends = time.perf_counter() + seconds

    async def work() -> None:
        while (began := time.perf_counter()) < ends:
            await ask()
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(work() for _ in range(in_flight)))
    return took


async def open_loop(ask: Callable[[], Awaitable[None]], seconds: float, rate: int) -> list[float]:
    """Ask at even intervals whatever is still open; durations count from the time at which each was due."""
    took: list[float] = []
    began = time.perf_counter()

    async def work(due: float) -> None:
        await ask()
        took.append(time.perf_counter() - due)

    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * rate)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(work(due))
    return took


async def _measured(side: Side, run: Callable[[], Awaitable[list[float]]]) -> Measured:
    before, began = _processor(side), time.perf_counter()
    took = sorted(await run())
    seconds = time.perf_counter() - began
    after = _processor(side)
    used = {part: (after[part] - before[part]) * 1000 / len(took) for part in before if part in after}
    return Measured(len(took), seconds, took[len(took) // 2] * 1e3, took[len(took) * 99 // 100] * 1e3, used)


def _processor(side: Side) -> dict[str, float]:
    parts = {"hub": os.getpid(), **side.processes}
    own = set(side.processes.values())
    found = {part: processor_seconds(pid) for part, pid in parts.items()}
    told = {part: seconds for part, seconds in found.items() if seconds is not None}
    # What the hub started is counted below it: take it out again.
    children = sum(seconds for part, seconds in told.items() if part != "hub" and part != "broker" and own)
    return told | {"hub": told.get("hub", 0.0) - children}


def _print(title: str, measured: dict[str, list[Measured]]) -> None:
    print(f"\n{title:16}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}   processor ms a request")
    for name, turns in measured.items():
        rate, p50, p99 = (median(getattr(turn, key) for turn in turns) for key in ("rate", "p50_ms", "p99_ms"))
        parts = {part: median(turn.processor_ms[part] for turn in turns) for part in turns[0].processor_ms}
        shown = "  ".join(f"{part} {ms:.2f}" for part, ms in parts.items())
        print(f"{name:16}{rate:>12.0f}{p50:>9.1f}{p99:>9.1f}   {shown}")


if __name__ == "__main__":
    main()
