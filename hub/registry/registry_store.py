"""Reading and writing the registry's rows. Every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import tuple_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.registry.registration import (
    Configuration,
    ConnectorAction,
    ConnectorEvent,
    ConnectorState,
    ConnectorVersion,
    ConnectorView,
    LiveGraph,
    Registration,
    SupergraphMember,
    SupergraphVersion,
    VersionState,
)
from hub.tables.registry import ConnectorEventRow, ConnectorRow, ConnectorVersionRow, SupergraphVersionRow


async def newest_version(session: AsyncSession) -> int:
    """Of the supergraph in force; 0 before the first publication."""
    return (await session.exec(select(func.max(SupergraphVersionRow.version)))).one() or 0


async def live_graph(session: AsyncSession) -> LiveGraph:
    """The newest supergraph version with its members; version 0 before the first publication."""
    newest = await session.exec(
        select(SupergraphVersionRow).order_by(col(SupergraphVersionRow.version).desc()).limit(1)
    )
    row = newest.first()
    return await _graph_of(session, row) if row is not None else LiveGraph(0, ())


async def graph_before(session: AsyncSession, version: int) -> LiveGraph | None:
    """The newest supergraph before this one; ``None`` where there is none."""
    query = select(SupergraphVersionRow).where(SupergraphVersionRow.version < version)
    row = (await session.exec(query.order_by(col(SupergraphVersionRow.version).desc()).limit(1))).first()
    return await _graph_of(session, row) if row is not None else None


async def graph_of_version(session: AsyncSession, version: int) -> LiveGraph | None:
    """An earlier supergraph with its members as they were registered; ``None`` where there was none."""
    row = await session.get(SupergraphVersionRow, version)
    return await _graph_of(session, row) if row is not None else None


async def _graph_of(session: AsyncSession, row: SupergraphVersionRow) -> LiveGraph:
    pairs = [(member["name"], member["version"]) for member in row.members]
    key = tuple_(col(ConnectorVersionRow.name), col(ConnectorVersionRow.version))
    found = await session.exec(
        select(ConnectorRow, ConnectorVersionRow)
        .join(ConnectorVersionRow, col(ConnectorVersionRow.name) == col(ConnectorRow.name))
        .where(key.in_(pairs))
        .order_by(col(ConnectorRow.name))
    )
    return LiveGraph(row.version, tuple(_version(connector, version) for connector, version in found.all()))


async def supergraph_versions(
    session: AsyncSession, limit: int, before: int | None = None
) -> tuple[SupergraphVersion, ...]:
    """The newest first."""
    query = select(SupergraphVersionRow).order_by(col(SupergraphVersionRow.version).desc()).limit(limit)
    if before is not None:
        query = query.where(SupergraphVersionRow.version < before)
    rows = (await session.exec(query)).all()
    return tuple(
        SupergraphVersion(
            row.version,
            tuple(SupergraphMember(member["name"], member["version"]) for member in row.members),
            row.reason,
            row.created_at,
            row.created_by,
        )
        for row in rows
    )


async def add_version(
    session: AsyncSession,
    registration: Registration,
    default_timeout_ms: int,
    now: datetime,
    actor: str,
    state: VersionState = VersionState.CHECKED,
    *,
    waits_for_operator: bool = False,
) -> ConnectorVersion:
    """A new version of the connector; the connector itself when it is its first."""
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
        state=state,
        kind=registration.kind,
        sdl=registration.sdl or "",
        url=registration.url,
        timeout_ms=registration.timeout_ms or default_timeout_ms,
        idempotency=registration.idempotency,
        configuration=registration.configuration.stored,
        created_at=now,
        created_by=actor,
        waits_for_operator=waits_for_operator,
    )
    session.add(row)
    await session.flush()
    return _version(connector, row)


async def set_state(
    session: AsyncSession, version: ConnectorVersion, state: VersionState, approver: str | None = None
) -> None:
    """Where this version stands from now on; ``approver`` is kept where one is given."""
    row = await session.get(ConnectorVersionRow, (version.name, version.version))
    if row is not None:
        row.state = state
        row.approved_by = approver or row.approved_by
    await session.flush()


async def set_live(session: AsyncSession, version: ConnectorVersion, approver: str) -> None:
    """Make this version the live one; the one before becomes superseded."""
    connector = (await session.exec(select(ConnectorRow).where(ConnectorRow.name == version.name))).one()
    rows = await session.exec(select(ConnectorVersionRow).where(ConnectorVersionRow.name == version.name))
    for row in rows.all():
        if row.version == version.version:
            row.state = VersionState.LIVE
            row.approved_by = row.approved_by or approver
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
    await take_out(session, name, VersionState.SUPERSEDED)
    connector = (await session.exec(select(ConnectorRow).where(ConnectorRow.name == name))).one()
    connector.is_retired = True
    await session.flush()


async def take_out(session: AsyncSession, name: str, becomes: VersionState) -> None:
    """No version of the connector is live any more; the one that was stands at ``becomes``."""
    connector = (await session.exec(select(ConnectorRow).where(ConnectorRow.name == name))).one()
    connector.live_version = None
    rows = await session.exec(select(ConnectorVersionRow).where(ConnectorVersionRow.name == name))
    for row in rows.all():
        if row.state == VersionState.LIVE:
            row.state = becomes
    await session.flush()


def note(
    session: AsyncSession,
    name: str,
    version: int | None,
    action: ConnectorAction,
    actor: str,
    now: datetime,
    reason: str | None,
    supergraph_version: int | None = None,
) -> None:
    """A line of the connector's history, in the caller's transaction."""
    session.add(
        ConnectorEventRow(
            name=name,
            version=version,
            action=action,
            actor=actor,
            reason=reason,
            at=now,
            supergraph_version=supergraph_version,
        )
    )


async def history(session: AsyncSession, name: str, limit: int) -> tuple[ConnectorEvent, ...]:
    """The newest first."""
    rows = await session.exec(
        select(ConnectorEventRow)
        .where(ConnectorEventRow.name == name)
        .order_by(col(ConnectorEventRow.id).desc())
        .limit(limit)
    )
    return tuple(
        ConnectorEvent(
            ConnectorAction(row.action), row.version, row.actor, row.reason, row.at, row.supergraph_version
        )
        for row in rows.all()
    )


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
        state=_state(connector, live, newest),
        current=live or newest,
        versions=versions,
        waiting_for=_WAITS_FOR.get(newest.state),
    )


_WAITS_FOR = {VersionState.CHECKED: "operator", VersionState.APPROVED: "department"}
_BEFORE_LIVE = {
    VersionState.DRAFT: ConnectorState.DRAFT,
    VersionState.APPROVED: ConnectorState.APPROVED,
    VersionState.REJECTED: ConnectorState.REJECTED,
}


def _state(connector: ConnectorRow, live: ConnectorVersion | None, newest: ConnectorVersion) -> ConnectorState:
    if connector.is_retired:
        return ConnectorState.RETIRED
    if connector.is_suspended:
        return ConnectorState.SUSPENDED
    return ConnectorState.LIVE if live else _BEFORE_LIVE.get(newest.state, ConnectorState.CHECKED)


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
        approved_by=row.approved_by,
        is_suspended=connector.is_suspended,
        configuration=Configuration.of(row.configuration),
        waits_for_operator=row.waits_for_operator,
    )
