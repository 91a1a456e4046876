"""What is measured: cases finished a second, how long filing takes, how long a page of cases takes."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.cases import counted
from bench.cases.client import Clients, data_of, percentile
from bench.cases.stack import CaseStack, Person
from bench.usage import processor_seconds, processor_seconds_of_one
from schema.domain.case import CaseState

ITEM, FORM = "CA-SENIOR-CARD", {"delivery": "post"}
SUBMIT = "mutation Submit($input: SubmitCaseInput!) { submitCase(input: $input) { id receiptNumber state } }"
PAGE = (
    "{ me { caseConnection(first: 20) { edges { cursor node { id receiptNumber state submittedAt } } "
    "pageInfo { hasNextPage endCursor } } } }"
)
_OPEN = [state for state in CaseState if state not in (CaseState.COMPLETED, CaseState.ARCHIVED)]
OPEN_AT_ONCE = 300
"""Cases on their way at one time, in the closed loop."""


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Of the whole server."""

    number: int
    flushing_seconds: float

    def since(self, before: Checkpoints) -> Checkpoints:
        return Checkpoints(self.number - before.number, self.flushing_seconds - before.flushing_seconds)


@dataclass(frozen=True, slots=True)
class Flow:
    """Cases that were finished, in how long, and what each part used for one: processor milliseconds, statements
    and transactions.

    ``longest_pause`` is the longest time in which no case was finished, ``checkpoints`` how many PostgreSQL made
    meanwhile and for how long they flushed files: every commit waits for the disk with them, and any ``DROP
    DATABASE`` at the same server begins one.
    """

    cases: int
    seconds: float
    processor_ms: dict[str, float]
    statements: dict[str, float]
    transactions: dict[str, float]
    longest_pause: float
    checkpoints: Checkpoints

    @property
    def rate(self) -> float:
        return self.cases / self.seconds

    @property
    def total_ms(self) -> float:
        return sum(self.processor_ms.values())


@dataclass(frozen=True, slots=True)
class Latency:
    """Of requests at a fixed rate, counted from when each was due."""

    requests: int
    rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @classmethod
    def of(cls, seconds: list[float], rate: float) -> Latency:
        p50, p95, p99 = (percentile(seconds, percent) for percent in (50, 95, 99))
        return cls(len(seconds), rate, p50, p95, p99)


class Filing:
    """People who file one case after another over one stack."""

    def __init__(self, stack: CaseStack, clients: Clients) -> None:
        self._stack = stack
        self._clients = clients
        self._filed = 0

    async def file(self, due: float | None = None) -> float:
        """File one case; how long that took, in seconds."""
        person = self._stack.people[self._filed % len(self._stack.people)]
        self._filed += 1
        variables = {"input": {"itemCode": ITEM, "form": FORM, "idempotencyKey": uuid.uuid4().hex}}
        answer = await self._clients.post({"query": SUBMIT, "variables": variables}, person.token, due)
        data_of(answer)
        return answer.seconds

    async def flow(self, seconds: float, open_at_once: int = OPEN_AT_ONCE) -> Flow:
        """Keep so many cases on their way for the time; only what is finished within it counts."""
        with psycopg.connect(self._stack.database_url, autocommit=True) as connection:
            watch = _Watch(connection)
            places = asyncio.Semaphore(open_at_once)
            ends = time.perf_counter() + seconds + 1.5

            async def work() -> None:
                while await places.acquire() and time.perf_counter() < ends:
                    await self.file()

            def free(finished: int) -> None:
                for _ in range(finished):
                    places.release()

            workers = [asyncio.create_task(work()) for _ in range(32)]
            await self._until(watch, time.perf_counter() + 1.5, free)
            began, before, used = time.perf_counter(), watch.finished, usage(self._stack, connection)
            sent, flushed = counts(self._stack), checkpoints(connection)
            watch.longest_pause = 0.0
            await self._until(watch, began + seconds, free)
            took, after, more = time.perf_counter() - began, watch.finished, usage(self._stack, connection)
            sent_more, pause, flushed_more = counts(self._stack), watch.longest_pause, checkpoints(connection)
            free(len(workers))
            await asyncio.gather(*workers)
            await self._settle(watch)
        cases = max(after - before, 1)
        processor_ms = {part: (more[part] - used[part]) * 1000 / cases for part in more if part in used}
        statements, transactions = (
            {name: (sent_more[name][which] - sent[name][which]) / cases for name in sent} for which in range(2)
        )
        return Flow(cases, took, processor_ms, statements, transactions, pause, flushed_more.since(flushed))

    async def latency(self, rate: float, seconds: float) -> Latency:
        """File at even intervals, whatever is still open."""
        took: list[float] = []
        began = time.perf_counter() + 0.05

        async def work(due: float) -> None:
            took.append(await self.file(due))

        async with asyncio.TaskGroup() as group:
            for number in range(int(seconds * rate)):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(work(due))
        with psycopg.connect(self._stack.database_url, autocommit=True) as connection:
            await self._settle(_Watch(connection))
        return Latency.of(took, rate)

    async def _until(self, watch: _Watch, ends: float, free: Any) -> None:
        while (left := ends - time.perf_counter()) > 0:
            await asyncio.sleep(min(0.1, left))
            free(watch.look())

    async def _settle(self, watch: _Watch) -> None:
        """Wait until every case that was filed is finished; one that is not within five minutes is lost."""
        ends = time.perf_counter() + 300
        while (open_ := watch.open()) and time.perf_counter() < ends:  # noqa: ASYNC110  the hub does not call back
            await asyncio.sleep(0.1)
        if open_:
            raise SystemExit(f"bench: {open_} cases were not finished within five minutes")


