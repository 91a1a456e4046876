"""The events of cases, read from their rows."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.storage.pending_rows import insert_pending
from hub.tables.case import CaseEventRow
from schema.domain.case import CaseActor, CaseEvent, CaseEventType, CaseState, Channel


async def events_of(session: AsyncSession, case_ids: Iterable[str]) -> dict[str, tuple[CaseEvent, ...]]:
    """The events of some cases, in order, with those that this very transaction has decided."""
    await insert_pending(session)
    wanted = sorted(set(case_ids))
    statement = (
        select(CaseEventRow)
        .where(col(CaseEventRow.case_id).in_(wanted))
        .order_by(col(CaseEventRow.case_id), col(CaseEventRow.version))
    )
    found: dict[str, list[CaseEvent]] = {case_id: [] for case_id in wanted}
    for row in (await session.exec(statement)).all():
        found[row.case_id].append(_event(row))
    return {case_id: tuple(each) for case_id, each in found.items()}


def _event(row: CaseEventRow) -> CaseEvent:
    return CaseEvent(
        version=row.version,
        type=CaseEventType(row.type),
        state=CaseState(row.state),
        actor=CaseActor(row.actor),
        at=row.at,
        channel=Channel(row.channel) if row.channel else None,
        reason=row.reason,
        data=row.data,
    )
