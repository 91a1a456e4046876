"""Inspections (勘查): ordered for a case, dispatched to an inspector at a time, proved by evidence.

``RULES`` is the whole state machine; an inspection is the fold of its events. Evidence is a picture with its place
and time: on site it was taken at the place and during the visit. Source: docs/inspections.md; domain.md, 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from math import asin, cos, radians, sin, sqrt
from typing import Any

from schema.domain.working_days import WorkingCalendar, deadline

LIMIT_DAYS = 10
"""Working days from the order to its result."""
NEAR_METRES = 500.0
"""How far from the place a picture on site may have been taken: streets are canyons for satellites."""
AROUND = timedelta(hours=2)
"""How long before and after the visit."""
LONGEST_VISIT = timedelta(hours=8)
_EARTH_METRES = 6_371_000.0


class InspectionWay(StrEnum):
    ON_SITE = "ON_SITE"
    REMOTE = "REMOTE"
    """By pictures or video that the applicant sends or shows (远程勘查)."""


class InspectionState(StrEnum):
    ORDERED = "ORDERED"
    SCHEDULED = "SCHEDULED"
    PASSED = "PASSED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class InspectionEventType(StrEnum):
    ORDERED = "ordered"
    SCHEDULED = "scheduled"
    EVIDENCE_ADDED = "evidence-added"
    PASSED = "passed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class InspectionRule:
    """From which states an event may come, and where it leads; ``needs`` is what its data must say."""

    sources: frozenset[InspectionState]
    to: InspectionState | None
    needs_reason: bool = False
    needs: tuple[str, ...] = ()


_S, _T = InspectionState, InspectionEventType
_OPEN = frozenset({_S.ORDERED, _S.SCHEDULED})
_SCHEDULED = frozenset({_S.SCHEDULED})
RULES: Mapping[InspectionEventType, InspectionRule] = {
    _T.SCHEDULED: InspectionRule(_OPEN, _S.SCHEDULED, needs=("officer", "inspector", "beginsAt", "endsAt")),
    _T.EVIDENCE_ADDED: InspectionRule(_SCHEDULED, None, needs=("officer", "file", "takenAt")),
    _T.PASSED: InspectionRule(_SCHEDULED, _S.PASSED, needs=("officer", "findings")),
    _T.FAILED: InspectionRule(_SCHEDULED, _S.FAILED, needs=("officer", "findings")),
    _T.CANCELLED: InspectionRule(_OPEN, _S.CANCELLED, needs_reason=True, needs=("officer",)),
}
"""What may happen after the order."""
OPEN = _OPEN
RESULTS = frozenset({_T.PASSED, _T.FAILED})


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float

    def metres_to(self, other: Coordinates) -> float:
        """Along the surface (haversine)."""
        north, east = radians(other.latitude - self.latitude), radians(other.longitude - self.longitude)
        across = cos(radians(self.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
        return 2 * _EARTH_METRES * asin(sqrt(sin(north / 2) ** 2 + across))


@dataclass(frozen=True, slots=True)
class InspectionEvent:
    """One thing that happened. ``version`` counts from 1 without a gap."""

    version: int
    type: InspectionEventType
    state: InspectionState
    at: datetime
    reason: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the events so far amount to. ``applicant`` and ``inspector`` are opaque subjects."""

    id: str
    number: str
    case_id: str
    applicant: str
    way: InspectionWay
    place: Coordinates | None = None
    state: InspectionState = InspectionState.ORDERED
    version: int = 0
    inspector: str | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    evidence: int = 0
    findings: str | None = None
    ordered_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InspectionStep:
    """An event before the inspection has taken it."""

    type: InspectionEventType
    at: datetime
    reason: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class ImpossibleInspectionStep(Exception):
    """The inspection is not in a state in which this can happen, or the step lacks what it must say."""

    def __init__(self, inspection: Inspection, type: InspectionEventType, why: str) -> None:
        super().__init__(f'{inspection.number} is {inspection.state}: "{type}" is refused. {why}')


def begun(inspection: Inspection, step: InspectionStep) -> tuple[Inspection, InspectionEvent]:
    """The inspection with its order."""
    return _taken(inspection, step, InspectionState.ORDERED)


def transition(inspection: Inspection, step: InspectionStep) -> tuple[Inspection, InspectionEvent]:
    """The inspection after the step, and its event. Raises :class:`ImpossibleInspectionStep`."""
    if why := impossible(inspection, step):
        raise ImpossibleInspectionStep(inspection, step.type, why)
    return _taken(inspection, step, RULES[step.type].to or inspection.state)


