"""S18 where the hostile department is a database, or whoever sits behind a queue: nobody else's fields change."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from connectors.broker import Delivery, Message
from connectors.clock import SystemClock
from connectors.connector import Connector
from connectors.embedded import EmbeddedBroker
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.queue_messages import RESPONSE
from connectors.sql import SqlConnector
from connectors.topology import reply_address, requests_queue
from hub.gateway import Gateway, GraphQLRequest, GraphState
from schema.composition import compose
from schema.subgraph import Subgraph
from tests.connectors.message_fixtures import DEPARTMENT, embedded_broker
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import AllowAll, citizen, identities_of
from tests.security.test_s18_hostile_answers import (
    ASKED,
    CANARY,
    FIELDS,
    GRAPHQL_BODIES,
    HONEST,
    PEOPLE,
    ROWS,
    SCORES,
)

MAPPED = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
    + '@link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlSource", "@sqlConnect"])\n'
    + '@sqlSource(name: "s")\nscalar JSON\nenum Rank { HIGH LOW }\ntype Badge { text: String }\n'
    + 'type Person @key(fields: "id") @sqlConnect('
    + 'select: "SELECT * FROM scores WHERE id IN {$batch.id} OR 1 = 1", '
    + 'selection: "id score ratio note more: more->jsonParse tags rank badge { text }") '
    + f"{{ id: ID! {FIELDS} }}"
)
SEVEN = {
    *("dunder columns", "another's row beside", "other people's fields", "a wrong type name"),
    *("no JSON", "deep JSON", "NaN in JSON"),
}
"""Where the row of the one who was asked for is there, and its number is one."""
DEEP = "[" * 5_000 + "]" * 5_000
VIEWS = {
    "dunder columns": f"SELECT '1' AS id, 7 AS score, '{CANARY}' AS \"__proto__\", '{CANARY}' AS \"__class__\"",
    "another's row beside": f"SELECT '2' AS id, 9 AS score, '{CANARY}' AS note UNION ALL SELECT '1', 7, NULL",
    "only another's row": f"SELECT '2' AS id, 9 AS score, '{CANARY}' AS note",
    "a row of nobody": f"SELECT NULL AS id, 9 AS score, '{CANARY}' AS note",
    "the key as a list": f"SELECT '[1]' AS id, 9 AS score, '{CANARY}' AS note",
    "other people's fields": f"SELECT '1' AS id, 7 AS score, '{CANARY}' AS name, 99 AS age",
    "a wrong type name": f"SELECT '1' AS id, 7 AS score, '{CANARY}' AS __typename",
    "no columns of ours": f"SELECT '1' AS id, '{CANARY}' AS other",
    "text for a number": f"SELECT '1' AS id, '{CANARY}' AS score",
    "a fraction for a number": "SELECT '1' AS id, 7.5 AS score",
    "a number out of range": "SELECT '1' AS id, 2147483648 AS score",
    "infinity": "SELECT '1' AS id, 9e999 AS ratio",
    "minus infinity": "SELECT '1' AS id, -9e999 AS ratio",
    "bytes": "SELECT '1' AS id, x'ff00fe' AS note",
    "bytes for a number": "SELECT '1' AS id, x'37' AS score",
    "text for an object": f"SELECT '1' AS id, '{CANARY}' AS badge",
    "text for a list": f"SELECT '1' AS id, '{CANARY}' AS tags",
    "no member of the enum": f"SELECT '1' AS id, '{CANARY}' AS rank",
    "deep JSON": f"SELECT '1' AS id, 7 AS score, '{DEEP}' AS more",
    "NaN in JSON": "SELECT '1' AS id, 7 AS score, '[NaN]' AS more",
    "no JSON": f"SELECT '1' AS id, 7 AS score, '{{{CANARY}' AS more",
    "a nul": "SELECT '1' AS id, 'a' || char(0) || 'b' AS note",
    "no rows": "SELECT '1' AS id, 7 AS score WHERE 0",
    "thousands of rows": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
    "SELECT CAST(i AS TEXT) AS id, 7 AS score FROM n",
}


async def told(scores: Connector, sdl: str) -> dict[str, Any]:
    """What a client gets of an honest department and of this one, as the JSON that it is sent."""
    found = compose((Subgraph("people", PEOPLE, ""), Subgraph("scores", sdl, "")))
    assert found.supergraph is not None, found.errors
    people = FakeDepartment({"me": {"__typename": "Person", **HONEST}})
    gateway = Gateway(AllowAll(), identities_of, clock=SystemClock())
    gateway.publish(GraphState(found.supergraph, {"people": people, "scores": scores}, {}, 1))
    answers = [await gateway.answer(GraphQLRequest(ASKED), citizen()) for _ in range(3)]
    bodies = [json.loads(msgspec.json.encode(each.payload())) for each in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    return cast("dict[str, Any]", bodies[0])


def unharmed(body: dict[str, Any]) -> dict[str, Any]:
    """The row, of which what the honest department said is as it said it."""
    me: dict[str, Any] = body["data"]["me"]
    assert {name: me[name] for name in HONEST} == HONEST
    assert list(me) == ["id", "name", "age", "score", "ratio", "note", "more", "tags", "rank", "badge"]
    assert CANARY not in json.dumps(body)
    codes = {error["extensions"]["code"] for error in body.get("errors", [])}
    assert all(code.startswith("DEPARTMENT_") for code in codes), codes
    return me


@pytest.mark.parametrize("name", VIEWS)
async def test_a_database_of_the_table_harms_nobody(name: str, tmp_path: Path) -> None:
    """Rows that were not asked for, columns that are not ours, values of any kind."""
    with sqlite3.connect(tmp_path / "register.db") as database:
        database.execute(f"CREATE VIEW scores AS {VIEWS[name]}")
    database.close()
    connector = SqlConnector("scores", MAPPED, f"sqlite:///{tmp_path / 'register.db'}")
    try:
        me = unharmed(await told(connector, MAPPED))
    finally:
        await connector.close()
    if name != "thousands of rows":
        assert me["score"] == (7 if name in SEVEN else None)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    async with embedded_broker(tmp_path / "broker.db") as opened:
        yield opened


def sayable() -> dict[str, Any]:
    """What of the tables fits into a message: the rest is no JSON and reaches no agent's reply."""
    bodies = {name: f'{{"data": {{"_entities": [{row}]}}}}' for name, row in ROWS.items()} | GRAPHQL_BODIES
    found: dict[str, Any] = {}
    for name, body in bodies.items():
        try:
            found[name] = msgspec.json.decode(body)
            json.dumps(found[name], allow_nan=False).encode()
        except (msgspec.DecodeError, ValueError, RecursionError):
            found.pop(name, None)
    more = {
        "a failure of a code that is none": {"failure": {"code": f"<{CANARY}>", "message": "no"}},
        "a failure without anything": {"failure": None},
        "a failure as text": {"failure": CANARY},
        "no object": [CANARY],
        "text": CANARY,
        "nothing": None,
    }
    return found | more


SAYABLE = sayable()


@pytest.mark.parametrize("name", SAYABLE)
async def test_a_reply_of_the_table_harms_nobody(name: str, broker: EmbeddedBroker) -> None:
    """An agent may be anybody's program: it says what it likes, under the right correlation id."""
    replies = Replies(broker, "one")
    await replies.open()

    async def reply(delivery: Delivery) -> None:
        asked = delivery.message
        message = Message(
            f"r-{asked.id}", RESPONSE, DEPARTMENT, asked.time, SAYABLE[name], correlation_id=asked.correlation_id
        )
        await broker.publish(reply_address(DEPARTMENT, "one"), message, durable=False)
        await delivery.acknowledge()

    consuming = await broker.consume(requests_queue(DEPARTMENT), reply)
    connector = MessageQueueConnector(
        DEPARTMENT, broker, replies, sdl=SCORES, clock=SystemClock(), deadline=timedelta(seconds=20)
    )
    try:
        unharmed(await told(connector, SCORES))
    finally:
        await consuming.cancel()
        await replies.close()


def test_most_of_the_table_is_said_to_the_queue() -> None:
    """None is lost by being left out."""
    assert len(SAYABLE) > 45
