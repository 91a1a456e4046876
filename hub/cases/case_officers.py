"""Who had a part in a case: its handler, the officer of first inquiry, and every officer whom its events name."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from hub.cases.case_events import events_of
from hub.tables.case import CaseRow

_OFFICERS_IN_EVENTS = ("officer", "approver", "to")


async def officers_of(session: AsyncSession, case: CaseRow) -> frozenset[str]:
    """Their subjects; empty where a department's system decides."""
    found = {each for each in (case.handler, case.first_inquiry) if each}
    for event in (await events_of(session, (case.id,)))[case.id]:
        found |= {str(event.data[name]) for name in _OFFICERS_IN_EVENTS if event.data.get(name)}
    return frozenset(found)
