"""The departments of a joint case, as strangers: told once, decided later, undone on demand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.mocks.stranger import Receiver, Stranger, receiving, wait_for

ID_NUMBER = "110102195809090044"
UNDO = {"reason": "withdrawn"}
RECEIVE = """mutation R($input: SubCaseOrder!) { taxationReceiveSubCase(input: $input) { accepted reference } }"""


@pytest.fixture(scope="module")
def hub() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def offices(hub: Receiver) -> Iterator[Stranger]:
    stranger = Stranger("joint_offices")
    for name in ("fire-rescue", "taxation", "health"):
        stranger.ask("POST", f"/{name}/__events", {"url": hub.url})
        stranger.ask("POST", f"/{name}/__sub-case-delay", {"seconds": 0.1})
    yield stranger
    stranger.kill()


@pytest.fixture(scope="module")
def market(hub: Receiver) -> Iterator[Stranger]:
    stranger = Stranger("market_regulation")
    stranger.ask("POST", "/__events", {"url": hub.url})
    stranger.ask("POST", "/__sub-case-delay", {"seconds": 0.1})
    yield stranger
    stranger.kill()


def order(receipt_number: str, sub_case: str) -> dict[str, Any]:
    return {
        "receiptNumber": receipt_number,
        "subCase": sub_case,
        "itemCode": "JT-RESTAURANT",
        "applicantIdNumber": ID_NUMBER,
        "form": {"premises": "1 Market Street"},
        "results": [],
        "submittedAt": "2026-11-23T10:00:00+08:00",
    }


def said(hub: Receiver, receipt_number: str) -> list[str]:
    """What was told of one case, in order."""
    about = [each.json for each in hub.accepted if each.json["subject"] == receipt_number]
    told = [(each["type"].removeprefix("jiyi."), each["data"].get("decision")) for each in about]
    return [" ".join(filter(None, each)) for each in told]


def file_of(office: Stranger, name: str, receipt_number: str) -> Any:
    files = office.get(f"{name}/__records").json["subCases"]
    return next((each for each in files if each["receiptNumber"] == receipt_number), None)


def test_a_sub_case_is_accepted_then_decided_and_repeated_commands_have_one_effect(
    hub: Receiver, offices: Stranger
) -> None:
    for _ in range(2):
        answer = offices.ask("POST", "/fire-rescue/sub-cases", order("JY-1", "fire"), Idempotency_Key="a")
        assert answer.json == {"accepted": True, "reference": "XF-000001"}
    wait_for(lambda: len(said(hub, "JY-1")) == 2)
    assert said(hub, "JY-1") == ["sub-case.accepted", "sub-case.decided approved"]
    assert file_of(offices, "/fire-rescue", "JY-1")["begun"] == 1


def test_more_is_asked_for_on_demand_and_the_file_goes_on_once_it_came(hub: Receiver, offices: Stranger) -> None:
    told = {"receiptNumber": "JY-2", "decision": "supplement", "reason": "the floor plan"}
    offices.ask("POST", "/fire-rescue/__sub-case-decisions", told)
    offices.ask("POST", "/fire-rescue/sub-cases", order("JY-2", "fire"))
    wait_for(lambda: said(hub, "JY-2") == ["sub-case.supplement-requested"])
    offices.ask("POST", "/fire-rescue/sub-cases/supplement", {"receiptNumber": "JY-2", "subCase": "fire"})
    wait_for(lambda: len(said(hub, "JY-2")) == 3)
    assert said(hub, "JY-2")[1:] == ["sub-case.accepted", "sub-case.decided approved"]


def test_files_that_lie_there_follow_a_new_delay(hub: Receiver, offices: Stranger) -> None:
    """Whoever waits for others to be first holds a department back, and lets it go on."""
    offices.ask("POST", "/fire-rescue/__sub-case-delay", {"seconds": 3600})
    offices.ask("POST", "/fire-rescue/sub-cases", order("JY-9", "fire"))
    assert said(hub, "JY-9") == []
    offices.ask("POST", "/fire-rescue/__sub-case-delay", {"seconds": 0.1})
    wait_for(lambda: len(said(hub, "JY-9")) == 2)
    assert said(hub, "JY-9") == ["sub-case.accepted", "sub-case.decided approved"]


def test_an_accepted_file_waits_for_the_decision_that_is_said(hub: Receiver, offices: Stranger) -> None:
    """So that others can come first, however long they take."""
    told = {"receiptNumber": "JY-10", "decision": "waiting"}
    offices.ask("POST", "/health/__sub-case-decisions", told)
    offices.ask("POST", "/health/sub-cases", order("JY-10", "hygiene"))
    wait_for(lambda: said(hub, "JY-10") == ["sub-case.accepted"])
    offices.ask("POST", "/health/__sub-case-decisions", told | {"decision": "approved"})
    wait_for(lambda: len(said(hub, "JY-10")) == 2)
    assert said(hub, "JY-10")[1:] == ["sub-case.decided approved"]


@pytest.mark.parametrize(
    ("name", "kind"), [("health", "health-certificate"), ("natural-resources", "real-estate-title")]
)
def test_a_demo_resident_holds_what_replaces_papers(offices: Stranger, name: str, kind: str) -> None:
    """A title of the premises, and a health certificate for handling food that still holds."""
    held = offices.ask("POST", f"/{name}/licences/search", {"holder": ID_NUMBER}).json["certificates"]
    assert [(each["kind"], each["state"]) for each in held if each["receiptNumber"] is None] == [(kind, "VALID")]


def test_a_refusal_names_reason_and_remedy(hub: Receiver, offices: Stranger) -> None:
    told = {"receiptNumber": "JY-3", "decision": "denied", "reason": "one exit", "remedy": "appeal"}
    offices.ask("POST", "/health/__sub-case-decisions", told)
    offices.ask("POST", "/health/sub-cases", order("JY-3", "hygiene"))
    wait_for(lambda: "sub-case.decided denied" in said(hub, "JY-3"))
    last = next(each.json for each in reversed(hub.accepted) if each.json["subject"] == "JY-3")
    assert last["data"] == {"subCase": "hygiene", "reason": "one exit", "remedy": "appeal", "decision": "denied"}


def test_taxation_is_told_by_graphql_and_knows_a_repeated_command_by_its_key(
    hub: Receiver, offices: Stranger
) -> None:
    for _ in range(2):
        body = {"query": RECEIVE, "variables": {"input": order("JY-4", "tax")}}
        answer = offices.ask("POST", "/taxation/graphql", body, Idempotency_Key="t")
        assert answer.json["data"] == {"taxationReceiveSubCase": {"accepted": True, "reference": "SW-000001"}}
    wait_for(lambda: len(said(hub, "JY-4")) == 2)
    assert file_of(offices, "/taxation", "JY-4")["begun"] == 1


def test_what_is_undone_before_it_came_is_not_begun(hub: Receiver, offices: Stranger) -> None:
    named = {"receiptNumber": "JY-5", "subCase": "hygiene"}
    assert offices.ask("POST", "/health/sub-cases/undo", named | UNDO).json["accepted"] is True
    offices.ask("POST", "/health/sub-cases", order("JY-5", "hygiene"))
    assert file_of(offices, "/health", "JY-5")["state"] == "UNDONE"
    assert said(hub, "JY-5") == []


def test_undoing_revokes_what_was_issued_unless_it_is_refused_on_demand(hub: Receiver, market: Stranger) -> None:
    market.ask("POST", "/sub-cases", order("JY-6", "business"))
    wait_for(lambda: len(said(hub, "JY-6")) == 2)
    number = file_of(market, "", "JY-6")["licenceNumber"]
    held = market.ask("POST", "/licences/search", {"holder": ID_NUMBER}).json["licences"]
    assert next(each for each in held if each["number"] == number)["holder"] == {
        "type": "Citizen",
        "idNumber": ID_NUMBER,
    }
    named = {"receiptNumber": "JY-6", "subCase": "business"}
    market.ask("POST", "/__sub-case-decisions", {"receiptNumber": "JY-6", "decision": "refuse-undoing"})
    assert market.ask("POST", "/sub-cases/undo", named | UNDO).json["accepted"] is False
    market.ask("POST", "/__sub-case-decisions", {"receiptNumber": "JY-6", "decision": "approved"})
    assert market.ask("POST", "/sub-cases/undo", named | UNDO).json["accepted"] is True
    assert market.get(f"/licences/110102-SJ/{number}").json["state"] == "REVOKED"


def test_the_lead_decides_when_asked_and_issues_the_result_once(hub: Receiver, market: Stranger) -> None:
    asked = {"receiptNumber": "JY-7", "itemCode": "JT-RESTAURANT", "opinions": [{"subCase": "fire"}]}
    for _ in range(2):
        market.ask("POST", "/joint-cases", asked, Idempotency_Key="lead")
    wait_for(lambda: said(hub, "JY-7") == ["case.decided approved"])
    licence = {"receiptNumber": "JY-7", "kind": "restaurant-permit", "holderIdNumber": ID_NUMBER}
    references = [market.ask("POST", "/joint-cases/licences", licence).json["reference"] for _ in range(2)]
    assert references[0] == references[1]
    wait_for(lambda: said(hub, "JY-7") == ["case.decided approved", "licence.issued"])
