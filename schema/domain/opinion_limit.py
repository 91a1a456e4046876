"""Limits that departments' parts of a joint case have of their own (9.6, 9.7): from when, until when, day by day.

A limit runs from the working day after its department was told, or after the applicant's supplement reached it.
It does not run while the department waits for that supplement, while the whole case is suspended, and while the
command that was to tell the department has failed: who was told nothing is not silent. What it means that a limit
is over says ``joint_flow.limit_passed``. Source: docs/domain.md, "Joint handling"; domain.md, 9.6 and 9.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from schema.domain.case import CaseEvent, CaseEventType
from schema.domain.joint import DepartmentStep
from schema.domain.time_limit import CountedDay, Limits, Run, Stop, explain
from schema.domain.working_days import WorkingCalendar, day_of, end_of

_T = CaseEventType
ANSWERS = frozenset({_T.SUB_CASE_APPROVED, _T.SUB_CASE_DENIED, _T.SUB_CASE_SUPPLEMENT_REQUESTED})
"""The department's own words after which nobody waits for it."""
_BEGINS = frozenset({_T.SUB_CASE_STARTED, _T.SUB_CASE_SUPPLEMENTED})
_ENDS = ANSWERS | {
    _T.OPINION_DEEMED,
    _T.OPINION_MISSED,
    _T.SUB_CASE_STOPPED,
    _T.SUB_CASE_COMPENSATION_ORDERED,
    _T.COMMAND_FAILED,
}
OPINION_EVENTS = _BEGINS | _ENDS | {_T.SUB_CASE_REDRIVEN}
"""Events of a part of a case that move its limit."""


@dataclass(frozen=True, slots=True)
class OpinionLimit:
    """The limit of one step, day by day from the one on which it began.

    ``due_at`` is ``None`` while it stands still; ``ended_at`` is when it was over, by an answer or otherwise.
    """

    step: DepartmentStep
    began_at: datetime
    due_at: datetime | None
    days: tuple[CountedDay, ...]
    ended_at: datetime | None

    @property
    def moves_the_case(self) -> bool:
        """Whether something follows from its end: consent, or that the lead decides without this opinion."""
        return self.ended_at is None and (self.step.deemed_consent or not self.step.is_required)


def opinion_limits(
    steps: Sequence[DepartmentStep], events: Sequence[CaseEvent], calendar: WorkingCalendar
) -> tuple[OpinionLimit, ...]:
    """The newest limit of every step that has one and was begun, in the order of the steps."""
    found = []
    for step in steps:
        run = _run(step, events) if step.limit_days else None
        if run is not None and step.limit_days:
            days = explain(run, step.limit_days, calendar)
            is_whole = sum(day.counts for day in days) == step.limit_days
            due_at = end_of(days[-1].date) if is_whole else None
            found.append(OpinionLimit(step, run.began_at, due_at, days, run.ended_at))
    return tuple(found)


def _run(step: DepartmentStep, events: Sequence[CaseEvent]) -> Run | None:
    run: Run | None = None
    for event in _that_matter(step, events):
        if event.type in _BEGINS or (event.type is _T.SUB_CASE_REDRIVEN and _has_failed(run)):
            run = Run(day_of(event.at), event.at, Limits(step.limit_days or 0))
        elif run is None or run.ended_at is not None:
            continue
        elif event.type is _T.SUSPENDED:
            run = replace(run, stops=(*run.stops, Stop(day_of(event.at), None, event.reason)))
        elif event.type is _T.RESUMED and run.is_suspended:
            run = replace(run, stops=(*run.stops[:-1], replace(run.stops[-1], until=day_of(event.at))))
        elif event.type in _ENDS:
            run = replace(run, ended_at=event.at)
    return run


def _that_matter(step: DepartmentStep, events: Sequence[CaseEvent]) -> Iterator[CaseEvent]:
    """Those of this step, and those of the whole case that stop every clock."""
    for event in events:
        is_of_step = event.data.get("subCase") == step.code and event.type in OPINION_EVENTS
        if is_of_step or event.type in {_T.SUSPENDED, _T.RESUMED}:
            yield event


def _has_failed(run: Run | None) -> bool:
    """Whether it ended because its department could not be told; a redriven undoing has no limit."""
    return run is not None and run.ended_at is not None
