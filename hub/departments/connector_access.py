"""What a connector is given besides its version: its secrets, and the hosts inside that it may call.

Every process looks at one number, several times a second, and reads the rest when it has changed. Secrets stay
sealed until a connector is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.addresses import AllowedHost, read_allowed_host
from hub.storage.database import Database
from hub.tables.connector_access import AllowedHostRow, ConnectorAccessRevisionRow, ConnectorSecretRow


@dataclass(frozen=True, slots=True)
class SealedSecret:
    name: str
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConnectorAccess:
    """Of one connector. Two that are equal make the same connector of one version."""

    allowed: tuple[AllowedHost, ...] = ()
    secrets: tuple[SealedSecret, ...] = ()


NO_ACCESS = ConnectorAccess()


@dataclass(frozen=True, slots=True)
class AccessSnapshot:
    """All that is set, as of one revision."""

    revision: int = 0
    allowed: Mapping[str, tuple[AllowedHost, ...]] = field(default_factory=dict)
    secrets: Mapping[tuple[str, str], tuple[SealedSecret, ...]] = field(default_factory=dict)

    def of(self, department: str, connector: str) -> ConnectorAccess:
        return ConnectorAccess(self.allowed.get(department, ()), self.secrets.get((department, connector), ()))


class ConnectorAccessReader:
    """The newest state, for the process that serves."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.newest = AccessSnapshot()

    async def renew(self) -> AccessSnapshot:
        """Look whether anything has changed."""
        async with self._database.reading() as session:
            # The number first: what is committed after it is read again the next time.
            row = (await session.exec(select(ConnectorAccessRevisionRow.revision))).first()
            if row is not None and row > self.newest.revision:
                found = AccessSnapshot(row, await _allowed(session), await _secrets(session))
                if found.revision > self.newest.revision:  # another look may have been faster, and later
                    self.newest = found
        return self.newest


async def allowed_hosts_of(session: AsyncSession, department: str) -> tuple[AllowedHost, ...]:
    """What the connectors of one department may call, sorted."""
    return (await _allowed(session)).get(department, ())


async def note_change(session: AsyncSession) -> None:
    """Make every process look, once the caller's transaction is committed."""
    connection = await session.connection()
    await connection.execute(
        text(
            "INSERT INTO connector_access_revision (id, revision) VALUES (1, 1)"
            " ON CONFLICT (id) DO UPDATE SET revision = connector_access_revision.revision + 1"
        )
    )


async def _allowed(session: AsyncSession) -> dict[str, tuple[AllowedHost, ...]]:
    found: dict[str, tuple[AllowedHost, ...]] = {}
    for row in (await session.exec(select(AllowedHostRow).order_by(col(AllowedHostRow.host)))).all():
        found[row.department] = (*found.get(row.department, ()), read_allowed_host(row.host))
    return found


async def _secrets(session: AsyncSession) -> dict[tuple[str, str], tuple[SealedSecret, ...]]:
    found: dict[tuple[str, str], tuple[SealedSecret, ...]] = {}
    for row in (await session.exec(select(ConnectorSecretRow).order_by(col(ConnectorSecretRow.name)))).all():
        place = (row.department, row.connector)
        found[place] = (*found.get(place, ()), SealedSecret(row.name, row.sealed))
    return found
