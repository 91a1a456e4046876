"""Who is told by which channel, and when it may make a sound. Source: domain.md, 9.10; docs/notices.md."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.notice import NoticeKind
from schema.domain.notice_preference import (
    GROUPS,
    LONGEST_QUIET,
    STARTS_A_LIMIT,
    NoticeChannel,
    NoticeGroup,
    NoticePreferences,
    QuietHours,
)
from schema.domain.receipt_number import SHANGHAI

_C, _G, _K = NoticeChannel, NoticeGroup, NoticeKind
SILENT = NoticePreferences(off=frozenset((channel, group) for channel in _C for group in _G))


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def test_every_kind_is_in_a_group() -> None:
    """A kind without one could be told to nobody outside."""
    assert set(GROUPS) == set(NoticeKind)


@pytest.mark.parametrize(
    ("preferences", "channel", "kind", "wants"),
    [
        (NoticePreferences(), _C.IN_APP, _K.CARD, True),
        (NoticePreferences(), _C.SMS, _K.LICENCE, True),
        (NoticePreferences(), _C.EMAIL, _K.ENQUIRY, True),
        (NoticePreferences(), _C.SMS, _K.CALENDAR_ESTIMATED, False),
        (NoticePreferences(off=frozenset({(_C.SMS, _G.LICENCES)})), _C.SMS, _K.LICENCE, False),
        (NoticePreferences(off=frozenset({(_C.SMS, _G.LICENCES)})), _C.EMAIL, _K.LICENCE, True),
        (NoticePreferences(off=frozenset({(_C.SMS, _G.LICENCES)})), _C.SMS, _K.ENQUIRY, True),
        (SILENT, _C.IN_APP, _K.LICENCE, True),
        (SILENT, _C.SMS, _K.CARD, False),
        (SILENT, _C.SMS, _K.SUPPLEMENT_REQUESTED, True),
        (SILENT, _C.EMAIL, _K.DECIDED, True),
        (SILENT, _C.WEB_PUSH, _K.SUPPLEMENT_REMINDER, True),
    ],
)
def test_what_is_wanted(
    preferences: NoticePreferences, channel: NoticeChannel, kind: NoticeKind, wants: bool
) -> None:
    """In the hub always; outside by group; a date that can be missed on every channel that was opened."""
    assert preferences.wants(channel, kind) is wants


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (shanghai(23, 21, 59), shanghai(23, 21, 59)),
        (shanghai(23, 22), shanghai(24, 8)),
        (shanghai(24, 3), shanghai(24, 8)),
        (shanghai(24, 7, 59), shanghai(24, 8)),
        (shanghai(24, 8), shanghai(24, 8)),
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), shanghai(24, 8)),
    ],
)
def test_the_night_is_quiet(moment: datetime, told: datetime) -> None:
    """22:00 to 8:00 in Beijing, whatever zone a moment is said in."""
    assert NoticePreferences().not_before(_C.SMS, moment) == told
    assert NoticePreferences().not_before(_C.WEB_PUSH, moment) == told
    assert NoticePreferences().not_before(_C.EMAIL, moment) == moment
    assert NoticePreferences(quiet=None).not_before(_C.SMS, moment) == moment


@pytest.mark.parametrize(
    ("begins", "ends", "is_possible"),
    [
        (time(22), time(8), True),
        (time(13), time(14), True),
        (time(20), time(8, 1), False),
        (time(8), time(8), False),
    ],
)
def test_quiet_hours_leave_half_of_the_day(begins: time, ends: time, is_possible: bool) -> None:
    """Else what a time limit counts from could be held for a day."""
    assert (QuietHours(begins, ends).problem() is None) is is_possible


@given(
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    st.integers(0, 525_600).map(lambda each: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=each)),
)
def test_what_is_held_is_held_until_the_end_and_no_longer(begins: time, ends: time, moment: datetime) -> None:
    """For every possible pair of hours: the moment told is outside them, and never more than twelve hours off."""
    quiet = QuietHours(begins, ends)
    if quiet.problem() is not None:
        return
    told = quiet.after(moment)
    assert quiet.after(told) == told
    assert timedelta(0) <= told - moment <= LONGEST_QUIET


def test_dates_that_can_be_missed_are_those_of_a_case() -> None:
    assert {GROUPS[kind] for kind in STARTS_A_LIMIT} == {_G.CASES}
