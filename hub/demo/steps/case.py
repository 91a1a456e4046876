"""A case is filed while the agent is away and the hub's worker is off; the hub is killed; nothing is lost.

Accepted → outbox → broker → agent → department → decision events → inbox → state machine → subscription.
"""

from __future__ import annotations

import asyncio
from typing import Any

from hub.demo.places import HUB
from hub.demo.road import Road, StepFailed, expect, expect_equal
from hub.demo.stack import AGENT, QUEUE_DEPARTMENT
from hub.demo.waiting import wait_for

ITEM = "CA-MARRIAGE-RECORD"
FORM = {"purpose": "loan", "copies": 1}
SUBMIT = """mutation Submit($input: SubmitCaseInput!) {
  submitCase(input: $input) { id receiptNumber state }
}"""
CASE = """query Case($id: ID!) {
  case(id: $id) { receiptNumber state version events { version type state } fees { number state } }
}"""
CHANGED = """subscription Changed($case: ID) {
  caseChanged(case: $case) { receiptNumber state version applicant { name } }
}"""
DECIDED_WITHIN_SECONDS = 20.0


async def walk(road: Road) -> None:
    await road.stack.processes[AGENT].stop()
    case = await _accept_and_kill_the_hub(road)
    await _expect_unheard(road, case["receiptNumber"])
    events: list[dict[str, Any]] = []
    watching = asyncio.create_task(_watch(road, case["id"], events))
    try:
        await _duplicate_department_events(road)
        await road.stack.processes[AGENT].start()
        decided = await wait_for("the decision", lambda: _decided(road, case["id"]), DECIDED_WITHIN_SECONDS)
        await _check_department(road, case["receiptNumber"])
        await wait_for("the subscription's last event", lambda: _seen(events, "APPROVED"), 5)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    _check_events(decided, events, road.person.name)
    road.found["case"] = {**case, **decided}
    road.answers["case"] = {"case": decided, "subscription": events}


async def _accept_and_kill_the_hub(road: Road) -> dict[str, Any]:
    """The worker is off, so that the hub dies surely between accepting and publishing."""
    hub = road.stack.processes[HUB]
    await hub.stop()
    await road.stack.hub(worker=False).start()
    await road.client.wait_until_ready()
    given = {"itemCode": ITEM, "form": FORM, "idempotencyKey": f"road-{road.run}"}
    case = (await road.client.data(SUBMIT, {"input": given}, road.token))["submitCase"]
    again = (await road.client.data(SUBMIT, {"input": given}, road.token))["submitCase"]
    expect_equal(again["receiptNumber"], case["receiptNumber"], "the same submission sent twice")
    await road.stack.processes[HUB].kill()
    await road.stack.hub().start()
    await road.client.wait_until_ready()
    found: dict[str, Any] = case
    return found


async def _expect_unheard(road: Road, receipt_number: str) -> None:
    """With the agent stopped the case waits: the hub has it, the department does not."""
    cases = await road.client.data("{ me { cases { receiptNumber state } } }", token=road.token)
    states = {each["receiptNumber"]: each["state"] for each in cases["me"]["cases"]}
    expect_equal(states.get(receipt_number), "SUBMITTED", "the accepted case after the hub was killed")
    expect(await received(road, receipt_number) is None, "the department has the case without an agent")


async def _duplicate_department_events(road: Road) -> None:
    await road.client.json(f"{road.door(QUEUE_DEPARTMENT)}/__faults", "POST", {"duplicateEvents": True})


async def received(road: Road, receipt_number: str) -> dict[str, Any] | None:
    """The case as the department's own system has it."""
    records = await road.client.json(f"{road.door(QUEUE_DEPARTMENT)}/__records")
    found = [each for each in records["cases"] if each["receiptNumber"] == receipt_number]
    expect(len(found) <= 1, f"the department has the case {len(found)} times")
    return found[0] if found else None


async def read_case(road: Road, case_id: str) -> dict[str, Any]:
    found: dict[str, Any] | None = (await road.client.data(CASE, {"id": case_id}, road.token))["case"]
    if found is None:
        raise StepFailed("the citizen's own case cannot be read")
    return found


async def _decided(road: Road, case_id: str) -> dict[str, Any] | None:
    case = await read_case(road, case_id)
    return case if case["state"] in {"APPROVED", "DENIED", "COMPLETED"} else None


async def _check_department(road: Road, receipt_number: str) -> None:
    record = await received(road, receipt_number)
    expect(
        record is not None and record["state"] in {"APPROVED", "ISSUED"}, f"the department's record is {record}"
    )


async def _watch(road: Road, case_id: str, events: list[dict[str, Any]]) -> None:
    async for payload in road.client.subscribe(CHANGED, {"case": case_id}, road.token):
        events.append(payload["data"]["caseChanged"])


async def _seen(events: list[dict[str, Any]], state: str) -> bool | None:
    return True if any(event["state"] == state for event in events) else None


def _check_events(decided: dict[str, Any], events: list[dict[str, Any]], name: str) -> None:
    expect_equal(decided["state"], "APPROVED", "the decision")
    versions = [event["version"] for event in decided["events"]]
    expect_equal(versions, list(range(1, len(versions) + 1)), "versions of the case, each once")
    types = [event["type"] for event in decided["events"]]
    expect_equal(len(types), len(set(types)), f"an event had its effect twice: {types}")
    states = [event["state"] for event in events]
    expect(states[-1] == "APPROVED", f"the subscription told {states}")
    expect(all(event["applicant"]["name"] == name for event in events), "an event has no applicant's name")
