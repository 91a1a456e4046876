"""Tickets: made with their command in one transaction, moved by what the relay and the department's side say.

Rows are locked in one order, outbox before ticket, so that a cancellation, the sending and an outcome that meet
wait for each other and never both. Source: docs/spec/durable.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from auth.actor import Actor
from connectors import topology
from connectors.broker import Message
from connectors.clock import Clock
from connectors.connector import FetchRequest, RequestContext
from connectors.queue_messages import COMMAND, request_data
from hub.durable.rows import PURPOSE, lane_of, locked, move, tell, ticket_of
from hub.messages import outbox
from hub.people.who import may_see, operator, signed_in
from hub.storage.database import Database
from hub.storage.forgetting import forget_old
from hub.storage.insertion import insert_if_absent
from hub.storage.wakeups import Wakeups
from hub.tables.ticket import TicketKeyRow, TicketRow
from schema.domain.ticket import KEPT_FOR, KEY_HOLDS_FOR, Outcome, Ticket, TicketError, TicketMove, TicketState
from schema.errors import DomainError, RuntimeCode

HUB_SOURCE = "hub"
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class RequestKey:
    """``part`` tells the requests apart that were made together under one ``key``."""

    key: str
    part: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class DurableRequest:
    """A mutation to be executed by a department when it can."""

    subgraph: str
    department: str
    field: str
    query: str
    variables: Mapping[str, Any]
    operation_name: str
    expires_after: timedelta | None = None
    key: RequestKey | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class TicketResult:
    """What is kept of a department's answer, for whoever may read it."""

    subgraph: str
    field: str
    result: Any


