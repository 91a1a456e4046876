"""By what authority an officer acts: a delegation (首席代表制, art. 17), or an absent officer's place.

Both are data with a beginning and an end, looked at anew at each decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.roles import CHIEF_REPRESENTATIVE, DEPARTMENT, OPERATOR
from connectors.clock import Clock
from hub.people.who import may_handle
from hub.storage.database import Database
from hub.tables.case import DelegationRow, SubstituteRow
from schema.errors import DomainError, RuntimeCode


@dataclass(frozen=True, slots=True)
class Delegation:
    """What a department lets ``representative`` decide. No ``items`` means all of the department's."""

    id: str
    department: str
    representative: str
    items: tuple[str, ...]
    granted_by: str
    granted_at: datetime
    since: datetime
    until: datetime
    revoked_at: datetime | None = None

    def covers(self, item_code: str, at: datetime) -> bool:
        """Whether a decision on a case of this item can be made under it now."""
        is_in_force = self.since <= at < self.until and (self.revoked_at is None or at < self.revoked_at)
        return is_in_force and (not self.items or item_code in self.items)


@dataclass(frozen=True, slots=True)
class Substitute:
    """``substitute`` acts in the place of ``absent`` from ``since`` until ``until``."""

    id: str
    department: str
    absent: str
    substitute: str
    reason: str
    since: datetime
    until: datetime


class Delegations:
    """Grant, revoke and read. Only an operator or the department's own client grants: nobody for himself."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def grant(
        self,
        actor: Actor,
        department: str,
        representative: str,
        items: Sequence[str],
        since: datetime | None,
        until: datetime,
    ) -> Delegation:
        now = self._clock.now()
        _may_grant(actor, department)
        begins = since or now
        _check_period(begins, until, now)
        row = DelegationRow(
            id=str(uuid4()),
            department=department,
            representative=representative,
            items=sorted(set(items)),
            granted_by=actor.subject,
            granted_at=now,
            since=begins,
            until=until,
        )
        async with self._database.transaction() as session:
            session.add(row)
        return _delegation_of(row)

    async def revoke(self, actor: Actor, id: str) -> Delegation:
        """Ends it now; what was decided under it stands."""
        async with self._database.transaction() as session:
            row = await session.get(DelegationRow, id, with_for_update=True)
            if row is None or not _grants(actor, row.department):
                raise DomainError(RuntimeCode.NOT_FOUND, "There is no such delegation.")
            if row.revoked_at is None:
                row.revoked_at, row.revoked_by = self._clock.now(), actor.subject
        return _delegation_of(row)

    async def of_department(self, actor: Actor, department: str) -> tuple[Delegation, ...]:
        """All that were granted, the newest first; for those who grant, and for the department's officers."""
        _may_look(actor, department)
        statement = (
            select(DelegationRow)
            .where(col(DelegationRow.department) == department)
            .order_by(col(DelegationRow.granted_at).desc(), col(DelegationRow.id))
        )
        async with self._database.reading() as session:
            return tuple(_delegation_of(row) for row in (await session.exec(statement)).all())

    async def arrange_substitute(
        self,
        actor: Actor,
        department: str,
        absent: str,
        substitute: str,
        reason: str,
        since: datetime | None,
        until: datetime,
    ) -> Substitute:
        """For a time of absence. By the absent officer, the chief representative, or whoever grants."""
        now = self._clock.now()
        is_chief = actor.has_role(CHIEF_REPRESENTATIVE) and may_handle(actor, department)
        is_absent = actor.subject == absent and may_handle(actor, department)
        if not (is_chief or is_absent or _grants(actor, department)):
            _refuse(department)
        begins = since or now
        _check_period(begins, until, now)
        if absent == substitute or not reason.strip():
            wrong = "A substitute is another person, and the arrangement has a reason."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
        row = SubstituteRow(
            id=str(uuid4()),
            department=department,
            absent=absent,
            substitute=substitute,
            reason=reason,
            arranged_by=actor.subject,
            since=begins,
            until=until,
        )
        async with self._database.transaction() as session:
            session.add(row)
        return _substitute_of(row)

    async def substitutes(self, actor: Actor, department: str) -> tuple[Substitute, ...]:
        """Arrangements that hold now or will, the first to end first."""
        _may_look(actor, department)
        statement = (
            select(SubstituteRow)
            .where(col(SubstituteRow.department) == department, col(SubstituteRow.until) > self._clock.now())
            .order_by(col(SubstituteRow.until), col(SubstituteRow.id))
        )
        async with self._database.reading() as session:
            return tuple(_substitute_of(row) for row in (await session.exec(statement)).all())


async def delegation_for(
    session: AsyncSession, representative: str, department: str, item_code: str, at: datetime
) -> Delegation | None:
    """One under which this person may decide on this item now; the one that ends last."""
    statement = (
        select(DelegationRow)
        .where(
            col(DelegationRow.representative) == representative,
            col(DelegationRow.department) == department,
            col(DelegationRow.since) <= at,
            col(DelegationRow.until) > at,
            or_(col(DelegationRow.revoked_at).is_(None), col(DelegationRow.revoked_at) > at),
        )
        .order_by(col(DelegationRow.until).desc(), col(DelegationRow.id))
    )
    found = (_delegation_of(row) for row in (await session.exec(statement)).all())
    return next((each for each in found if each.covers(item_code, at)), None)


async def absent_officers(session: AsyncSession, substitute: str, department: str, at: datetime) -> set[str]:
    """In whose place this person acts now."""
    statement = select(SubstituteRow.absent).where(
        col(SubstituteRow.substitute) == substitute,
        col(SubstituteRow.department) == department,
        col(SubstituteRow.since) <= at,
        col(SubstituteRow.until) > at,
    )
    return set((await session.exec(statement)).all())


def _grants(actor: Actor, department: str) -> bool:
    is_department = actor.has_role(DEPARTMENT) and actor.department == department
    return actor.has_role(OPERATOR) or is_department


def _may_grant(actor: Actor, department: str) -> None:
    if not _grants(actor, department):
        _refuse(department)


def _may_look(actor: Actor, department: str) -> None:
    if not (_grants(actor, department) or may_handle(actor, department)):
        _refuse(department)


def _refuse(department: str) -> None:
    message = f'Only an operator, or department "{department}" itself, may see or do this.'
    raise DomainError(RuntimeCode.FORBIDDEN, message)


def _check_period(since: datetime, until: datetime, now: datetime) -> None:
    if until <= since or until <= now:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, "`until` is after `since`, and still to come.")


def _delegation_of(row: DelegationRow) -> Delegation:
    return Delegation(
        row.id,
        row.department,
        row.representative,
        tuple(row.items),
        row.granted_by,
        row.granted_at,
        row.since,
        row.until,
        row.revoked_at,
    )


def _substitute_of(row: SubstituteRow) -> Substitute:
    return Substitute(row.id, row.department, row.absent, row.substitute, row.reason, row.since, row.until)
