"""A case that is late: the clock of hub and agent moved through warning, yellow and red, to the explanation.

The department accepts and then does nothing. Nobody waits for days: all processes read the same moved clock.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.demo.connectors import employ
from hub.demo.residents import Resident, residents
from hub.demo.road import Road, Step, expect, expect_equal
from hub.demo.sign_in import COMMAND_LINE, sign_in_app, sign_in_tv
from hub.demo.waiting import wait_for

DEPARTMENT = "civil-affairs"
PHONES = "public-security"
ITEM = {"itemCode": "CA-MARRIAGE-RECORD", "form": {"purpose": "loan", "copies": 1}}
SUBMIT = "mutation Submit($input: SubmitCaseInput!) { submitCase(input: $input) { id receiptNumber } }"
CASE = """query Case($id: ID!) { case(id: $id) { state dueAt statutoryDueAt
  timeLimit { state limitDays usedDays leftDays isOverdue isEstimated days { date counts ground name } } } }"""
CARDS = """query Cards { supervisionCards(includeClosed: true) {
  id receiptNumber trigger level at dueAt raisedAt closedWhy } }"""
NOTICES = "query Notices { notices { kind receiptNumber text textEn at } }"
GRANT = "mutation Grant($citizen: ID!, $role: String!) { grantRole(citizen: $citizen, role: $role) }"
EXPLAIN = "mutation Explain($card: ID!, $text: String!) { explainCard(card: $card, explanation: $text) { id } }"
ACCEPT = "mutation Accept($card: ID!) { acceptExplanation(card: $card) { closedWhy } }"
REASON = "档案室漏水。The archive was flooded."
WITHIN_SECONDS = 20.0


def handler() -> Resident:
    """Works for the department that is late."""
    return residents()[1]


def supervisor() -> Resident:
    """Watches every department's limits."""
    return residents()[2]


async def offices(road: Road) -> None:
    """One resident handles the department's cases, one supervises."""
    operator = await road.client.operator_token(road.stack.places.operator_secret)
    await employ(road.client, operator, DEPARTMENT, handler().id)
    for person, role in ((handler(), "handler"), (supervisor(), "supervisor")):
        await road.client.data(GRANT, {"citizen": person.id, "role": role}, operator)
    await road.client.json(f"{road.door(DEPARTMENT)}/__decisions", "POST", {"decision": "silent"})
    await _sign_in(road)


async def accepted(road: Road) -> None:
    """Filed and accepted: the limit runs, and says day by day how it comes about."""
    road.found["case"] = (await road.client.data(SUBMIT, {"input": ITEM}, road.token))["submitCase"]
    case = await wait_for("acceptance", lambda: _in_state(road, "ACCEPTED", "IN_REVIEW"), _patient(road))
    limit = case["timeLimit"]
    expect_equal(sum(day["counts"] for day in limit["days"]), limit["limitDays"], "the days that count")
    expect_equal(await _levels(road), [], "cards of a case that has just begun")
    road.found["days"] = [day["date"] for day in limit["days"] if day["counts"]]
    road.found["due"] = case["dueAt"]
    road.answers["accepted"] = case


async def warned(road: Road) -> None:
    """80 % used, or the day before the last: the department is told."""
    await _move_to(road, _beginning(road.found["days"][-2]))
    await _wait_for_levels(road, ["WARNING"])
    told = (await road.client.data(NOTICES, token=road.token_of("handler")))["notices"]
    expect(any("Warning" in each["textEn"] for each in told), f"the department was told {told}")


async def yellow(road: Road) -> None:
    """The last day: the supervisor is told too, the applicant not yet."""
    await _move_to(road, _beginning(road.found["days"][-1]))
    await _wait_for_levels(road, ["WARNING", "YELLOW"])
    told = (await road.client.data(NOTICES, token=road.token_of("supervisor")))["notices"]
    expect(any("Yellow" in each["textEn"] for each in told), f"the supervisor was told {told}")
    mine = (await road.client.data(NOTICES, token=road.token))["notices"]
    expect_equal([each for each in mine if each["kind"] == "CARD"], [], "what the applicant was told")


