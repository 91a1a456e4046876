"""The doors for departments and for the cashier: who may, what is understood, what a second call does."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from auth.actor import Actor
from connectors.broker import BrokerUnavailable, Message, Unroutable
from connectors.topology import event_address
from hub.doors.signed_callback import CallbackFault
from hub.fees.payment_provider import Hold, HoldReport, RefundReport
from hub.messages.event_door import event_routes, payment_routes
from schema.domain.hold import HoldAct, HoldCommandState
from schema.domain.payment import Arrival
from schema.domain.refund import RefundState
from tests.hub.world import MONDAY, MovableClock, citizen

SECRET = "shared"
NUMBER = "JY261123-0000000001-7"


class RecordingBroker:
    """Keeps what is published; ``is_away`` confirms nothing, ``is_bare`` has no queues until they are declared."""

    def __init__(self) -> None:
        self.is_away = False
        self.is_bare = True
        self.declared: list[str] = []
        self.published: list[tuple[str, Message]] = []

    async def declare_department(self, department: str) -> None:
        self.declared.append(department)
        self.is_bare = False

    async def publish(self, address: str, message: Message, *, durable: bool = True) -> None:
        if self.is_away:
            raise BrokerUnavailable("cut")
        if self.is_bare:
            raise Unroutable(address)
        self.published.append((address, message))


class RecordingPayments:
    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []
        self.held: list[tuple[str, int, str]] = []

    async def money_arrived(self, number: str, amount_fen: int, paid_at: Any) -> Arrival | None:
        if number != "P-1":
            return None
        self.told.append((number, amount_fen))
        return Arrival.TAKE if amount_fen == 900 else Arrival.WRONG_AMOUNT

    async def money_held(self, number: str, amount_fen: int, hold: Hold) -> Arrival | None:
        self.held.append((number, amount_fen, hold.ends_at.isoformat()))
        return await self.money_arrived(number, amount_fen, hold.authorised_at)


class RecordingHolds:
    def __init__(self) -> None:
        self.told: list[HoldReport] = []

    async def reported(self, report: HoldReport) -> bool | None:
        if report.key != "H-1":
            return None
        self.told.append(report)
        return True


class RecordingRefunds:
    def __init__(self) -> None:
        self.told: list[RefundReport] = []

    async def reported(self, report: RefundReport) -> bool | None:
        if report.key != "R-1":
            return None
        self.told.append(report)
        return True


class RecordingRefusals:
    def __init__(self) -> None:
        self.noted: list[CallbackFault] = []

    async def note(self, fault: CallbackFault, body: bytes) -> None:
        self.noted.append(fault)


async def authenticate(request: Request) -> Actor | None:
    name = request.headers.get("authorization", "").removeprefix("Bearer ")
    if name == "staff":
        expires_at = MONDAY.replace(year=2030)
        return Actor("c-1", "portal", frozenset(), frozenset({"department-staff"}), expires_at, "transport")
    if name == "department":
        expires_at = MONDAY.replace(year=2030)
        return Actor("department-transport", "x", frozenset(), frozenset({"department"}), expires_at, "transport")
    return citizen(name) if name else None


@pytest.fixture
def broker() -> RecordingBroker:
    return RecordingBroker()


@pytest.fixture
def payments() -> RecordingPayments:
    return RecordingPayments()


@pytest.fixture
def refunds() -> RecordingRefunds:
    return RecordingRefunds()


@pytest.fixture
def holds() -> RecordingHolds:
    return RecordingHolds()


@pytest.fixture
def refusals() -> RecordingRefusals:
    return RecordingRefusals()


@pytest.fixture
def client(
    broker: RecordingBroker,
    payments: RecordingPayments,
    holds: RecordingHolds,
    refunds: RecordingRefunds,
    refusals: RecordingRefusals,
) -> TestClient:
    clock = MovableClock()
    routes = [
        *event_routes(broker, clock, authenticate),  # type: ignore[arg-type]  # the two methods that are used
        *payment_routes(payments, holds, refunds, refusals, clock, SECRET),  # type: ignore[arg-type]  # what is used
    ]
    return TestClient(Starlette(routes=routes))


EVENT = {
    "specversion": "1.0",
    "id": "e1",
    "type": "jiyi.case.accepted",
    "source": "urn:department:finance",
    "subject": NUMBER,
    "data": {},
}


def post_event(client: TestClient, event: object = EVENT, who: str = "department") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {who}"} if who else {}
    answer = client.post("/events", content=json.dumps(event), headers=headers)
    return answer.status_code, answer.text


def test_a_department_speaks_under_its_own_name(client: TestClient, broker: RecordingBroker) -> None:
    """Whatever source the event claims, its token decides."""
    assert post_event(client)[0] == 202

    [(address, message)] = broker.published
    assert address == event_address("transport", NUMBER)
    assert (message.source, message.id, message.partition_key) == ("transport", "e1", NUMBER)


def test_queues_are_declared_before_the_first_event_and_where_they_are_gone(
    client: TestClient, broker: RecordingBroker
) -> None:
    """Not before each: many events at once would keep the broker busy with declarations alone."""
    assert [post_event(client)[0] for _ in range(5)] == [202] * 5
    assert broker.declared == ["transport"]

    broker.is_bare = True
    assert [post_event(client)[0] for _ in range(5)] == [202] * 5
    assert broker.declared == ["transport", "transport"]
    assert len(broker.published) == 10


@pytest.mark.parametrize(("who", "status"), [("", 401), ("anna", 403), ("staff", 403)])
def test_nobody_else_tells_events(client: TestClient, broker: RecordingBroker, who: str, status: int) -> None:
    """A citizen's token is valid, and not for this."""
    assert post_event(client, who=who)[0] == status
    assert broker.published == []


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ([], "one event"),
        ({**EVENT, "specversion": "0.3"}, "specversion"),
        ({**EVENT, "subject": ""}, "subject"),
        ({**EVENT, "type": "jiyi.command.outcome"}, "jiyi.command.outcome"),
        ({**EVENT, "type": "other"}, "jiyi.case.decided"),
        ({**EVENT, "data": "x" * 300_000}, "bytes"),
    ],
)
def test_a_wrong_event_is_told_what_to_mend(client: TestClient, event: object, words: str) -> None:
    """Its authors are programmers of a department; they read only this."""
    status, text = post_event(client, event)

    assert status in {413, 422}
    assert words in text


