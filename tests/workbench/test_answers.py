"""One connector alone is asked as it stands; its answers tell what was requested and how it was mapped."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.gateway import GraphQLRequest
from hub.workbench.opening import open_connector, watched_client
from hub.workbench.specification import BadSpecification, Specification
from hub.workbench.subgraph_answers import SubgraphAnswers
from tests.contracts.connector.department import Department
from tests.workbench.parks import SDL, Parks, running_parks

SQL = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlSource", "@sqlConnect"])
  @sqlSource(name: "db")
type Query {
  named(name: String!): Park
    @sqlConnect(select: "SELECT id, title FROM park WHERE title = {$args.name}", selection: "id name: titel")
}
type Park @key(fields: "id")
  @sqlConnect(select: "SELECT id, title FROM park WHERE id IN {$batch.id}", selection: "id name: title") {
  id: ID!
  name: String
}
"""


@pytest.fixture
async def parks() -> AsyncIterator[Parks]:
    async with running_parks() as parks:
        yield parks


@asynccontextmanager
async def answering(specification: Specification) -> AsyncIterator[tuple[SubgraphAnswers, list[str]]]:
    said: list[str] = []
    async with watched_client() as client:
        answers = SubgraphAnswers(said.append)
        answers.opened = await open_connector(specification, client)
        try:
            yield answers, said
        finally:
            await answers.opened.connector.close()


def over_rest(parks: Parks) -> Specification:
    return Specification("parks", "rest", parks.url, SDL, config={"apiKey": "hunter22"})


async def ask(answers: SubgraphAnswers, query: str, **variables: Any) -> dict[str, Any]:
    return (await answers.answer(GraphQLRequest(query, variables=variables), None)).payload()


def requests_of(payload: dict[str, Any]) -> list[dict[str, Any]]:
    requests: list[dict[str, Any]] = payload["extensions"]["jiyi"]["requests"]
    return requests


async def test_a_request_is_told_with_what_came_and_how_it_was_mapped(parks: Parks) -> None:
    """Method, address, headers without the secret, the beginning of the answer, and the mapped value."""
    async with answering(over_rest(parks)) as (answers, said):
        payload = await ask(answers, "{ parks { id name } }")
    assert payload["data"]["parks"][0] == {"id": "P1", "name": "Park 1"}
    (request,) = requests_of(payload)
    assert (request["for"], request["outcome"]) == ("Query.parks", "ok")
    assert request["request"]["method"] == "GET"
    assert request["request"]["url"] == f"{parks.url}/parks"
    assert request["request"]["headers"]["X-Api-Key"] == "***"
    assert request["answer"]["status"] == 200
    assert request["answer"]["body"].startswith('[{"id": "P1"')
    assert request["mapped"][0] == {"id": "P1", "name": "Park 1", "state": "OPEN"}
    assert "findings" not in request
    (line,) = said
    assert f"GET {parks.url}/parks  200" in line
    assert line.endswith("→ Query.parks: 5 values")


async def test_representations_can_be_looked_up(parks: Parks) -> None:
    """Entities are asked as the hub asks for them, in one request for many."""
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Park { name } } }"
    keys = [{"__typename": "Park", "id": each} for each in ("P2", "P9", "P1")]
    async with answering(over_rest(parks)) as (answers, _):
        payload = await ask(answers, query, r=keys)
    assert payload["data"] == {"_entities": [{"name": "Park 2"}, None, {"name": "Park 1"}]}
    (request,) = requests_of(payload)
    assert request["request"]["body"] == '{"ids":["P2","P9","P1"]}'


async def test_a_page_that_says_not_found_is_an_unknown_entity(parks: Parks) -> None:
    """What is no JSON is not looked into for what it lacks."""
    sdl = SDL.replace('POST: "/parks/batch", body: "ids: $batch.id"', 'GET: "/page/{$this.id}"')
    query = '{ _entities(representations: [{__typename: "Park", id: "P1"}]) { ... on Park { name } } }'
    async with answering(replace(over_rest(parks), sdl=sdl)) as (answers, _):
        payload = await ask(answers, query)
    assert payload["data"] == {"_entities": [None]}
    (request,) = requests_of(payload)
    assert (request["answer"]["status"], request["answer"]["body"]) == (404, "<p>not found</p>")


async def test_a_value_that_the_schema_forbids_is_pointed_at(parks: Parks) -> None:
    """The error that clients get says only that there is one; here is which."""
    parks.spoilt = "null"
    async with answering(over_rest(parks)) as (answers, said):
        payload = await ask(answers, "{ parks { id name } }")
    assert payload["errors"][0]["extensions"]["code"] == "DEPARTMENT_WRONG_TYPE"
    assert requests_of(payload)[0]["findings"] == ["Park.name is String!, and is null."]
    assert "            look: Park.name is String!, and is null." in said


