"""The envelope on the wire: what we write others can read, and what others write is checked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.broker import Message
from connectors.cloud_events import InvalidCloudEvent, decode_event, encode_event

NOW = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)


def event(**changes: Any) -> bytes:
    """A department's event; ``None`` takes an attribute away."""
    whole = {
        "specversion": "1.0",
        "id": "e-1",
        "type": "jiyi.case.accepted",
        "source": "civil-affairs",
        "time": "2026-11-03T16:30:00+08:00",
        "subject": "receipt-1",
        "data": {"a": 1},
    }
    return json.dumps({name: value for name, value in (whole | changes).items() if value is not None}).encode()


def problems_of(body: bytes) -> str:
    with pytest.raises(InvalidCloudEvent) as caught:
        decode_event(body, received_at=NOW)
    return " ".join(caught.value.problems)


def test_a_departments_event_is_read_with_its_time_in_utc() -> None:
    """Departments write local time; the hub compares moments."""
    assert decode_event(event()) == Message(
        id="e-1",
        type="jiyi.case.accepted",
        source="civil-affairs",
        time=NOW,
        data={"a": 1},
        subject="receipt-1",
    )


def test_the_document_is_the_one_the_specification_prints() -> None:
    """Another system's library must read ours: names and forms are public."""
    message = Message("c", "jiyi.command", "hub", NOW, {"q": 1}, "r", "case", "corr", "one", NOW, "00-a-b-01")
    assert json.loads(encode_event(message)) == {
        "specversion": "1.0",
        "id": "c",
        "type": "jiyi.command",
        "source": "hub",
        "time": "2026-11-03T08:30:00Z",
        "subject": "r",
        "partitionkey": "case",
        "correlationid": "corr",
        "replyto": "one",
        "expirytime": "2026-11-03T08:30:00Z",
        "traceparent": "00-a-b-01",
        "datacontenttype": "application/json",
        "data": {"q": 1},
    }


_text = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)
_json = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=5)


@given(
    identity=_text,
    data=_json,
    key=_text | st.just(""),
    subject=st.none() | _text,
    time=st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  hypothesis adds the zone
)
def test_what_is_written_is_read_back(
    identity: str, data: Any, key: str, subject: str | None, time: datetime
) -> None:
    """Round trip for any message."""
    message = Message(identity, "jiyi.test", "hub", time, data, subject, key, extensions={"channel": "web"})
    assert decode_event(encode_event(message)) == message


def test_an_event_without_time_is_stamped_on_arrival() -> None:
    """``time`` is optional in CloudEvents; the envelope of ours always has one."""
    assert decode_event(event(time=None), received_at=NOW).time == NOW
    with pytest.raises(InvalidCloudEvent, match='"time" is missing'):
        decode_event(event(time=None))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"specversion": "0.3"}, '"specversion" must be "1.0"'),
        ({"id": None}, '"id" must be a string'),
        ({"id": ""}, '"id" must be a string'),
        ({"id": 7}, '"id" must be a string'),
        ({"id": "a\nb"}, '"id" must be a string'),
        ({"type": None}, '"type" must be a string'),
        ({"source": "x" * 2000}, '"source" must be a string'),
        ({"time": "2026-11-03T08:30:00"}, '"time" must be an RFC 3339 time with a zone'),
        ({"time": "yesterday"}, '"time" must be an RFC 3339 time'),
        ({"time": "0001-01-01T00:00:00+14:00"}, '"time" must be an RFC 3339 time'),
        ({"subject": ""}, '"subject" must be a string'),
        ({"Camel": "x"}, '"Camel" is not allowed'),
        ({"nested": {}}, '"nested" must be a string, an integer or a boolean'),
        ({"data_base64": "AAAA"}, 'Send JSON in "data"'),
        ({"datacontenttype": "text/xml"}, '"datacontenttype" must be "application/json"'),
        ({"expirytime": 5}, '"expirytime" must be an RFC 3339 time'),
    ],
)
def test_each_mistake_is_named_with_its_mend(changes: dict[str, Any], said: str) -> None:
    """Departments' programmers read this text and nothing else of us."""
    assert said in problems_of(event(**changes))


def test_all_mistakes_are_told_at_once() -> None:
    """One round of mending, not five."""
    said = problems_of(event(id=None, source=None, specversion=None))
    assert all(name in said for name in ('"id"', '"source"', '"specversion"'))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    """Garbage ends in one clear error, deep nesting included."""
    assert problems_of(body)


def test_strangers_attributes_travel_along() -> None:
    """An attribute that we do not know may be known at the other end."""
    read = decode_event(event(channel="tv", urgent=True, weight=3, dataschema="https://example.test/s"))
    assert read.extensions == {
        "channel": "tv",
        "urgent": "true",
        "weight": "3",
        "dataschema": "https://example.test/s",
    }
