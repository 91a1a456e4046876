"""A delivery from the notice to its end. Source: domain.md, 9.10; docs/notices.md, "States"."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as draw
from hypothesis import strategies as st

from schema.domain.notice_delivery import (
    ENDS,
    TRANSITIONS,
    TRIED_FOR,
    UNCERTAIN_FOR,
    Delivery,
    DeliveryState,
    News,
    after,
    given,
    holder,
    sent_again,
)
from schema.domain.notice_gateway import LONGEST_REST, WELL, GatewayHealth, choose, failed

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)
_S, _N = DeliveryState, News
NEW = Delivery("d", AT, next_at=AT)
TRIED = given(NEW, "sms-1", AT, LEASE)


@pytest.mark.parametrize(
    ("news", "state"),
    [
        ([_N.TAKEN], _S.HANDED_OVER),
        ([_N.TAKEN, _N.PROVED], _S.DELIVERED),
        ([_N.PROVED, _N.TAKEN], _S.DELIVERED),
        ([_N.PROVED, _N.REPORTED_FAILED, _N.TIME_OVER], _S.DELIVERED),
        ([_N.NOT_TAKEN], _S.WAITING),
        ([_N.UNCERTAIN], _S.WAITING),
        ([_N.REFUSED], _S.FAILED),
        ([_N.TAKEN, _N.REFUSED], _S.FAILED),
        ([_N.TAKEN, _N.LOST], _S.WAITING),
        ([_N.TAKEN, _N.REPORTED_FAILED], _S.WAITING),
        ([_N.TAKEN, _N.TIME_OVER], _S.GIVEN_UP),
        ([_N.TIME_OVER, _N.PROVED], _S.DELIVERED),
        ([_N.REFUSED, _N.PROVED], _S.DELIVERED),
        ([_N.ADDRESS_GONE], _S.SUPPRESSED),
        ([_N.ADDRESS_GONE, _N.TAKEN], _S.SUPPRESSED),
        ([_N.TAKEN, _N.ADDRESS_GONE], _S.HANDED_OVER),
        ([_N.TAKEN_WITHOUT_PROOF], _S.HANDED_OVER),
    ],
)
def test_states(news: list[News], state: DeliveryState) -> None:
    """What becomes of a try, in the order in which it becomes known."""
    delivery = TRIED
    for each in news:
        delivery = after(delivery, each, AT)
    assert delivery.state is state


def test_a_gateway_that_never_tells_leaves_nothing_to_do() -> None:
    """It is handed over, and that is all that will ever be known."""
    found = after(TRIED, _N.TAKEN_WITHOUT_PROOF, AT)
    assert (found.state, found.is_over, found.delivered_at) == (_S.HANDED_OVER, True, None)


def test_pauses_grow_and_end_after_72_hours() -> None:
    """Written out: each try with its distance from the notice, until it is given up."""
    delivery, now, tries = NEW, AT, list[timedelta]()
    while now < delivery.ends_at:
        tries.append(now - AT)
        delivery = after(given(delivery, "sms-1", now, LEASE), _N.NOT_TAKEN, now)
        assert delivery.next_at is not None
        now = delivery.next_at
    minutes = [each.total_seconds() / 60 for each in tries]
    assert [round(each, 1) for each in minutes[:7]] == [0, 0.2, 1.2, 6.2, 36.2, 156.2, 516.2]
    assert now == AT + timedelta(hours=72)
    assert after(delivery, _N.TIME_OVER, now).state is _S.GIVEN_UP


def test_the_first_proof_counts() -> None:
    """Receipts come twice and in any order; the earliest moment counts, never one before the notice."""
    early, late = AT + timedelta(minutes=1), AT + timedelta(minutes=5)
    for moments in ((early, late), (late, early)):
        delivery = TRIED
        for moment in moments:
            delivery = after(delivery, _N.PROVED, late, moment)
        assert delivery.delivered_at == early
    assert after(TRIED, _N.PROVED, late, AT - timedelta(days=1)).delivered_at == AT


def test_deemed_delivered() -> None:
    """By proof at its moment; without proof when the tries end; never, where nothing was sent."""
    proved = after(TRIED, _N.PROVED, AT, AT + timedelta(minutes=3))
    assert proved.deemed_at == AT + timedelta(minutes=3)
    assert after(TRIED, _N.TIME_OVER, AT + TRIED_FOR).deemed_at == AT + timedelta(hours=72)
    assert after(NEW, _N.ADDRESS_GONE, AT).deemed_at is None


GIVEN_UP_UNTAKEN = after(after(TRIED, _N.NOT_TAKEN, AT), _N.TIME_OVER, AT + TRIED_FOR)
GIVEN_UP_UNCERTAIN = after(after(TRIED, _N.UNCERTAIN, AT), _N.TIME_OVER, AT + TRIED_FOR)
GIVEN_UP_TAKEN = after(after(TRIED, _N.TAKEN, AT), _N.TIME_OVER, AT + TRIED_FOR)
LATER = AT + timedelta(days=9)


@pytest.mark.parametrize(
    ("delivery", "key", "may_be_double"),
    [
        (GIVEN_UP_UNTAKEN, "d.1", False),
        (GIVEN_UP_UNCERTAIN, "d.1", True),
        (GIVEN_UP_TAKEN, "d.2", True),
        (after(TRIED, _N.REFUSED, AT), "d.2", False),
    ],
)
def test_what_came_to_nothing_is_sent_again(delivery: Delivery, key: str, may_be_double: bool) -> None:
    """72 hours begin anew and no deemed date moves; it is said where the first message may still arrive."""
    again = sent_again(delivery, LATER)
    tried = given(again, "sms-2", LATER, LEASE)
    assert (again.state, again.next_at, again.ends_at) == (_S.WAITING, LATER, LATER + TRIED_FOR)
    assert (tried.key, tried.may_be_double) == (key, may_be_double)
    assert again.deemed_at == AT + TRIED_FOR
    assert after(tried, _N.TIME_OVER, LATER + TRIED_FOR).state is _S.GIVEN_UP


@pytest.mark.parametrize(
    "delivery", [NEW, after(TRIED, _N.TAKEN, AT), after(TRIED, _N.PROVED, AT), after(TRIED, _N.ADDRESS_GONE, AT)]
)
def test_what_is_under_way_or_over_is_not_sent_again(delivery: Delivery) -> None:
    """Pressing twice is pressing once, and nobody is told where they took their address away."""
    assert sent_again(delivery, LATER) == delivery


def test_an_uncertain_try_stays_with_its_gateway_for_ten_minutes() -> None:
    """Only that one can tell what it has; another would make a second message."""
    uncertain = after(TRIED, _N.UNCERTAIN, AT)
    again = given(uncertain, "sms-1", AT + LEASE, LEASE)
    assert holder(again, AT + UNCERTAIN_FOR - timedelta(seconds=1)) == "sms-1"
    assert (again.key, again.may_be_double) == ("d.1", False)
    assert holder(again, AT + UNCERTAIN_FOR) is None
    assert given(again, "sms-2", AT + UNCERTAIN_FOR, LEASE).may_be_double


def test_a_message_that_did_not_arrive_is_replaced_under_a_new_key() -> None:
    """A gateway keeps one message for one key: the failed one would come back for ever."""
    assert after(after(TRIED, _N.TAKEN, AT), _N.REPORTED_FAILED, AT).key == "d.2"
    assert after(TRIED, _N.NOT_TAKEN, AT).key == "d.1"


@draw(st.lists(st.tuples(st.sampled_from(News), st.integers(0, 5000)), max_size=25))
def test_whatever_comes_in_whatever_order(news: list[tuple[News, int]]) -> None:
    """Proved once is delivered for ever; an end has nothing left to do; nothing is due after 72 hours."""
    delivery, now = TRIED, AT
    for each, minutes in news:
        now += timedelta(minutes=minutes)
        before, delivery = delivery, after(delivery, each, now)
        assert after(delivery, each, now) == delivery or each not in {_N.PROVED, _N.REFUSED, _N.TIME_OVER}
        assert delivery.is_over or delivery.state not in ENDS
        assert delivery.next_at is None or delivery.next_at <= delivery.ends_at
        if before.state is _S.DELIVERED:
            assert delivery.state is _S.DELIVERED
    assert (delivery.state is _S.DELIVERED) == (delivery.delivered_at is not None)


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(DeliveryState)


BOTH = ("sms-1", "sms-2")
ILL = failed(WELL, "down", AT)


@pytest.mark.parametrize(
    ("known", "options", "chosen"),
    [
        ({}, {}, "sms-1"),
        ({"sms-1": ILL}, {}, "sms-2"),
        ({"sms-2": ILL}, {}, "sms-1"),
        ({"sms-1": ILL}, {"held_by": "sms-1"}, "sms-1"),
        ({}, {"avoid": "sms-1"}, "sms-2"),
        ({"sms-2": ILL}, {"avoid": "sms-1"}, "sms-1"),
        ({}, {"held_by": "gone"}, "sms-1"),
        ({"sms-1": failed(ILL, "down", AT), "sms-2": ILL}, {}, ILL.rests_until),
    ],
)
def test_which_gateway(known: dict[str, GatewayHealth], options: dict[str, str], chosen: str | datetime) -> None:
    """The first that is well, unless one may have the message already."""
    assert choose(BOTH, known, AT + timedelta(seconds=1), **options) == chosen


def test_traffic_comes_back_to_the_first_gateway() -> None:
    """After its rest it is tried again; a success makes it well, a failure lets it rest for longer."""
    assert ILL.rests_until is not None
    assert choose(BOTH, {"sms-1": ILL}, ILL.rests_until) == "sms-1"
    rests, health = list[timedelta](), WELL
    for _ in range(9):
        health = failed(health, "down", AT)
        assert health.rests_until is not None
        rests.append(health.rests_until - AT)
    assert rests[:3] == [timedelta(seconds=15), timedelta(seconds=30), timedelta(minutes=1)]
    assert rests[-1] == LONGEST_REST
    assert replace(health, rests_until=None).is_resting(AT) is False