class Tickets:
    """Every method that is asked by a client checks whose the ticket is."""

    def __init__(self, database: Database, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups

    async def accept(self, actor: Actor, request: DurableRequest) -> Ticket:
        """A new ticket with its command; or the one that the key stands for already.

        Raises ``DomainError`` IDEMPOTENCY_KEY_REUSED where the key stands for something else.
        """
        async with self._database.transaction() as session:
            now = self._clock.now()
            known = await self._known(session, actor.subject, request.key, now) if request.key else None
            if known is not None:
                return ticket_of(known)
            row = _row(actor.subject, request, now)
            session.add(row)
            await session.flush()
            _put_command(session, row, request, now)
            tell(session, row, now)
        self._wakeups.outbox.set()
        return ticket_of(row)

    async def known(self, actor: Actor, key: RequestKey) -> Ticket | None:
        """The ticket that the key stands for, where no new one can be had. Raises as :meth:`accept`."""
        async with self._database.reading() as session:
            holder = await session.get(TicketKeyRow, (actor.subject, key.key))
            if holder is None or holder.at <= self._clock.now() - KEY_HOLDS_FOR:
                return None
            found = await _of_key(session, holder, key)
        return ticket_of(found) if found else None

    async def ticket(self, id: str, actor: Actor | None) -> Ticket | None:
        """An own ticket; ``None`` for another's, as for one that never was."""
        row = await self._own(id, signed_in(actor))
        return ticket_of(row) if row else None

    async def result(self, id: str, actor: Actor | None) -> TicketResult | None:
        """The department's answer to an own request, as far as it came."""
        row = await self._own(id, actor) if actor else None
        return TicketResult(row.subgraph, row.field, row.result) if row else None

    async def fields_of(self, ids: Sequence[str]) -> Mapping[str, str]:
        """By id, the mutations that tickets are of. That alone says nothing of a person."""
        wanted = select(col(TicketRow.id), col(TicketRow.field)).where(col(TicketRow.id).in_(sorted(set(ids))))
        async with self._database.reading() as session:
            return dict((await session.exec(wanted)).all())

    async def mine(
        self, actor: Actor | None, first: int, before: int | None = None, state: TicketState | None = None
    ) -> list[tuple[int, Ticket]]:
        """Own tickets with their places, the newest first; ``before`` is the place of the last one seen."""
        wanted = select(TicketRow).where(col(TicketRow.owner) == signed_in(actor).subject)
        return await self._page(wanted, first, before, state)

    async def of_department(
        self,
        department: str | None,
        actor: Actor | None,
        first: int,
        before: int | None = None,
        state: TicketState | None = None,
    ) -> list[tuple[int, Ticket]]:
        """The requests to a department, for its people; to all for an operator."""
        who = signed_in(actor)
        asked = department if department is not None or who.has_role("operator") else who.department
        if asked is None:
            operator(who)
        elif not may_see(who, asked):
            raise DomainError(RuntimeCode.FORBIDDEN, f'Only "{asked}" itself or an operator may see its requests.')
        wanted = select(TicketRow)
        if asked is not None:
            wanted = wanted.where(col(TicketRow.department) == asked)
        return await self._page(wanted, first, before, state)

    async def cancel(self, id: str, actor: Actor | None) -> Ticket:
        """Take an own request back. Of this and the sending that meets it, one happens.

        Raises ``DomainError`` TICKET_NOT_CANCELLABLE once the relay has it in hand.
        """
        who = signed_in(actor)
        async with self._database.transaction() as session:
            now = self._clock.now()
            was_unsent = await self._is_own(session, id, who) and await outbox.withdraw(
                session, id, "cancelled", now
            )
            row = await locked(session, id)
            if row is None or row.owner != who.subject:
                raise _no_ticket()
            if row.state == TicketState.CANCELLED:
                return ticket_of(row)
            if not was_unsent or not move(session, row, TicketMove.CANCEL, now):
                raise DomainError(
                    RuntimeCode.TICKET_NOT_CANCELLABLE,
                    f"The request is {_WORDS.get(row.state, _SENT)}: it cannot be cancelled.",
                )
        self._wakeups.outbox.set()
        return ticket_of(row)

    async def resolve(self, id: str, actor: Actor | None, *, was_done: bool, reason: str) -> Ticket:
        """An operator found out what became of a request whose outcome nobody could tell."""
        who = operator(actor)
        if not reason.strip():
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "Say how you found out: `reason` is empty.")
        async with self._database.transaction() as session:
            row = await locked(session, id)
            if row is None:
                raise _no_ticket()
            row.resolved_by, row.reason = who.subject, reason.strip()[:1000]
            if not move(session, row, TicketMove.CONFIRM if was_done else TicketMove.REFUTE, self._clock.now()):
                raise DomainError(
                    RuntimeCode.INVALID_TRANSITION,
                    f"The request is {row.state}. Only one whose outcome is unknown is resolved.",
                )
        self._wakeups.outbox.set()
        return ticket_of(row)

    async def expire(self, limit: int = 100) -> int:
        """End requests whose time was over before anybody sent them; how many. Twice is harmless."""
        now = self._clock.now()
        due = (
            select(col(TicketRow.id))
            .where(col(TicketRow.state) == TicketState.ACCEPTED, col(TicketRow.expires_at) <= now)
            .order_by(col(TicketRow.expires_at))
            .limit(limit)
        )
        async with self._database.reading() as session:
            ids = (await session.exec(due)).all()
        ended = [await self._expire(each, now) for each in ids]
        if any(ended):
            self._wakeups.outbox.set()
        return sum(ended)

    async def forget(self) -> None:
        """Delete tickets that ended long ago, and keys that mean nothing any more."""
        now = self._clock.now()
        await forget_old(self._database, TicketRow, col(TicketRow.done_at) < now - KEPT_FOR)
        await forget_old(self._database, TicketKeyRow, col(TicketKeyRow.at) < now - KEY_HOLDS_FOR)

    async def _expire(self, id: str, now: datetime) -> bool:
        async with self._database.transaction() as session:
            if not await outbox.withdraw(session, id, "expired", now):
                return False
            row = await locked(session, id)
            error = Outcome(TicketMove.EXPIRE, error=TicketError.of(RuntimeCode.TICKET_EXPIRED))
            return row is not None and move(session, row, TicketMove.EXPIRE, now, error)

    async def _known(self, session: AsyncSession, owner: str, key: RequestKey, now: datetime) -> TicketRow | None:
        """The ticket that the key stands for; the key is this request's from now on where there is none."""
        values = {"owner": owner, "key": key.key, "fingerprint": key.fingerprint, "at": now}
        if await insert_if_absent(session, TicketKeyRow, values):
            return None
        holder = await session.get_one(TicketKeyRow, (owner, key.key), with_for_update=True)
        if holder.at <= now - KEY_HOLDS_FOR:
            holder.fingerprint, holder.at = key.fingerprint, now
            session.add(holder)
            return None
        return await _of_key(session, holder, key)

    async def _own(self, id: str, actor: Actor) -> TicketRow | None:
        async with self._database.reading() as session:
            row = (await session.exec(select(TicketRow).where(col(TicketRow.id) == id))).first()
        return row if row is not None and row.owner == actor.subject else None

    @staticmethod
    async def _is_own(session: AsyncSession, id: str, actor: Actor) -> bool:
        """Looked at without a lock: a ticket never changes its owner."""
        owner = (await session.exec(select(col(TicketRow.owner)).where(col(TicketRow.id) == id))).first()
        return owner == actor.subject

    async def _page(
        self, wanted: SelectOfScalar[TicketRow], first: int, before: int | None, state: TicketState | None
    ) -> list[tuple[int, Ticket]]:
        if not 1 <= first <= MOST_AT_ONCE:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`first` is a number from 1 to {MOST_AT_ONCE}.")
        if state is not None:
            wanted = wanted.where(col(TicketRow.state) == state)
        if before is not None:
            wanted = wanted.where(col(TicketRow.sequence) < before)
        async with self._database.reading() as session:
            # One more than asked for: whether there is more.
            rows = (await session.exec(wanted.order_by(col(TicketRow.sequence).desc()).limit(first + 1))).all()
        return [(row.sequence or 0, ticket_of(row)) for row in rows]