class _Watch:
    """Looks at the hub's own tables for what is finished: few rows, by index."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.finished = self._count()
        self.longest_pause = 0.0
        """In which none was finished, as far as looks can tell."""
        self._moved_at = time.perf_counter()

    def look(self) -> int:
        """How many more are finished than at the last look."""
        before, self.finished = self.finished, self._count()
        now = time.perf_counter()
        self.longest_pause = max(self.longest_pause, now - self._moved_at)
        if self.finished > before:
            self._moved_at = now
        return self.finished - before

    def open(self) -> int:
        row = self._connection.execute(
            "SELECT count(*) FROM service_case WHERE state = ANY(%s)", (_OPEN,)
        ).fetchone()
        return int(row[0]) if row else 0

    def _count(self) -> int:
        row = self._connection.execute("SELECT count(*) FROM service_case WHERE state = 'COMPLETED'").fetchone()
        return int(row[0]) if row else 0


async def pages(url: str, person: Person, count: int) -> Latency:
    """The first page of somebody with many cases, one request after the other."""
    clients = Clients(url, 1)
    await clients.open()
    took = []
    for number in range(count + 20):
        answer = await clients.post({"query": PAGE}, person.token)
        found = data_of(answer)["me"]["caseConnection"]
        if len(found["edges"]) != 20 or not found["pageInfo"]["hasNextPage"]:
            raise SystemExit(f"bench: that is no first page of many: {found}")
        if number >= 20:
            took.append(answer.seconds)
    clients.close()
    return Latency.of(took, 0)


def usage(stack: CaseStack, connection: psycopg.Connection[Any]) -> dict[str, float]:
    """Processor seconds used so far by each part; the database's are those that serve this database."""
    used = {name: processor_seconds(pid) for name, pid in stack.processes.items()}
    serving = connection.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchall()
    used["postgresql"] = sum(processor_seconds_of_one(pid) or 0.0 for (pid,) in serving)
    used["client"] = time.process_time()
    return {name: seconds for name, seconds in used.items() if seconds is not None}


def checkpoints(connection: psycopg.Connection[Any]) -> Checkpoints:
    """So far. Source: PostgreSQL, "The Cumulative Statistics System"."""
    table = "SELECT checkpoints_timed + checkpoints_req, checkpoint_sync_time FROM pg_stat_bgwriter"
    if connection.info.server_version >= 170000:
        table = "SELECT num_timed + num_requested, sync_time FROM pg_stat_checkpointer"
    row = connection.execute(table.encode()).fetchone()
    return Checkpoints(int(row[0]), float(row[1]) / 1000) if row else Checkpoints(0, 0.0)


def counts(stack: CaseStack) -> dict[str, tuple[int, int]]:
    """Statements and transactions so far, by process."""
    return {name: counted.read(file) for name, file in stack.counts.items()}


def events_of_one_case(stack: CaseStack) -> dict[str, float]:
    """What a case leaves behind, on the average of those finished."""
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        row = connection.execute("""
            SELECT count(*),
              (SELECT count(*) FROM case_event e JOIN service_case c ON c.id = e.case_id
               WHERE c.state = 'COMPLETED'),
              (SELECT count(*) FROM inbox_seen), (SELECT count(*) FROM outbox)
            FROM service_case WHERE state = 'COMPLETED'
        """).fetchone()
    if row is None or not row[0]:
        return {}
    cases, events, messages_in, messages_out = row
    return {"events": events / cases, "messages in": messages_in / cases, "messages out": messages_out / cases}
