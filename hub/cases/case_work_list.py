"""An officer's work list: cases of the own department, those one answers for, page by page, by indexes.

Whoever may not read a case never meets it here either.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.roles import OFFICER, OPERATOR, SUPERVISOR
from connectors.clock import Clock
from hub.cases import case_store
from hub.cases.delegations import absent_officers
from hub.people.who import may_handle
from hub.storage.database import Database
from hub.tables.case import CaseRow
from schema.domain.case import UNDECIDED, Case, CaseState
from schema.domain.page import DEFAULT_PAGE, MAXIMUM_PAGE, Page
from schema.errors import DomainError, RuntimeCode

IN_WORK = UNDECIDED | {CaseState.APPROVED}
"""What a work list shows where no state is asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``mine``: in hand of the one who asks, or of whoever they substitute for, or answered for by them.

    ``overdue``: only those whose promised limit has passed undecided.
    """

    states: tuple[CaseState, ...] = ()
    item: str | None = None
    department: str | None = None
    mine: bool = False
    overdue: bool = False
    first: int = DEFAULT_PAGE
    after: str | None = None


class CaseWorkList:
    """Read only; the oldest submission first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def cases(self, actor: Actor, wanted: Wanted) -> Page[Case]:
        """One page. Raises :class:`DomainError` for who has no work list."""
        if not 0 < wanted.first <= MAXIMUM_PAGE:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`first` is a whole number from 1 to {MAXIMUM_PAGE}.")
        async with self._database.reading() as session:
            theirs = await self._theirs(session, actor, wanted)
            states = sorted(wanted.states or IN_WORK)
            statement = (
                select(CaseRow)
                .where(theirs, col(CaseRow.state).in_(states))
                .order_by(col(CaseRow.submitted_at), col(CaseRow.receipt_number))
                .limit(wanted.first + 1)
            )
            if wanted.item is not None:
                statement = statement.where(col(CaseRow.item_code) == wanted.item)
            if wanted.overdue:
                late = (col(CaseRow.due_at) <= self._clock.now(), col(CaseRow.state).in_(sorted(UNDECIDED)))
                statement = statement.where(*late)
            if wanted.after is not None:
                statement = statement.where(_after(wanted.after))
            rows = (await session.exec(statement)).all()
        return _page(rows, wanted)

    async def _theirs(self, session: AsyncSession, actor: Actor, wanted: Wanted) -> ColumnElement[bool]:
        """The part of all cases that this actor may list. Nobody's own case is among their work."""
        not_own = col(CaseRow.applicant) != actor.subject
        department = actor.department if may_handle(actor, actor.department) else None
        if wanted.mine:
            owners = {actor.subject}
            if department is not None:
                owners |= await absent_officers(session, actor.subject, department, self._clock.now())
                in_hand = and_(col(CaseRow.department) == department, col(CaseRow.handler).in_(sorted(owners)))
                return and_(or_(in_hand, col(CaseRow.first_inquiry) == actor.subject), not_own)
            if actor.has_role(OFFICER):
                return and_(col(CaseRow.first_inquiry) == actor.subject, not_own)
        is_above = actor.has_role(SUPERVISOR) or actor.has_role(OPERATOR) or actor.has_role(OFFICER)
        if is_above and wanted.department is not None:
            return and_(col(CaseRow.department) == wanted.department, not_own)
        if department is not None and wanted.department in (None, department):
            return and_(col(CaseRow.department) == department, not_own)
        if is_above and wanted.department is None:
            wrong = "Name the `department` whose cases you want, or ask for `mine`."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
        raise DomainError(RuntimeCode.FORBIDDEN, "These are another department's cases.")


def _page(rows: Sequence[CaseRow], wanted: Wanted) -> Page[Case]:
    shown = rows[: wanted.first]
    cursors = tuple(_cursor(row) for row in shown)
    cases = tuple(case_store.case_of(row) for row in shown)
    return Page(cases, cursors, has_previous=wanted.after is not None, has_next=len(rows) > wanted.first)


def _cursor(row: CaseRow) -> str:
    place = [row.submitted_at.isoformat(), row.receipt_number]
    return urlsafe_b64encode(json.dumps(place).encode()).decode()


def _after(cursor: str) -> ColumnElement[bool]:
    try:
        submitted, number = json.loads(urlsafe_b64decode(cursor))
        at = datetime.fromisoformat(submitted)
    except (ValueError, TypeError):
        wrong = "`after` is no cursor of this list. Take one of its edges."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong) from None
    later = col(CaseRow.submitted_at) > at
    return or_(later, and_(col(CaseRow.submitted_at) == at, col(CaseRow.receipt_number) > str(number)))
