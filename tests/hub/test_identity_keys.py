"""Departments know people by different documents, and are asked by what they know; domain.md, section 2.

The keys travel in variables and bodies alone: never in plans, query texts, addresses, logs or routing keys.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any, ClassVar

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlmodel import select
from structlog.testing import capture_logs

from auth.actor import Actor
from auth.policy import Policy
from connectors.addresses import AddressRule
from connectors.clock import SystemClock
from connectors.connector import Connector
from connectors.http_client import HttpClient
from connectors.rest import RestConnector
from hub.gateway import Gateway, GraphQLAnswer, GraphQLRequest, GraphState
from hub.gateway.policy import Identities
from hub.own_subgraph import NAME, own_sdl
from hub.tables.outbox import OutboxRow
from schema.composition import compose
from schema.domain.identity_document import IdentityDocument, document_of_key
from schema.subgraph import Subgraph
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, FREE, World

CARD, PASSPORT, OLD_PASSPORT = "911826198204170028", "GBR-990000105", "GBR-990000012"
SECRET = ("911826198204170028", "990000105", "990000012")
LICENCES = "{ me { licences { number holder { __typename } } identityDocuments { type number } } }"


class Foreigners:
    """Anna has a permanent resident card and two passports; Bo a passport alone."""

    keys: ClassVar = {"anna": (CARD, PASSPORT, OLD_PASSPORT), "bo": ("FRA-12AB34567",)}

    async def identity_of(self, subject: str) -> str | None:
        return next(iter(self.keys.get(subject, ())), None)

    async def documents_of(self, subject: str) -> tuple[IdentityDocument, ...]:
        found = (document_of_key(key) for key in self.keys.get(subject, ()))
        return tuple(each for each in found if each is not None)

    async def subject_of(self, id_number: str) -> str | None:
        return next((subject for subject, keys in self.keys.items() if id_number in keys), None)

    async def introduced(self, id_number: str) -> str | None:
        return await self.subject_of(id_number)


class Departments:
    """Transport, which knows people by one number, and medical insurance, which knows them by any document."""

    def __init__(self, graph: Graph, people: Foreigners) -> None:
        self.people = people
        self.asked: list[tuple[str, Any]] = []
        self.answers_for = ""
        self.client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
        app = web.Application()
        app.router.add_post("/transport/licences/search", self._drivers)
        app.router.add_post("/medical-insurance/licences/search", self._insured)
        self.server = TestServer(app)
        self.gateway = Gateway(Policy(), self._identities, clock=SystemClock())
        self._graph = graph

    async def start(self) -> None:
        await self.server.start_server(shutdown_timeout=0.1)
        subgraphs, connectors = [Subgraph(NAME, own_sdl())], dict[str, Connector]({NAME: self._graph.connector})
        for name in ("transport", "medical-insurance"):
            sdl = (files("mocks") / "connectors" / f"{name}.graphql").read_text("utf-8")
            base = str(self.server.make_url(f"/{name}"))
            subgraphs.append(Subgraph(name, sdl))
            connectors[name] = RestConnector(name, sdl.replace("http://department.invalid", base), self.client)
        composed = compose(subgraphs)
        assert composed.supergraph is not None, composed.errors
        self.gateway.publish(GraphState(composed.supergraph, connectors, {}, 1))

    async def ask(self, query: str, actor: Actor) -> GraphQLAnswer:
        return await self.gateway.answer(GraphQLRequest(query), actor)

    async def close(self) -> None:
        await self.gateway.close()
        await self.client.close()
        await self.server.close()

    async def _identities(self, actor: Actor) -> Identities:
        keys = frozenset(self.people.keys.get(actor.subject, ()))
        return {"Citizen.id": frozenset({actor.subject}), "Citizen.idNumber": keys}

    async def _drivers(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.asked.append((request.raw_path, asked))
        owner = {"kind": "Citizen", "idNumber": asked["holder"]}
        return web.json_response({"results": [_licence("D-1", owner=owner)] if asked["holder"] == CARD else []})

    async def _insured(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.asked.append((request.raw_path, asked))
        known = [key for key in asked["holders"] if key == PASSPORT]
        holders = [{"type": "Citizen", "idNumber": self.answers_for or key} for key in known]
        return web.json_response({"certificates": [_licence("I-1", holder=each) for each in holders]})


def _licence(number: str, **whose: Any) -> dict[str, Any]:
    names = {"no": number, "number": number, "issuer": "X", "issuerCode": "X", "type": "t", "kind": "t"}
    return {**names, "title": {"zh": "证", "en": "c"}, "name": "证", "nameEn": "c", "status": "VALID", **whose}


@pytest.fixture
async def departments(world: World) -> AsyncIterator[Departments]:
    people = Foreigners()
    world.people = people  # type: ignore[assignment]  # other people than those of other tests
    made = Departments(Graph(world), people)
    await made.start()
    yield made
    await made.close()


def _data(answer: GraphQLAnswer) -> Any:
    assert answer.errors in ((), []), answer.errors
    return _shown(answer)


def _shown(answer: GraphQLAnswer) -> Any:
    return json.loads(answer.encoded) if answer.encoded is not None else answer.data


async def test_a_person_without_a_resident_number_has_the_licences_of_all_departments(
    departments: Departments,
) -> None:
    """One department knows Anna by her card, the other by her passport; each holder is herself."""
    me = _data(await departments.ask(LICENCES, ANNA))["me"]
    assert [each["number"] for each in me["licences"]] == ["I-1", "D-1"]
    assert me["identityDocuments"] == [
        {"type": "PERMANENT_RESIDENT_CARD", "number": "911826********0028"},
        {"type": "PASSPORT", "number": "******105"},
        {"type": "PASSPORT", "number": "******012"},
    ]
    assert sorted(departments.asked, key=lambda each: each[0]) == [
        ("/medical-insurance/licences/search", {"holders": [CARD, PASSPORT, OLD_PASSPORT]}),
        ("/transport/licences/search", {"holder": CARD}),
    ]


async def test_a_department_that_answers_with_another_s_licence_shows_nothing_of_them(
    departments: Departments,
) -> None:
    """A holder by a key that is none of the reader's is somebody else, whichever kind of document it is of."""
    departments.answers_for = "FRA-12AB34567"
    answer = await departments.ask("{ me { licences { number holder { ... on Citizen { id } } } } }", ANNA)
    assert [error["extensions"]["code"] for error in answer.errors] == ["FORBIDDEN"]
    assert "bo" not in json.dumps(_shown(answer))
    departments.answers_for = OLD_PASSPORT
    answer = await departments.ask("{ me { licences { number holder { ... on Citizen { id } } } } }", ANNA)
    assert [each["holder"] for each in _data(answer)["me"]["licences"]] == [{"id": "anna"}] * 2


