"""What nobody could handle: shown to operators without a person's data, and put back with a reason that is kept.

The reason stands in the database before the broker is asked, so nothing is ever driven without one; a crash in
between leaves the note of an attempt. Driving twice is harmless: receivers know the message's id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from auth.actor import Actor
from connectors.broker import Broker, DeadLetter
from connectors.clock import Clock
from hub.durable.rows import locked, set_stalled
from hub.people.who import operator
from hub.storage.database import Database
from hub.tables.redrive import RedriveRow
from schema.errors import DomainError, RuntimeCode

MOST_AT_ONCE = 100
LONGEST_REASON = 1000
_IDENTITY_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<![0-9A-Z])[0-9A-HJ-NP-RT-UW-Y]{18}(?![0-9A-Z])")
"""A person's or an enterprise's, wherever an error's text quotes one."""


@dataclass(frozen=True, slots=True)
class Redrive:
    """Who put a letter back, when and why; ``was_found`` is ``None`` where that is not known any more."""

    by: str
    at: datetime
    reason: str
    was_found: bool | None


@dataclass(frozen=True, slots=True)
class LyingLetter:
    """A dead letter without what is in it. ``parked_case`` is the receipt number of the case that waits for it."""

    letter: DeadLetter
    reason: str
    parked_case: str | None
    redrives: tuple[Redrive, ...]


@dataclass(frozen=True, slots=True)
class Redriven:
    """Ids of letters that are in their queues again, and of those that were not there (any more)."""

    driven: tuple[str, ...]
    gone: tuple[str, ...]


class DeadLetters:
    """For operators alone; every method checks who asks."""

    def __init__(self, database: Database, broker: Broker, clock: Clock) -> None:
        self._database = database
        self._broker = broker
        self._clock = clock

    async def all(self, actor: Actor | None, queue: str | None = None) -> tuple[LyingLetter, ...]:
        """The oldest first; those of one queue where it is named."""
        operator(actor)
        letters = [each for each in await self._broker.dead_letters() if queue in (None, each.queue)]
        earlier = await self._redrives([each.message.id for each in letters])
        return tuple(
            LyingLetter(each, without_numbers(each.reason), _parked_case(each), earlier.get(each.message.id, ()))
            for each in sorted(letters, key=lambda letter: letter.since)
        )

    async def one(self, actor: Actor | None, message_id: str) -> LyingLetter | None:
        return next((each for each in await self.all(actor) if each.letter.message.id == message_id), None)

    async def redrive(self, ids: Sequence[str], reason: str, actor: Actor | None) -> Redriven:
        """Put letters back to their queues, the oldest first, so that those of one case keep their order.

        Raises :class:`DomainError` without a reason, and for too many at once.
        """
        known, why = operator(actor), reason.strip()
        _check(ids, why)
        wanted = set(ids)
        letters = [each for each in await self._broker.dead_letters() if each.message.id in wanted]
        driven: list[str] = []
        for letter in sorted(letters, key=lambda each: each.since):
            if letter.message.id not in driven and await self._drive(letter, why, known):
                driven.append(letter.message.id)
        return Redriven(tuple(driven), tuple(sorted(wanted.difference(driven))))

    async def _drive(self, letter: DeadLetter, why: str, actor: Actor) -> bool:
        note = RedriveRow(
            message_id=letter.message.id,
            queue=letter.queue,
            type=letter.message.type,
            subject=letter.message.subject,
            letter_reason=without_numbers(letter.reason),
            attempts=letter.attempts,
            dead_since=letter.since,
            reason=why,
            by=actor.subject,
            at=self._clock.now(),
        )
        async with self._database.transaction() as session:
            session.add(note)
            await session.flush()
            number = note.id
        was_found = await self._broker.redrive(letter.message.id)
        async with self._database.transaction() as session:
            row = await session.get_one(RedriveRow, number)
            row.was_found = was_found
            ticket = await locked(session, letter.message.id) if was_found else None
            if ticket is not None:
                set_stalled(session, ticket, None, self._clock.now())
        return was_found

    async def _redrives(self, ids: Iterable[str]) -> dict[str, tuple[Redrive, ...]]:
        statement = select(RedriveRow).where(col(RedriveRow.message_id).in_(sorted(set(ids))))
        found: dict[str, tuple[Redrive, ...]] = {}
        async with self._database.reading() as session:
            for row in (await session.exec(statement.order_by(col(RedriveRow.id)))).all():
                made = Redrive(row.by, row.at, row.reason, row.was_found)
                found[row.message_id] = (*found.get(row.message_id, ()), made)
        return found


def without_numbers(text: str) -> str:
    """An error's text with the numbers that name a person or an enterprise taken out."""
    return _IDENTITY_NUMBER.sub("***", text)


def _parked_case(letter: DeadLetter) -> str | None:
    """A lost read parks nothing; a command or an event keeps the later ones of its case waiting."""
    is_ordered = ".commands." in letter.queue or letter.queue.startswith("hub.inbox.")
    return letter.message.subject if is_ordered else None


def _check(ids: Sequence[str], reason: str) -> None:
    if not reason or len(reason) > LONGEST_REASON:
        message = f"Say in 1 to {LONGEST_REASON} characters why the letters are delivered again; it is kept."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
    if not 0 < len(set(ids)) <= MOST_AT_ONCE:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"Name 1 to {MOST_AT_ONCE} dead letters by their ids.")
