"""Streams that wait to be opened: room for each owner, and none taken from another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.doors.reserved_streams import ReservedStreams, owner_of
from hub.gateway.request import RequestRefused
from tests.hub.graph_for_tests import citizen


class Time:
    """Seconds that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def streams(time: Time) -> ReservedStreams[str]:
    return ReservedStreams(time, timedelta(seconds=60), most=3, most_each=2)


def code(refusal: RequestRefused) -> str:
    return str(refusal.answer.errors[0]["extensions"]["code"])


def test_who_reserves_too_many_is_refused_and_nobody_is_pushed_out() -> None:
    """Two each, three in all: the fourth finds no room, and the first three are still there."""
    reserved = streams(Time())
    reserved.put("a", "one", "A")
    reserved.put("b", "one", "B")
    with pytest.raises(RequestRefused) as too_many:
        reserved.put("c", "one", "C")
    reserved.put("d", "two", "D")
    with pytest.raises(RequestRefused) as full:
        reserved.put("e", "three", "E")
    assert (code(too_many.value), code(full.value)) == ("RATE_LIMITED", "SERVICE_UNAVAILABLE")
    assert [reserved.get(token) for token in "abcde"] == ["A", "B", None, "D", None]


def test_an_opened_one_makes_room() -> None:
    """What is open is a connection, and is counted as one elsewhere."""
    reserved = streams(Time())
    reserved.put("a", "one", "A")
    reserved.put("b", "one", "B")
    reserved.take("a")
    reserved.take("a")
    reserved.put("c", "one", "C")
    assert [reserved.get(token) for token in "abc"] == [None, "B", "C"]


def test_one_that_nobody_opens_is_given_up_after_its_time() -> None:
    """And makes room then."""
    time = Time()
    reserved = streams(time)
    reserved.put("a", "one", "A")
    time.now = 30
    reserved.put("b", "one", "B")
    time.now = 60
    assert [reserved.get("a"), reserved.get("b")] == [None, "B"]
    reserved.put("c", "one", "C")


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        ("192.0.2.7", "address 192.0.2.7"),
        ("2001:db8:1:2::7", "network 20010db800010002"),
        ("2001:db8:1:2:ffff::9", "network 20010db800010002"),
        ("unknown", "address unknown"),
    ],
)
def test_of_a_network_of_one_line_all_addresses_are_one(address: str, owner: str) -> None:
    """Whoever has an IPv6 line has more addresses than there are streams."""
    assert owner_of(None, address) == owner


def test_a_person_is_one_wherever_they_are() -> None:
    """Behind one address there may be a hall full of people."""
    assert owner_of(citizen("c-1"), "192.0.2.7") == owner_of(citizen("c-1"), "192.0.2.8") == "subject c-1"