async def _of_key(session: AsyncSession, holder: TicketKeyRow, key: RequestKey) -> TicketRow | None:
    """The ticket of this key and part, if any. Raises ``DomainError`` where it stands for another request."""
    if holder.fingerprint != key.fingerprint:
        raise DomainError(
            RuntimeCode.IDEMPOTENCY_KEY_REUSED,
            "This idempotency key came before with another request. Take a new key for a new request.",
        )
    mine = (col(TicketRow.owner) == holder.owner, col(TicketRow.key) == key.key, col(TicketRow.part) == key.part)
    same = select(TicketRow).where(*mine, col(TicketRow.created_at) >= holder.at)
    return (await session.exec(same.order_by(col(TicketRow.sequence).desc()))).first()


def _row(owner: str, request: DurableRequest, now: datetime) -> TicketRow:
    key = request.key
    return TicketRow(
        id=str(uuid4()),
        owner=owner,
        department=request.department,
        subgraph=request.subgraph,
        field=request.field,
        state=TicketState.ACCEPTED,
        version=1,
        key=key.key if key else None,
        part=key.part if key else "",
        created_at=now,
        expires_at=now + request.expires_after if request.expires_after else None,
    )


def _put_command(session: AsyncSession, row: TicketRow, request: DurableRequest, now: datetime) -> None:
    """The command's id is the ticket's, and the idempotency key that the department gets."""
    fetch = FetchRequest(
        query=request.query,
        variables=request.variables,
        kind="mutation",
        operation_name=request.operation_name,
        context=RequestContext(actor=row.owner, purpose=PURPOSE),
        idempotency_key=row.id,
    )
    lane = lane_of(row.department, row.owner)
    message = Message(
        row.id,
        COMMAND,
        HUB_SOURCE,
        now,
        request_data(fetch),
        partition_key=lane,
        expires_at=row.expires_at,
        traceparent=request.traceparent,
    )
    outbox.put(session, topology.command_address(row.department, lane), message, now, awaits_outcome=True)


def _no_ticket() -> DomainError:
    return DomainError(RuntimeCode.NOT_FOUND, "You have no such ticket.")


_SENT = "on its way to the department"
_WORDS = {
    TicketState.DONE.value: "done",
    TicketState.FAILED.value: "at its end: it failed",
    TicketState.OUTCOME_UNKNOWN.value: "with the department, and nobody knows its outcome yet",
}