async def test_keys_stand_in_no_plan_no_address_and_no_log(
    departments: Departments, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor in what the client gets."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logged:
        answer = await departments.ask(LICENCES, ANNA)
    plan = departments.gateway.plan_of(GraphQLRequest(LICENCES))
    assert plan is not None
    seen = [str(plan), repr(plan), json.dumps(_data(answer)), str(logged), caplog.text]
    seen += [address for address, _ in departments.asked]
    assert "identityKeys" in repr(plan)
    assert [number for number in SECRET for text in seen if number in text] == []


async def test_a_case_of_somebody_with_a_passport_alone_names_them_in_the_command_s_data_alone(
    world: World, departments: Departments
) -> None:
    """What a message is routed and ordered by knows nothing of whose it is."""
    cases = type(world.cases)(world.database, world.catalogue, departments.people, world.clock, world.wakeups)
    await cases.submit_case(Actor("bo", "portal", ANNA.scopes, ANNA.roles, ANNA.expires_at), FREE)
    async with world.database.reading() as session:
        (row,) = (await session.exec(select(OutboxRow))).all()
    assert "FRA-12AB34567" in json.dumps(row.message)
    routed = row.model_dump(exclude={"message"})
    routed |= {name: value for name, value in row.message.items() if name not in ("data", "body")}
    assert "12AB34567" not in str(routed)
