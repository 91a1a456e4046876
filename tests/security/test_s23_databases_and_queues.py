"""S23 behind a queue and before a database: a value stays a value, and no header of a client travels."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from connectors.addresses import AddressRule
from connectors.broker import Delivery
from connectors.clock import SystemClock
from connectors.connector import FetchRequest, RequestContext
from connectors.embedded import EmbeddedBroker
from connectors.http_client import HttpClient
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.request_handler import RequestHandler
from connectors.rest import RestConnector
from connectors.sql import SqlConnector
from connectors.topology import requests_queue
from tests.connectors.message_fixtures import DEPARTMENT, embedded_broker
from tests.security.test_s23_header_smuggling import EVIL, PLACES, SDL, SENT, Wire, _check_request, wire

__all__ = ["wire"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
CLOCK = SystemClock()
LONG = timedelta(seconds=20)
HEAD = """extend schema
  @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlSource", "@sqlConnect"]) @sqlSource(name: "s")
"""
ECHO = (
    HEAD
    + """type Query {
  echo(v: String): String @sqlConnect(select: "SELECT {$args.v} AS v", selection: "$.v")
  among(v: [String]): [Row!] @sqlConnect(select: "SELECT v FROM words WHERE v IN ({$args.v})", selection: "v")
  like(v: String): [Row!] @sqlConnect(select: "SELECT v FROM words WHERE v LIKE {$args.v}", selection: "v")
}
type Row { v: String }
"""
)
SPLICES = (
    "'", "''", "' OR '1'='1", "'; DROP TABLE words; --", "x' UNION SELECT 'evil' --", "\\'; DROP TABLE words",
    "1); ATTACH DATABASE '/tmp/evil' AS e; --", '" OR 1=1 --', "`", "/*", "--", "\x1a", ":v", "?1", "%s",
    "load_extension('evil')", "a\0' OR 1=1 --",
)  # fmt: skip


@pytest_asyncio.fixture(loop_scope="module")
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    async with embedded_broker(tmp_path / "broker.db") as opened:
        yield opened


@pytest.mark.parametrize("place", PLACES)
async def test_a_value_that_travelled_through_a_queue_stays_where_the_mapping_puts_it(
    place: str, wire: Wire, broker: EmbeddedBroker
) -> None:
    """The agent's own requests are as narrow as the hub's: what its system gets is read byte by byte."""
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True), proxies={})
    system = RestConnector(DEPARTMENT, SDL.replace("BASE", f"http://127.0.0.1:{wire.port}"), client)
    handler = RequestHandler(DEPARTMENT, system, broker, CLOCK, is_repeatable=True)
    consuming = await broker.consume(requests_queue(DEPARTMENT), handler.handle)
    replies = Replies(broker, "one")
    await replies.open()
    connector = MessageQueueConnector(DEPARTMENT, broker, replies, sdl=SDL, clock=CLOCK, deadline=LONG)
    for value in EVIL:
        before = len(wire.came)
        asked = FetchRequest(f"query($v: String) {{ {place}(v: $v) }}", {"v": value}, timeout=LONG)
        response = await connector.fetch(asked)
        if response.errors:
            assert [each["extensions"]["code"] for each in response.errors] == ["BAD_USER_INPUT"], (
                value,
                response,
            )
            assert len(wire.came) == before, value
            continue
        assert len(wire.came) == before + 1, value
        _check_request(place, value, wire.came[-1])
    await consuming.cancel()
    await replies.close()
    await client.close()


async def test_no_header_of_a_client_is_in_a_message(broker: EmbeddedBroker) -> None:
    """Neither what it named, nor what whoever runs the engine lets go on to others."""
    heard: list[str] = []

    async def hear(delivery: Delivery) -> None:
        message = delivery.message
        heard.append(
            json.dumps([message.data, message.traceparent, message.partition_key, message.source]).lower()
        )
        await delivery.acknowledge()

    consuming = await broker.consume(requests_queue(DEPARTMENT), hear)
    replies = Replies(broker, "one")
    await replies.open()
    connector = MessageQueueConnector(DEPARTMENT, broker, replies, sdl=SDL, clock=CLOCK, deadline=LONG)
    headers = {name.lower(): value for name, value in SENT.items()}
    context = RequestContext(actor="opaque", headers=headers)
    request = FetchRequest("{ a }", context=context, timeout=timedelta(seconds=0.5))
    with pytest.raises(Exception, match="DEPARTMENT_TIMEOUT"):
        await connector.fetch(request)
    assert len(heard) == 1
    assert "opaque" in heard[0]
    for canary in ("mallory", "canary", "session=1", "x-user", "override", "cookie"):
        assert canary not in heard[0]
    await consuming.cancel()
    await replies.close()


async def test_a_value_in_a_statement_is_bound_and_nothing_else(tmp_path: Path) -> None:
    """It comes back as it went, finds itself alone, and no statement but ours is run."""
    path = tmp_path / "words.db"
    values = [value for value in (*EVIL, *SPLICES) if value != "\ud800"]
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE words (v TEXT)")
        database.executemany("INSERT INTO words VALUES (?)", [("secret",), *((value,) for value in values)])
    database.close()
    connector = SqlConnector("words", ECHO, f"sqlite:///{path}")
    for value in values:
        asked = FetchRequest(
            "query($v: String, $l: [String]) { echo(v: $v) among(v: $l) { v } like(v: $v) { v } }",
            {"v": value, "l": [value, "nobody"]},
            timeout=LONG,
        )
        answer = await connector.fetch(asked)
        assert not answer.errors, (value, answer)
        assert answer.data is not None
        assert answer.data["echo"] == value
        assert answer.data["among"] == [{"v": value}]
        assert {"v": "secret"} not in answer.data["like"]
    half = await connector.fetch(FetchRequest("query($v: String) { echo(v: $v) }", {"v": "\ud800"}, timeout=LONG))
    assert [each["extensions"]["code"] for each in half.errors] == ["BAD_USER_INPUT"]
    await connector.close()
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM words").fetchone() == (len(values) + 1,)
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("words",)]
    database.close()
    assert [each.name for each in tmp_path.iterdir()] == ["words.db"]
