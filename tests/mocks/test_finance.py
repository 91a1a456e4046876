"""财政: a fee order is settled once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mocks.conftest import Start
from tests.mocks.stranger import Stranger

SETTLEMENT = {"number": "F1", "amountFen": 900, "paidAt": "2026-11-23T10:00:00+08:00", "paymentNumber": "P1"}
RECEIPT = {"accepted": True, "reference": "CZ0000000001"}


def test_a_fee_order_is_settled_once_however_often_it_is_told(start: Start, tmp_path: Path) -> None:
    """With the same key, with another key, with none, and after a restart."""
    finance = start("finance", "--state", str(tmp_path))
    first = finance.post("/settlements", SETTLEMENT, Idempotency_Key="a")
    assert (first.status, first.json) == (201, RECEIPT)
    again = finance.post("/settlements", SETTLEMENT, Idempotency_Key="a")
    assert (again.status, again.json, again.headers["idempotent-replayed"]) == (201, RECEIPT, "true")
    assert finance.post("/settlements", SETTLEMENT, Idempotency_Key="b").json == RECEIPT
    finance.stop()

    finance = start("finance", "--state", str(tmp_path))
    assert finance.post("/settlements", SETTLEMENT, Idempotency_Key="a").json == RECEIPT
    assert finance.post("/settlements", SETTLEMENT).json == RECEIPT
    assert finance.get("/__records").json == {
        "settlements": [
            {
                "number": "F1",
                "receiptNumber": "CZ0000000001",
                "settledAt": "2026-11-23T10:00:00+08:00",
                "amountFen": 900,
                "paymentNumber": "P1",
            }
        ]
    }


@pytest.fixture(scope="module")
def finance() -> Iterator[Stranger]:
    """One process for the tests that follow: settling the same order again changes nothing."""
    stranger = Stranger("finance")
    yield stranger
    stranger.kill()


def test_every_number_asked_for_is_answered(finance: Stranger) -> None:
    """What is not settled has null."""
    finance.post("/settlements", SETTLEMENT)
    unsettled, settled = finance.post("/settlements/search", {"numbers": ["F9", "F1"]}).json["orders"]
    assert unsettled == {"number": "F9", "settlement": None}
    assert settled["settlement"]["amountFen"] == 900
    assert finance.get("/receipts/CZ0000000001").json["number"] == "F1"
    assert finance.get("/receipts/CZ0000000002").status == 404


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amountFen": 9.0}, 400, "MISSING"),
        ({"amountFen": -1}, 400, "MISSING"),
        ({"paidAt": "2026-11-23T10:00:00"}, 400, "WRONG_TIME"),
        ({"amountFen": 901}, 409, "SETTLED_OTHERWISE"),
        ({"paymentNumber": "P2"}, 409, "SETTLED_OTHERWISE"),
    ],
)
def test_a_wrong_settlement_is_refused(
    finance: Stranger, change: dict[str, object], status: int, code: str
) -> None:
    """Money is whole fen, times have an offset, and what is settled stays."""
    finance.post("/settlements", SETTLEMENT)
    answer = finance.post("/settlements", SETTLEMENT | change)
    assert (answer.status, answer.json["error"]["code"]) == (status, code)


def test_a_key_with_another_request_is_refused(finance: Stranger) -> None:
    """A key names one command."""
    finance.post("/settlements", SETTLEMENT, Idempotency_Key="a")
    answer = finance.post("/settlements", SETTLEMENT | {"number": "F2"}, Idempotency_Key="a")
    assert (answer.status, answer.json["error"]["code"]) == (422, "KEY_REUSED")
