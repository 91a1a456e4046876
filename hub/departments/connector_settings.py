"""How the hub treats each connector, changed while it runs: an operator sets, every hub process follows.

Each process looks once a second and changes its connectors in place, so that what a breaker has counted and who
waits for a slot stays. Source: docs/resilience.md, "Changed while it runs".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from connectors.connector import Connector
from connectors.resilience import InvalidResilience, ResilienceSettings, Resilient
from hub.people.who import operator
from hub.registry.registration import ConnectorVersion
from hub.storage.database import Database
from hub.storage.wakeups import wait_at_most
from hub.tables.connector_settings import ConnectorSettingsRow
from hub.tables.registry import ConnectorRow, ConnectorVersionRow
from schema.errors import DomainError, RuntimeCode

LOOK_EVERY = timedelta(seconds=1)
"""Where nobody tells this process of changes."""
LONGEST_REASON = 500
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SettingsOfConnector:
    """What holds for a connector; of the last change who made it, when and why."""

    settings: ResilienceSettings
    changed: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None


class ConnectorSettings:
    """The settings of all connectors in the database, and in ``changed`` those that this process knows."""

    def __init__(self, database: Database, clock: Clock, look_every: timedelta = LOOK_EVERY) -> None:
        self._database = database
        self._clock = clock
        self._look_every = look_every
        self.changed = asyncio.Event()
        """Set it where somebody else has changed settings."""
        self._changed: Mapping[str, Mapping[str, Any]] = {}

    def of(self, version: ConnectorVersion) -> ResilienceSettings:
        """What holds for this version, as far as this process knows; what it cannot read counts as not set."""
        try:
            return _settings(version.timeout_ms, self._changed.get(version.name, {}))
        except InvalidResilience:
            log.exception("the connector's settings cannot be used", connector=version.name)
            return _settings(version.timeout_ms, {})

    async def get(self, name: str) -> SettingsOfConnector:
        """What holds for a connector, as the database has it. Raises ``DomainError``."""
        async with self._database.reading() as session:
            return _told(await _timeout_ms(session, name), await _newest(session, name))

    async def change(self, name: str, values: Mapping[str, Any], reason: str, actor: Actor) -> SettingsOfConnector:
        """Set these, by operators' names; ``None`` goes back to the default. Raises ``DomainError``."""
        operator(actor)
        if len(reason) > LONGEST_REASON:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"A reason has at most {LONGEST_REASON} characters.")
        try:
            async with self._database.transaction() as session:
                timeout_ms, newest = await _timeout_ms(session, name), await _newest(session, name)
                merged = {**(newest.changed if newest else {}), **values}
                kept = {key: value for key, value in merged.items() if value is not None}
                _check(values, timeout_ms)
                row = ConnectorSettingsRow(
                    name=name,
                    number=(newest.number if newest else 0) + 1,
                    changed=kept,
                    reason=reason,
                    changed_at=self._clock.now(),
                    changed_by=actor.subject,
                )
                session.add(row)
        except IntegrityError as error:
            raise DomainError(
                RuntimeCode.CONFLICT, "Somebody else changed it meanwhile. Read it again."
            ) from error
        return _told(timeout_ms, row)

    async def refresh(self) -> None:
        """Learn what is in the database now."""
        async with self._database.reading() as session:
            newest = (
                select(ConnectorSettingsRow.name, func.max(ConnectorSettingsRow.number).label("number"))
                .group_by(ConnectorSettingsRow.name)
                .subquery()
            )
            rows = await session.exec(
                select(ConnectorSettingsRow).join(
                    newest,
                    (col(ConnectorSettingsRow.name) == newest.c.name)
                    & (col(ConnectorSettingsRow.number) == newest.c.number),
                )
            )
            self._changed = {row.name: row.changed for row in rows.all()}

    def apply(self, members: Iterable[ConnectorVersion], connector: Callable[[str], Connector | None]) -> None:
        """Change those connectors that go by other settings."""
        for member in members:
            served = connector(member.name)
            if isinstance(served, Resilient) and served.settings != (wanted := self.of(member)):
                served.set(wanted)
                log.info("connector settings changed", connector=member.name, settings=wanted.values())

    async def follow(
        self, members: Callable[[], Iterable[ConnectorVersion]], connector: Callable[[str], Connector | None]
    ) -> None:
        """Look when told, and now and then. Survives a database that is away."""
        while True:
            await wait_at_most(self.changed, self._look_every)
            self.changed.clear()
            try:
                await self.refresh()
                self.apply(members(), connector)
            except Exception:  # the loop outlives every failure: the settings known so far go on
                log.exception("the connectors' settings could not be read; the old ones go on")


async def _timeout_ms(session: AsyncSession, name: str) -> int:
    connector = await session.get(ConnectorRow, name)
    if connector is None:
        raise DomainError(RuntimeCode.NOT_FOUND, f'There is no connector "{name}".')
    rows = await session.exec(select(ConnectorVersionRow).where(ConnectorVersionRow.name == name))
    versions = {row.version: row for row in rows.all()}
    return versions[connector.live_version or max(versions)].timeout_ms


async def _newest(session: AsyncSession, name: str) -> ConnectorSettingsRow | None:
    rows = await session.exec(
        select(ConnectorSettingsRow)
        .where(ConnectorSettingsRow.name == name)
        .order_by(col(ConnectorSettingsRow.number).desc())
        .limit(1)
    )
    return rows.first()


def _check(values: Mapping[str, Any], timeout_ms: int) -> None:
    given = {name: value for name, value in values.items() if value is not None}
    unset = {name: ResilienceSettings().values().get(name, 0) for name in values if name not in given}
    try:
        _settings(timeout_ms, {}).changed({**given, **unset})
    except InvalidResilience as error:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, str(error)) from error


def _settings(timeout_ms: int, changed: Mapping[str, Any]) -> ResilienceSettings:
    """The deadline is the version's own unless an operator set it."""
    return ResilienceSettings(deadline=timedelta(milliseconds=timeout_ms)).changed(changed)


def _told(timeout_ms: int, row: ConnectorSettingsRow | None) -> SettingsOfConnector:
    if row is None:
        return SettingsOfConnector(_settings(timeout_ms, {}))
    return SettingsOfConnector(
        _settings(timeout_ms, row.changed), row.changed, row.reason, row.changed_at, row.changed_by
    )
