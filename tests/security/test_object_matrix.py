"""S16 too: no citizen sees anything of another by id, alias, fragment, subscription, rating, confused department.

Another citizen has a finished case, a paid fee, licences and a rating; every text of theirs is a canary that
is sought in the raw answers. Two departments say of everything that is the reader's that the other holds it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from graphql import parse, validate

from auth.clients import TOKEN_EXCHANGE
from auth.exchange_grant import ACCESS_TOKEN
from hub.demo.connectors import enrol, publish_connector
from hub.demo.residents import citizen, stranger
from hub.demo.road import Road, open_road
from hub.demo.sign_in import APP, sign_in_app
from hub.demo.stack import SIXTH
from hub.demo.steps.query import TWO_HOPS
from hub.demo.waiting import wait_for
from tests.acceptance.stacks import embedded_demo
from tests.faults.journey import CASE, Journey
from tests.security.attempts import ATTEMPTS, HIDDEN, READS
from tests.security.belongings import CANARY as DRAFT_TEXT
from tests.security.belongings import PDF, STREET, belongings, standing
from tests.security.doors import Ask, by_get, by_post, by_websocket
from tests.security.road_graph import GUARDED, road_schema, ways
from tests.security.twist import twisted

pytestmark = [pytest.mark.whole, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]

COMMENT = "金丝雀的评语"
PURPOSE = "金丝雀的用途"
SHARE = """mutation Share($number: ID!, $endsAt: DateTime!, $purpose: String!) {
  shareLicence(input: {issuerCode: "110102-MZ", number: $number, recipientKind: BEARER, recipient: "房东",
    purpose: $purpose, endsAt: $endsAt}) { id }
}"""
RATE = """mutation Rate($case: ID!, $comment: String) {
  rateService(case: $case, stars: 5, comment: $comment) { stars }
}"""
EVERYTHING = """query Everything {
  me {
    id name maskedIdNumber address socialSecurityCardNumber
    licences { number }
    fees { number settlement { receiptNumber } receipts { number signed } }
    cases { id receiptNumber licenceNumber rating { comment } }
  }
  myEnquiries { id number subject text }
  myPayments { number payUrl }
}"""
ASK_AND_COMPLAIN = """mutation Ask($text: String!) {
  askQuestion(input: { subject: "金丝雀的咨询", text: $text }) { id }
  fileComplaint(input: { subject: "金丝雀的投诉", text: $text, department: "transport" }) { id }
}"""
GRANT = "mutation Grant($input: MandateInput!) { grantMandate(input: $input) { id } }"
END = "mutation End($id: ID!) { endMandate(id: $id) { isInForce } }"
CONFUSED = ("market-regulation", "transport")
REPRESENTATIVES = "{ me { enterprises { legalRepresentative { name } } } }"
OPEN_CASE = """query OpenCase($case: ID!) {
  case(id: $case) { receiptNumber state }
  other: case(id: $case) { applicant { name maskedIdNumber licences { number } } }
}"""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who reads, and what belongs to the other."""

    road: Road
    other: Road
    canaries: tuple[str, ...]
    case: str
    receipt_number: str
    enquiry: dict[str, str]
    fee: str
    licence: str
    share: str
    things: dict[str, str]

    def named(self) -> dict[str, Any]:
        """What somebody may know or guess of the other's, by what :data:`ATTEMPTS` call it."""
        return {
            "case": self.case,
            "enquiry": self.enquiry["id"],
            "enquiry_number": self.enquiry["number"],
            "receipt_number": self.receipt_number,
            "id_number": self.other.person.id_number,
            "person": self.other.person.id,
            "fee": [self.fee],
            "order": self.fee,
            "licence": self.licence,
            "share": self.share,
            **self.things,
        }

    async def leaks(self, ask: Ask, query: str, variables: dict[str, Any] | None = None) -> list[str]:
        """What the answer has of the other, beyond what the question said itself."""
        asked = json.dumps([query, variables], ensure_ascii=False)
        answer = await ask(self.road.client, self.road.token, query, variables or {})
        return [canary for canary in self.canaries if canary in answer and canary not in asked]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as closing:
        demo = await closing.enter_async_context(embedded_demo(tmp_path_factory.mktemp("matrix")))
        road = await closing.enter_async_context(open_road(demo.stack))
        other = Road(demo.stack, road.stranger_client, road.tv, road.client, stranger(), citizen())
        await _sixth_joins(road)
        for each in (road, other):
            each.tokens["citizen"] = await sign_in_app(each.client, each.person, road.door("public-security"))
        journeys = [Journey(road), Journey(other)]
        await asyncio.gather(_finish_a_case(journeys[0], None), _finish_a_case(journeys[1], COMMENT))
        operator = await road.client.operator_token(demo.stack.places.operator_secret)
        things = await belongings(other, operator)
        own_things = {value for name, value in things.items() if name != "slot"}
        canaries = (*await _canaries(other), *sorted(own_things), DRAFT_TEXT, STREET)
        own = await by_post(road.client, road.token, EVERYTHING, {})
        assert [canary for canary in canaries if canary in own] == [], "a canary is the reader's own too"
        licence, share = await _share(other, (await journeys[1].case())["licenceNumber"])
        for name in CONFUSED:
            url = await closing.enter_async_context(
                twisted(road.door(name), road.person.id_number, other.person.id_number)
            )
            await publish_connector(road.client, demo.stack.enrolments[name], url)
        await wait_for("the confusion is live", lambda: _is_confused(road), 30)
        case = await journeys[1].case()
        enquiry = (await other.client.data(EVERYTHING, token=other.token))["myEnquiries"][0]
        fee = case["fees"][0]["number"]
        found = (*canaries, PURPOSE, share)
        number = case["receiptNumber"]
        yield Scene(road, other, found, case["id"], number, enquiry, fee, licence, share, things)


