"""Notice connectors that turn bad: mark them, tell their departments, suspend them where the operator wants it.

Every process that serves looks at its own experience. What is wrong is one row however many processes see it; the
process that sees it keeps it fresh, and clears it when all is well. A row that nobody keeps fresh (its process is
gone) is cleared by anybody. A suspended connector is not looked at: its marks stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.departments.alerts import put_alert
from hub.departments.conditions import Condition, ConditionKind, Observation
from hub.registry import registry_store as store
from hub.registry.registration import ConnectorAction, ConnectorState, ConnectorVersion, ConnectorView
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.watch import ConnectorConditionRow
from schema.errors import DomainError

log = structlog.get_logger(__name__)

LOOK_EVERY = timedelta(seconds=5)
STALE_AFTER = timedelta(minutes=2)

Observe = Callable[[Sequence[ConnectorVersion]], Awaitable[Observation]]
"""One way to look at the connectors that serve."""

Suspend = Callable[[str, Actor, str], Awaitable[ConnectorView]]
"""``Registry.suspend``."""


@dataclass(frozen=True, slots=True)
class WatchRules:
    """``suspended_for``: what takes a connector out of service by itself."""

    suspended_for: frozenset[ConditionKind] = frozenset()


class ConnectorWatch:
    """``run`` it as long as the process serves. ``members`` are the connectors in the graph that is served."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        instance: str,
        members: Callable[[], Sequence[ConnectorVersion]],
        observers: Sequence[Observe],
        suspend: Suspend,
        rules: WatchRules,
    ) -> None:
        self._database = database
        self._clock = clock
        self._instance = instance
        self._members = members
        self._observers = observers
        self._suspend = suspend
        self._rules = rules
        self._mine: frozenset[tuple[str, ConditionKind]] = frozenset()
        self._swept_at: datetime | None = None

    async def run(self) -> None:
        """Look again and again. Survives every failure: a watch that ended in silence would be none."""
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            try:
                await self.look()
            except Exception:  # the loop outlives every failure
                log.exception("the connectors could not be looked at")

    async def look(self) -> None:
        """Once: what began, what goes on, what ended. Without trouble nothing is asked of the database, but for a
        look every two minutes for what others left behind."""
        serving = [member for member in self._members() if not member.is_suspended]
        wrong: dict[tuple[str, ConditionKind], str] = {}
        looked_at: set[tuple[str, ConditionKind]] = set()
        for observe in self._observers:
            observation = await observe(serving)
            wrong.update(observation.wrong)
            looked_at |= observation.looked_at
        departments = {member.name: member.department for member in serving}
        for (name, kind), detail in wrong.items():
            await self._mark(name, kind, detail, departments[name])
            self._mine |= {(name, kind)}
            if kind in self._rules.suspended_for:
                await self._take_out(name, kind, departments[name], detail)
        for name, kind in sorted(self._mine & looked_at - wrong.keys()):
            await self._clear(name, kind, departments[name])
            self._mine -= {(name, kind)}
        await self._sweep()

    async def _mark(self, name: str, kind: ConditionKind, detail: str, department: str) -> None:
        """If it is new its department is told in the same transaction. The process that saw it last clears it."""
        now = self._clock.now()
        values = {
            "name": name,
            "kind": kind.value,
            "since": now,
            "seen_at": now,
            "instance": self._instance,
            "detail": detail,
        }
        async with self._database.transaction() as session:
            if not await insert_if_absent(session, ConnectorConditionRow, values):
                await session.exec(
                    update(ConnectorConditionRow)
                    .where(*_is(name, kind))
                    .values(seen_at=now, detail=detail, instance=self._instance)
                )
                return
            data = {"condition": kind.value, "since": now.isoformat(), "detail": detail}
            await put_alert(session, department, "jiyi.connector.condition-begun", name, data, now)
            self._note(session, name, ConnectorAction.WENT_WRONG, f"{kind.value}: {detail}")
        log.warning("a connector turned bad", connector=name, condition=kind.value)

    async def _clear(self, name: str, kind: ConditionKind, department: str) -> None:
        mine = col(ConnectorConditionRow.instance) == self._instance
        async with self._database.transaction() as session:
            await self._end(session, (*_is(name, kind), mine), {name: department})

    async def _end(self, session: AsyncSession, which: tuple[Any, ...], departments: Mapping[str, str]) -> None:
        """Take these marks away; who was told that they began is told that they ended."""
        row = ConnectorConditionRow
        gone = delete(row).where(*which).returning(col(row.name), col(row.kind), col(row.since))
        for name, kind, since in (await session.exec(gone)).all():
            data = {"condition": kind, "since": since.isoformat(), "detail": ""}
            ended, now = "jiyi.connector.condition-ended", self._clock.now()
            if name in departments:
                await put_alert(session, departments[name], ended, name, data, now)
            self._note(session, name, ConnectorAction.RECOVERED, kind)
            log.info("a connector is well again", connector=name, condition=kind)

    async def _take_out(self, name: str, kind: ConditionKind, department: str, detail: str) -> None:
        reason = f"By rule: {kind.value}. {detail}"
        try:
            view = await self._suspend(name, _by_rule(self._clock.now()), reason)
        except DomainError as refusal:
            log.warning("a bad connector could not be suspended", connector=name, why=refusal.message)
            return
        if view.state is ConnectorState.SUSPENDED:
            async with self._database.transaction() as session:
                data = {"condition": kind.value, "detail": detail}
                await put_alert(session, department, "jiyi.connector.suspended", name, data, self._clock.now())

    async def _sweep(self) -> None:
        """Forget what a process that is gone has left behind, but not of suspended connectors."""
        now = self._clock.now()
        if self._swept_at is not None and now - self._swept_at < STALE_AFTER:
            return
        self._swept_at = now
        suspended = [member.name for member in self._members() if member.is_suspended]
        stale = (
            col(ConnectorConditionRow.seen_at) < now - STALE_AFTER,
            col(ConnectorConditionRow.name).not_in(suspended),
        )
        async with self._database.reading() as session:
            if (await session.exec(select(ConnectorConditionRow).where(*stale).limit(1))).first() is None:
                return
        async with self._database.transaction() as session:
            await self._end(session, stale, {member.name: member.department for member in self._members()})

    def _note(self, session: AsyncSession, name: str, action: ConnectorAction, reason: str) -> None:
        store.note(session, name, None, action, SYSTEM, self._clock.now(), reason)


class Conditions:
    """What is wrong now, for whoever may see the connector."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, name: str) -> tuple[Condition, ...]:
        query = select(ConnectorConditionRow).where(ConnectorConditionRow.name == name)
        async with self._database.reading() as session:
            rows = (await session.exec(query)).all()
        found = [Condition(row.name, ConditionKind(row.kind), row.since, row.detail) for row in rows]
        return tuple(sorted(found, key=lambda each: (each.since, each.kind)))


SYSTEM = "hub"
"""Who acts where a rule does."""


def _by_rule(now: datetime) -> Actor:
    return Actor(SYSTEM, SYSTEM, frozenset(), frozenset({"operator"}), now + timedelta(minutes=1))


def _is(name: str, kind: ConditionKind) -> tuple[Any, ...]:
    return col(ConnectorConditionRow.name) == name, col(ConnectorConditionRow.kind) == kind.value
