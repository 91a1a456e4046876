"""The working calendar of 2026 as the State Council announced it, and two years that nobody has announced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from schema.domain.case import CaseActor, CaseEvent, CaseEventType, CaseState
from schema.domain.receipt_number import SHANGHAI
from schema.domain.working_days import CalendarYear, HolidayName, WorkingCalendar


def _days(name: str, name_en: str, first: str, last: str) -> dict[date, HolidayName]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return {begin + timedelta(days=n): HolidayName(name, name_en) for n in range((end - begin).days + 1)}


def _adjusted(*days: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in days)


YEAR_2026 = CalendarYear(
    2026,
    {
        **_days("元旦", "New Year's Day", "2026-01-01", "2026-01-03"),
        **_days("春节", "Spring Festival", "2026-02-15", "2026-02-23"),
        **_days("清明节", "Tomb-Sweeping Day", "2026-04-04", "2026-04-06"),
        **_days("劳动节", "Labour Day", "2026-05-01", "2026-05-05"),
        **_days("端午节", "Dragon Boat Festival", "2026-06-19", "2026-06-21"),
        **_days("中秋节", "Mid-Autumn Festival", "2026-09-25", "2026-09-27"),
        **_days("国庆节", "National Day", "2026-10-01", "2026-10-07"),
    },
    _adjusted("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
    "国办发明电〔2025〕7号",
    version=1,
)
YEAR_2027 = CalendarYear(
    2027,
    _days("元旦", "New Year's Day", "2027-01-01", "2027-01-01"),
    frozenset(),
    "statutory days without the announcement",
    version=2,
    is_estimated=True,
)
CALENDAR = WorkingCalendar(2, {2026: YEAR_2026, 2027: YEAR_2027})

_STATES = {
    CaseEventType.SUBMITTED: CaseState.SUBMITTED,
    CaseEventType.ACCEPTED: CaseState.ACCEPTED,
    CaseEventType.REVIEW_STARTED: CaseState.IN_REVIEW,
    CaseEventType.SUSPENDED: CaseState.SUSPENDED,
    CaseEventType.RESUMED: CaseState.IN_REVIEW,
    CaseEventType.APPROVED: CaseState.APPROVED,
    CaseEventType.DENIED: CaseState.DENIED,
    CaseEventType.SUPPLEMENT_REQUESTED: CaseState.SUPPLEMENT_REQUESTED,
    CaseEventType.SUPPLEMENTED: CaseState.SUBMITTED,
    CaseEventType.REOPENED: CaseState.IN_REVIEW,
    CaseEventType.COMPLETED: CaseState.COMPLETED,
}


def noon(day: str) -> datetime:
    """12:00 in Beijing."""
    return datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=SHANGHAI).astimezone(UTC)


def story(
    *steps: tuple[str, CaseEventType] | tuple[str, CaseEventType, Mapping[str, object]],
) -> tuple[CaseEvent, ...]:
    """Events, each at noon of its day (or at the moment that it names); departments move unless it says who."""
    events: list[CaseEvent] = []
    for number, (when, kind, *rest) in enumerate(steps, 1):
        data: dict[str, object] = dict(rest[0]) if rest else {}
        at = datetime.fromisoformat(when) if "T" in when else noon(when)
        state = _STATES.get(kind, events[-1].state if events else CaseState.IN_REVIEW)
        actor = data.pop("actor", CaseActor.DEPARTMENT)
        assert isinstance(actor, CaseActor)
        events.append(CaseEvent(number, kind, state, actor, at, reason="because", data=data))
    return tuple(events)
