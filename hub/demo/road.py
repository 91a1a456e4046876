"""The road: one citizen, several departments, one graph; walked through public doors, every step checked.

A step is a function that raises :class:`StepFailed` when what one door wrote is not what another door reads.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from hub.demo.client import HubClient
from hub.demo.processes import Stopwatch
from hub.demo.residents import Resident, citizen, stranger
from hub.demo.sign_in import Tokens
from hub.demo.stack import Stack


class StepFailed(Exception):
    """What was read is not what should be there; the text has both."""


@dataclass
class Road:
    """What the steps share: the running demo, the people's clients, and what was found on the way."""

    stack: Stack
    client: HubClient
    tv: HubClient
    stranger_client: HubClient
    person: Resident = field(default_factory=citizen)
    other: Resident = field(default_factory=stranger)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    """Part of every idempotency key, so that the road can be walked again on the same demo."""

    @property
    def token(self) -> str:
        """The citizen's access token. Raises :class:`StepFailed` before the citizen signed in."""
        return self.token_of("citizen")

    def token_of(self, who: str) -> str:
        if who not in self.tokens:
            raise StepFailed(f"{who} is not signed in")
        return self.tokens[who].access_token

    def door(self, name: str) -> str:
        """A department's own address, to read there what it believes."""
        return self.stack.places.url(name)


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    title: str
    walk: Callable[[Road], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class StepReport:
    """How one step went; ``error`` is ``None`` when it holds."""

    name: str
    title: str
    milliseconds: int
    error: str | None = None


Hook = Callable[[str, Road], Awaitable[None]]
"""Called before each step with its name; tests plant faults here."""


async def walk(
    stack: Stack,
    on_report: Callable[[StepReport], None],
    before: Hook | None = None,
    steps: tuple[Step, ...] | None = None,
) -> tuple[tuple[StepReport, ...], dict[str, Any]]:
    """Walk all steps, stop at the first that fails; reports and the GraphQL answers by step."""
    from hub.demo.steps import ROAD

    reports: list[StepReport] = []
    async with open_road(stack) as road:
        for step in steps or ROAD:
            if before is not None:
                await before(step.name, road)
            report = await take(step, road)
            reports.append(report)
            on_report(report)
            if report.error is not None:
                break
    return tuple(reports), road.answers


@asynccontextmanager
async def open_road(stack: Stack) -> AsyncIterator[Road]:
    """The beginning of a road on a demo that runs, with a client for each of the people."""
    async with stack.client() as person, stack.client() as tv, stack.client() as other:
        yield Road(stack, person, tv, other)


async def take(step: Step, road: Road) -> StepReport:
    """Walk one step. Never raises: what went wrong is in the report."""
    watch = Stopwatch()
    try:
        await step.walk(road)
    except Exception as error:  # noqa: BLE001  any failure of a step is that step's result
        text = str(error) or type(error).__name__
        return StepReport(step.name, step.title, watch.milliseconds, text)
    return StepReport(step.name, step.title, watch.milliseconds)


def expect(condition: object, message: str) -> None:
    """Raises :class:`StepFailed` with the message unless the condition holds."""
    if not condition:
        raise StepFailed(message)


def expect_equal(actual: object, expected: object, what: str) -> None:
    """Raises :class:`StepFailed` naming both values."""
    if actual != expected:
        raise StepFailed(f"{what}: read {actual!r}, expected {expected!r}")
