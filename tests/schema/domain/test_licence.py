"""The rules of licences: what follows from what, when one is over, when its holder is reminded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.licence import (
    MOST_REASON,
    ImpossibleLicenceChange,
    Licence,
    LicenceEventType,
    LicenceField,
    LicenceState,
    LicenceType,
    change,
    due_reminder,
    masked_name,
    next_look,
    said,
    state_on,
    type_problems,
    valid_until,
)

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PERMIT = LicenceType(
    code="permit",
    name="居住证",
    name_en="Residence permit",
    number_prefix="JZ",
    validity_months=12,
    remind_days=(30, 7, 1),
    fields=(LicenceField(code="address", name="住址", name_en="Address", source="home"),),
)
LICENCE = Licence(
    id="l1",
    number="JZ1",
    kind="permit",
    issuer="110102-GA",
    holder="anna",
    state=LicenceState.VALID,
    version=1,
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
)
S, E = LicenceState, LicenceEventType
POSSIBLE = {
    (S.VALID, E.SUSPENDED): S.SUSPENDED,
    (S.VALID, E.REVOKED): S.REVOKED,
    (S.VALID, E.EXPIRED): S.EXPIRED,
    (S.VALID, E.SUPERSEDED): S.SUPERSEDED,
    (S.SUSPENDED, E.REINSTATED): S.VALID,
    (S.SUSPENDED, E.REVOKED): S.REVOKED,
    (S.SUSPENDED, E.EXPIRED): S.EXPIRED,
    (S.EXPIRED, E.REVOKED): S.REVOKED,
    (S.EXPIRED, E.SUPERSEDED): S.SUPERSEDED,
}


@pytest.mark.parametrize(("state", "event"), list(product(S, E)))
def test_every_state_with_every_event(state: LicenceState, event: LicenceEventType) -> None:
    """Domain.md, section 6: what the table does not allow is refused and names the licence."""
    licence = replace(LICENCE, state=state)
    wanted = POSSIBLE.get((state, event))
    if wanted is None:
        with pytest.raises(ImpossibleLicenceChange, match=f"JZ1 is {state}"):
            change(licence, event, "hanna", AT, TODAY, "a reason")
        return
    after, happened = change(licence, event, "hanna", AT, TODAY, " a reason ")
    assert (after.state, after.version) == (wanted, 2)
    assert (happened.state, happened.version, happened.reason) == (wanted, 2, "a reason")


@pytest.mark.parametrize("event", [E.SUSPENDED, E.REVOKED])
@pytest.mark.parametrize("reason", [None, "  ", "x" * (MOST_REASON + 1)])
def test_what_takes_a_licence_away_says_why(event: LicenceEventType, reason: str | None) -> None:
    with pytest.raises(ImpossibleLicenceChange, match=r"say why|at most"):
        change(LICENCE, event, "hanna", AT, TODAY, reason)


def test_a_licence_is_over_the_day_after_its_last_whether_noted_or_not() -> None:
    """It cannot be suspended any more, though nobody has noted the end yet."""
    assert state_on(LICENCE, date(2026, 12, 31)) is S.VALID
    assert state_on(LICENCE, date(2027, 1, 1)) is S.EXPIRED
    assert state_on(replace(LICENCE, valid_until=None), date(2999, 1, 1)) is S.VALID
    assert state_on(replace(LICENCE, state=S.REVOKED), date(2027, 1, 1)) is S.REVOKED
    with pytest.raises(ImpossibleLicenceChange, match="is EXPIRED"):
        change(LICENCE, E.SUSPENDED, "hanna", AT, date(2027, 1, 1), "late")


@pytest.mark.parametrize(
    ("months", "first", "last"),
    [
        (12, date(2026, 11, 23), date(2027, 11, 22)),
        (1, date(2026, 1, 31), date(2026, 2, 28)),
        (12, date(2028, 2, 29), date(2029, 2, 28)),
        (1, date(2026, 12, 1), date(2026, 12, 31)),
        (0, date(2026, 1, 1), None),
    ],
)
def test_the_last_day(months: int, first: date, last: date | None) -> None:
    assert valid_until(replace(PERMIT, validity_months=months), first) == last


@pytest.mark.parametrize(
    ("left", "reminder"), [(31, None), (30, 30), (29, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)]
)
def test_the_reminder_that_is_due(left: int, reminder: int | None) -> None:
    """After an outage the holder is told once, not three times."""
    assert due_reminder(PERMIT, TODAY + timedelta(days=left), TODAY) == reminder


@given(st.integers(-10, 400), st.lists(st.integers(1, 120), max_size=4))
def test_the_worker_looks_at_every_day_that_brings_something(left: int, days: list[int]) -> None:
    """From look to look nothing is passed over: each reminder's day and the end are days of a look."""
    kind = replace(PERMIT, remind_days=tuple(days))
    until = TODAY + timedelta(days=left)
    licence = replace(LICENCE, valid_until=until)
    seen, day = [], TODAY
    while day <= until:
        following = next_look(licence, kind, day)
        assert following is not None
        assert following > day
        seen.append(following)
        day = following
    wanted = {until - timedelta(days=each) for each in days} | {until + timedelta(days=1)}
    assert {each for each in wanted if each > TODAY} <= set(seen)


def test_a_licence_says_what_its_type_takes_from_the_form() -> None:
    assert said(PERMIT, {"home": "Road 1", "secret": "x"}) == (
        {"code": "address", "name": "住址", "nameEn": "Address", "value": "Road 1"},
    )
    assert said(PERMIT, {"home": ""}) == ()
    assert said(PERMIT, None) == ()


def test_a_type_that_cannot_be_names_each_mistake() -> None:
    wrong = replace(
        PERMIT, number_prefix="j1", validity_months=-1, remind_days=(0,), fields=PERMIT.fields + PERMIT.fields
    )
    problems = "\n".join(type_problems(wrong))
    assert [word for word in ("number_prefix", "validity_months", "remind_days", "two fields") if word in problems]
    assert problems.count("permit:") == 4
    assert list(type_problems(PERMIT)) == []


def test_a_masked_name_hides_how_long_it_is() -> None:
    assert [masked_name(name) for name in ("王建国", "欧阳", " 李 ", "")] == ["王**", "欧**", "李**", ""]
