"""Figures per department and officer (责任追究, 绩效考核, art. 17, 18): counted from events, never typed in.

A department is told by its items, an officer by the name that stands in the events which they caused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from auth.actor import Actor
from auth.roles import OBSERVER, OPERATOR, SUPERVISOR
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.storage.database import Database
from hub.tables.case import CaseEventRow, CaseRow
from hub.tables.supervision import CardRow
from schema.domain.case import UNDECIDED, CaseEventType
from schema.domain.catalogue import Catalogue
from schema.domain.supervision import CardLevel, CardTrigger
from schema.errors import DomainError, RuntimeCode

LONGEST_PERIOD = timedelta(days=400)
_T = CaseEventType
_DECISIONS = (_T.APPROVED.value, _T.DENIED.value)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since``, up to but without ``until``."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if not self.since < self.until or self.until - self.since > LONGEST_PERIOD:
            message = f"A period begins before it ends and has at most {LONGEST_PERIOD.days} days."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)


@dataclass(slots=True)
class DepartmentFigures:
    """What one department did in a period. ``open``, ``near`` and ``overdue`` are as of now."""

    department: str
    events: Counter[str] = field(default_factory=Counter)
    cards: Counter[str] = field(default_factory=Counter)
    deemed: int = 0
    decided_late: int = 0
    open: int = 0
    near: int = 0
    overdue: int = 0

    @property
    def decided(self) -> int:
        return sum(self.events[each] for each in _DECISIONS)


@dataclass(frozen=True, slots=True)
class OfficerFigures:
    """What one officer did: how often which event was caused by them."""

    officer: str
    events: Counter[str]


class Figures:
    """Reads only."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock

    async def by_department(self, actor: Actor, period: Period) -> tuple[DepartmentFigures, ...]:
        """For supervisors, operators and observers; in order of department."""
        _reader(actor, SUPERVISOR, OPERATOR, OBSERVER)
        owners = _owners(await self._catalogue.current())
        found: dict[str, DepartmentFigures] = {}

        def of(item: str) -> DepartmentFigures:
            name = owners.get(item, "")
            return found.setdefault(name, DepartmentFigures(name))

        for item, kind, deemed, number in await self._events(period):
            of(item).events[kind] += number
            of(item).deemed += number if deemed else 0
        for item, number in await self._late(period):
            of(item).decided_late += number
        for item, is_overdue, number in await self._open():
            of(item).open += number
            of(item).overdue += number if is_overdue else 0
        for department, level, is_open_milder, number in await self._cards(period):
            one = found.setdefault(department, DepartmentFigures(department))
            one.cards[level] += number
            one.near += number if is_open_milder else 0
        return tuple(found[name] for name in sorted(found))

    async def by_officer(self, actor: Actor, period: Period) -> tuple[OfficerFigures, ...]:
        """For supervisors alone: these are persons."""
        _reader(actor, SUPERVISOR)
        officer = col(CaseEventRow.data)["officer"].as_string()
        statement = (
            select(officer, col(CaseEventRow.type), func.count())
            .where(*_within(period), officer.is_not(None))
            .group_by(officer, col(CaseEventRow.type))
        )
        found: dict[str, Counter[str]] = {}
        for name, kind, number in await self._rows(statement):
            found.setdefault(name, Counter())[kind] += number
        return tuple(OfficerFigures(name, found[name]) for name in sorted(found))

    async def _events(self, period: Period) -> Iterable[Any]:
        deemed = col(CaseEventRow.data)["deemed"].as_string().is_not(None)
        groups = (col(CaseRow.item_code), col(CaseEventRow.type), deemed)
        joined = select(*groups, func.count()).join(CaseRow, col(CaseRow.id) == col(CaseEventRow.case_id))
        return await self._rows(joined.where(*_within(period)).group_by(*groups))

    async def _late(self, period: Period) -> Iterable[Any]:
        statement = (
            select(col(CaseRow.item_code), func.count())
            .join(CaseEventRow, col(CaseRow.id) == col(CaseEventRow.case_id))
            .where(*_within(period), col(CaseEventRow.type).in_(_DECISIONS))
            .where(col(CaseEventRow.at) >= col(CaseRow.due_at))
        )
        return await self._rows(statement.group_by(col(CaseRow.item_code)))

    async def _open(self) -> Iterable[Any]:
        overdue = col(CaseRow.due_at) <= self._clock.now()
        groups = (col(CaseRow.item_code), overdue)
        statement = select(*groups, func.count()).where(col(CaseRow.state).in_(UNDECIDED))
        return await self._rows(statement.group_by(*groups))

    async def _cards(self, period: Period) -> Iterable[Any]:
        limits = (CardTrigger.PROMISED_LIMIT.value, CardTrigger.STATUTORY_LIMIT.value)
        milder = (CardLevel.WARNING.value, CardLevel.YELLOW.value)
        near = col(CardRow.closed_at).is_(None) & col(CardRow.level).in_(milder) & col(CardRow.trigger).in_(limits)
        groups = (col(CardRow.department), col(CardRow.level), near)
        # A complaint's card belongs to no department: its supervisors have it.
        within = (col(CardRow.at) >= period.since, col(CardRow.at) < period.until, col(CardRow.department) != "")
        return await self._rows(select(*groups, func.count()).where(*within).group_by(*groups))

    async def _rows(self, statement: Any) -> Iterable[Any]:
        async with self._database.reading() as session:
            found: list[Any] = list((await session.exec(statement)).all())
        return found


def _within(period: Period) -> tuple[Any, Any]:
    return col(CaseEventRow.at) >= period.since, col(CaseEventRow.at) < period.until


def _owners(catalogue: Catalogue) -> dict[str, str]:
    return {item.code: catalogue.department_of(item) or item.organisation for item in catalogue.items}


def _reader(actor: Actor, *roles: str) -> None:
    if not any(actor.has_role(role) for role in roles):
        raise DomainError(RuntimeCode.FORBIDDEN, f"These figures are for: {', '.join(roles)}.")
