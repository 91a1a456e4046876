"""The rules of appointments, article 13 and 17."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.appointment import (
    BARRED_FOR,
    MOST_NO_SHOWS,
    NO_SHOW_PERIOD,
    TRANSITIONS,
    AppointmentState,
    Slot,
    barred_until,
    booking_problem,
    cancelling_problem,
    is_missed,
)

NINE = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
SLOT = Slot("s", "HALL", None, NINE, NINE + timedelta(minutes=30), 2)


@pytest.mark.parametrize(("minutes", "is_possible"), [(-1, True), (0, False), (5, False)])
def test_a_slot_is_booked_until_it_begins(minutes: int, is_possible: bool) -> None:
    assert (booking_problem(SLOT, NINE + timedelta(minutes=minutes)) is None) is is_possible


@pytest.mark.parametrize(
    ("before", "state", "is_possible"),
    [
        (timedelta(hours=2), AppointmentState.BOOKED, True),
        (timedelta(hours=1, minutes=59), AppointmentState.BOOKED, False),
        (timedelta(days=1), AppointmentState.USED, False),
        (timedelta(days=1), AppointmentState.MISSED, False),
    ],
)
def test_it_is_cancelled_until_two_hours_before(
    before: timedelta, state: AppointmentState, is_possible: bool
) -> None:
    assert (cancelling_problem(SLOT, state, NINE - before) is None) is is_possible


@pytest.mark.parametrize(("minutes", "missed"), [(0, False), (30, False), (31, True)])
def test_half_an_hour_late_is_missed(minutes: int, missed: bool) -> None:
    assert is_missed(SLOT, AppointmentState.BOOKED, NINE + timedelta(minutes=minutes)) is missed
    assert not is_missed(SLOT, AppointmentState.USED, NINE + timedelta(days=1))


@pytest.mark.parametrize(
    ("days_ago", "barred"),
    [
        ((), False),
        ((1, 2), False),
        ((1, 2, 3), True),
        ((1, 2, 200), False),
        ((40, 41, 42), False),
        ((1, 90, 170), True),
    ],
)
def test_three_missed_within_180_days_bar_for_30(days_ago: tuple[int, ...], barred: bool) -> None:
    """The window stays open to them; that is said with the refusal."""
    until = barred_until((NINE - timedelta(days=days) for days in days_ago), NINE)
    assert (until is not None) is barred
    if until is not None:
        assert until == NINE - timedelta(days=min(days_ago)) + BARRED_FOR


@given(st.lists(st.integers(0, 1000), max_size=8))
def test_nobody_is_barred_for_longer_than_the_rule_says(days_ago: list[int]) -> None:
    """Law: fewer than three within the period bar nobody; a bar ends 30 days after something that was missed."""
    missed = sorted(NINE - timedelta(days=days) for days in days_ago)
    until = barred_until(missed, NINE)
    recent = [at for at in missed if NINE - at <= BARRED_FOR]
    close = any(
        missed[n] - missed[n - MOST_NO_SHOWS + 1] <= NO_SHOW_PERIOD and missed[n] in recent
        for n in range(MOST_NO_SHOWS - 1, len(missed))
    )
    if until is None:
        assert not any(
            close and NINE - missed[n] < BARRED_FOR and missed[n] - missed[n - 2] <= NO_SHOW_PERIOD
            for n in range(2, len(missed))
        )
    else:
        assert close
        assert until - BARRED_FOR in missed


def test_what_was_used_or_cancelled_stays_so() -> None:
    """An officer sets right what was noted as missed, nothing else."""
    assert TRANSITIONS[AppointmentState.USED] == TRANSITIONS[AppointmentState.CANCELLED] == frozenset()
    assert TRANSITIONS[AppointmentState.MISSED] == {AppointmentState.USED}
