"""What is broken, when: a schedule drawn from a seed, so that it can be tried again.

A moment is a share of the way (accepted and finished cases count half each), not a time: a slow machine gets the
same kills at the same places.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

from hub.demo.places import CASHIER, JOINT_OFFICES
from hub.demo.stack import FIVE
from tests.chaos.points import POINTS, Gate
from tests.chaos.world import AGENTS, HUBS, WORKERS, World, start_again_and_again

BROKER_STOPPED, BROKER_KILLED = "broker restarted", "broker killed"
DATABASE_CUT = "all database connections cut"
LONGEST_AWAY_SECONDS = 2.0
WHO_COMES = "whoever comes"
NOBODY = "nobody came"


def cut_of(name: str) -> str:
    return f"database connections of {name} cut"


_CUTS = {cut_of(name): name for name in (*HUBS, *WORKERS)}
DEPARTMENTS = (*FIVE, CASHIER, JOINT_OFFICES)
KINDS: Mapping[str, tuple[str, ...]] = {
    "hub": HUBS,
    "worker": WORKERS,
    "agent": AGENTS,
    "department": DEPARTMENTS,
    "broker": (BROKER_STOPPED, BROKER_KILLED),
    "database": (DATABASE_CUT, *_CUTS),
}
BUSY = ("civil-affairs", "civil-affairs-agent", "finance", "finance-agent", CASHIER, JOINT_OFFICES)
"""Agents and departments that most cases of ours go through: killed as often as all others together."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Who dies at which share of the way, and how long until it is started again.

    With a ``point`` it dies not at once but when it has come to that point of its work.
    """

    at: float
    victim: str
    away_seconds: float
    point: str | None = None

    def __str__(self) -> str:
        where = f" at point {self.point}" if self.point else ""
        return f"{self.at:4.0%} {self.victim}{where}, away {self.away_seconds:.1f} s"


def random_schedule(random: Random, kills: int) -> list[Kill]:
    """Anybody at any moment."""
    return _drawn(random, kills, lambda: random.uniform(0.02, 0.98))


def storm(random: Random, kills: int) -> list[Kill]:
    """All within a short part of the way, one upon the other."""
    return _drawn(random, kills, lambda: random.uniform(0.4, 0.5))


def start_and_end(random: Random, kills: int) -> list[Kill]:
    """While the first cases come in, and while the last are finished."""
    return _drawn(random, kills, lambda: random.choice((random.uniform(0, 0.1), random.uniform(0.9, 0.995))))


def at_points(random: Random, kills: int) -> list[Kill]:
    """Each between two steps that must not come apart."""
    names = list(POINTS)
    random.shuffle(names)
    chosen = [names[place % len(names)] for place in range(kills)]
    drawn = [
        Kill(random.uniform(0.02, POINTS[name].until), WHO_COMES, random.uniform(0.2, LONGEST_AWAY_SECONDS), name)
        for name in chosen
    ]
    return sorted(drawn, key=lambda kill: kill.at)


def _drawn(random: Random, kills: int, moment: Callable[[], float]) -> list[Kill]:
    """The kinds in turns, so that twenty kills leave none out."""
    kinds: list[str] = []
    while len(kinds) < kills:
        kinds += random.sample(list(KINDS), len(KINDS))
    chosen = [Kill(moment(), _victim(random, kind), random.uniform(0.2, LONGEST_AWAY_SECONDS)) for kind in kinds]
    return sorted(chosen[:kills], key=lambda kill: kill.at)


def _victim(random: Random, kind: str) -> str:
    busy = [name for name in KINDS[kind] if name in BUSY]
    return random.choice(busy if busy and random.random() < 0.5 else list(KINDS[kind]))


def one_kind(kind: str) -> Callable[[Random, int], list[Kill]]:
    def schedule(random: Random, kills: int) -> list[Kill]:
        moments = sorted(random.uniform(0.02, 0.98) for _ in range(kills))
        away = LONGEST_AWAY_SECONDS
        return [Kill(at, _victim(random, kind), random.uniform(0.2, away)) for at in moments]

    return schedule


SCHEDULES: Mapping[str, Callable[[Random, int], list[Kill]]] = {
    "random": random_schedule,
    "storm": storm,
    "start-and-end": start_and_end,
    "points": at_points,
    **{f"only-{kind}": one_kind(kind) for kind in KINDS},
}
"""By the name that ``SCHEDULE=`` takes."""


class Killer:
    """Strikes when the way is far enough; ``done`` counts by kind of victim for the table."""

    def __init__(self, world: World, schedule: list[Kill], gate: Gate | None) -> None:
        self.done: list[Kill] = []
        self._world = world
        self._left = list(schedule)
        self._gate = gate
        self._locks: dict[str, asyncio.Lock] = {}
        self._mending: set[asyncio.Task[None]] = set()

    async def run(self, until: Callable[[float], Awaitable[None]]) -> None:
        """Strike when ``until`` that share of the way is over; return when everything runs again."""
        for kill in self._left:
            await until(kill.at)
            task = asyncio.create_task(self._strike(kill))
            self._mending.add(task)
            task.add_done_callback(self._mending.discard)
            if kill.point:
                await task
        await asyncio.gather(*self._mending)

    async def _strike(self, kill: Kill) -> None:
        if kill.point is not None:
            await self._strike_at_point(kill, kill.point)
            return
        self.done.append(kill)
        if kill.victim in (BROKER_STOPPED, BROKER_KILLED):
            async with self._lock("broker"):
                await self._world.restart_broker(in_order=kill.victim == BROKER_STOPPED)
        elif kill.victim == DATABASE_CUT or kill.victim in _CUTS:
            await self._world.cut_database(_CUTS.get(kill.victim))
        else:
            await self._restart(kill.victim, kill.away_seconds)

    async def _strike_at_point(self, kill: Kill, point: str) -> None:
        if self._gate is None:
            raise ValueError("A kill at a point needs the gate in the database.")
        async with self._gate.holding(POINTS[point]) as victim:
            if victim is not None:
                await self._world.processes[victim].kill()
        self.done.append(replace(kill, victim=victim or NOBODY))
        if victim is not None:
            await self._restart(victim, kill.away_seconds)

    async def _restart(self, name: str, away_seconds: float) -> None:
        process = self._world.processes[name]
        async with self._lock(name):
            await process.kill()
            await asyncio.sleep(away_seconds)
            await start_again_and_again(process)

    def _lock(self, name: str) -> asyncio.Lock:
        return self._locks.setdefault(name, asyncio.Lock())


def counted(done: list[Kill]) -> Iterator[tuple[str, int]]:
    """How many kills fell on each kind."""
    for kind, victims in (*KINDS.items(), (NOBODY, (NOBODY,))):
        yield kind, sum(kill.victim in victims for kill in done)