async def test_a_statement_is_told_with_its_parameters_but_not_their_values(tmp_path: Path) -> None:
    """They are personal data as often as not."""
    with sqlite3.connect(tmp_path / "parks.db") as database:
        database.execute("CREATE TABLE park (id TEXT, title TEXT)")
        database.execute("INSERT INTO park VALUES ('P1', 'North')")
    database.close()
    async with answering(Specification("parks", "sql", f"sqlite:///{tmp_path}/parks.db", SQL)) as (answers, said):
        payload = await ask(answers, '{ named(name: "North") { id } }')
        unreachable = await ask(answers, '{ named(name: "x") { id } }')
    (request,) = requests_of(payload)
    assert request["request"] == {
        "statement": "SELECT id, title FROM park WHERE title = :p0",
        "parameters": ["p0"],
        "count": 1,
    }
    assert request["answer"] == {
        "rows": 1,
        "columns": ["id", "title"],
        "excerpt": [{"id": "P1", "title": "North"}],
    }
    assert request["findings"] == ['"name" finds nothing at titel: there is no "titel"; there is "id", "title".']
    assert unreachable["data"] == {"named": None}
    assert not any("North" in line for line in said)


async def test_a_graphql_system_is_held_beside_its_own_schema() -> None:
    """What it is asked for goes on as it stands, and the document is checked before."""
    department = Department()
    await department.start()
    try:
        async with answering(Specification("people", "graphql", f"{department.url}/graphql")) as (answers, _):
            payload = await ask(answers, '{ citizen(idNumber: "A") { name } }')
            wrong = await ask(answers, "{ citizens }")
            schema = await ask(answers, "{ __schema { queryType { name } } }")
            department.fault = "status-500"
            failed = await ask(answers, '{ citizen(idNumber: "B") { name } }')
    finally:
        await department.stop()
    assert payload["data"] == {"citizen": {"name": "张三"}}
    assert requests_of(payload)[0]["request"]["method"] == "POST"
    assert wrong["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert schema["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert "extensions" not in schema
    assert failed["errors"][0]["extensions"]["code"] == "DEPARTMENT_BAD_STATUS"
    assert "HTTP 500" in failed["errors"][0]["message"]
    assert requests_of(failed)[0]["outcome"].startswith("DEPARTMENT_BAD_STATUS")


async def test_a_subscription_gives_its_events() -> None:
    """Over whichever way the system speaks."""
    department = Department()
    await department.start()
    try:
        async with answering(Specification("people", "graphql", f"{department.url}/graphql")) as (answers, said):
            request = GraphQLRequest("subscription { ticks(count: 2) }")
            assert await answers.is_subscription(request)
            events = [event.payload()["data"] async for event in answers.subscribe(request, None)]
            wrong = [
                event.payload() async for event in answers.subscribe(GraphQLRequest("subscription { a }"), None)
            ]
    finally:
        await department.stop()
    assert events == [{"ticks": 0}, {"ticks": 1}]
    assert len([line for line in said if "event of ticks" in line]) == 2
    assert wrong[0]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_command_carries_the_key_that_was_given(parks: Parks) -> None:
    """Whoever gives none has a new one each time."""
    command = GraphQLRequest('mutation { countVisit(park: "P1") { number } }')
    keyed = replace(command, headers={"idempotency-key": "k-1"})
    async with answering(over_rest(parks)) as (answers, _):
        payloads = [(await answers.answer(each, None)).payload() for each in (keyed, keyed, command, command)]
        by_get = (await answers.answer(command, None, only_queries=True)).payload()
    assert [each["data"]["countVisit"]["number"] for each in payloads] == [1, 1, 2, 3]
    assert requests_of(payloads[0])[0]["request"]["headers"]["Idempotency-Key"] == "k-1"
    assert by_get["errors"][0]["message"] == "A mutation cannot be sent with GET. Use POST."


async def test_while_nothing_is_served_it_is_said_why() -> None:
    """A file that is wrong from the beginning is told in the explorer too."""
    answers = SubgraphAnswers(lambda _text: None)
    answers.why_not = "INVALID_GRAPHQL: no SDL"
    payload = await ask(answers, "{ __typename }")
    assert payload["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
    assert payload["errors"][0]["message"] == "INVALID_GRAPHQL: no SDL"


async def test_an_sdl_that_is_wrong_is_told_with_every_place(parks: Parks) -> None:
    """All at once, where the file says so."""
    sdl = SDL.replace('name: title state"', 'name: (title state"').replace("GET: ", "FETCH: ", 1)
    specification = replace(over_rest(parks), sdl=sdl, file="parks.graphql")
    async with watched_client() as client:
        with pytest.raises(BadSpecification) as raised:
            await open_connector(specification, client)
    codes = {problem.code for problem in raised.value.problems}
    assert {"INVALID_SELECTION", "MISSING_HTTP_METHOD"} <= codes
    assert all(problem.place.startswith("parks.graphql:") for problem in raised.value.problems)
