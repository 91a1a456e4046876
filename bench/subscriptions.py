"""``python -m bench.subscriptions``: what idle subscriptions cost a hub process, how soon an event reaches all.

Each is a WebSocket of its own that offers per-message deflate, as browsers do. One person follows them all, so
that one event concerns each: the time is from the commit, in another process, to the last one's receipt, and has
the relay's pause in it. The last line tells the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from auth.actor import Actor
from auth.keys import KeyRing
from auth.tokens import TokenIssuer
from bench.usage import resident_megabytes
from connectors.clock import SystemClock
from hub.cases.case_filing import Submission
from hub.cases.cases import Cases
from hub.catalogue.catalogue import CatalogueStore
from hub.cli.ports import free_port
from hub.keys.sealing import Sealer
from hub.people.auth_store import HubAuthStore
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from schema.domain.identity_document import IdentityDocument

PERSON = "bench-person"
ITEM, FORM = "CA-MARRIAGE-RECORD", {"purpose": "loan", "copies": 1}
SUBSCRIBE = "subscription { caseChanged { receiptNumber state version } }"
AT_ONCE = 100
ONE_FOLLOWS_ALL = {"JIYI_MAX_SUBSCRIPTIONS_PER_PERSON": "100000"}


class OnePerson:
    """The register of people of this measurement."""

    async def identity_of(self, subject: str) -> str | None:
        return "11010519491231002X"

    async def subject_of(self, id_number: str) -> str | None:
        return None

    async def documents_of(self, subject: str) -> tuple[IdentityDocument, ...]:
        return ()

    async def introduced(self, id_number: str) -> str | None:
        return await self.subject_of(id_number)


async def measure(number: int, events: int) -> dict[str, Any]:
    async with AsyncExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        hub, url = await closing.enter_async_context(_hub(folder))
        database = Database(f"sqlite:///{folder / 'hub.db'}")
        closing.push_async_callback(database.close)
        token = await _token(database, url)
        cases = Cases(database, CatalogueStore(database, SystemClock()), OnePerson(), SystemClock(), Wakeups())
        await _file(cases)
        before = resident_megabytes(hub) or 0.0
        session = await closing.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        readers, tasks = Readers(), set[Any]()
        await readers.open(session, url, token, number, tasks)
        await asyncio.sleep(3)
        after = resident_megabytes(hub) or 0.0
        _say(f"{number} subscriptions: {before:.0f} MB before, {after:.0f} MB with them")
        seconds = [await _time_of_an_event(cases, readers, number) for _ in range(events)]
        told = resident_megabytes(hub) or 0.0
        return {
            "subscriptions": number,
            "megabytes_before": round(before),
            "megabytes_idle": round(after),
            "megabytes_after_events": round(told),
            "kilobytes_each": round((after - before) * 1000 / number, 1),
            "seconds_to_reach_all": [round(each, 2) for each in seconds],
        }


@asynccontextmanager
async def _hub(folder: Path) -> AsyncIterator[tuple[int, str]]:
    """A hub with its worker in a process of its own: its number, and its address."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli", "run", "--port", str(port),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "JIYI_STATE_DIRECTORY": str(folder), "JIYI_LOG_LEVEL": "error", **ONE_FOLLOWS_ALL},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = json.loads(await process.stdout.readline())["url"]
        yield process.pid, url
    finally:
        process.terminate()
        await process.wait()


async def _token(database: Database, issuer: str) -> str:
    """Of the hub's own making: signed with its key."""
    clock = SystemClock()
    keys = await KeyRing.open(HubAuthStore(database, Sealer(())), clock.now)
    made = TokenIssuer(issuer, keys, clock.now, timedelta(hours=1))
    return made.issue(PERSON, "portal", ("openid",), ("citizen",))


class Readers:
    """All subscriptions, read all the time as a browser does; ``arrived`` counts by the receipt number."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.lost: list[str] = []

    async def open(
        self, session: aiohttp.ClientSession, url: str, token: str, number: int, tasks: set[Any]
    ) -> None:
        """All of them, some at a time; each has been acknowledged and has its first answer."""
        turns, address = asyncio.Semaphore(AT_ONCE), f"{url.replace('http', 'ws', 1)}/graphql"

        async def open_one() -> None:
            async with turns:
                socket = await session.ws_connect(address, protocols=("graphql-transport-ws",), compress=15)
                hello = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
                await socket.send_json(hello)
                await socket.receive_json()
                await socket.send_json({"type": "subscribe", "id": "1", "payload": {"query": SUBSCRIBE}})
                self._take(await socket.receive_json())
            tasks.add(asyncio.create_task(self._read(socket)))

        await asyncio.gather(*(open_one() for _ in range(number)))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            self._take(message.json())
        self.lost.append(str(socket.close_code))

    def _take(self, told: dict[str, Any]) -> None:
        if told["type"] != "next":
            self.lost.append(str(told))
        else:
            self.arrived[told["payload"]["data"]["caseChanged"]["receiptNumber"]] += 1


async def _file(cases: Cases) -> str:
    later = SystemClock().now() + timedelta(hours=1)
    person = Actor(PERSON, "portal", frozenset(), frozenset({"citizen"}), later)
    return (await cases.submit_case(person, Submission(ITEM, FORM))).receipt_number


async def _time_of_an_event(cases: Cases, readers: Readers, number: int) -> float:
    """Seconds from the commit to the last receipt."""
    receipt, began = await _file(cases), time.perf_counter()
    async with asyncio.timeout(300):
        while readers.arrived[receipt] < number:
            if readers.lost:
                raise SystemExit(f"bench: {len(readers.lost)} subscriptions ended, such as {readers.lost[0]}")
            await asyncio.sleep(0.02)
    return time.perf_counter() - began


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.subscriptions", description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=5000)
    parser.add_argument("--events", type=int, default=5)
    given = parser.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    found = asyncio.run(measure(given.subscriptions, given.events))
    print(json.dumps(found))
    slowest = max(found["seconds_to_reach_all"])
    print(
        f"subscriptions: {found['subscriptions']} in {found['megabytes_idle']} MB"
        f" ({found['kilobytes_each']} KB each), an event reaches all in {slowest} s"
    )


if __name__ == "__main__":
    main()