async def red(road: Road) -> None:
    """Overdue: raised once, stamped with the very end of the limit; the applicant is told."""
    due = datetime.fromisoformat(road.found["due"])
    await _move_to(road, due)
    cards = await _wait_for_levels(road, ["WARNING", "YELLOW", "RED"])
    expect_equal(datetime.fromisoformat(cards[-1]["at"]), due, "the moment of the red card")
    late = datetime.fromisoformat(cards[-1]["raisedAt"]) - due
    expect(late < timedelta(minutes=1), f"the card was raised {late} late")
    mine = (await road.client.data(NOTICES, token=road.token))["notices"]
    expect(any("Red card" in each["textEn"] for each in mine), f"the applicant was told {mine}")
    case = (await road.client.data(CASE, {"id": road.found["case"]["id"]}, road.token))["case"]
    expect(case["timeLimit"]["isOverdue"], "an overdue case that does not say so")
    road.found["red"] = cards[-1]["id"]
    road.answers["red"] = {"cards": cards, "case": case}


async def explained(road: Road) -> None:
    """A red card is closed only with an explanation that the supervisor accepts."""
    card = {"card": road.found["red"]}
    refused = await road.client.graphql(ACCEPT, card, road.token_of("supervisor"))
    code = refused["errors"][0]["extensions"]["code"]
    expect_equal(code, "INVALID_TRANSITION", "closing a card that nobody explained")
    await road.client.data(EXPLAIN, {**card, "text": REASON}, road.token_of("handler"))
    closed = (await road.client.data(ACCEPT, card, road.token_of("supervisor")))["acceptExplanation"]
    expect_equal(closed["closedWhy"], "explained", "why the card is closed")


LATE: tuple[Step, ...] = (
    Step("offices", "one resident handles cases, one supervises", offices),
    Step("accepted", "a case is accepted, and its due date explains itself", accepted),
    Step("warning", "the clock is moved to the day before the last", warned),
    Step("yellow", "the clock is moved to the last day", yellow),
    Step("red", "the clock is moved beyond the end", red),
    Step("explained", "the department explains, the supervisor accepts", explained),
)


async def _move_to(road: Road, moment: datetime) -> None:
    """All processes at once; whoever was signed in signs in again, since tokens have ended meanwhile."""
    file = road.stack.clock_file
    if file is None:
        expect(False, "this demo's clock cannot be moved")
        return
    seconds = (moment - datetime.now(UTC)).total_seconds() + 1
    written = file.with_suffix(".new")
    written.write_text(str(seconds), encoding="ascii")
    os.replace(written, file)
    await _sign_in(road)


async def _sign_in(road: Road) -> None:
    """The citizen at the app, the two offices at the command line, whose tokens carry them."""
    phone = road.door(PHONES)
    async with road.stack.client() as client:
        road.tokens["citizen"] = await sign_in_app(client, road.person, phone)
    for who, person in (("handler", handler()), ("supervisor", supervisor())):
        async with road.stack.client() as line, road.stack.client() as browser:
            road.tokens[who] = await sign_in_tv(line, browser, person, phone, COMMAND_LINE)


async def _in_state(road: Road, *states: str) -> dict[str, Any] | None:
    case = (await road.client.data(CASE, {"id": road.found["case"]["id"]}, road.token))["case"]
    return case if case["state"] in states else None


async def _cards(road: Road) -> list[dict[str, Any]]:
    """Of the promised limit of this case, the earliest first."""
    found = (await road.client.data(CARDS, token=road.token_of("supervisor")))["supervisionCards"]
    number = road.found["case"]["receiptNumber"]
    mine = [each for each in found if each["receiptNumber"] == number and each["trigger"] == "PROMISED_LIMIT"]
    return sorted(mine, key=lambda each: str(each["at"]))


async def _levels(road: Road) -> list[str]:
    return [card["level"] for card in await _cards(road)]


async def _wait_for_levels(road: Road, wanted: list[str]) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        cards = await _cards(road)
        return cards if [card["level"] for card in cards] == wanted else None

    return await wait_for(f"cards {wanted}", look, _patient(road), pause_seconds=0.3)


def _beginning(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+08:00")


def _patient(road: Road) -> float:
    return WITHIN_SECONDS * road.stack.patience