def test_while_the_broker_is_away_the_department_keeps_its_event(
    client: TestClient, broker: RecordingBroker
) -> None:
    """503 means: not accepted, send it again."""
    broker.is_away = True
    assert post_event(client)[0] == 503


def call_back(client: TestClient, body: object, *, secret: str = SECRET, age: int = 0) -> int:
    content = json.dumps(body).encode()
    moment = str(int(MONDAY.timestamp()) - age)
    signature = hmac.new(secret.encode(), moment.encode() + b"." + content, hashlib.sha256).hexdigest()
    headers = {"Jiyi-Signature": f"t={moment},v1={signature}"}
    return client.post("/payments/callback", content=content, headers=headers).status_code


PAID = {
    "event": "payment.paid",
    "paymentNumber": "P-1",
    "amountFen": 900,
    "paidAt": "2026-11-23T09:00:00+00:00",
    "eventId": "1",
}


def test_a_signed_callback_is_taken(client: TestClient, payments: RecordingPayments) -> None:
    """The cashier stops calling once it hears 2xx."""
    assert call_back(client, PAID) == 204
    assert payments.told == [("P-1", 900)]


@pytest.mark.parametrize(("secret", "age"), [("other", 0), (SECRET, 301), (SECRET, -301)])
def test_a_callback_of_somebody_else_or_of_yesterday_is_not(
    client: TestClient, payments: RecordingPayments, refusals: RecordingRefusals, secret: str, age: int
) -> None:
    """Neither a guess nor a recording moves money, and both leave a trace."""
    assert call_back(client, PAID, secret=secret, age=age) == 401
    assert payments.told == []
    assert refusals.noted == [CallbackFault.TOO_OLD if age else CallbackFault.FORGED]