async def test_no_way_through_the_graph_leads_to_another_person(scene: Scene) -> None:
    """Every field of the composed schema by its ways, in four spellings: a new field is tried by itself."""
    found = {}
    # Beside the loop: while it stood still, it would not see that the hub closed an idle connection.
    every = await asyncio.to_thread(lambda: tuple(ways(road_schema())))
    for way in every:
        doors = (by_post, by_websocket) if way.types.count(GUARDED) > 1 else (by_post,)
        for ask in doors:
            if leaks := await scene.leaks(ask, way.query()):
                found[str(way)] = leaks
    assert found == {}


async def test_the_matrix_meets_the_confused_departments(scene: Scene) -> None:
    """The ways above are no proof where nobody stands: here the other's objects are met, and dropped."""
    answer = await scene.road.client.graphql(TWO_HOPS, token=scene.road.token)
    refused = [(error["extensions"]["code"], error["extensions"]["department"]) for error in answer["errors"]]
    assert sorted(refused) == [("FORBIDDEN", name) for name in CONFUSED]
    assert {each["holder"]["name"] for each in answer["data"]["me"]["licences"]} == {scene.road.person.name}
    answer = await scene.road.client.graphql(REPRESENTATIVES, token=scene.road.token)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


@pytest.mark.parametrize("attempt", sorted(set(ATTEMPTS) - HIDDEN))
async def test_an_attempt_is_a_question_that_the_graph_takes(attempt: str) -> None:
    """One that is refused for its spelling would prove nothing."""
    assert validate(road_schema(), parse(ATTEMPTS[attempt][0])) == []


async def test_what_is_anothers_cannot_be_named(scene: Scene) -> None:
    """Who knows or guesses a number learns no more from it, by any transport, and changes nothing."""
    known = scene.named()
    before = await standing(scene.other, scene.things)
    found = {}
    for attempt, (query, wanted) in ATTEMPTS.items():
        variables = {name: known[what] for name, what in wanted.items()}
        for ask in (by_post, by_websocket, *((by_get,) if attempt in READS else ())):
            if leaks := await scene.leaks(ask, query, variables):
                found[attempt, ask.__name__] = leaks
    assert found == {}
    answer = await scene.other.client.data(CASE, {"id": scene.case}, scene.other.token)
    assert (answer["case"]["state"], answer["case"]["rating"]) == ("COMPLETED", {"stars": 5})
    after = await standing(scene.other, scene.things)
    assert after["draft"] == before["draft"] == DRAFT_TEXT
    assert after["appointment"] == before["appointment"] == "BOOKED"
    assert after["notice_addresses"] == before["notice_addresses"]
    assert after["ticket"] != "CANCELLED"


