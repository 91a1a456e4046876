"""The payment provider: one payment, a page without scripts, callbacks signed and double."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
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


def paid_payment(cashier: Stranger, url: str, key: str = "k1") -> str:
    number: str = cashier.post("/payments", payment(url, idempotencyKey=key)).json["number"]
    cashier.post(f"/pay/{number}")
    return number


def refund(number: str, key: str = "r1", fen: int = 400) -> dict[str, Any]:
    return {"idempotencyKey": key, "paymentNumber": number, "amountFen": fen, "reason": "refused"}


def test_parts_are_paid_back_once_each_and_never_more_than_was_paid(cashier: Stranger, receive: Receive) -> None:
    """A key is a refund; the rest is refused; the receiver is told."""
    hub = receive()
    number = paid_payment(cashier, hub.url)
    first = cashier.post("/refunds", refund(number))
    again = cashier.post("/refunds", refund(number))
    reused = cashier.post("/refunds", refund(number, fen=401))
    too_much = cashier.post("/refunds", refund(number, "r2", 601))
    unpaid = cashier.post("/refunds", refund("P-none", "r3"))
    assert (first.status, first.json["state"], first.json) == (201, "done", again.json)
    assert [each.json["error"]["code"] for each in (reused, too_much, unpaid)] == [
        "KEY_REUSED",
        "TOO_MUCH",
        "NOT_PAID",
    ]
    wait_for(lambda: len(hub.accepted) == 4)
    told = [each.json for each in hub.accepted if each.json["event"] == "refund.succeeded"]
    assert [(each["refundKey"], each["amountFen"], each["state"]) for each in told] == [("r1", 400, "done")] * 2


def test_a_refund_may_take_its_time_or_be_refused(cashier: Stranger, receive: Receive) -> None:
    """Pending until it is asked for again; refused ones leave the money where it was."""
    number = paid_payment(cashier, receive().url)
    cashier.post("/__refunds", {"state": "pending"})
    assert cashier.post("/refunds", refund(number)).json["state"] == "pending"
    cashier.post("/__refunds", {"state": "refused"})
    refused = cashier.post("/refunds", refund(number)).json
    assert (refused["state"], bool(refused["refusal"]), refused["doneAt"]) == ("refused", True, None)
    cashier.post("/__refunds", {"state": "done"})
    assert cashier.post("/refunds", refund(number, "r2", 1000)).json["state"] == "done"
    assert cashier.get("/refunds/r1").json["state"] == "refused"


def test_callbacks_go_wrong_on_demand(cashier: Stranger, receive: Receive) -> None:
    """Missing, out of order, forged: the receiver here refuses what is not signed rightly."""
    hub = receive()
    cashier.post("/__callbacks", {"copies": 0})
    paid_payment(cashier, hub.url, "missing")
    cashier.post("/__callbacks", {"copies": 1, "outOfOrder": True, "forged": True})
    number = paid_payment(cashier, hub.url, "worst")
    cashier.post("/refunds", refund(number))
    wait_for(lambda: len([each for each in hub.accepted if each.json["eventId"] != "forged"]) == 2)
    true = [each for each in hub.accepted if each.json["eventId"] != "forged"]
    assert [each.json["event"] for each in true] == ["refund.succeeded", "payment.paid"]
    forged = [each for each in hub.accepted if each.json["eventId"] == "forged"]
    wait_for(lambda: len(cashier.get("/__callbacks").json["answersToForgeries"]) == 6)
    assert [each.json["amountFen"] for each in forged[:3]] == [2000] * 3
    assert cashier.post("/__callbacks", {"copeis": 1}).status == 400


def test_the_statement_of_a_day_names_what_moved_and_what_was_planted(cashier: Stranger, receive: Receive) -> None:
    """A line for each payment and refund, in Beijing's day; differences on demand."""
    numbers = [paid_payment(cashier, receive().url, key) for key in ("a", "b", "c")]
    cashier.post("/refunds", refund(numbers[0], "r"))
    day = datetime.now(timezone(timedelta(hours=8))).date().isoformat()
    lines = cashier.get(f"/statements/{day}").text.splitlines()
    assert lines[0] == "movement,key,number,amountFen,state"
    assert lines[1:] == [
        *(f"payment,{key},{number},1000,paid" for key, number in zip("abc", numbers, strict=True)),
        f"refund,r,{numbers[0]},400,refunded",
    ]
    planted = {"drop": [numbers[0]], "double": [numbers[1]], "amounts": {numbers[2]: 999}}
    cashier.post("/__statement", planted)
    lines = cashier.get(f"/statements/{day}").text.splitlines()
    assert [each.split(",")[1] for each in lines[1:]] == ["b", "b", "c"]
    assert "c," in lines[3]
    assert ",999," in lines[3]
    assert cashier.get("/statements/today").status == 400


def held_payment(cashier: Stranger, url: str, key: str = "k1") -> str:
    number: str = cashier.post("/payments", payment(url, idempotencyKey=key, hold=True)).json["number"]
    assert cashier.post(f"/pay/{number}").status == 303
    return number


def part(number: str, key: str, fen: int, order: str | None = None) -> dict[str, Any]:
    return {"idempotencyKey": key, "paymentNumber": number, "amountFen": fen, "order": order}