REFUNDED = {"event": "refund.succeeded", "refundKey": "R-1", "state": "done", "amountFen": 900}


def test_a_refund_is_called_back_too(client: TestClient, refunds: RecordingRefunds) -> None:
    """The same door and the same signature; how it ended is the provider's word."""
    failed = {**REFUNDED, "event": "refund.failed", "state": "refused", "refusal": "account closed"}

    assert [call_back(client, body) for body in (REFUNDED, failed)] == [204, 204]

    assert [(each.key, each.state, each.refusal) for each in refunds.told] == [
        ("R-1", RefundState.DONE, None),
        ("R-1", RefundState.REFUSED, "account closed"),
    ]


HELD = {
    "event": "payment.authorized",
    "paymentNumber": "P-1",
    "amountFen": 900,
    "authorizedAt": "2026-11-23T09:00:00+00:00",
    "holdEndsAt": "2026-11-30T09:00:00+00:00",
}
CAPTURED = {"event": "capture.succeeded", "key": "H-1", "state": "done", "amountFen": 900}


def test_a_hold_and_what_becomes_of_it_are_called_back(
    client: TestClient, payments: RecordingPayments, holds: RecordingHolds
) -> None:
    """Held, captured, voided: each by a call of its own, through the same door."""
    failed = {**CAPTURED, "event": "capture.failed", "state": "refused", "refusal": "the hold has ended"}
    voided = {**CAPTURED, "event": "void.succeeded"}

    assert [call_back(client, body) for body in (HELD, CAPTURED, failed, voided)] == [204] * 4

    assert payments.held == [("P-1", 900, "2026-11-30T09:00:00+00:00")]
    assert [(each.act, each.state, each.refusal) for each in holds.told] == [
        (HoldAct.CAPTURE, HoldCommandState.DONE, None),
        (HoldAct.CAPTURE, HoldCommandState.REFUSED, "the hold has ended"),
        (HoldAct.VOID, HoldCommandState.DONE, None),
    ]


@pytest.mark.parametrize("body", [HELD, CAPTURED])
def test_nobody_else_says_that_money_is_held_or_taken(
    client: TestClient, payments: RecordingPayments, holds: RecordingHolds, body: object
) -> None:
    """Signed by another, or a recording of days ago."""
    assert [call_back(client, body, secret="other"), call_back(client, body, age=301)] == [401, 401]
    assert (payments.held, holds.told) == ([], [])


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=aa", "t=x,v1=y", "t=²,v1=é", "t=" + "9" * 40 + ",v1=aa"])
def test_a_signature_that_is_none_is_refused(client: TestClient, header: str | None) -> None:
    """Nothing that a stranger sends makes an error of ours."""
    headers = {} if header is None else {b"Jiyi-Signature": header.encode()}
    answer = client.post("/payments/callback", content=b"{}", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**PAID, "amountFen": 899}, 409),
        ({**PAID, "amountFen": "900"}, 422),
        ({**PAID, "amountFen": True}, 422),
        ({**PAID, "paidAt": "2026-11-23T09:00:00"}, 422),
        ({**PAID, "paymentNumber": "P-2"}, 404),
        ({"event": "payment.paid"}, 422),
        ({"event": "payment.opened"}, 204),
        ({**REFUNDED, "amountFen": 9.0}, 422),
        ({**REFUNDED, "state": "perhaps"}, 422),
        ({**REFUNDED, "refundKey": "R-2"}, 404),
        ({**HELD, "amountFen": 899}, 409),
        ({**HELD, "amountFen": "900"}, 422),
        ({**HELD, "holdEndsAt": None}, 422),
        ({**HELD, "authorizedAt": "2026-11-23T09:00:00"}, 422),
        ({**CAPTURED, "key": "H-2"}, 404),
        ({**CAPTURED, "state": "perhaps"}, 422),
        ({**CAPTURED, "amountFen": 9.0}, 422),
        ([], 422),
    ],
)
def test_what_a_callback_says_is_checked(client: TestClient, body: object, status: int) -> None:
    """A signature proves who speaks, not that it makes sense."""
    assert call_back(client, body) == status