async def test_subscription_to_anothers_case_ends_without_a_word_of_it(scene: Scene) -> None:
    """Neither by id nor by receipt number; the refusal is the same as for a case that does not exist."""
    query = "subscription S($case: ID) { caseChanged(case: $case) { id receiptNumber applicant { name } } }"
    for case in (scene.case, scene.receipt_number, "JY000000-0000000000-0"):
        answer = await by_websocket(scene.road.client, scene.road.token, query, {"case": case})
        assert '"NOT_FOUND"' in answer
        assert [canary for canary in scene.canaries if canary in answer and canary != case] == []


async def test_subscription_to_anothers_ticket_ends_without_a_word_of_it(scene: Scene) -> None:
    """As for a ticket that nobody has."""
    query = "subscription S($id: ID!) { ticketChanged(id: $id) { id state field } }"
    for ticket in (scene.things["ticket"], "00000000-0000-4000-8000-000000000000"):
        answer = await by_websocket(scene.road.client, scene.road.token, query, {"id": ticket})
        assert '"NOT_FOUND"' in answer
        assert '"changeContactAddress"' not in answer


async def test_open_subscription_is_silent_about_others(scene: Scene) -> None:
    """Without a case it tells of one's own; another's case passes all its states meanwhile."""
    heard: list[dict[str, Any]] = []

    async def listen() -> None:
        query = "subscription S { caseChanged { receiptNumber applicant { id } } }"
        async for payload in scene.road.client.subscribe(query, {}, scene.road.token):
            heard.append(payload)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.2)
    theirs, own = Journey(scene.other), Journey(scene.road)
    await theirs.submit()
    await theirs.decided()
    await own.submit()
    await own.decided()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    told = [each["data"]["caseChanged"] for each in heard]
    # The first is the own case that changed last before; none is another's.
    assert {each["applicant"]["id"] for each in told} == {scene.road.person.id}
    assert own.accepted["receiptNumber"] in {each["receiptNumber"] for each in told}
    assert theirs.accepted["receiptNumber"] not in {each["receiptNumber"] for each in told}


async def test_doors_beside_the_graph_know_nothing_of_anothers_file_or_package(scene: Scene) -> None:
    """Files and packages are as if there were none; the owner, who is told of the file, is the control."""
    base, file = scene.road.client.base_url, scene.things["file"]
    doors = (
        ("GET", f"/files/{file}/content"),
        ("HEAD", f"/files/{file}"),
        ("PATCH", f"/files/{file}"),
        ("DELETE", f"/files/{file}"),
        ("GET", f"/archives/{scene.case}"),
    )
    for method, path in doors:
        headers = {"Authorization": f"Bearer {scene.road.token}", "Tus-Resumable": "1.0.0"}
        async with scene.road.client.session.request(method, base + path, headers=headers) as answer:
            assert answer.status == 404, path
            told = f"{dict(answer.headers)} {await answer.text()}"
        assert [canary for canary in scene.canaries if canary in told] == []
    headers = {"Authorization": f"Bearer {scene.other.token}"}
    async with scene.other.client.session.get(f"{base}/files/{file}/content", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, PDF)


async def test_operators_see_a_case_but_not_the_person(scene: Scene) -> None:
    """The case is theirs by office; what departments hold about its applicant is not."""
    token = await scene.road.client.operator_token(scene.road.stack.places.operator_secret)
    answer = await by_post(scene.road.client, token, OPEN_CASE, {"case": scene.case})
    assert scene.receipt_number in answer
    assert '"FORBIDDEN"' in answer
    hidden = {scene.case, scene.receipt_number}
    assert [canary for canary in scene.canaries if canary in answer and canary not in hidden] == []


