"""What time brings to one case, in one transaction: cards of passed moments, then the step that is due.

The case's row is locked by the caller, so that two workers, or a worker and a department's word, come one
after the other. Doing it again does nothing: cards have a key, a step changes the state that it came from.
Source: docs/time-limits.md.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from hub.cases import case_store, joint_store
from hub.cases.case_events import events_of
from hub.cases.case_store import Setting
from hub.notices.notices import About, citizen, put_notice
from hub.supervision.card_store import Whose, raise_cards
from hub.tables.case import CaseRow
from schema.domain import joint_flow
from schema.domain.case import CaseEvent, CaseState
from schema.domain.case_flow import Progress
from schema.domain.case_timing import TimedStep, TimedStepKind, clock_of, limits_of, supplement_due, take_step
from schema.domain.notice import NoticeKind, supplement_reminder
from schema.domain.service_item import ServiceItem

_MOST_STEPS = 5
"""Deemed acceptance, and what follows from it at once; who has more behind it is looked at once more."""


async def take_due_steps(session: AsyncSession, row: CaseRow, setting: Setting, now: datetime) -> None:
    """Everything that lies between the last look at the case and now."""
    for _ in range(_MOST_STEPS):
        if row.clock_at is None or row.clock_at > now or not await _look(session, row, setting, now):
            return


async def _look(session: AsyncSession, row: CaseRow, setting: Setting, now: datetime) -> bool:
    """Whether the case moved, so that it must be looked at once more."""
    events = (await events_of(session, (row.id,)))[row.id]
    catalogue, item = setting.catalogue, setting.item
    clock = clock_of(CaseState(row.state), events, limits_of(item), catalogue.timing, now)
    await raise_cards(session, row, Whose(catalogue, item), clock.cards, row.clock_seen, now)
    due = [step for step in clock.steps if step.at <= now and (row.clock_seen is None or step.at > row.clock_seen)]
    row.clock_seen, row.clock_at = now, clock.next_after(now)
    session.add(row)
    if not due:
        return False
    # Every opinion has an end of its own; of other steps the last has overtaken those before.
    opinion = next((step for step in due if step.kind is TimedStepKind.END_OPINION), None)
    return await _take(session, row, setting, opinion or due[-1], events, now)


async def _take(
    session: AsyncSession,
    row: CaseRow,
    setting: Setting,
    step: TimedStep,
    events: tuple[CaseEvent, ...],
    now: datetime,
) -> bool:
    rules = setting.catalogue.timing.rules
    if step.kind is TimedStepKind.REMIND_OF_SUPPLEMENT:
        text = supplement_reminder(row.receipt_number, supplement_due(events[-1], rules))
        key, about = f"supplement/{row.id}/{step.at.isoformat()}", About(row.id, row.receipt_number)
        put_notice(session, citizen(row.applicant), NoticeKind.SUPPLEMENT_REMINDER, key, text, step.at, about, now)
        return False
    if step.kind is TimedStepKind.END_OPINION:
        progress = await _opinion_ended(session, row, setting.item, step, now)
    else:
        progress = take_step(case_store.case_of(row), step.kind, events, rules, now)
    if progress is None:
        return False
    # What the new state brings may lie behind already: all of it is looked at anew.
    row.clock_seen, row.clock_at = None, None
    await case_store.record(session, row, progress, setting)
    return True


async def _opinion_ended(
    session: AsyncSession, row: CaseRow, item: ServiceItem, step: TimedStep, now: datetime
) -> Progress | None:
    """Consent is deemed, or the opinion is missed: once, since who has ended has no limit any more."""
    if item.joint is None or step.sub_case is None:
        return None
    before = await joint_store.sub_cases(session, row.id, item.joint)
    return joint_flow.limit_passed(case_store.case_of(row), before, step.sub_case, now, step.at)
