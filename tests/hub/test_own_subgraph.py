"""The hub's own part of the graph, executed as the local connector does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from graphql import parse

from auth.actor import Actor
from hub.own_subgraph import own_sdl
from hub.recording import recorded_store
from hub.recording.durations import bucket_of
from hub.recording.operation_recorder import Recorded, Use
from hub.storage.change_feed import give_positions
from schema.usage import OperationUsage
from tests.hub.own_graph import Graph, request
from tests.hub.world import ANNA, ANNA_NUMBER, BO, FREE, OPERATOR, WITH_FEE, World

DEPARTMENT = replace(OPERATOR, roles=frozenset({"department"}), department="civil-affairs")


async def record(world: World) -> None:
    """What a process of the hub would have counted."""
    now = world.clock.now()
    often = OperationUsage("h1", "Often", "query", "{ me }", frozenset({"Query.me", "Citizen.licences"}), False)
    slow = OperationUsage("h2", "Slow", "query", "{ serviceItems }", frozenset({"Query.serviceItems"}), False)
    counted = Recorded(
        now.date(),
        now,
        {"h1": often, "h2": slow},
        {("h1", "portal", "1"): Use(5, 1), ("h2", "tv", ""): Use(2)},
        {("h1", bucket_of(0.04)): 5, ("h2", bucket_of(1.5)): 2},
    )
    async with world.database.transaction() as session:
        await recorded_store.add(session, counted)


@pytest.fixture
async def graph(world: World) -> Graph:
    return Graph(world)


SUBMIT = "mutation ($input: SubmitCaseInput!) { submitCase(input: $input) { id receiptNumber state version } }"


def test_the_sdl_is_a_subgraph_of_federation_2_9() -> None:
    """Other composers take it; the identity number stays hidden."""
    sdl = own_sdl()
    parse(sdl)

    assert "https://specs.apollo.dev/federation/v2.9" in sdl
    assert "idNumber: String! @inaccessible" in sdl
    citizen = 'Citizen implements Node @key(fields: "id") @key(fields: "idNumber")'
    for key in (citizen, 'FeeOrder @key(fields: "number")'):
        assert f"type {key}" in sdl


async def test_a_person_sees_their_documents_masked_and_nobody_elses(graph: Graph) -> None:
    """Not even an office that reads every case."""
    query = "{ me { identityDocuments { type number issuingCountry validUntil } } }"
    shown = {"type": "RESIDENT_CARD", "number": "110102********0024", "issuingCountry": None, "validUntil": None}
    assert (await graph.ask(query))["me"]["identityDocuments"] == [shown]
    of_anna = """query ($of: [_Any!]!) { _entities(representations: $of) {
      ... on Citizen { identityDocuments { number } } } }"""
    for who in (BO, OPERATOR, replace(BO, roles=frozenset({"officer"}))):
        refused = await graph.refused(of_anna, who, of=[{"__typename": "Citizen", "id": "anna"}])
        assert refused == ["FORBIDDEN"]


async def test_the_catalogue_is_for_everybody(graph: Graph) -> None:
    """At least eight items of several departments, in both languages, with their rating."""
    query = """{ serviceItems { code name nameEn organisation { code nameEn } form rating { mean count } }
      organisations { code } }"""
    data = await graph.ask(query, None)
    found = await graph.ask('{ serviceItems(search: "驾驶证 交通") { code } }', None)

    assert len(data["serviceItems"]) >= 8
    assert len({item["organisation"]["code"] for item in data["serviceItems"]}) >= 5
    assert all(item["name"] and item["nameEn"] for item in data["serviceItems"])
    assert data["serviceItems"][0]["rating"] == {"mean": None, "count": 0}
    assert len(data["organisations"]) >= 16
    assert found["serviceItems"] == [{"code": "TR-DRIVING-LICENCE"}]
    assert await graph.ask('{ serviceItem(code: "NONE") { code } }', None) == {"serviceItem": None}


async def test_a_person_files_reads_pays_and_rates(graph: Graph, world: World) -> None:
    """The citizen's whole road through this subgraph."""
    given = {"itemCode": WITH_FEE.item_code, "form": WITH_FEE.form, "channel": None}
    case = (await graph.ask(SUBMIT, input=given))["submitCase"]
    number = case["receiptNumber"]
    for step, data in (
        ("jiyi.case.accepted", {}),
        ("jiyi.case.review-started", {}),
        ("jiyi.case.decided", {"decision": "approved"}),
    ):
        assert await world.says(number, step, **data) == "acknowledged"

    me = (await graph.ask("{ me { id idNumber fees { number state case { id } payee { code } } } }"))["me"]
    pay = "mutation ($orders: [ID!]!) { payFees(orders: $orders) { number amountFen payUrl expiresAt } }"
    payment = (await graph.ask(pay, orders=[me["fees"][0]["number"]]))["payFees"]
    await world.payments.money_arrived(payment["number"], payment["amountFen"], world.clock.now())
    await world.says(number, "jiyi.licence.issued", number="MZ1", issuerCode="110102-MZ")
    rate = 'mutation ($case: ID!) { rateService(case: $case, stars: 5, comment: "好") { stars comment at } }'
    rating = (await graph.ask(rate, case=case["id"]))["rateService"]
    query = """query ($id: ID!) { case(id: $id) {
        state version item { code rating { mean count distribution { stars count } } } applicant { id }
        events { version type state actor } fees { state paidAt } licenceNumber licenceIssuerCode
        rating { stars } ratable } }"""
    seen = (await graph.ask(query, id=number))["case"]

    assert (me["id"], me["idNumber"]) == ("anna", ANNA_NUMBER)
    assert me["fees"][0] == {
        "number": f"FO-{number}-1",
        "state": "DUE",
        "case": {"id": case["id"]},
        "payee": {"code": "110102-MZ"},
    }
    assert rating == {"stars": 5, "comment": "好", "at": "2026-11-23T09:00:00+00:00"}
    assert (seen["state"], seen["version"], seen["licenceNumber"]) == ("COMPLETED", 9, "MZ1")
    assert [event["actor"] for event in seen["events"]] == [
        "applicant", "department", "department", "department", "system",
        "applicant", "system", "department", "system",
    ]  # fmt: skip
    assert seen["item"]["rating"]["mean"] == 5.0
    assert (seen["rating"], seen["ratable"], seen["applicant"]) == ({"stars": 5}, False, {"id": "anna"})


