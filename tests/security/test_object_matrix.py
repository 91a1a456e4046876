"""No citizen sees anything of another: by id, alias, fragment, subscription, rating or a confused department.

Another citizen has a finished case, a paid fee, licences and a rating; every text of theirs is a canary that
is sought in the raw answers. Two departments say of everything that is the reader's that the other holds it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from hub.demo.connectors import enrol, publish_connector
from hub.demo.residents import citizen, stranger
from hub.demo.road import Road, open_road
from hub.demo.sign_in import sign_in_app
from hub.demo.stack import SIXTH
from hub.demo.steps.query import TWO_HOPS
from hub.demo.waiting import wait_for
from tests.acceptance.stacks import embedded_demo
from tests.faults.journey import CASE, PAY, Journey
from tests.security.doors import Ask, by_get, by_post, by_websocket
from tests.security.road_graph import GUARDED, road_schema, ways
from tests.security.twist import twisted

pytestmark = [pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]

COMMENT = "金丝雀的评语"
RATE = """mutation Rate($case: ID!, $comment: String) {
  rateService(case: $case, stars: 5, comment: $comment) { stars }
}"""
EVERYTHING = """query Everything {
  me {
    id name maskedIdNumber address socialSecurityCardNumber
    licences { number }
    fees { number settlement { receiptNumber } }
    cases { id receiptNumber licenceNumber rating { comment } }
  }
}"""
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
    fee: str

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
        canaries = await _canaries(other)
        own = await by_post(road.client, road.token, EVERYTHING, {})
        assert [canary for canary in canaries if canary in own] == [], "a canary is the reader's own too"
        for name in CONFUSED:
            url = await closing.enter_async_context(
                twisted(road.door(name), road.person.id_number, other.person.id_number)
            )
            await publish_connector(road.client, demo.stack.enrolments[name], url)
        await wait_for("the confusion is live", lambda: _is_confused(road), 30)
        case = await journeys[1].case()
        yield Scene(road, other, canaries, case["id"], case["receiptNumber"], case["fees"][0]["number"])


async def test_no_way_through_the_graph_leads_to_another_person(scene: Scene) -> None:
    """Every field of the composed schema by its ways, in four spellings: a new field is tried by itself."""
    found = {}
    for way in ways(road_schema()):
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


ATTEMPTS: dict[str, tuple[str, dict[str, str]]] = {
    "case by id": (CASE, {"id": "case"}),
    "case by receipt number": (CASE, {"id": "receipt_number"}),
    "case by alias": (
        "query C($a: ID!, $b: ID!) { x: case(id: $a) { y: receiptNumber } z: case(id: $b) { id } }",
        {"a": "case", "b": "receipt_number"},
    ),
    "case by named fragment": (
        "query C($a: ID!) { case(id: $a) { ...F } } fragment F on Case { id applicant { ...G } fees { number } } "
        "fragment G on Citizen { name maskedIdNumber cases { receiptNumber } }",
        {"a": "receipt_number"},
    ),
    "case by inline fragment": (
        "query C($a: ID!) { ... { case(id: $a) { ... on Case { ... { id rating { comment } } } } } }",
        {"a": "case"},
    ),
    "case as a node": (
        "query N($a: ID!) { node(id: $a) { __typename id ... on Case { receiptNumber rating { comment } } } }",
        {"a": "case"},
    ),
    "case as a node by receipt number": (
        "query N($a: ID!) { node(id: $a) { ...F } } fragment F on Node { ... on Case { id applicant { name } } }",
        {"a": "receipt_number"},
    ),
    "person as a node": (
        "query N($a: ID!) { x: nodes(ids: [$a]) { ... on Citizen { name maskedIdNumber cases { id } } } }",
        {"a": "person"},
    ),
    "person and case in a list of nodes": (
        "query N($a: ID!, $b: ID!) { nodes(ids: [$a, $b]) { __typename ... on Citizen { fees { number } } "
        "... on Case { licenceNumber fees { number } } } }",
        {"a": "person", "b": "case"},
    ),
    "case in a list of one's own": (
        "query C($a: ID!) { me { cases { receiptNumber rating { comment } } } case(id: $a) { id } }",
        {"a": "case"},
    ),
    "forged entity by id": (
        'query E($a: ID!) { _entities(representations: [{__typename: "Case", id: $a}]) { ... on Case { id } } }',
        {"a": "case"},
    ),
    "forged entity of a citizen": (
        'query E($a: String!) { _entities(representations: [{__typename: "Citizen", idNumber: $a}]) '
        "{ ... on Citizen { name } } }",
        {"a": "id_number"},
    ),
    "forged service": ("{ _service { sdl } }", {}),
    "identity number": ("{ me { idNumber } }", {}),
    "ratings of the item": (
        "{ serviceItems { code rating { mean count distribution { stars count } } } }",
        {},
    ),
    "withdrawing": (
        "mutation W($a: ID!) { withdrawCase(case: $a) { id state } }",
        {"a": "receipt_number"},
    ),
    "rating": (
        "mutation R($a: ID!) { rateService(case: $a, stars: 1) { stars comment at } }",
        {"a": "receipt_number"},
    ),
    "paying": (PAY, {"orders": "fee"}),
    "dead letters": ("{ deadLetters { subject } queues { name } }", {}),
}
READS = [name for name, (query, _) in ATTEMPTS.items() if not query.lstrip().startswith("mutation")]


async def test_what_is_anothers_cannot_be_named(scene: Scene) -> None:
    """Who knows or guesses a number learns no more from it, by any transport, and changes nothing."""
    known = {
        "case": scene.case,
        "receipt_number": scene.receipt_number,
        "id_number": scene.other.person.id_number,
        "person": scene.other.person.id,
        "fee": [scene.fee],
    }
    found = {}
    for attempt, (query, wanted) in ATTEMPTS.items():
        variables = {name: known[what] for name, what in wanted.items()}
        for ask in (by_post, by_websocket, *((by_get,) if attempt in READS else ())):
            if leaks := await scene.leaks(ask, query, variables):
                found[attempt, ask.__name__] = leaks
    assert found == {}
    answer = await scene.other.client.data(CASE, {"id": scene.case}, scene.other.token)
    assert (answer["case"]["state"], answer["case"]["rating"]) == ("COMPLETED", {"stars": 5})


async def test_subscription_to_anothers_case_ends_without_a_word_of_it(scene: Scene) -> None:
    """Neither by id nor by receipt number; the refusal is the same as for a case that does not exist."""
    query = "subscription S($case: ID) { caseChanged(case: $case) { id receiptNumber applicant { name } } }"
    for case in (scene.case, scene.receipt_number, "JY000000-0000000000-0"):
        answer = await by_websocket(scene.road.client, scene.road.token, query, {"case": case})
        assert '"NOT_FOUND"' in answer
        assert [canary for canary in scene.canaries if canary in answer and canary != case] == []


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
    assert {each["data"]["caseChanged"]["receiptNumber"] for each in heard} == {own.accepted["receiptNumber"]}


async def test_operators_see_a_case_but_not_the_person(scene: Scene) -> None:
    """The case is theirs by office; what departments hold about its applicant is not."""
    token = await scene.road.client.operator_token(scene.road.stack.places.operator_secret)
    answer = await by_post(scene.road.client, token, OPEN_CASE, {"case": scene.case})
    assert scene.receipt_number in answer
    assert '"FORBIDDEN"' in answer
    hidden = {scene.case, scene.receipt_number}
    assert [canary for canary in scene.canaries if canary in answer and canary not in hidden] == []


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


async def _canaries(other: Road) -> tuple[str, ...]:
    """Every text of the other's that only they may read; the control that they can be read at all."""
    me = (await other.client.data(EVERYTHING, token=other.token))["me"]
    found = {other.person.id_number, *_texts(me)}
    assert {COMMENT, other.person.name, other.person.id} <= found
    return tuple(sorted(found))


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
