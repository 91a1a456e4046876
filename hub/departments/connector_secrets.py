"""Secrets of connectors: set and removed, listed by name, never read back.

A connector's SDL or headers name them as ``$env.NAME``; a running hub makes the connector anew within a second or
two of a change, and requests under way finish with what they began with. ``DATABASE_PASSWORD`` and
``DATABASE_URL`` mean what they say to a connector of the kind sql.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from re import compile as regex

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.routing import check_department
from hub.departments.connector_access import ConnectorAccess, note_change
from hub.keys.sealing import NoSealingKey, Sealer, Unsealable
from hub.storage.database import Database
from hub.tables.connector_access import ConnectorSecretRow
from hub.tables.registry import ConnectorRow
from schema.errors import DomainError, RuntimeCode

MAXIMUM_CHARACTERS = 16_384
_NAME = regex(r"[A-Z][A-Z0-9_]{0,62}")
_CONNECTOR = regex(r"[A-Za-z][A-Za-z0-9_-]{0,62}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectorSecret:
    """What may be told of a secret."""

    name: str
    changed_at: datetime
    changed_by: str


class UnreadableSecret(ValueError):
    """A secret was sealed with a key that the hub no longer has. The text says how to mend it."""


def place_of_secret(department: str, connector: str, name: str) -> str:
    """Where a secret is at home; it opens nowhere else."""
    return f"connector_secret/{department}/{connector}/{name}"


class ConnectorSecrets:
    """The door behind GraphQL and the command line: a department's own client, or an operator, for a connector.

    They may be set before the connector is registered, for the department that will register it.
    """

    def __init__(self, database: Database, sealer: Sealer, now: Callable[[], datetime]) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def set(
        self, connector: str, name: str, value: str, actor: Actor, department: str | None = None
    ) -> ConnectorSecret:
        """Raises :class:`DomainError`, which never quotes the value."""
        if not _NAME.fullmatch(name):
            message = f'"{name}" is no name of a secret. Use capitals, digits and "_": API_KEY.'
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        if not 0 < len(value) <= MAXIMUM_CHARACTERS:
            message = f"A secret has 1 to {MAXIMUM_CHARACTERS} characters. To take one away, remove it."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        if any(not character.isprintable() for character in value) or not value.isascii():
            message = "A secret has no line breaks, control characters or letters beyond ASCII."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        async with self._database.transaction() as session:
            owner = await _owner(session, connector, actor, department)
            row = ConnectorSecretRow(
                department=owner,
                connector=connector,
                name=name,
                sealed=self._sealed(value, place_of_secret(owner, connector, name)),
                changed_at=self._now(),
                changed_by=actor.subject,
            )
            await session.merge(row)
            await note_change(session)
        log.info("a connector's secret was set", connector=connector, secret=name, by=actor.subject)
        return ConnectorSecret(name, row.changed_at, row.changed_by)

    async def remove(self, connector: str, name: str, actor: Actor, department: str | None = None) -> bool:
        """False when there is none of this name."""
        async with self._database.transaction() as session:
            owner = await _owner(session, connector, actor, department)
            row = await session.get(ConnectorSecretRow, (owner, connector, name))
            if row is None:
                return False
            await session.delete(row)
            await note_change(session)
        log.info("a connector's secret was removed", connector=connector, secret=name, by=actor.subject)
        return True

    async def list(
        self, connector: str, actor: Actor, department: str | None = None
    ) -> tuple[ConnectorSecret, ...]:
        """By name."""
        async with self._database.reading() as session:
            owner = await _owner(session, connector, actor, department)
            mine = (
                col(ConnectorSecretRow.department) == owner,
                col(ConnectorSecretRow.connector) == connector,
            )
            found = select(ConnectorSecretRow).where(*mine).order_by(col(ConnectorSecretRow.name))
            rows = (await session.exec(found)).all()
        return tuple(ConnectorSecret(row.name, row.changed_at, row.changed_by) for row in rows)

    def opened(self, department: str, connector: str, access: ConnectorAccess) -> dict[str, str]:
        """The secrets by name, for the connector that is made with them. Raises :class:`UnreadableSecret`."""
        opened = {}
        for secret in access.secrets:
            try:
                opened[secret.name] = self._sealer.unseal(
                    secret.sealed, place_of_secret(department, connector, secret.name)
                )
            except Unsealable as error:
                message = f'The secret {secret.name} of "{connector}" cannot be read: {error}. Set it anew.'
                raise UnreadableSecret(message) from None
        return opened

    def _sealed(self, value: str, place: str) -> str:
        try:
            return self._sealer.seal(value, place)
        except NoSealingKey as error:
            raise DomainError(RuntimeCode.SECRET_KEY_MISSING, str(error)) from None


async def _owner(session: AsyncSession, connector: str, actor: Actor, department: str | None) -> str:
    """Whose connector it is, which the actor may manage. Raises :class:`DomainError`."""
    if not _CONNECTOR.fullmatch(connector):
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f'"{connector}" is no name of a connector.')
    row = await session.get(ConnectorRow, connector)
    owner = row.department if row is not None else department or actor.department
    if owner is None:
        message = f'There is no connector "{connector}" yet. Name the department that will register it.'
        raise DomainError(RuntimeCode.NOT_FOUND, message)
    is_own = actor.department is not None and actor.department == owner
    if not (is_own or actor.has_role("operator")) or (department is not None and department != owner):
        message = f'Only the department of "{connector}" itself or an operator may manage its secrets.'
        raise DomainError(RuntimeCode.FORBIDDEN, message)
    try:
        check_department(owner)
    except ValueError as refusal:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, str(refusal)) from None
    return owner
