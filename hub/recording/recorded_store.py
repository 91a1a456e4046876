"""Reading and writing what was recorded of operations. Every function works within the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy
from sqlalchemy import delete
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.recording.durations import quantile
from hub.recording.operation_recorder import Recorded
from hub.storage.insertion import add_up
from hub.tables.recorded import RecordedDurationRow, RecordedOperationRow, RecordedUseRow, RecordedValueRow
from schema.affected import ClientUse, RecordedOperation


@dataclass(frozen=True, slots=True)
class OperationFigures:
    """A recorded operation with how it went. ``durations`` are counts by bucket, see
    :mod:`hub.recording.durations`."""

    recorded: RecordedOperation
    errors: int
    durations: Mapping[int, int]

    def milliseconds(self, share: float) -> float | None:
        """Within which ``share`` of the answers was there; ``None`` for streams."""
        return quantile(self.durations, share)


async def add(session: AsyncSession, recorded: Recorded) -> None:
    """What one process counted, added to what all did."""
    operations = [
        {
            "hash": hash_,
            "name": usage.name,
            "kind": usage.kind,
            "document": usage.document,
            "has_values": usage.has_values,
            "coordinates": sorted(usage.coordinates),
            "first_seen": recorded.at,
            "last_seen": recorded.at,
        }
        for hash_, usage in recorded.operations.items()
    ]
    await add_up(session, RecordedOperationRow, operations, replaced=("coordinates", "last_seen"))
    uses = [
        {
            "day": recorded.day,
            "operation": operation,
            "client": client,
            "version": version,
            "count": use.count,
            "errors": use.errors,
            "last_seen": recorded.at,
        }
        for (operation, client, version), use in recorded.uses.items()
    ]
    await add_up(session, RecordedUseRow, uses, added=("count", "errors"), replaced=("last_seen",))
    durations = [
        {"day": recorded.day, "operation": operation, "bucket": bucket, "count": count}
        for (operation, bucket), count in recorded.durations.items()
    ]
    await add_up(session, RecordedDurationRow, durations, added=("count",))
    values = [
        {"operation": operation, "coordinate": coordinate, "last_day": recorded.day}
        for operation, coordinate in recorded.values
    ]
    await add_up(session, RecordedValueRow, values, replaced=("last_day",))


async def figures(session: AsyncSession, since: date) -> tuple[OperationFigures, ...]:
    """Every operation that was answered on ``since`` or later, with its figures from then on; by hash."""
    clients, errors = await _clients(session, since)
    values = await _values(session, since)
    durations = await _durations(session, since)
    rows = (await session.exec(select(RecordedOperationRow).order_by(RecordedOperationRow.hash))).all()
    return tuple(
        OperationFigures(
            RecordedOperation(
                row.hash,
                row.name,
                row.kind,
                row.document,
                frozenset(row.coordinates) | values[row.hash],
                clients[row.hash],
                row.first_seen,
                row.has_values,
            ),
            errors[row.hash],
            durations[row.hash],
        )
        for row in rows
        if row.hash in clients
    )


async def forget(session: AsyncSession, before: date) -> None:
    """Delete what is older than ``before``. Harmless again and by several processes."""
    await session.exec(delete(RecordedUseRow).where(col(RecordedUseRow.day) < before))
    await session.exec(delete(RecordedDurationRow).where(col(RecordedDurationRow.day) < before))
    await session.exec(delete(RecordedValueRow).where(col(RecordedValueRow.last_day) < before))
    used = select(RecordedUseRow.operation)
    await session.exec(delete(RecordedOperationRow).where(col(RecordedOperationRow.hash).not_in(used)))


async def _clients(session: AsyncSession, since: date) -> tuple[dict[str, tuple[ClientUse, ...]], dict[str, int]]:
    row = RecordedUseRow
    client = (col(row.operation), col(row.client), col(row.version))
    figures = (func.sum(row.count), func.sum(row.errors), func.max(row.last_seen))
    summed = sqlalchemy.select(*client, *figures).where(col(row.day) >= since).group_by(*client)
    connection = await session.connection()
    clients: defaultdict[str, list[ClientUse]] = defaultdict(list)
    errors: defaultdict[str, int] = defaultdict(int)
    for operation, name, version, count, failed, last_seen in (await connection.execute(summed)).all():
        clients[operation].append(ClientUse(name, version, int(count), last_seen))
        errors[operation] += int(failed)
    ordered = {
        operation: tuple(sorted(each, key=lambda use: (-use.count, use.name, use.version)))
        for operation, each in clients.items()
    }
    return ordered, errors


async def _values(session: AsyncSession, since: date) -> defaultdict[str, frozenset[str]]:
    chosen = select(RecordedValueRow).where(col(RecordedValueRow.last_day) >= since)
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for row in (await session.exec(chosen)).all():
        found[row.operation] |= {row.coordinate}
    return found


async def _durations(session: AsyncSession, since: date) -> defaultdict[str, dict[int, int]]:
    row = RecordedDurationRow
    summed = (
        select(row.operation, row.bucket, func.sum(row.count))
        .where(col(row.day) >= since)
        .group_by(row.operation, col(row.bucket))
    )
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for operation, bucket, count in (await session.exec(summed)).all():
        found[operation][bucket] = int(count)
    return found
