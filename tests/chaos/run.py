"""One run of chaos: citizens file while things break, all outcomes are waited for, the verdict is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from hub.demo.places import CASHIER, JOINT_OFFICES, MESSENGERS
from tests.chaos.appointments import CAPACITY, PLACE
from tests.chaos.case_kinds import drawn_kinds
from tests.chaos.citizens import Books, Citizen, citizens
from tests.chaos.kills import SCHEDULES, Kill, Killer, counted
from tests.chaos.points import Gate
from tests.chaos.world import DIRECT, FIRE, HUBS, World

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 8
AT_ONCE = 8
TOLD_EVERY_SECONDS = 15.0
MOST_UNFINISHED = 400
"""Citizens file no faster than the departments finish, so that kills fall on work of every kind."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run does; the same plan does the same."""

    cases: int = 10_000
    kills: int = 20
    seed: int = 0
    schedule: str = "random"
    plant: str | None = None
    patience_seconds: float = 150.0
    """How long nothing may be finished until waiting is given up: a command is sent again after a minute."""
    longest_seconds: float | None = None
    """How long citizens may take in all until the verdict is asked for; by default as a slow machine needs."""

    @property
    def ends_after_seconds(self) -> float:
        return self.longest_seconds or 300 + 0.5 * self.cases + 30 * self.kills

    def drawn(self) -> list[Kill]:
        return SCHEDULES[self.schedule](Random(f"{self.seed} kills"), self.kills)


@dataclass(frozen=True, slots=True)
class Report:
    holds: bool
    text: str
    seconds: float


Say = Callable[[str], None]


async def run(plan: Plan, folder: Path, database_url: str, say: Say = lambda _line: None) -> Report:
    """Everything, in a folder and a database that are its own. ``say`` is told now and then how far it is."""
    began = time.monotonic()
    async with AsyncExitStack() as closing:
        world = World(folder, database_url, closing, plan.plant)
        await world.open()
        gate = Gate(database_url) if any(kill.point for kill in plan.drawn()) else None
        if gate is not None:
            await gate.build()
        books = Books(folder / "books")
        killer = Killer(world, plan.drawn(), gate)
        opened = time.monotonic()
        telling = asyncio.create_task(_tell(books, killer, say))
        is_in_time = await _file_while_things_break(plan, world, books, killer)
        telling.cancel()
        worked = time.monotonic() - opened
        text = "\n".join((*_kills_told(killer), f"{books.accepted / worked:.0f} cases a second", ""))
        if not is_in_time:
            text = f"{text}not all was filed and finished within {plan.ends_after_seconds:.0f} s\n"
        verdict = await asyncio.to_thread(_verdict, plan, world, books)
    return Report(
        is_in_time and verdict.returncode == 0, text + verdict.stdout + verdict.stderr, time.monotonic() - began
    )


async def _tell(books: Books, killer: Killer, say: Say) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(TOLD_EVERY_SECONDS)
        numbers = f"{books.accepted} accepted, {books.finished} finished, {len(killer.done)} kills"
        say(f"{time.monotonic() - began:6.0f} s: {numbers}")


async def _file_while_things_break(plan: Plan, world: World, books: Books, killer: Killer) -> bool:
    """Whether that came to its end in time."""
    people = await world.residents(PEOPLE)
    random = Random(f"{plan.seed} citizens")
    urls = tuple(world.url(name) for name in HUBS)
    numbered = iter(list(enumerate(drawn_kinds(random, plan.cases))))
    doors = world.url("public-security"), world.url(FIRE), world.url(MESSENGERS)
    async with citizens(people, urls, *doors, world.slots, books, random) as everybody:
        killing = asyncio.create_task(killer.run(lambda share: books.until(lambda: _way(books, plan) >= share)))
        try:
            async with asyncio.timeout(plan.ends_after_seconds):
                await asyncio.gather(*(_file(plan, numbered, everybody, books) for _ in range(AT_ONCE)))
                await _all_finished(books, plan.patience_seconds)
                await asyncio.wait_for(killing, plan.patience_seconds)
                await _all_heard(books, everybody, plan.patience_seconds)
        except TimeoutError:
            return False
        finally:
            killing.cancel()
    return True


def _way(books: Books, plan: Plan) -> float:
    return (books.accepted + books.finished) / (2 * plan.cases)


async def _file(plan: Plan, numbered: Iterator[tuple[int, str]], everybody: list[Citizen], books: Books) -> None:
    for number, kind in numbered:
        await books.until(lambda: books.accepted - books.finished < MOST_UNFINISHED)
        await everybody[number % len(everybody)].file(f"chaos-{plan.seed}-{number}", kind)


async def _all_finished(books: Books, patience_seconds: float) -> None:
    """Or nothing moves any more: then the verdict says what is missing."""
    while (finished := books.finished) < books.accepted:
        try:
            async with asyncio.timeout(patience_seconds):
                await books.until(partial(_is_beyond, books, finished))
        except TimeoutError:
            return


async def _all_heard(books: Books, everybody: list[Citizen], patience_seconds: float) -> None:
    """Subscribers of a hub that was away resume, and hear of the last ends too."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_seconds):
            await books.until(lambda: all(each.has_heard_all for each in everybody))


def _is_beyond(books: Books, finished: int) -> bool:
    return books.finished > finished


def _kills_told(killer: Killer) -> Iterator[str]:
    for kill in killer.done:
        yield str(kill)
    yield "kills: " + ", ".join(f"{number} {kind}" for kind, number in counted(killer.done) if number)


def _stores(directory: Path) -> Iterator[tuple[str, Path]]:
    for name in ("civil-affairs", "finance", CASHIER, MESSENGERS, "market-regulation"):
        yield name, directory / name / f"{name}.sqlite3"
    for name in (FIRE, *DIRECT):
        yield name, directory / JOINT_OFFICES / f"{name}.sqlite3"


def _verdict(plan: Plan, world: World, books: Books) -> subprocess.CompletedProcess[str]:
    facts = {
        "cases": plan.cases,
        "rest_within_seconds": plan.patience_seconds,
        "hubs": [world.url(name) for name in HUBS],
        "operator_secret": world.places.operator_secret,
        "database": world.database_url,
        "management": world.node.management_url,
        "receipts": str(books.receipts_file),
        "events": str(books.events_file),
        "bookings": str(books.bookings_file),
        "appointments": {"place": PLACE, "days": world.days, "capacity": CAPACITY, "slots": world.slots},
        "stores": {name: str(file) for name, file in _stores(world.places.directory)},
    }
    file = world.folder / "facts.json"
    file.write_text(json.dumps(facts, indent=2))
    command = [sys.executable, "-m", "tests.chaos.verdict", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    if not done.stdout.rstrip().rpartition("\n")[2].startswith("chaos: "):
        raise RuntimeError(f"No verdict was reached: {done.stderr}")
    return done
