"""民政: a case received once, decided later, told of until the agent takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mocks.conftest import Start
from tests.mocks.stranger import Receiver, Stranger, wait_for

ID_NUMBER = "110102195809090044"
CASE = {
    "receiptNumber": "R1",
    "itemCode": "senior-card",
    "applicantIdNumber": ID_NUMBER,
    "form": {"district": "集易"},
    "submittedAt": "2026-11-23T10:00:00+08:00",
}
LICENCE = {"receiptNumber": "R1", "kind": "senior-card", "holderIdNumber": ID_NUMBER}
Receive = Callable[..., Receiver]


def state_of(office: Stranger, receipt_number: str = "R1") -> Any:
    answer = office.get(f"/cases/{receipt_number}")
    return answer.json["state"] if answer.status == 200 else None


@pytest.fixture
def agent(receive: Receive) -> Receiver:
    return receive()


@pytest.fixture
def office(start: Start, agent: Receiver) -> Stranger:
    """A quick department with its agent."""
    return start("civil_affairs", "--decision-delay", "0.15", "--events-url", agent.url)


@pytest.fixture(scope="module")
def quiet_office() -> Iterator[Stranger]:
    """One process for the tests that leave no trace."""
    stranger = Stranger("civil_affairs")
    yield stranger
    stranger.kill()


def test_certificates_are_found_by_holder_and_by_number(quiet_office: Stranger) -> None:
    """Seniors have their card; strangers have nothing."""
    certificates = quiet_office.post("/licences/search", {"holder": ID_NUMBER}).json["certificates"]
    assert [shown["kind"] for shown in certificates] == ["marriage-certificate", "senior-card"]
    assert certificates[0]["holder"] == {"type": "Citizen", "idNumber": ID_NUMBER}
    assert quiet_office.get(f"/licences/110102-MZ/{certificates[0]['number']}").json == certificates[0]
    assert quiet_office.get("/licences/110102-MZ/nothing").status == 404
    assert quiet_office.post("/licences/search", {"holder": "nobody"}).json == {"certificates": []}


def test_a_case_goes_its_way_to_the_licence(office: Stranger, agent: Receiver) -> None:
    """Four events, in order, each about the case; nothing is decided in the submission."""
    answer = office.post("/cases", CASE, Idempotency_Key="k1")
    assert (answer.status, answer.json) == (202, {"accepted": True, "reference": "MZ-000001"})
    assert state_of(office) == "RECEIVED"
    wait_for(lambda: state_of(office) == "APPROVED")

    issued = office.post("/licences", LICENCE, Idempotency_Key="k2")
    number = issued.json["reference"]
    assert issued.status == 201
    wait_for(lambda: len(agent.accepted) == 4)
    assert agent.types == [
        "jiyi.case.accepted",
        "jiyi.case.review-started",
        "jiyi.case.decided",
        "jiyi.licence.issued",
    ]
    events = [received.json for received in agent.accepted]
    assert {event["subject"] for event in events} == {"R1"}
    assert len({event["id"] for event in events}) == 4
    assert {(event["specversion"], event["source"]) for event in events} == {
        ("1.0", "urn:department:civil-affairs")
    }
    assert agent.accepted[0].headers["Content-Type"] == "application/cloudevents+json"
    assert events[2]["data"] == {"decision": "approved", "reason": None, "remedy": None}
    assert {name: events[3]["data"][name] for name in ("number", "issuerCode", "kind")} == {
        "number": number,
        "issuerCode": "110102-MZ",
        "kind": "senior-card",
    }
    found = office.post("/licences/search", {"holder": ID_NUMBER}).json["certificates"]
    assert number in [shown["number"] for shown in found]
    assert [shown["number"] for shown in office.get("/__records").json["issued"]] == [number]


def test_the_same_submission_twice_is_one_case(office: Stranger, agent: Receiver) -> None:
    """By its key, and by its receipt number where the key is lost."""
    answers = [office.post("/cases", CASE, Idempotency_Key=key).json for key in ("k1", "k1", "k2")]
    assert answers == [{"accepted": True, "reference": "MZ-000001"}] * 3
    assert office.post("/cases", CASE | {"itemCode": "other"}, Idempotency_Key="k1").status == 422
    wait_for(lambda: len(agent.accepted) == 3)
    assert len(office.get("/__records").json["cases"]) == 1


def test_the_same_licence_twice_is_one_licence(office: Stranger, agent: Receiver) -> None:
    """One certificate and one event for a receipt number."""
    office.post("/cases", CASE)
    wait_for(lambda: state_of(office) == "APPROVED")
    numbers = {office.post("/licences", LICENCE, Idempotency_Key=key).json["reference"] for key in ("a", "a", "b")}
    assert len(numbers) == 1
    wait_for(lambda: "jiyi.licence.issued" in agent.types)
    assert agent.types.count("jiyi.licence.issued") == 1


def test_no_licence_without_an_approved_case(office: Stranger) -> None:
    """Neither for an unknown receipt number nor before the decision; asked again it may succeed."""
    assert office.post("/licences", LICENCE, Idempotency_Key="a").json["error"]["code"] == "NOT_APPROVED"
    office.post("/cases", CASE)
    assert office.post("/licences", LICENCE, Idempotency_Key="a").status == 409
    wait_for(lambda: state_of(office) == "APPROVED")
    assert office.post("/licences", LICENCE, Idempotency_Key="a").status == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"applicantIdNumber": "110102199003159999"}, 422, "UNKNOWN_PERSON"),
        ({"receiptNumber": ""}, 400, "MISSING"),
        ({"itemCode": None}, 400, "MISSING"),
    ],
)
def test_a_wrong_submission_is_refused(
    quiet_office: Stranger, change: dict[str, object], status: int, code: str
) -> None:
    """And leaves no case."""
    answer = quiet_office.post("/cases", CASE | change)
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert quiet_office.get("/__records").json["cases"] == []


def test_an_officer_can_deny_one_case_or_all(office: Stranger, agent: Receiver) -> None:
    """A refusal has its reason and remedy, given or usual."""
    office.post("/__decisions", {"decision": "denied"})
    office.post("/__decisions", {"receiptNumber": "R2", "decision": "denied", "reason": "why", "remedy": "how"})
    office.post("/__decisions", {"receiptNumber": "R3", "decision": "approved"})
    for number in ("R1", "R2", "R3"):
        office.post("/cases", CASE | {"receiptNumber": number})
    wait_for(lambda: agent.types.count("jiyi.case.decided") == 3)
    told = {
        received.json["subject"]: received.json["data"]
        for received in agent.accepted
        if received.json["type"] == "jiyi.case.decided"
    }
    assert told["R1"]["decision"] == "denied"
    assert told["R1"]["reason"]
    assert told["R1"]["remedy"]
    assert told["R2"] == {"decision": "denied", "reason": "why", "remedy": "how"}
    assert told["R3"]["decision"] == "approved"
    assert office.post("/__decisions", {"decision": "perhaps"}).status == 400


def test_a_form_can_ask_to_be_denied_or_not_accepted(office: Stranger, agent: Receiver) -> None:
    """For demos without the control door."""
    office.post("/cases", CASE | {"receiptNumber": "R1", "form": {"decision": "denied"}})
    office.post("/cases", CASE | {"receiptNumber": "R2", "form": {"decision": "not-accepted"}})
    wait_for(lambda: (state_of(office, "R1"), state_of(office, "R2")) == ("DENIED", "NOT_ACCEPTED"))
    wait_for(lambda: len(agent.accepted) == 4)
    about_second = [received.json for received in agent.accepted if received.json["subject"] == "R2"]
    assert [event["type"] for event in about_second] == ["jiyi.case.not-accepted"]
    assert about_second[0]["data"]["reason"]


def test_an_event_is_sent_until_it_is_taken(start: Start, receive: Receive) -> None:
    """Refused three times, the first event still comes first, with the same id."""
    agent = receive(refusals=3)
    office = start("civil_affairs", "--decision-delay", "0.1", "--events-url", agent.url)
    office.post("/cases", CASE)
    wait_for(lambda: len(agent.accepted) == 3)
    assert agent.types == ["jiyi.case.accepted", "jiyi.case.review-started", "jiyi.case.decided"]
    assert {received.json["id"] for received in agent.refused} == {agent.accepted[0].json["id"]}


def test_untaken_events_and_undecided_cases_survive_a_kill(start: Start, receive: Receive, tmp_path: Path) -> None:
    """The department killed with an event in hand and a decision to come, the agent back later elsewhere."""
    state = ("--state", str(tmp_path))
    office = start("civil_affairs", *state, "--decision-delay", "0.6", "--events-url", "http://127.0.0.1:9/events")
    office.post("/cases", CASE)
    wait_for(lambda: state_of(office) == "ACCEPTED")
    office.kill()

    agent = receive()
    office = start("civil_affairs", *state, "--decision-delay", "0.1")
    wait_for(lambda: state_of(office) == "APPROVED")
    assert agent.accepted == []
    office.post("/__settings", {"eventsUrl": agent.url})
    wait_for(lambda: len(agent.accepted) == 3)
    assert agent.types == ["jiyi.case.accepted", "jiyi.case.review-started", "jiyi.case.decided"]


def test_events_come_twice_on_demand(office: Stranger, agent: Receiver) -> None:
    """The same event, so that the receiver can see it is."""
    office.post("/__faults", {"duplicateEvents": True})
    office.post("/cases", CASE)
    wait_for(lambda: len(agent.accepted) == 6)
    ids = [received.json["id"] for received in agent.accepted]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_the_decision_s_delay_can_be_set_while_it_runs(start: Start) -> None:
    """A road that wants to look at the waiting case slows the clerk down."""
    office = start("civil_affairs", "--decision-delay", "0")
    assert office.post("/__settings", {"decisionDelaySeconds": 60}).json["decisionDelaySeconds"] == 60
    office.post("/cases", CASE)
    assert state_of(office) == "RECEIVED"
