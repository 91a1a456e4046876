"""Reading and writing the registry's rows. Every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.registration import (
    Configuration,
    ConnectorState,
    ConnectorVersion,
    ConnectorView,
    LiveGraph,
    Registration,
    VersionState,
)
from hub.tables.registry import ConnectorRow, ConnectorVersionRow, SupergraphVersionRow


async def live_graph(session: AsyncSession) -> LiveGraph:
    """The newest supergraph version with its members; version 0 before the first publication."""
    newest = await session.exec(
        select(SupergraphVersionRow).order_by(col(SupergraphVersionRow.version).desc()).limit(1)
    )
    row = newest.first()
    if row is None:
        return LiveGraph(0, ())
    members = []
    for member in row.members:
        connector = await session.get(ConnectorRow, member["name"])
        version = await session.get(ConnectorVersionRow, (member["name"], member["version"]))
        if connector is not None and version is not None:
            members.append(_version(connector, version))
    return LiveGraph(row.version, tuple(sorted(members, key=lambda each: each.name)))


async def add_version(
    session: AsyncSession,
    registration: Registration,
    default_timeout_ms: int,
    now: datetime,
    actor: str,
) -> ConnectorVersion:
    """A new, checked version of the connector; the connector itself when it is its first."""
    connector = await session.get(ConnectorRow, registration.name)
    if connector is None:
        connector = ConnectorRow(
            name=registration.name, department=registration.department, kind=registration.kind, created_at=now
        )
        session.add(connector)
        await session.flush()
    latest = await session.exec(
        select(func.max(ConnectorVersionRow.version)).where(ConnectorVersionRow.name == registration.name)
    )
    row = ConnectorVersionRow(
        name=registration.name,
        version=(latest.one() or 0) + 1,
        state=VersionState.CHECKED,
        kind=registration.kind,
        sdl=registration.sdl or "",
        url=registration.url,
        timeout_ms=registration.timeout_ms or default_timeout_ms,
        idempotency=registration.idempotency,
        configuration=registration.configuration.stored,
        created_at=now,
        created_by=actor,
    )
    session.add(row)
    await session.flush()
    return _version(connector, row)


async def set_live(session: AsyncSession, version: ConnectorVersion, approver: str) -> None:
    """Make this version the live one; the one before becomes superseded."""
    connector = (await session.exec(select(ConnectorRow).where(ConnectorRow.name == version.name))).one()
    rows = await session.exec(select(ConnectorVersionRow).where(ConnectorVersionRow.name == version.name))
    for row in rows.all():
        if row.version == version.version:
            row.state = VersionState.LIVE
            row.approved_by = approver
        elif row.state == VersionState.LIVE:
            row.state = VersionState.SUPERSEDED
    connector.live_version = version.version
    connector.kind = version.kind
    connector.is_retired = False
    await session.flush()


async def set_suspended(session: AsyncSession, name: str, suspended: bool) -> None:
    connector = (await session.exec(select(ConnectorRow).where(ConnectorRow.name == name))).one()
    connector.is_suspended = suspended
    await session.flush()


async def retire(session: AsyncSession, name: str) -> None:
    connector = (await session.exec(select(ConnectorRow).where(ConnectorRow.name == name))).one()
    connector.is_retired = True
    connector.live_version = None
    rows = await session.exec(select(ConnectorVersionRow).where(ConnectorVersionRow.name == name))
    for row in rows.all():
        if row.state == VersionState.LIVE:
            row.state = VersionState.SUPERSEDED
    await session.flush()


async def add_supergraph_version(
    session: AsyncSession, members: Iterable[ConnectorVersion], reason: str, now: datetime, actor: str
) -> int:
    """The next version number, gapless because the registry's lock is held."""
    latest = (await session.exec(select(func.max(SupergraphVersionRow.version)))).one()
    row = SupergraphVersionRow(
        version=(latest or 0) + 1,
        members=[
            {"name": member.name, "version": member.version}
            for member in sorted(members, key=lambda each: each.name)
        ],
        reason=reason,
        created_at=now,
        created_by=actor,
    )
    session.add(row)
    await session.flush()
    return row.version


async def views(session: AsyncSession) -> tuple[ConnectorView, ...]:
    connectors = (await session.exec(select(ConnectorRow).order_by(ConnectorRow.name))).all()
    versions = (await session.exec(select(ConnectorVersionRow))).all()
    return tuple(
        _view(connector, [row for row in versions if row.name == connector.name]) for connector in connectors
    )


async def view(session: AsyncSession, name: str) -> ConnectorView | None:
    connector = await session.get(ConnectorRow, name)
    if connector is None:
        return None
    rows = await session.exec(select(ConnectorVersionRow).where(ConnectorVersionRow.name == name))
    return _view(connector, rows.all())


def _view(connector: ConnectorRow, rows: Sequence[ConnectorVersionRow]) -> ConnectorView:
    versions = tuple(_version(connector, row) for row in sorted(rows, key=lambda each: each.version))
    live = next((version for version in versions if version.state is VersionState.LIVE), None)
    newest = versions[-1]
    return ConnectorView(
        name=connector.name,
        department=connector.department,
        kind=connector.kind,
        state=_state(connector, live),
        current=live or newest,
        versions=versions,
        waiting_for="operator" if newest.state is VersionState.CHECKED else None,
    )


def _state(connector: ConnectorRow, live: ConnectorVersion | None) -> ConnectorState:
    if connector.is_retired:
        return ConnectorState.RETIRED
    if connector.is_suspended:
        return ConnectorState.SUSPENDED
    return ConnectorState.LIVE if live else ConnectorState.CHECKED


def _version(connector: ConnectorRow, row: ConnectorVersionRow) -> ConnectorVersion:
    return ConnectorVersion(
        name=row.name,
        version=row.version,
        department=connector.department,
        kind=row.kind,
        sdl=row.sdl,
        url=row.url,
        timeout_ms=row.timeout_ms,
        idempotency=row.idempotency,
        state=VersionState(row.state),
        created_at=row.created_at,
        created_by=row.created_by,
        is_suspended=connector.is_suspended,
        configuration=Configuration.of(row.configuration),
    )
