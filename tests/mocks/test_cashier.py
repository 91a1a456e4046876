"""The payment provider: one payment, a page without scripts, callbacks signed and double."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mocks.conftest import Start
from tests.mocks.stranger import Receiver, Stranger, wait_for

SECRET = "shared between two"
Receive = Callable[..., Receiver]


def payment(callback_url: str, **changes: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": "k1",
        "orders": [
            {"number": "F1", "amountFen": 900, "payee": "110102-MZ"},
            {"number": "F2", "amountFen": 100, "payee": "<b>110102-JT</b>"},
        ],
        "amountFen": 1000,
        "currency": "CNY",
        "callbackUrl": callback_url,
        "returnUrl": "http://127.0.0.1:9/fees",
    } | changes


@pytest.fixture
def cashier(start: Start) -> Stranger:
    return start("cashier", CASHIER_SECRET=SECRET)


@pytest.fixture(scope="module")
def quiet_cashier() -> Iterator[Stranger]:
    """One process for the tests that leave no payment."""
    stranger = Stranger("cashier", environment={"CASHIER_SECRET": SECRET})
    yield stranger
    stranger.kill()


def test_a_payment_is_made_paid_and_called_back_twice(cashier: Stranger, receive: Receive) -> None:
    """Both callbacks are one event, each with a signature over time and body."""
    hub = receive()
    created = cashier.post("/payments", payment(hub.url))
    number = created.json["number"]
    assert (created.status, created.json["payUrl"]) == (201, f"{cashier.url}/pay/{number}")
    assert cashier.get(f"/payments/{number}").json["state"] == "created"

    paid = cashier.post(f"/pay/{number}")
    assert (paid.status, paid.headers["location"]) == (303, "http://127.0.0.1:9/fees")
    wait_for(lambda: len(hub.accepted) == 2)
    first, second = hub.accepted
    assert first.body == second.body
    assert {name: first.json[name] for name in ("event", "paymentNumber", "amountFen")} == {
        "event": "payment.paid",
        "paymentNumber": number,
        "amountFen": 1000,
    }
    for callback in hub.accepted:
        time, digest = (part.split("=")[1] for part in callback.headers["Jiyi-Signature"].split(","))
        signed = f"{time}.{callback.body}".encode()
        assert digest == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    shown = cashier.get(f"/payments/{number}").json
    assert (shown["state"], shown["paidAt"], shown["amountFen"]) == ("paid", first.json["paidAt"], 1000)
    assert cashier.get("/__records").json["callbacks"] == {"total": 2, "delivered": 2, "attempts": 2}


def test_a_second_press_pays_nothing_more(cashier: Stranger, receive: Receive) -> None:
    """The payer is sent back, the receiver hears no more."""
    hub = receive()
    number = cashier.post("/payments", payment(hub.url)).json["number"]
    assert [cashier.post(f"/pay/{number}").status for _ in range(2)] == [303, 303]
    wait_for(lambda: len(hub.accepted) == 2)
    assert cashier.get("/__records").json["callbacks"]["total"] == 2


def test_the_same_key_is_the_same_payment(cashier: Stranger) -> None:
    """A caller that lost the answer asks again; another payment needs another key."""
    first = cashier.post("/payments", payment("http://127.0.0.1:9/"))
    assert cashier.post("/payments", payment("http://127.0.0.1:9/")).json == first.json
    other = cashier.post("/payments", payment("http://127.0.0.1:9/other"))
    assert (other.status, other.json["error"]["code"]) == (422, "KEY_REUSED")
    assert len(cashier.get("/__records").json["payments"]) == 1


def test_the_page_is_for_people(cashier: Stranger) -> None:
    """Both languages, a form with one button, no script, nothing of the orders as markup."""
    number = cashier.post("/payments", payment("http://127.0.0.1:9/")).json["number"]
    page = cashier.get(f"/pay/{number}")
    assert "确认支付 Pay" in page.text
    assert "¥10.00" in page.text
    assert "&lt;b&gt;110102-JT&lt;/b&gt;" in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert cashier.get("/pay/nothing").status == 404


def test_a_session_ends(start: Start) -> None:
    """Here at once, else after thirty minutes; then nothing is taken."""
    cashier = start("cashier", "--session-seconds", "0", CASHIER_SECRET=SECRET)
    number = cashier.post("/payments", payment("http://127.0.0.1:9/")).json["number"]
    assert cashier.post(f"/pay/{number}").status == 410
    assert cashier.get(f"/payments/{number}").json["state"] == "expired"
    assert cashier.get("/__records").json["callbacks"]["total"] == 0


def test_a_callback_comes_until_it_is_taken_even_after_a_kill(
    start: Start, receive: Receive, tmp_path: Path
) -> None:
    """The hub refuses, the cashier is killed: the paid payment is still told, twice."""
    hub = receive(refusals=2)
    cashier = start("cashier", "--state", str(tmp_path), CASHIER_SECRET=SECRET)
    number = cashier.post("/payments", payment(hub.url)).json["number"]
    cashier.post(f"/pay/{number}")
    wait_for(lambda: len(hub.refused) >= 1)
    cashier.kill()
    cashier = start("cashier", "--state", str(tmp_path), CASHIER_SECRET=SECRET)
    wait_for(lambda: cashier.get("/__records").json["callbacks"]["delivered"] == 2)
    assert len({received.json["eventId"] for received in hub.accepted + hub.refused}) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amountFen": 999}, "WRONG_AMOUNT"),
        ({"orders": []}, "MISSING"),
        ({"orders": [{"number": "F1", "amountFen": 1.5, "payee": "x"}]}, "MISSING"),
        ({"currency": "USD"}, "WRONG_CURRENCY"),
        ({"returnUrl": "javascript:alert(1)"}, "WRONG_ADDRESS"),
    ],
)
def test_a_wrong_payment_is_refused(quiet_cashier: Stranger, changes: dict[str, Any], code: str) -> None:
    """Money must add up, and addresses must be addresses."""
    answer = quiet_cashier.post("/payments", payment("http://127.0.0.1:9/", **changes))
    assert (answer.status, answer.json["error"]["code"]) == (400, code)


def test_without_a_secret_there_is_no_cashier(start: Start) -> None:
    """Unsigned callbacks would be believed by nobody."""
    with pytest.raises(AssertionError, match="cashier: CASHIER_SECRET is not set"):
        start("cashier", CASHIER_SECRET="")
