"""民政: a case received once, decided later, told of until the agent takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mocks.conftest import Start
from tests.mocks.stranger import Receiver, Stranger, receiving, wait_for

ID_NUMBER = "110102195809090044"
Receive = Callable[..., Receiver]


def case(receipt_number: str, **changes: Any) -> dict[str, Any]:
    return {
        "receiptNumber": receipt_number,
        "itemCode": "senior-card",
        "applicantIdNumber": ID_NUMBER,
        "form": {"district": "集易"},
        "submittedAt": "2026-11-23T10:00:00+08:00",
    } | changes


def licence(receipt_number: str) -> dict[str, str]:
    return {"receiptNumber": receipt_number, "kind": "senior-card", "holderIdNumber": ID_NUMBER}


def state_of(office: Stranger, receipt_number: str) -> Any:
    answer = office.get(f"/cases/{receipt_number}")
    return answer.json["state"] if answer.status == 200 else None


def about(agent: Receiver, receipt_number: str) -> list[Any]:
    """The events about one case, in the order in which they came."""
    return [received.json for received in agent.accepted if received.json["subject"] == receipt_number]


def types(events: list[Any]) -> list[str]:
    return [event["type"].removeprefix("jiyi.") for event in events]


@pytest.fixture(scope="module")
def agent() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def office(agent: Receiver) -> Iterator[Stranger]:
    """A quick department with its agent, for all tests that need no other; each has cases of its own."""
    stranger = Stranger("civil_affairs", "--decision-delay", "0.15", "--events-url", agent.url)
    yield stranger
    stranger.kill()


def test_certificates_are_found_by_holder_and_by_number(office: Stranger) -> None:
    """Seniors have their card; strangers have nothing."""
    married, senior = office.post("/licences/search", {"holder": ID_NUMBER}).json["certificates"]
    assert (married["kind"], senior["kind"]) == ("marriage-certificate", "senior-card")
    assert senior["holder"] == {"type": "Citizen", "idNumber": ID_NUMBER}
    assert office.get(f"/licences/110102-MZ/{senior['number']}").json == senior
    assert office.get("/licences/110102-MZ/nothing").status == 404
    assert office.post("/licences/search", {"holder": "nobody"}).json == {"certificates": []}


def test_a_case_goes_its_way_to_the_licence(office: Stranger, agent: Receiver) -> None:
    """Four events, in order, each about the case; nothing is decided in the submission."""
    answer = office.post("/cases", case("R1"), Idempotency_Key="k1")
    assert (answer.status, answer.json) == (202, {"accepted": True, "reference": "MZ-000001"})
    assert state_of(office, "R1") == "RECEIVED"
    wait_for(lambda: state_of(office, "R1") == "APPROVED")

    issued = office.post("/licences", licence("R1"), Idempotency_Key="k2")
    number = issued.json["reference"]
    assert issued.status == 201
    wait_for(lambda: len(about(agent, "R1")) == 4)
    events = about(agent, "R1")
    assert types(events) == ["case.accepted", "case.review-started", "case.decided", "licence.issued"]
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
    assert number in [shown["number"] for shown in office.get("/__records").json["issued"]]


def test_the_same_submission_twice_is_one_case(office: Stranger, agent: Receiver) -> None:
    """By its key, and by its receipt number where the key is lost."""
    answers = [office.post("/cases", case("R2"), Idempotency_Key=key).json for key in ("s1", "s1", "s2")]
    assert answers[0]["accepted"] is True
    assert answers == [answers[0]] * 3
    assert office.post("/cases", case("R2", itemCode="other"), Idempotency_Key="s1").status == 422
    wait_for(lambda: "case.decided" in types(about(agent, "R2")))
    assert len(about(agent, "R2")) == 3


def test_the_same_licence_twice_is_one_licence(office: Stranger, agent: Receiver) -> None:
    """One certificate and one event for a receipt number."""
    office.post("/cases", case("R3"))
    wait_for(lambda: state_of(office, "R3") == "APPROVED")
    answers = [office.post("/licences", licence("R3"), Idempotency_Key=key) for key in ("l1", "l1", "l2")]
    assert len({answer.json["reference"] for answer in answers}) == 1
    wait_for(lambda: "licence.issued" in types(about(agent, "R3")))
    assert types(about(agent, "R3")).count("licence.issued") == 1


def test_no_licence_without_an_approved_case(office: Stranger) -> None:
    """Neither for an unknown receipt number nor before the decision; asked again it may succeed."""
    refused = office.post("/licences", licence("R4"), Idempotency_Key="n1")
    assert (refused.status, refused.json["error"]["code"]) == (409, "NOT_APPROVED")
    office.post("/cases", case("R4"))
    assert office.post("/licences", licence("R4"), Idempotency_Key="n1").status == 409
    wait_for(lambda: state_of(office, "R4") == "APPROVED")
    assert office.post("/licences", licence("R4"), Idempotency_Key="n1").status == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"applicantIdNumber": "110102199003159999"}, 422, "UNKNOWN_PERSON"),
        ({"submittedAt": ""}, 400, "MISSING"),
        ({"itemCode": None}, 400, "MISSING"),
    ],
)
def test_a_wrong_submission_is_refused(office: Stranger, change: dict[str, Any], status: int, code: str) -> None:
    """And leaves no case."""
    answer = office.post("/cases", case("R5", **change))
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert state_of(office, "R5") is None


def test_an_officer_can_deny_one_case_or_all(office: Stranger, agent: Receiver) -> None:
    """A refusal has its reason and remedy, given or usual."""
    office.post("/__decisions", {"decision": "denied"})
    office.post("/__decisions", {"receiptNumber": "R7", "decision": "denied", "reason": "why", "remedy": "how"})
    office.post("/__decisions", {"receiptNumber": "R8", "decision": "approved"})
    for number in ("R6", "R7", "R8"):
        office.post("/cases", case(number))
    wait_for(lambda: all(len(about(agent, number)) == 3 for number in ("R6", "R7", "R8")))
    office.post("/__decisions", {"decision": "approved"})
    usual, given, approved = (about(agent, number)[2]["data"] for number in ("R6", "R7", "R8"))
    assert usual["decision"] == "denied"
    assert usual["reason"]
    assert usual["remedy"]
    assert given == {"decision": "denied", "reason": "why", "remedy": "how"}
    assert approved["decision"] == "approved"
    assert office.post("/__decisions", {"decision": "perhaps"}).status == 400


def test_an_officer_can_leave_a_case_lying(office: Stranger, agent: Receiver) -> None:
    """It is accepted and reviewed, and nothing more is heard of it."""
    office.post("/__decisions", {"receiptNumber": "R21", "decision": "silent"})
    office.post("/cases", case("R21"))
    office.post("/cases", case("R22"))
    wait_for(lambda: len(about(agent, "R22")) == 3 and len(about(agent, "R21")) == 2)
    assert [each["type"] for each in about(agent, "R21")] == ["jiyi.case.accepted", "jiyi.case.review-started"]
    wait_for(lambda: state_of(office, "R21") == "IN_REVIEW")


def test_a_form_can_ask_to_be_denied_or_not_accepted(office: Stranger, agent: Receiver) -> None:
    """For demos without the control door."""
    office.post("/cases", case("R9", form={"decision": "denied"}))
    office.post("/cases", case("R10", form={"decision": "not-accepted"}))
    wait_for(lambda: (state_of(office, "R9"), state_of(office, "R10")) == ("DENIED", "NOT_ACCEPTED"))
    wait_for(lambda: len(about(agent, "R10")) == 1)
    assert types(about(agent, "R10")) == ["case.not-accepted"]
    assert about(agent, "R10")[0]["data"]["reason"]


def test_events_come_twice_on_demand(office: Stranger, agent: Receiver) -> None:
    """The same event, so that the receiver can see it is."""
    office.post("/__faults", {"duplicateEvents": True})
    office.post("/cases", case("R11"))
    wait_for(lambda: len(about(agent, "R11")) == 6)
    office.ask("DELETE", "/__faults")
    ids = [event["id"] for event in about(agent, "R11")]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_an_event_is_sent_until_it_is_taken(start: Start, receive: Receive) -> None:
    """Refused three times, the first event still comes first, with the same id."""
    agent = receive(refusals=3)
    office = start("civil_affairs", "--decision-delay", "0.1", "--events-url", agent.url)
    office.post("/cases", case("R1"))
    wait_for(lambda: len(agent.accepted) == 3)
    assert types(about(agent, "R1")) == ["case.accepted", "case.review-started", "case.decided"]
    assert {received.json["id"] for received in agent.refused} == {agent.accepted[0].json["id"]}


def test_untaken_events_and_undecided_cases_survive_a_kill(start: Start, receive: Receive, tmp_path: Path) -> None:
    """The department killed with an event in hand and a decision to come, the agent back later elsewhere."""
    state = ("--state", str(tmp_path))
    office = start("civil_affairs", *state, "--decision-delay", "0.6", "--events-url", "http://127.0.0.1:9/events")
    office.post("/cases", case("R1"))
    wait_for(lambda: state_of(office, "R1") == "ACCEPTED")
    office.kill()

    agent = receive()
    office = start("civil_affairs", *state, "--decision-delay", "0.1")
    wait_for(lambda: state_of(office, "R1") == "APPROVED")
    assert agent.accepted == []
    office.post("/__settings", {"eventsUrl": agent.url})
    wait_for(lambda: len(agent.accepted) == 3)
    assert types(about(agent, "R1")) == ["case.accepted", "case.review-started", "case.decided"]


def test_the_decision_s_delay_can_be_set_while_it_runs(start: Start) -> None:
    """A road that wants to look at the waiting case slows the clerk down."""
    office = start("civil_affairs", "--decision-delay", "0")
    assert office.post("/__settings", {"decisionDelaySeconds": 60}).json["decisionDelaySeconds"] == 60
    office.post("/cases", case("R1"))
    assert state_of(office, "R1") == "RECEIVED"
