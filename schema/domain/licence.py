"""Licences (电子证照): issued by a completed case, renewed, suspended, revoked, and over by themselves.

A type is data: what it is called, how long it holds, what of the form it says, when its holder is reminded.
Every change is an event; what cannot be is refused with the mend. Source: docs/licences.md; domain.md, section 6.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

MOST_REASON = 500
MOST_NUMBER = 60
"""Characters of a reason, and of a licence's number."""


class LicenceState(StrEnum):
    VALID = "VALID"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    """A newer one of the same holder took its place."""


class LicenceEventType(StrEnum):
    ISSUED = "ISSUED"
    SUSPENDED = "SUSPENDED"
    REINSTATED = "REINSTATED"
    """A suspension ended."""
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"


_S, _E = LicenceState, LicenceEventType

TRANSITIONS: Mapping[tuple[LicenceState, LicenceEventType], LicenceState] = {
    (_S.VALID, _E.SUSPENDED): _S.SUSPENDED,
    (_S.SUSPENDED, _E.REINSTATED): _S.VALID,
    (_S.VALID, _E.REVOKED): _S.REVOKED,
    (_S.SUSPENDED, _E.REVOKED): _S.REVOKED,
    (_S.EXPIRED, _E.REVOKED): _S.REVOKED,
    (_S.VALID, _E.EXPIRED): _S.EXPIRED,
    (_S.SUSPENDED, _E.EXPIRED): _S.EXPIRED,
    (_S.VALID, _E.SUPERSEDED): _S.SUPERSEDED,
    (_S.EXPIRED, _E.SUPERSEDED): _S.SUPERSEDED,
}
"""What leads where; all else cannot be. A suspended licence is not renewed, and nothing follows a revocation. One
that has expired can still be revoked: what it was used for may have been wrong."""

