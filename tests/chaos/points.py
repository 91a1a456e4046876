"""Points between two steps that must not come apart, and a gate in the database at which a process waits there.

A trigger on the row that a step writes takes an advisory lock. While the gate is shut, whoever comes to the point
waits inside its transaction; who that is tells the name that each process gives to the database, so that it can be
killed exactly there. Nothing of ours knows of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg

PATIENCE_SECONDS = 10.0
Connection = psycopg.AsyncConnection[tuple[object, ...]]
_LOCK_SPACE = 7263


@dataclass(frozen=True, slots=True)
class Point:
    """A row that is written: in which table, by what, and under which condition on the row.

    ``until`` is the share of the way up to which somebody surely comes there.
    """

    number: int
    table: str
    event: str
    when: str = "true"
    until: float = 0.9


POINTS: Mapping[str, Point] = {
    "case filed, not committed": Point(1, "service_case", "INSERT", until=0.4),
    "command decided, not committed": Point(2, "outbox", "INSERT"),
    "message claimed, not committed": Point(
        3, "outbox", "UPDATE", "NEW.published_at IS NULL AND NEW.attempts > OLD.attempts"
    ),
    "message sent, not noted": Point(
        4, "outbox", "UPDATE", "OLD.published_at IS NULL AND NEW.published_at IS NOT NULL AND NEW.outcome IS NULL"
    ),
    "outcome heard, not committed": Point(5, "outbox", "UPDATE", "NEW.outcome IS NOT NULL"),
    "event seen, its effect not committed": Point(6, "inbox_seen", "INSERT"),
    "case moved, not committed": Point(7, "service_case", "UPDATE", "NEW.version > OLD.version"),
    "payment made at the cashier, not noted": Point(
        8, "payment", "UPDATE", "OLD.number IS NULL AND NEW.number IS NOT NULL", until=0.7
    ),
    "money arrived, not committed": Point(9, "payment", "UPDATE", "OLD.state <> 'PAID' AND NEW.state = 'PAID'"),
    "refund decided, not committed": Point(10, "refund", "INSERT", until=0.6),
    "refund made at the cashier, not noted": Point(
        11, "refund", "UPDATE", "OLD.state = 'ORDERED' AND NEW.state = 'DONE'", until=0.6
    ),
    "receipt numbered, not committed": Point(
        12, "fee_receipt", "UPDATE", "OLD.number IS NULL AND NEW.number IS NOT NULL", until=0.7
    ),
    "money held, not committed": Point(
        14, "payment", "UPDATE", "OLD.state <> 'AUTHORISED' AND NEW.state = 'AUTHORISED'", until=0.6
    ),
    "capture or void decided, not committed": Point(15, "hold_command", "INSERT", until=0.6),
    "hold taken or let go at the cashier, not noted": Point(
        16, "hold_command", "UPDATE", "OLD.state = 'ORDERED' AND NEW.state <> 'ORDERED'", until=0.6
    ),
    "time booked, not committed": Point(13, "appointment", "INSERT", until=0.4),
}


class Gate:
    """Made once for a database (``build``); shut at one point at a time (``holding``)."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def build(self) -> None:
        """The triggers of all points. Raises ``psycopg.Error`` where a table or column is not there any more."""
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(
                "CREATE OR REPLACE FUNCTION chaos_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" PERFORM pg_advisory_xact_lock_shared({_LOCK_SPACE}, TG_ARGV[0]::int); RETURN NULL; END $$"
            )
            for point in POINTS.values():
                statement = (
                    f"CREATE TRIGGER chaos_{point.number} AFTER {point.event} ON {point.table} FOR EACH ROW"
                    f" WHEN ({point.when}) EXECUTE FUNCTION chaos_gate({point.number})"
                )
                await connection.execute(statement.encode())

    @asynccontextmanager
    async def holding(self, point: Point) -> AsyncIterator[str | None]:
        """The name of a process that waits at the point now; ``None`` when nobody came in time."""
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute("SELECT pg_advisory_lock(%s, %s)", (_LOCK_SPACE, point.number))
            try:
                yield await self._who_waits(connection, point)
            finally:
                await connection.execute("SELECT pg_advisory_unlock(%s, %s)", (_LOCK_SPACE, point.number))

    async def _who_waits(self, connection: Connection, point: Point) -> str | None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + PATIENCE_SECONDS
        statement = (
            "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'"
            " AND NOT granted AND classid = %s AND objid = %s LIMIT 1"
        )
        while loop.time() < ends:
            found = await (await connection.execute(statement, (_LOCK_SPACE, point.number))).fetchone()
            if found is not None:
                return str(found[0])
            await asyncio.sleep(0.02)
        return None
