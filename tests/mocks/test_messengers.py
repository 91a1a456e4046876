"""Gateways for messages: one message for one key, receipts signed and double, and every misbehaviour on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.mocks.conftest import Start
from tests.mocks.stranger import Receiver, Stranger, wait_for

SECRET = "shared between two"
Receive = Callable[..., Receiver]


@pytest.fixture
def messengers(start: Start) -> Stranger:
    return start("messengers", MESSENGER_SECRET=SECRET)


def message(url: str, **changes: Any) -> dict[str, Any]:
    return {"key": "d.1", "to": "13800138000", "text": "您有新通知", "receiptUrl": url} | changes


def test_one_message_for_one_key_with_two_receipts(messengers: Stranger, receive: Receive) -> None:
    """Given three times it arrives once; the two gateways know nothing of each other."""
    hub = receive()
    for _ in range(3):
        assert messengers.post("/sms-1/messages", message(hub.url)).status == 202
    wait_for(lambda: len(hub.accepted) == 2)
    assert {(each.json["key"], each.json["state"]) for each in hub.accepted} == {("d.1", "delivered")}
    assert [(each["gateway"], each["times"]) for each in messengers.get("/__records").json["messages"]] == [
        ("sms-1", 3)
    ]
    assert messengers.get("/sms-1/messages/d.1").json["state"] == "delivered"
    assert messengers.get("/sms-2/messages/d.1").status == 404


@pytest.mark.parametrize(
    ("mood", "status", "known"),
    [
        ({"down": True}, 503, 503),
        ({"refuses": True}, 422, 404),
        ({"loses": True}, 202, 404),
        ({"fails": True}, 202, 200),
    ],
)
def test_moods(messengers: Stranger, receive: Receive, mood: dict[str, Any], status: int, known: int) -> None:
    """What it answers, and what it says when it is asked."""
    messengers.post("/sms-1/__mood", mood)
    assert messengers.post("/sms-1/messages", message(receive().url)).status == status
    assert messengers.get("/sms-1/messages/d.1").status == known
    assert messengers.post("/sms-2/messages", message("")).status == 202