ENTITIES = """query ($representations: [_Any!]!) { _entities(representations: $representations) {
  __typename
  ... on Citizen { id cases { id } }
  ... on Case { receiptNumber }
  ... on FeeOrder { amountFen }
  ... on Organisation { name }
  ... on ServiceItem { name }
} }"""


async def test_entities_are_found_by_key_and_only_by_whom_they_concern(graph: Graph, world: World) -> None:
    """The planner enters by keys; a key that somebody knows opens nothing."""
    case = await world.decided()
    order = f"FO-{case.receipt_number}-1"
    representations = [
        {"__typename": "Case", "id": case.id},
        {"__typename": "FeeOrder", "number": order},
        {"__typename": "Citizen", "idNumber": ANNA_NUMBER},
        {"__typename": "Citizen", "id": "anna"},
        {"__typename": "Citizen", "idNumber": "nobody"},
        {"__typename": "Organisation", "code": "110102-MZ"},
        {"__typename": "ServiceItem", "code": "CA-SENIOR-CARD"},
    ]

    own = (await graph.ask(ENTITIES, representations=representations))["_entities"]
    foreign = await graph.connector.fetch(request(ENTITIES, BO, {"representations": representations}))
    anonymous = await graph.connector.fetch(request(ENTITIES, None, {"representations": representations[:2]}))

    assert [entity and entity["__typename"] for entity in own] == [
        "Case", "FeeOrder", "Citizen", "Citizen", None, "Organisation", "ServiceItem",
    ]  # fmt: skip
    assert own[2] == own[3] == {"__typename": "Citizen", "id": "anna", "cases": [{"id": case.id}]}
    assert foreign.data is not None
    assert foreign.data["_entities"][:4] == [None, None, None, None]
    assert {error["extensions"]["code"] for error in foreign.errors} == {"FORBIDDEN"}
    assert (anonymous.data or {})["_entities"] == [None, None]