NEEDS_REASON = frozenset({_E.SUSPENDED, _E.REVOKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceField:
    """What a licence says beside its holder and dates: the answer ``source`` of the case's form."""

    code: str
    name: str
    name_en: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceType:
    """A kind of licence. ``validity_months`` 0 means without end; ``remind_days`` are days before the last one.

    ``is_single``: a person holds one valid licence of it, so that a new one takes the place of the one before.
    ``renewal_item`` is the service item by which it is renewed, from ``renewal_days`` before its end.
    """

    code: str
    name: str
    name_en: str
    number_prefix: str
    validity_months: int = 0
    fields: tuple[LicenceField, ...] = ()
    remind_days: tuple[int, ...] = (90, 30, 7)
    is_single: bool = True
    renewal_item: str | None = None
    renewal_days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """One licence as it stands. Days are Beijing's; ``valid_until`` is the last one, ``None`` without end."""

    id: str
    number: str
    kind: str
    issuer: str
    holder: str
    state: LicenceState
    version: int
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class LicenceEvent:
    """``by`` is a subject, or ``system``; ``version`` counts from 1 without a gap."""

    version: int
    type: LicenceEventType
    state: LicenceState
    by: str
    at: datetime
    reason: str | None = None


class ImpossibleLicenceChange(Exception):
    """The licence's state does not allow it; the text names licence, state and mend."""


def issued(licence: Licence, by: str, at: datetime) -> LicenceEvent:
    """The first event of a new licence."""
    return LicenceEvent(licence.version, _E.ISSUED, licence.state, by, at)


def change(
    licence: Licence, type: LicenceEventType, by: str, at: datetime, day: date, reason: str | None = None
) -> tuple[Licence, LicenceEvent]:
    """The licence after what happened, and the event. Raises :class:`ImpossibleLicenceChange`.

    ``day`` is today at Beijing: a licence whose last day has passed is over, whether it was noted yet or not.
    """
    standing = licence.state if type is _E.EXPIRED else state_on(licence, day)
    after = TRANSITIONS.get((standing, type))
    if after is None:
        raise ImpossibleLicenceChange(f"Licence {licence.number} is {standing}; {_MENDS[type]}")
    words = (reason or "").strip()
    if type in NEEDS_REASON and not words:
        raise ImpossibleLicenceChange(f"Licence {licence.number}: say why. The holder reads it.")
    if len(words) > MOST_REASON:
        raise ImpossibleLicenceChange(f"A reason has at most {MOST_REASON} characters.")
    changed = replace(licence, state=after, version=licence.version + 1)
    return changed, LicenceEvent(changed.version, type, after, by, at, words or None)


_MENDS: Mapping[LicenceEventType, str] = {
    _E.ISSUED: "it was issued already.",
    _E.SUSPENDED: "only a valid one is suspended.",
    _E.REINSTATED: "only a suspended one is reinstated. Issue a new one.",
    _E.REVOKED: "it is not revoked any more.",
    _E.EXPIRED: "it does not expire any more.",
    _E.SUPERSEDED: "it is not renewed. End the suspension, or file for a new one.",
}


def state_on(licence: Licence, day: date) -> LicenceState:
    """The state on a day at Beijing: over by itself the day after the last."""
    runs = licence.state in (_S.VALID, _S.SUSPENDED)
    is_over = licence.valid_until is not None and licence.valid_until < day
    return _S.EXPIRED if runs and is_over else licence.state


def valid_until(type: LicenceType, first: date) -> date | None:
    """The last day of a licence that begins on ``first``: the day before the same day, so many months on."""
    if not type.validity_months:
        return None
    months = first.month - 1 + type.validity_months
    year, month = first.year + months // 12, months % 12 + 1
    # A licence of 29 February ends with the last day of February.
    day = min(first.day, monthrange(year, month)[1])
    end = date(year, month, day)
    return end - timedelta(days=1) if day == first.day else end


def due_reminder(type: LicenceType, until: date, day: date) -> int | None:
    """How many days before the end the reminder is that is due on ``day``: the last one that has come."""
    left = (until - day).days
    return min((days for days in type.remind_days if left <= days), default=None) if left >= 0 else None


def next_look(licence: Licence, type: LicenceType | None, day: date) -> date | None:
    """The next day after ``day`` that brings something to a licence; ``None`` where none does."""
    until = licence.valid_until
    if until is None or licence.state not in (_S.VALID, _S.SUSPENDED):
        return None
    over = until + timedelta(days=1)
    reminders = [until - timedelta(days=each) for each in (type.remind_days if type else ())]
    return min((each for each in (*reminders, over) if each > day), default=over)


def may_renew_from(type: LicenceType, until: date | None) -> date | None:
    """From which day on it is renewed; ``None`` where it needs no renewal."""
    return until - timedelta(days=type.renewal_days) if until is not None else None


def said(type: LicenceType, form: Any) -> tuple[dict[str, str], ...]:
    """What the licence says, from the answers of the case's form; what was not answered is not said."""
    answers = form if isinstance(form, Mapping) else {}
    return tuple(
        {"code": each.code, "name": each.name, "nameEn": each.name_en, "value": str(answers[each.source])}
        for each in type.fields
        if answers.get(each.source) not in (None, "")
    )


def type_problems(type: LicenceType) -> Iterator[str]:
    """What must not go live: every line names the thing and the mend."""
    if not type.number_prefix.isascii() or not type.number_prefix.isalpha() or not type.number_prefix.isupper():
        yield f'{type.code}: `number_prefix` is "{type.number_prefix}"; give capital letters.'
    if not 0 <= type.validity_months <= 1200:
        yield f"{type.code}: `validity_months` is between 0 (without end) and 1200."
    if any(not 0 < days <= 3660 for days in type.remind_days) or type.renewal_days < 0:
        yield f"{type.code}: `remind_days` and `renewal_days` are days before the end, none below 0."
    codes = [each.code for each in type.fields]
    if len(set(codes)) != len(codes):
        yield f"{type.code}: two fields have the same code. Rename one."


def masked_name(name: str) -> str:
    """A name as a stranger reads it: the family name, the rest hidden, never how long it is."""
    given = name.strip()
    return f"{given[:1]}**" if given else ""