async def test_an_agent_learns_nothing_beyond_the_mandate(scene: Scene) -> None:
    """For an item of which the party has no case: by every way and attempt there is nothing to see or to move.

    Controls: with a mandate for the case's own item it is seen; once it has ended, nothing is answered.
    """
    elsewhere, here = await _mandate(scene, "CA-SENIOR-CARD"), await _mandate(scene, "CA-MARRIAGE-RECORD")
    token = await _acting(scene, elsewhere)
    known = (scene.other.person.name, scene.other.person.id)
    hidden = [canary for canary in scene.canaries if canary not in known]
    before = await standing(scene.other, scene.things)
    found = {}
    for way in await asyncio.to_thread(lambda: tuple(ways(road_schema()))):
        answer = await by_post(scene.road.client, token, way.query(), {})
        if leaks := [canary for canary in hidden if canary in answer]:
            found[str(way)] = leaks
    named = scene.named()
    for attempt, (query, wanted) in ATTEMPTS.items():
        variables = {name: named[what] for name, what in wanted.items()}
        asked = json.dumps([query, variables], ensure_ascii=False)
        answer = await by_post(scene.road.client, token, query, variables)
        if leaks := [canary for canary in hidden if canary in answer and canary not in asked]:
            found[attempt] = leaks
    assert found == {}
    assert await standing(scene.other, scene.things) == before

    seen = await _acting(scene, here)
    assert scene.receipt_number in await by_post(scene.road.client, seen, CASE, {"id": scene.case})
    await scene.other.client.data(END, {"id": here}, scene.other.token)
    assert '"UNAUTHENTICATED"' in await by_post(scene.road.client, seen, CASE, {"id": scene.case})


async def _mandate(scene: Scene, item: str) -> str:
    """Given by the other to the reader."""
    agent = scene.road.person
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    powers = ["HANDLE_CASES", "PAY_FEES"]
    given = {"agentIdNumber": agent.id_number, "agentName": agent.name, "powers": powers, "items": [item]}
    answer = await scene.other.client.data(GRANT, {"input": {**given, "until": until}}, scene.other.token)
    return str(answer["grantMandate"]["id"])


async def _acting(scene: Scene, mandate: str) -> str:
    fields = {
        "grant_type": TOKEN_EXCHANGE,
        "client_id": APP,
        "subject_token": scene.road.token,
        "subject_token_type": ACCESS_TOKEN,
        "mandate": mandate,
    }
    status, body = await scene.road.client.form("/oauth/token", fields)
    assert status == 200, body
    return str(body["access_token"])


async def _sixth_joins(road: Road) -> None:
    await road.stack.start_department(SIXTH)
    token = await road.client.operator_token(road.stack.places.operator_secret)
    await publish_connector(road.client, await enrol(road.client, token, SIXTH), road.door(SIXTH))


async def _finish_a_case(journey: Journey, comment: str | None) -> None:
    await journey.submit()
    await journey.decided()
    await journey.pay()
    await journey.completed()
    variables = {"case": journey.accepted["id"], "comment": comment}
    await journey.road.client.data(RATE, variables, journey.road.token)


async def _share(other: Road, licence: str) -> tuple[str, str]:
    """The licence that the other's case came to, and the share by which they show it to somebody."""
    ends_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    wish = {"number": licence, "endsAt": ends_at, "purpose": PURPOSE}
    return licence, (await other.client.data(SHARE, wish, other.token))["shareLicence"]["id"]


async def _canaries(other: Road) -> tuple[str, ...]:
    """Every text of the other's that only they may read; the control that they can be read at all."""
    await other.client.data(ASK_AND_COMPLAIN, {"text": "金丝雀的话"}, other.token)
    everything = await wait_for("the receipt is given out", lambda: _with_receipts(other), 30)
    found = {other.person.id_number, *_texts(everything)}
    assert {COMMENT, other.person.name, other.person.id} <= found
    return tuple(sorted(found))


async def _with_receipts(other: Road) -> Any:
    everything = await other.client.data(EVERYTHING, token=other.token)
    return everything if all(each["receipts"] for each in everything["me"]["fees"]) else None


def _texts(value: Any) -> set[str]:
    match value:
        case dict():
            return set().union(*map(_texts, value.values()))
        case list():
            return set().union(*map(_texts, value))
        case str():
            return {value}
        case _:
            return set()


async def _is_confused(road: Road) -> bool | None:
    answer = await road.client.graphql(TWO_HOPS, token=road.token)
    return True if answer.get("errors") else None
