"""Readers that are cut off at random come back with their cursor, to either of two hubs, and miss nothing.

Over Server-Sent Events by ``Last-Event-ID``, over WebSocket by ``extensions.cursor``.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from auth.actor import Actor
from auth.keys import KeyRing
from auth.tokens import TokenIssuer
from connectors.clock import SystemClock
from hub.cases.case_filing import Submission
from hub.cases.cases import Cases
from hub.catalogue.catalogue import CatalogueStore
from hub.keys.sealing import Sealer
from hub.people.auth_store import HubAuthStore
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from schema.domain.identity_document import IdentityDocument
from tests.cli.conftest import hub_in

PERSON = "citizen-of-the-test"
SUBSCRIBE = "subscription { caseChanged { receiptNumber } }"
SUBMISSION = Submission("CA-MARRIAGE-RECORD", {"purpose": "loan", "copies": 1})
CASES = 40
CLOCK = SystemClock()


class Registered:
    """Everybody is in the register."""

    async def identity_of(self, subject: str) -> str | None:
        return "11010519491231002X"

    async def subject_of(self, id_number: str) -> str | None:
        return None

    async def documents_of(self, subject: str) -> tuple[IdentityDocument, ...]:
        return ()

    async def introduced(self, id_number: str) -> str | None:
        return await self.subject_of(id_number)


@dataclass(frozen=True, slots=True)
class Hubs:
    """Two processes over one database."""

    urls: tuple[str, str]
    database_url: str


@pytest.fixture(scope="module")
def hubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hubs]:
    folder: Path = tmp_path_factory.mktemp("hubs")
    shared = {"JIYI_DATABASE_URL": f"sqlite:///{folder / 'hub.db'}"}
    with hub_in(folder, **shared) as one, hub_in(folder, **shared) as other:
        yield Hubs((one, other), shared["JIYI_DATABASE_URL"])


@pytest.fixture
async def database(hubs: Hubs) -> AsyncIterator[Database]:
    made = Database(hubs.database_url)
    yield made
    await made.close()


@pytest.fixture
async def tokens(hubs: Hubs, database: Database) -> dict[str, str]:
    """By the hub's address, which is the issuer's name."""
    keys = await KeyRing.open(HubAuthStore(database, Sealer(())), CLOCK.now)
    issuers = {url: TokenIssuer(url, keys, CLOCK.now, timedelta(minutes=10)) for url in hubs.urls}
    return {url: each.issue(PERSON, "portal", ("openid",), ("citizen",)) for url, each in issuers.items()}


async def by_events(
    session: aiohttp.ClientSession, url: str, token: str, cursor: str | None
) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
    """Cursor and payload of each event."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}"}
    if cursor is not None:
        headers["Last-Event-ID"] = cursor
    async with session.post(f"{url}/graphql", json={"query": SUBSCRIBE}, headers=headers) as answer:
        assert answer.status == 200
        identifier = ""
        async for line in answer.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                identifier = value
            elif name == "data" and value:
                yield identifier, json.loads(value)


async def by_websocket(
    session: aiohttp.ClientSession, url: str, token: str, cursor: str | None
) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
    address, protocols = f"{url.replace('http', 'ws', 1)}/graphql", ("graphql-transport-ws",)
    async with session.ws_connect(address, protocols=protocols) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        await socket.receive_json()
        extensions = {} if cursor is None else {"cursor": cursor}
        payload = {"query": SUBSCRIBE, "extensions": extensions}
        await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
        async for message in socket:
            told = message.json()
            assert told["type"] == "next", told
            yield told["payload"]["extensions"]["cursor"], told["payload"]


class Reader:
    """Follows from a cursor; each connection lives for a random time, then is cut wherever it is."""

    def __init__(
        self, transport: Any, hubs: Hubs, tokens: dict[str, str], dice: random.Random, cursor: str
    ) -> None:
        self.seen: set[str] = set()
        self.connections = 0
        self._transport = transport
        self._hubs = hubs
        self._tokens = tokens
        self._dice = dice
        self._cursor = cursor

    async def run(self, wanted: set[str]) -> None:
        async with aiohttp.ClientSession() as session:
            while not wanted or not self.seen >= wanted:
                self.connections += 1
                url = self._dice.choice(self._hubs.urls)
                try:
                    async with asyncio.timeout(self._dice.uniform(0.05, 1.5)):
                        await self._read(session, url)
                except TimeoutError:
                    continue

    async def _read(self, session: aiohttp.ClientSession, url: str) -> None:
        async with aclosing(self._transport(session, url, self._tokens[url], self._cursor)) as events:
            async for cursor, payload in events:
                assert "errors" not in payload, payload
                assert "gap" not in payload["extensions"]
                self.seen.add(payload["data"]["caseChanged"]["receiptNumber"])
                self._cursor = cursor


@pytest.mark.timeout(240)
@pytest.mark.parametrize("transport", [by_events, by_websocket])
async def test_a_reader_that_is_cut_off_again_and_again_misses_nothing(
    hubs: Hubs, database: Database, tokens: dict[str, str], transport: Any
) -> None:
    """Whichever process it comes back to: at least once each, though cases are filed all the while."""
    seed = random.SystemRandom().randrange(10**6)
    sys.stdout.write(f"seed {seed}\n")
    dice = random.Random(seed)
    expires = CLOCK.now() + timedelta(hours=1)
    person = Actor(PERSON, "portal", frozenset(), frozenset({"citizen"}), expires)
    cases = Cases(database, CatalogueStore(database, CLOCK), Registered(), CLOCK, Wakeups())
    first = await cases.submit_case(person, SUBMISSION)
    async with (
        asyncio.timeout(30),
        aiohttp.ClientSession() as session,
        aclosing(transport(session, hubs.urls[0], tokens[hubs.urls[0]], None)) as events,
    ):
        cursor, payload = await anext(events)
    assert payload["data"]["caseChanged"]["receiptNumber"] == first.receipt_number, "the first value, at once"

    wanted: set[str] = set()
    reader = Reader(transport, hubs, tokens, dice, cursor)
    reading = asyncio.create_task(reader.run(wanted))
    filed = set()
    for _ in range(CASES):
        filed.add((await cases.submit_case(person, SUBMISSION)).receipt_number)
        await asyncio.sleep(dice.uniform(0, 0.1))
    wanted |= filed
    async with asyncio.timeout(120):
        await reading
    assert reader.seen >= filed
    assert reader.connections > 1


async def test_a_reader_whose_past_is_gone_is_told_of_the_gap(hubs: Hubs, tokens: dict[str, str]) -> None:
    """With how things stand now, so that it can read again what it holds."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        for transport in (by_events, by_websocket):
            async with aclosing(transport(session, hubs.urls[1], tokens[hubs.urls[1]], "999999999")) as events:
                cursor, payload = await anext(events)
            assert payload["extensions"]["gap"] is True
            assert payload["data"]["caseChanged"]["receiptNumber"]
            assert int(cursor) < 999999999
