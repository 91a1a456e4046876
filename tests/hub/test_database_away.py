"""A database without a connection left is told as such: SERVICE_UNAVAILABLE, and the request comes again."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import exc, text

from auth.access_log import AccessRecord
from hub.people.auth_store import HubAuthStore
from hub.storage import database as database_module
from hub.storage.change_feed import Change, ChangeFeed, ChangeKind, Interest, give_positions
from hub.storage.database import CONNECTIONS, Database, is_away, is_passing
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, FREE, World

pytestmark = pytest.mark.postgresql
SUBMIT = "mutation ($input: SubmitCaseInput!) { submitCase(input: $input) { state } }"
CASE = {"itemCode": "CA-SENIOR-CARD", "form": {"delivery": "post"}, "idempotencyKey": "once"}
READ = "{ me { cases { state } } }"


@asynccontextmanager
async def all_in_use(database: Database) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            session = await stack.enter_async_context(database.reading())
            await session.connection()
        yield


async def test_with_the_pool_used_up_filing_is_unavailable_and_succeeds_later(
    emptied_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many at once too: none waits for the others, and nothing of any of them is kept."""
    monkeypatch.setattr(database_module, "LONGEST_WAIT_SECONDS", 0.2)
    database = Database(emptied_postgresql)
    try:
        world = World(database)
        graph = Graph(world)
        await world.catalogue.current()
        async with all_in_use(database):
            crowd = [graph.refused(SUBMIT, ANNA, input={**CASE, "idempotencyKey": f"k{n}"}) for n in range(3)]
            told = await asyncio.gather(graph.refused(SUBMIT, ANNA, input=CASE), *crowd)
            assert told == [["SERVICE_UNAVAILABLE"]] * 4
            assert await graph.refused(READ, ANNA) == ["SERVICE_UNAVAILABLE"]
        assert await graph.ask(SUBMIT, ANNA, input=CASE) == {"submitCase": {"state": "SUBMITTED"}}
        assert len((await graph.ask(READ, ANNA))["me"]["cases"]) == 1
    finally:
        await database.close()


async def test_with_the_pool_used_up_subscribers_are_told_all_the_same(emptied_postgresql: str) -> None:
    """What changed, how it stands then, and that it was read: none of it queues behind requests."""
    database = Database(emptied_postgresql)
    try:
        world = World(database)
        feed = ChangeFeed(database.apart, world.wakeups)
        async with feed:
            following = feed.follow(Interest(ANNA.subject, ChangeKind.CASE))
            await anext(following)
            case = await world.cases.submit_case(ANNA, FREE)
            async with database.transaction() as session:
                await give_positions(session)
            async with all_in_use(database), asyncio.timeout(5):
                told = await anext(following)
                assert isinstance(told, Change)
                current = await world.cases.at_version(told.subject, told.version)
                record = AccessRecord("anna", "app", "anna", "query", (), (), world.clock.now(), "")
                await HubAuthStore(database).write_access([record])
        assert current is not None
        assert current.receipt_number == case.receipt_number
    finally:
        await database.close()


async def test_with_the_servers_connections_used_up_it_is_unavailable_too(emptied_postgresql: str) -> None:
    """The server refuses one more: here as it does for a role that may have none."""
    role = f"jiyi_{token_hex(4)}"
    with psycopg.connect(emptied_postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x' CONNECTION LIMIT 0".encode())
        try:
            parts = urlsplit(emptied_postgresql)
            place = parts.netloc.rpartition("@")[2]
            database = Database(parts._replace(netloc=f"{role}:x@{place}").geturl())
            graph = Graph(World(database))
            assert await graph.refused(SUBMIT, ANNA, input=CASE) == ["SERVICE_UNAVAILABLE"]
            await database.close()
        finally:
            connection.execute(f"DROP ROLE {role}".encode())


async def test_what_is_wrong_with_a_statement_does_not_pass(emptied_postgresql: str) -> None:
    """To try it again would not help: it stays a fault of ours."""
    database = Database(emptied_postgresql)
    try:
        for statement, passes, away in (
            ("SELECT * FROM nowhere", False, False),
            ("DO $$ BEGIN RAISE deadlock_detected; END $$", True, False),
            ("DO $$ BEGIN RAISE too_many_connections; END $$", True, True),
            ("DO $$ BEGIN RAISE unique_violation; END $$", False, False),
        ):
            error = await _raised(database, statement)
            assert (is_passing(error), is_away(error)) == (passes, away), statement
    finally:
        await database.close()


async def _raised(database: Database, statement: str) -> Any:
    with pytest.raises(exc.DBAPIError) as raised:
        async with database.transaction() as session:
            await (await session.connection()).execute(text(statement))
    return raised.value


@pytest.mark.parametrize(("said", "milliseconds"), [("", 30_000), ("?tcp_user_timeout=5000", 5_000)])
async def test_a_connection_on_which_nothing_comes_is_given_up(
    said: str, milliseconds: int, emptied_postgresql: str
) -> None:
    """A firewall that forgot it, a host without power: no end is told, and nobody waits for hours."""
    database = Database(emptied_postgresql + said)
    try:
        async with database.reading() as session:
            raw = await (await session.connection()).get_raw_connection()
            connection = raw.driver_connection
            assert isinstance(connection, psycopg.AsyncConnection)
            with socket.socket(fileno=os.dup(connection.fileno())) as opened:
                assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == milliseconds
                assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15
    finally:
        await database.close()
