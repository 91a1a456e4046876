"""Notices that came to nothing are sent again by an operator, with a reason that is kept.

Who, when and why is noted in the transaction that makes the delivery due again, and a delivery that is under way
is left alone: of many who press at once one sends it. Source: domain.md, 9.10; docs/notices.md, "Sent again".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from auth.actor import Actor
from connectors.clock import Clock
from hub.notices.notice_delivery_store import delivery_of, write_delivery
from hub.people.who import operator
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.notice import NoticeDeliveryRow, NoticeResendRow
from schema.domain.notice_delivery import IN_VAIN, sent_again
from schema.errors import DomainError, RuntimeCode

MOST_AT_ONCE = 100
LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Resent:
    """Ids of deliveries that are due again, and of those that are under way, arrived, or not known."""

    resent: tuple[str, ...]
    left: tuple[str, ...]


class NoticeResending:
    """For operators alone; every method checks who asks."""

    def __init__(self, database: Database, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups

    async def send_again(self, ids: Sequence[str], reason: str, actor: Actor | None) -> Resent:
        """Make failed and given-up deliveries due. Raises ``DomainError`` without a reason, or for too many."""
        known, why = operator(actor), reason.strip()
        _check(ids, why)
        wanted = sorted(set(ids))
        resent = [each for each in wanted if await self._one(each, why, known)]
        if resent:
            self._wakeups.notices.set()
        return Resent(tuple(resent), tuple(each for each in wanted if each not in resent))

    async def of(self, deliveries: Iterable[str]) -> Mapping[str, tuple[NoticeResendRow, ...]]:
        """When each was sent again before, the first first; of deliveries that the caller may read."""
        wanted = col(NoticeResendRow.delivery_id).in_(sorted(set(deliveries)))
        found: dict[str, tuple[NoticeResendRow, ...]] = {}
        async with self._database.reading() as session:
            for row in await session.exec(select(NoticeResendRow).where(wanted).order_by(col(NoticeResendRow.id))):
                found[row.delivery_id] = (*found.get(row.delivery_id, ()), row)
        return found

    async def _one(self, id: str, why: str, actor: Actor) -> bool:
        now = self._clock.now()
        async with self._database.transaction() as session:
            row = await session.get(NoticeDeliveryRow, id, with_for_update=True)
            if row is None or row.state not in IN_VAIN:
                return False
            write_delivery(row, sent_again(delivery_of(row), now))
            session.add(row)
            session.add(NoticeResendRow(delivery_id=id, reason=why, by=actor.subject, at=now))
        return True


def _check(ids: Sequence[str], reason: str) -> None:
    if not reason or len(reason) > LONGEST_REASON:
        message = f"Say in 1 to {LONGEST_REASON} characters why the notices are sent again; it is kept."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
    if not 0 < len(set(ids)) <= MOST_AT_ONCE:
        raise DomainError(
            RuntimeCode.BAD_USER_INPUT, f"Name 1 to {MOST_AT_ONCE} undelivered notices by their ids."
        )