def test_money_is_held_taken_in_parts_and_let_go_each_key_once(cashier: Stranger, receive: Receive) -> None:
    """Never more than is held; what was captured can be paid back, what is only held cannot; each step is told."""
    hub = receive()
    number = held_payment(cashier, hub.url)
    held = cashier.get(f"/payments/{number}").json
    assert (held["state"], held["paidAt"], held["capturedFen"]) == ("authorized", None, 0)
    assert cashier.post("/refunds", refund(number)).json["error"]["code"] == "NOT_PAID"

    captured = cashier.post("/captures", part(number, "c", 900, "F1"))
    assert cashier.post("/captures", part(number, "c", 900, "F1")).json == captured.json
    reused = cashier.post("/voids", part(number, "c", 900))
    too_much = cashier.post("/captures", part(number, "c2", 101))
    unknown = cashier.post("/voids", part("P-none", "c3", 1))
    voided = cashier.post("/voids", part(number, "v", 100, "F2"))

    assert [each.json["error"]["code"] for each in (reused, too_much, unknown)] == [
        "KEY_REUSED",
        "TOO_MUCH",
        "NOT_HELD",
    ]
    assert [(each.status, each.json["state"]) for each in (captured, voided)] == [(201, "done")] * 2
    shown = cashier.get(f"/payments/{number}").json
    assert (shown["state"], shown["capturedFen"], shown["voidedFen"]) == ("captured", 900, 100)
    assert cashier.get("/captures/c").json == captured.json
    assert [cashier.post("/refunds", refund(number, key, 901)).status for key in ("r1", "r2")] == [409, 409]
    assert cashier.post("/refunds", refund(number, "r3", 900)).json["state"] == "done"
    wait_for(lambda: len(hub.accepted) == 8)
    assert Counter(each.json["event"] for each in hub.accepted) == {
        "payment.authorized": 2,
        "capture.succeeded": 2,
        "void.succeeded": 2,
        "refund.succeeded": 2,
    }
    held_at = next(each.json for each in hub.accepted if each.json["event"] == "payment.authorized")
    assert {"authorizedAt", "holdEndsAt"} <= set(held_at)


def test_a_hold_ends_by_itself(start: Start, receive: Receive) -> None:
    """After its time nothing of it can be taken; whoever lets it go is told that it is gone."""
    cashier = start("cashier", "--hold-seconds", "0", CASHIER_SECRET=SECRET)
    number = held_payment(cashier, receive().url)
    assert cashier.get(f"/payments/{number}").json["state"] == "voided"
    refused = cashier.post("/captures", part(number, "c", 900)).json
    assert (refused["state"], refused["refusal"]) == ("refused", "the hold has ended")
    assert cashier.post("/voids", part(number, "v", 1000)).json["state"] == "done"
    assert cashier.get(f"/payments/{number}").json["capturedFen"] == 0


def test_holds_go_wrong_on_demand(cashier: Stranger, receive: Receive) -> None:
    """Not offered, pending, refused: as payers' banks do it."""
    url = receive().url
    cashier.post("/__holds", {"offered": False})
    number = cashier.post("/payments", payment(url, idempotencyKey="a", hold=True)).json["number"]
    cashier.post(f"/pay/{number}")
    assert cashier.get(f"/payments/{number}").json["state"] == "paid"
    by_transfer = cashier.post("/payments", payment(url, idempotencyKey="t", hold=True)).json["number"]
    cashier.post("/__holds", {"captures": "pending", "voids": "refused"})
    cashier.post(f"/pay/{by_transfer}?means=transfer")
    assert cashier.get(f"/payments/{by_transfer}").json["state"] == "paid"
    number = held_payment(cashier, url, "b")
    assert cashier.post("/captures", part(number, "c", 900)).json["state"] == "pending"
    assert cashier.post("/voids", part(number, "v", 100)).json["state"] == "refused"
    cashier.post("/__holds", {})
    assert cashier.post("/captures", part(number, "c", 900)).json["state"] == "done"
    assert cashier.post("/__holds", {"capture": "done"}).status == 400


def test_a_kill_between_keeps_what_was_taken(start: Start, receive: Receive, tmp_path: Path) -> None:
    """Asked again under the same key it answers what it did, and takes nothing more."""
    hub = receive()
    cashier = start("cashier", "--state", str(tmp_path), CASHIER_SECRET=SECRET)
    number = held_payment(cashier, hub.url)
    captured = cashier.post("/captures", part(number, "c", 900)).json
    cashier.kill()
    cashier = start("cashier", "--state", str(tmp_path), CASHIER_SECRET=SECRET)
    assert cashier.post("/captures", part(number, "c", 900)).json == captured
    assert cashier.get(f"/payments/{number}").json["capturedFen"] == 900


def test_the_statement_names_holds_captures_and_voids(cashier: Stranger, receive: Receive) -> None:
    """Each a line of its own; the page of a payment that is held says that nothing is taken."""
    url = receive().url
    number = cashier.post("/payments", payment(url, hold=True)).json["number"]
    assert "确认冻结（预授权） Hold" in cashier.get(f"/pay/{number}").text
    cashier.post(f"/pay/{number}")
    assert "Held, not taken" in cashier.get(f"/pay/{number}").text
    cashier.post("/captures", part(number, "c", 900))
    cashier.post("/voids", part(number, "v", 100))
    day = datetime.now(timezone(timedelta(hours=8))).date().isoformat()
    assert cashier.get(f"/statements/{day}").text.splitlines()[1:] == [
        f"authorisation,k1,{number},1000,authorized",
        f"capture,c,{number},900,captured",
        f"void,v,{number},100,voided",
    ]