def impossible(inspection: Inspection, step: InspectionStep) -> str | None:
    """Why this cannot happen now, with the mend; ``None`` when it can."""
    rule = RULES.get(step.type)
    if rule is None or inspection.state not in rule.sources:
        return f"It can happen in: {', '.join(sorted(rule.sources)) if rule else 'no state after the order'}."
    if rule.needs_reason and not (step.reason or "").strip():
        return "State a reason."
    for name in rule.needs:
        if not str(step.data.get(name) or "").strip():
            return f"State `{name}`."
    match step.type:
        case InspectionEventType.SCHEDULED:
            return _unschedulable(inspection, step)
        case InspectionEventType.EVIDENCE_ADDED:
            return _no_evidence(inspection, step)
        case InspectionEventType.PASSED | InspectionEventType.FAILED:
            return _no_result(inspection, step)
    return None


def _unschedulable(inspection: Inspection, step: InspectionStep) -> str | None:
    begins, ends = datetime.fromisoformat(step.data["beginsAt"]), datetime.fromisoformat(step.data["endsAt"])
    if not step.at < begins < ends <= begins + LONGEST_VISIT:
        return f"It begins in time to come and takes at most {LONGEST_VISIT // timedelta(hours=1)} hours."
    if step.data["inspector"] == inspection.applicant:
        return "Nobody inspects for a case of their own."
    return None


def _no_evidence(inspection: Inspection, step: InspectionStep) -> str | None:
    """A picture proves only what it shows: here, and at that time (art. 14)."""
    if step.data["officer"] != inspection.inspector:
        return "Only the inspector adds evidence."
    taken = datetime.fromisoformat(step.data["takenAt"])
    if taken > step.at:
        return "It was taken in time to come. Set the camera's clock."
    if inspection.way is InspectionWay.REMOTE:
        return None
    begins, ends = inspection.begins_at, inspection.ends_at
    if begins is None or ends is None or not begins - AROUND <= taken <= ends + AROUND:
        return "On site a picture is taken during the visit. Schedule the visit for when it was."
    if step.data.get("latitude") is None or step.data.get("longitude") is None:
        return "On site a picture says where it was taken: state `latitude` and `longitude`."
    taken_at = Coordinates(float(step.data["latitude"]), float(step.data["longitude"]))
    if inspection.place is not None and (far := inspection.place.metres_to(taken_at)) > NEAR_METRES:
        return f"It was taken {far:.0f} m from the place, more than {NEAR_METRES:.0f} m away."
    return None


def _no_result(inspection: Inspection, step: InspectionStep) -> str | None:
    if step.data["officer"] != inspection.inspector:
        return "Only the inspector reports the result."
    if not inspection.evidence:
        return "A result needs evidence. Add a picture first."
    return None


def due_at(ordered_at: datetime, calendar: WorkingCalendar) -> datetime:
    """24:00 of the last working day by which there is a result."""
    return deadline(calendar, ordered_at, LIMIT_DAYS)


def fold(beginning: Inspection, events: Iterable[InspectionEvent]) -> Inspection:
    """The inspection that these events, in order, amount to."""
    return reduce(apply, events, beginning)


def apply(inspection: Inspection, event: InspectionEvent) -> Inspection:
    """One step of the fold. Raises ``ValueError`` where the versions have a gap."""
    if event.version != inspection.version + 1:
        raise ValueError(f"{inspection.number} misses the event between {inspection.version} and {event.version}.")
    moved = replace(inspection, version=event.version, state=event.state)
    data = event.data
    match event.type:
        case InspectionEventType.ORDERED:
            return replace(moved, ordered_at=event.at)
        case InspectionEventType.SCHEDULED:
            begins, ends = datetime.fromisoformat(data["beginsAt"]), datetime.fromisoformat(data["endsAt"])
            return replace(moved, inspector=data["inspector"], begins_at=begins, ends_at=ends)
        case InspectionEventType.EVIDENCE_ADDED:
            return replace(moved, evidence=inspection.evidence + 1)
        case InspectionEventType.PASSED | InspectionEventType.FAILED:
            return replace(moved, findings=data["findings"], ended_at=event.at)
        case InspectionEventType.CANCELLED:
            return replace(moved, ended_at=event.at)


def _taken(
    inspection: Inspection, step: InspectionStep, state: InspectionState
) -> tuple[Inspection, InspectionEvent]:
    event = InspectionEvent(inspection.version + 1, step.type, state, step.at, step.reason, step.data)
    return apply(inspection, event), event
