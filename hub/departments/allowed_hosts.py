"""Hosts on private networks that operators let a department's connectors call, each with who, when and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import col, select

from auth.actor import Actor
from connectors.addresses import AddressRefused, read_allowed_host
from connectors.routing import check_department
from hub.departments.connector_access import note_change
from hub.people.who import operator
from hub.storage.database import Database
from hub.tables.connector_access import AllowedHostRow
from schema.errors import DomainError, RuntimeCode

MAXIMUM_REASON = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AllowedHostEntry:
    """One line of the list."""

    department: str
    host: str
    reason: str
    allowed_at: datetime
    allowed_by: str


class AllowedHosts:
    """Only an operator allows, disallows and looks."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def allow(self, department: str, host: str, reason: str, actor: Actor | None) -> AllowedHostEntry:
        """Running hubs follow within a second or two. Raises :class:`DomainError`."""
        who = operator(actor)
        name = _host(host)
        if not 0 < len(reason.strip()) <= MAXIMUM_REASON:
            message = f"Say in 1 to {MAXIMUM_REASON} characters why this host may be called."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        try:
            check_department(department)
        except ValueError as refusal:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, str(refusal)) from None
        entry = AllowedHostEntry(department, name, reason.strip(), self._now(), who.subject)
        async with self._database.transaction() as session:
            row = AllowedHostRow(
                department=department,
                host=name,
                reason=entry.reason,
                allowed_at=entry.allowed_at,
                allowed_by=who.subject,
            )
            await session.merge(row)
            await note_change(session)
        log.info("a host was allowed", department=department, host=name, by=who.subject)
        return entry

    async def disallow(self, department: str, host: str, actor: Actor | None) -> bool:
        """False when it was not allowed."""
        who = operator(actor)
        async with self._database.transaction() as session:
            row = await session.get(AllowedHostRow, (department, _host(host)))
            if row is None:
                return False
            await session.delete(row)
            await note_change(session)
        log.info("a host was disallowed", department=department, host=row.host, by=who.subject)
        return True

    async def list(self, department: str | None, actor: Actor | None) -> tuple[AllowedHostEntry, ...]:
        """Of one department, or of all."""
        operator(actor)
        found = select(AllowedHostRow).order_by(col(AllowedHostRow.department), col(AllowedHostRow.host))
        if department is not None:
            found = found.where(col(AllowedHostRow.department) == department)
        async with self._database.reading() as session:
            rows = (await session.exec(found)).all()
        return tuple(AllowedHostEntry(**row.model_dump()) for row in rows)


def _host(text: str) -> str:
    try:
        return str(read_allowed_host(text))
    except AddressRefused as refusal:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, str(refusal)) from None
