"""An officer is at one place at a time: inspections and visits at the door take their hours from one calendar.

Whoever gives out an officer's time first locks that officer's row, on every database, so that of two who dispatch
the same officer at the same moment the second sees what the first did. Source: docs/inspections.md (art. 12, 14).
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.storage.insertion import insert_if_absent
from hub.tables.engagement import EngagementRow, OfficerCalendarRow
from schema.errors import DomainError, RuntimeCode


async def engage(
    session: AsyncSession, officer: str, subject: str, number: str, begins_at: datetime, ends_at: datetime
) -> None:
    """Take the officer's time for this subject, instead of what it had. Raises ``DomainError`` CONFLICT."""
    await insert_if_absent(session, OfficerCalendarRow, {"officer": officer})
    mine = select(OfficerCalendarRow).where(col(OfficerCalendarRow.officer) == officer).with_for_update()
    (await session.exec(mine)).one()
    overlapping = select(EngagementRow).where(
        col(EngagementRow.officer) == officer,
        col(EngagementRow.subject) != subject,
        col(EngagementRow.begins_at) < ends_at,
        col(EngagementRow.ends_at) > begins_at,
    )
    if (busy := (await session.exec(overlapping.limit(1))).first()) is not None:
        message = f"The officer has {busy.number} at that time. Choose another time or person."
        raise DomainError(RuntimeCode.CONFLICT, message)
    await release(session, subject)
    session.add(
        EngagementRow(subject=subject, officer=officer, number=number, begins_at=begins_at, ends_at=ends_at)
    )
    await session.flush()


async def release(session: AsyncSession, subject: str) -> None:
    """The time is the officer's own again; harmless where nothing was taken."""
    await session.exec(delete(EngagementRow).where(col(EngagementRow.subject) == subject))
