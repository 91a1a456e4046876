"""What breaks beneath two departments behind queues, and the books that must agree afterwards."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from connectors.connector import ConnectorFailure, FetchRequest
from hub.demo.processes import ProcessFailed
from schema.errors import RuntimeCode
from tests.contracts.broker.stacks import until
from tests.contracts.broker.wire import Wire
from tests.faults.queue_world import DEPARTMENTS, QUERY, World

READS_EVERY, COMMANDS_EVERY = 0.03, 0.15
LONGEST_READ = 7.0
"""Seconds: a connector's deadline of 5, and a last look at who is online."""
ENDS_WITHIN = 150
"""Seconds after the last fault: the outbox sends again what it has not heard of for a minute."""


@dataclass
class Books:
    """What was asked, how it was answered, what was broken."""

    reads: Counter[str] = field(default_factory=Counter)
    longest_read: float = 0.0
    wrong: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    settled_after: float = 0.0

    def __str__(self) -> str:
        return (
            f"{dict(self.faults)}; reads {dict(self.reads)}, longest {self.longest_read:.1f} s; "
            f"{len(self.commands)} commands, settled after {self.settled_after:.1f} s"
        )


async def torment(world: World, seconds: float) -> Books:
    """Ask and command steadily while things break; mend everything, and wait until all commands have ended."""
    books = Books()
    ends = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for department in DEPARTMENTS:
            group.create_task(_read(world, department, ends, books, group))
            group.create_task(_command(world, department, ends, books))
        group.create_task(_break(world, ends, books))
    mended = time.monotonic()
    for department in DEPARTMENTS:
        await until(lambda d=department: _answers(world, d), within=ENDS_WITHIN)
    await until(lambda: _all_ended(world), within=ENDS_WITHIN)
    books.settled_after = time.monotonic() - mended
    return books


async def _answers(world: World, department: str) -> bool:
    """Whether everything works again."""
    try:
        answer = await world.connectors[department].fetch(FetchRequest(QUERY, {"number": 1}))
    except ConnectorFailure:
        return False
    return answer.data == {"paper": {"number": 1, "title": "paper 1"}}


async def _all_ended(world: World) -> bool:
    await asyncio.sleep(0.5)
    return None not in (await world.outcomes()).values()


async def check(world: World, books: Books) -> None:
    """Every request was answered or ended in a clear error; no command had its effect twice, none ended untold."""
    assert books.wrong == []
    assert books.longest_read < LONGEST_READ, books.longest_read
    assert set(books.reads) <= {"answered", *(code.value for code in RuntimeCode)}
    outcomes = await world.outcomes()
    assert sorted(outcomes) == sorted(books.commands)
    for name, outcome in outcomes.items():
        department, _, number = name.rpartition("-")
        effects = len(world.systems[department].effects[int(number)])
        assert effects <= 1, f"{name} had its effect {effects} times"
        if DEPARTMENTS[department] == "header":
            assert (outcome, effects) == ("done", 1), name
        elif effects == 0:
            assert outcome == "OUTCOME_UNKNOWN", f"{name} ended as {outcome} without an effect"
        else:
            assert outcome in {"done", "OUTCOME_UNKNOWN"}, f"{name} ended as {outcome}"


async def _read(world: World, department: str, ends: float, books: Books, group: asyncio.TaskGroup) -> None:
    number = 0
    while time.monotonic() < ends:
        number += 1
        group.create_task(_read_once(world, department, number, books))
        await asyncio.sleep(READS_EVERY)


async def _read_once(world: World, department: str, number: int, books: Books) -> None:
    began = time.monotonic()
    try:
        answer = await world.connectors[department].fetch(FetchRequest(QUERY, {"number": number}))
    except ConnectorFailure as failure:
        books.reads[failure.code.value] += 1
    else:
        books.reads["answered"] += 1
        if answer.data != {"paper": {"number": number, "title": f"paper {number}"}}:
            books.wrong.append(f"{department} {number}: {answer}")
    books.longest_read = max(books.longest_read, time.monotonic() - began)


async def _command(world: World, department: str, ends: float, books: Books) -> None:
    number = 0
    while time.monotonic() < ends:
        number += 1
        books.commands.append(await world.put_command(department, number))
        await asyncio.sleep(COMMANDS_EVERY)


async def _break(world: World, ends: float, books: Books) -> None:
    """One thing after another, sometimes while the last is not yet mended; in the end everything runs."""
    mending: set[asyncio.Task[None]] = set()
    kinds = (cut_hub, cut_hub, cut_agents, cut_agents, kill_agent, kill_agent, kill_agent, restart_broker)
    while time.monotonic() < ends:
        kind = world.random.choice(kinds)
        books.faults[kind.__name__] += 1
        task = asyncio.create_task(kind(world))
        mending.add(task)
        task.add_done_callback(mending.discard)
        await asyncio.sleep(world.random.uniform(0.5, 3))
        if kind is restart_broker:
            await task
    await asyncio.gather(*mending)


async def cut_hub(world: World) -> None:
    await _cut(world, world.hub_wire)


async def cut_agents(world: World) -> None:
    await _cut(world, world.agent_wire)


async def _cut(world: World, wire: Wire) -> None:
    async with world.being_cut[wire]:
        await wire.cut()
        await asyncio.sleep(world.random.uniform(0, 1.5))
        await wire.mend()


async def kill_agent(world: World) -> None:
    """In the middle of whatever it does; it is started again as a service manager would."""
    victim = world.agents[world.random.choice(sorted(world.agents))]
    await victim.kill()
    await asyncio.sleep(world.random.uniform(0, 1))
    try:
        await victim.start()
    except ProcessFailed:
        # Killed a second time while it started: that one starts it.
        return


async def restart_broker(world: World) -> None:
    """In order or as by a power cut: what was confirmed is there afterwards."""
    end = world.random.choice((world.node.stop, world.node.kill))
    await asyncio.to_thread(end)
    await asyncio.to_thread(world.node.start)