async def test_each_refusal_has_its_code(graph: Graph, world: World) -> None:
    """What a client branches on."""
    case = await world.cases.submit_case(ANNA, FREE)
    rate = "mutation ($case: ID!, $stars: Int!) { rateService(case: $case, stars: $stars) { stars } }"
    read = "query ($id: ID!) { case(id: $id) { id } }"

    assert await graph.refused("{ me { id } }", None) == ["UNAUTHENTICATED"]
    assert await graph.ask("{ me { id } }", OPERATOR) == {"me": None}
    assert await graph.refused(rate, case=case.id, stars=6) == ["BAD_USER_INPUT"]
    assert await graph.refused(rate, case=case.id, stars=5) == ["CASE_NOT_FINISHED"]
    assert await graph.refused(rate, BO, case=case.id, stars=5) == ["NOT_FOUND"]
    assert await graph.ask(read, BO, id=case.id) == {"case": None}
    assert await graph.ask(read, OPERATOR, id=case.id) == {"case": {"id": case.id}}
    wrong = {"itemCode": "CA-SENIOR-CARD", "form": {"delivery": "pigeon"}}
    assert await graph.refused(SUBMIT, input=wrong) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "moment",
    ["2026-12-01T09:00:00", "2026-12-01", "tomorrow", 5, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"],
)
async def test_a_moment_names_its_time_zone(graph: Graph, moment: object) -> None:
    """Refused for every argument alike, before anything is looked up; eight hours would be lost silently."""
    slots = "query ($after: DateTime) { appointmentSlots(after: $after) { id } }"
    assert await graph.refused(slots, after=moment) == ["GRAPHQL_VALIDATION_FAILED"]
    assert await graph.ask(slots, after="2026-12-01T09:00:00+08:00") == {"appointmentSlots": []}


async def test_a_day_before_our_time_is_none(graph: Graph) -> None:
    """Counting it in another time zone would leave the calendar."""
    compare = "mutation ($day: Date!) { reconcilePayments(day: $day) { day } }"
    assert await graph.refused(compare, OPERATOR, day="0001-01-01") == ["GRAPHQL_VALIDATION_FAILED"]


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("query ($words: String!) { knowledgeBase(words: $words) { id } }", {"words": "a\0b"}),
        (SUBMIT, {"input": {"itemCode": "CA-SENIOR-CARD", "form": {"remark": ["\0"]}}}),
        (SUBMIT, {"input": {"itemCode": "CA-SENIOR-CARD", "form": {"\0": 1}}}),
        (r'{ knowledgeBase(words: "a\u0000b") { id } }', {}),
    ],
)
async def test_a_text_that_no_database_keeps_is_refused(
    graph: Graph, text: str, variables: dict[str, Any]
) -> None:
    """U+0000, in any argument, on either database alike."""
    assert await graph.refused(text, **variables) == ["BAD_USER_INPUT"]


async def test_figures_of_the_hub_are_for_operators(graph: Graph, world: World) -> None:
    """And a dead letter's content is for nobody."""
    await world.cases.submit_case(ANNA, FREE)
    query = """{ queues { name ready unacknowledged consumers } caseCounts { state count }
      deadLetters { id queue type source subject reason attempts since } }"""

    data = await graph.ask(query, OPERATOR)

    assert data["queues"] == [{"name": "hub.inbox.0", "ready": 1, "unacknowledged": 2, "consumers": 3}]
    assert data["caseCounts"] == [{"state": "SUBMITTED", "count": 1}]
    assert data["deadLetters"][0]["reason"] == "no such case"
    assert await graph.refused(query, ANNA) == ["FORBIDDEN"]


