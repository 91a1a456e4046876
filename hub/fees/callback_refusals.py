"""Payment callbacks that were not believed: counted by the minute and the fault, so that a flood leaves few rows.

Nothing of what such a call says is kept but a digest of the last one, by which others find it in their logs.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import SQLModel, col, select

from auth.actor import Actor
from connectors.clock import Clock
from hub.doors.signed_callback import CallbackFault
from hub.people.who import may_keep_fees
from hub.storage.database import Database
from hub.storage.insertion import add_up
from hub.storage.joined_writes import JoinedWrites
from hub.tables.fee import PaymentCallbackRefusalRow
from schema.errors import DomainError, RuntimeCode

MAXIMUM_SHOWN = 100


@dataclass(frozen=True, slots=True)
class CallbackRefusal:
    """How often callbacks had this fault in one minute, and the SHA-256 of the last body."""

    minute: datetime
    fault: CallbackFault
    count: int
    body_digest: str


class RefusalCounts:
    """Refusals by the minute and the fault, in one table. Anybody can have calls refused: those that come while
    some are written are written together, so that a flood holds one connection to the database."""

    def __init__(self, database: Database, table: type[SQLModel]) -> None:
        self._database = database
        self._table = table
        self._writes: JoinedWrites[tuple[datetime, CallbackFault, str]] = JoinedWrites(self._write)

    async def note(self, fault: CallbackFault, body: bytes, now: datetime) -> None:
        """One more of this fault in this minute."""
        digest = hashlib.sha256(body).hexdigest()
        await self._writes.add([(now.replace(second=0, microsecond=0), fault, digest)])

    async def _write(self, refusals: Sequence[tuple[datetime, CallbackFault, str]]) -> None:
        counts = Counter((minute, fault) for minute, fault, _ in refusals)
        last = {(minute, fault): digest for minute, fault, digest in refusals}
        rows = [
            {"minute": minute, "reason": fault, "count": number, "body_digest": last[minute, fault]}
            for (minute, fault), number in counts.items()
        ]
        async with self._database.transaction() as session:
            await add_up(session, self._table, rows, added=["count"], replaced=["body_digest"])


class CallbackRefusals:
    def __init__(self, database: Database, clock: Clock, finance_department: str) -> None:
        self._database = database
        self._clock = clock
        self._finance = finance_department
        self._counts = RefusalCounts(database, PaymentCallbackRefusalRow)

    async def note(self, fault: CallbackFault, body: bytes) -> None:
        await self._counts.note(fault, body, self._clock.now())

    async def newest(self, actor: Actor) -> tuple[CallbackRefusal, ...]:
        """For those who keep the fees."""
        if not may_keep_fees(actor, self._finance):
            raise DomainError(RuntimeCode.FORBIDDEN, "Only who keeps the fees may see refused callbacks.")
        statement = (
            select(PaymentCallbackRefusalRow)
            .order_by(col(PaymentCallbackRefusalRow.minute).desc(), col(PaymentCallbackRefusalRow.reason))
            .limit(MAXIMUM_SHOWN)
        )
        async with self._database.reading() as session:
            rows = (await session.exec(statement)).all()
        return tuple(
            CallbackRefusal(row.minute, CallbackFault(row.reason), row.count, row.body_digest) for row in rows
        )