CHANGED = "subscription ($case: ID) { caseChanged(case: $case) { id state version applicant { id } } }"


async def test_a_subscription_tells_the_case_and_then_each_change(graph: Graph, world: World) -> None:
    """First as it stands, then every version once, each as it stood then."""
    case = await world.cases.submit_case(ANNA, FREE)
    async with world.changes:
        events = graph.connector.subscribe(request(CHANGED, ANNA, {"case": case.id}))
        async with asyncio.timeout(10):
            first = await anext(events)
            await world.says(case, "jiyi.case.accepted")
            await world.says(case, "jiyi.case.review-started")
            async with world.database.transaction() as session:
                await give_positions(session)
            told = [(await anext(events)).data for _ in range(3)]
        await events.aclose()  # type: ignore[attr-defined]  # it is a generator

    seen = [first.data, *told]
    assert [(data["caseChanged"]["version"], data["caseChanged"]["state"]) for data in seen if data] == [
        (1, "SUBMITTED"),
        (1, "SUBMITTED"),  # its change was given its place after the subscription began
        (2, "ACCEPTED"),
        (3, "IN_REVIEW"),
    ]


async def test_a_subscription_is_for_own_cases_and_ends_with_the_token(graph: Graph, world: World) -> None:
    """Checked at each event, not only at the start."""
    case = await world.cases.submit_case(ANNA, FREE)

    async def first_code(actor: Actor | None) -> str:
        async with world.changes, asyncio.timeout(10):
            events = graph.connector.subscribe(request(CHANGED, actor, {"case": case.id}))
            response = await anext(events)
            await events.aclose()  # type: ignore[attr-defined]  # it is a generator
        return str(response.errors[0]["extensions"]["code"])

    assert await first_code(BO) == "NOT_FOUND"
    assert await first_code(OPERATOR) == "NOT_FOUND"
    assert await first_code(None) == "UNAUTHENTICATED"
    world.clock.moment = ANNA.expires_at + timedelta(seconds=1)
    assert await first_code(ANNA) == "UNAUTHENTICATED"


OPERATIONS = """query ($orderBy: OperationOrder!, $after: String) {
  operations(first: 1, after: $after, orderBy: $orderBy, days: 7) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { name count errors p95 clients { name version count } coordinates } }
  }
}"""


async def test_operations_are_for_operators_and_for_whom_they_touch(world: World) -> None:
    """By the page, in the order that was asked for; a department sees those with its own fields alone."""
    graph = Graph(world)
    await record(world)
    assert await graph.refused(OPERATIONS, None, orderBy="COUNT") == ["UNAUTHENTICATED"]
    first = (await graph.ask(OPERATIONS, OPERATOR, orderBy="COUNT"))["operations"]
    assert first["totalCount"] == 2
    assert first["edges"][0]["node"] == {
        "name": "Often",
        "count": 5,
        "errors": 1,
        "p95": pytest.approx(40, rel=0.08),
        "clients": [{"name": "portal", "version": "1", "count": 5}],
        "coordinates": ["Citizen.licences", "Query.me"],
    }
    after = first["pageInfo"]["endCursor"]
    second = (await graph.ask(OPERATIONS, OPERATOR, orderBy="COUNT", after=after))["operations"]
    assert [edge["node"]["name"] for edge in second["edges"]] == ["Slow"]
    slowest = (await graph.ask(OPERATIONS, OPERATOR, orderBy="SLOWEST"))["operations"]
    assert [edge["node"]["name"] for edge in slowest["edges"]] == ["Slow"]
    seen = (await graph.ask(OPERATIONS, DEPARTMENT, orderBy="COUNT"))["operations"]
    assert [edge["node"]["name"] for edge in seen["edges"]] == ["Often"]
    assert seen["totalCount"] == 1
    too_far = "{ operations(days: 365) { totalCount } }"
    assert await graph.refused(too_far, OPERATOR) == ["BAD_USER_INPUT"]
