"""S3, S6, S16, S19 on requests: what a refused or colliding operation reaches, and what never leaves.

Composition's part of S3: test_s02_s03_s04_composed_rules.py; entities by key and S16 inside the hub:
tests/hub/test_own_subgraph.py; S20: tests/connectors/test_stale_answers.py; S9:
tests/schema/planning/test_plan_work.py, tests/federation/test_limits.py.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from auth.actor import Actor
from connectors.clock import SystemClock
from connectors.connector import FetchRequest, FetchResponse, RequestContext
from connectors.sharing import SharedQueries
from hub.gateway import Gateway, GraphQLAnswer, GraphQLRequest, GraphState
from hub.gateway.policy import nobody
from hub.standalone.open_policy import OpenPolicy
from schema.composition import compose
from schema.subgraph import Subgraph
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import citizen, gateway_for

CANARY = "canary-of-the-register"
LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@requires", "@external", "@requiresScopes"])\n'
)
REGISTER = (
    LINK
    + """
type Query { me: Person open: String }
type Mutation { note(text: String!): String erase: String @requiresScopes(scopes: [["erase"]]) }
type Subscription { events: String @requiresScopes(scopes: [["secret"]]) }
type Person @key(fields: "id") { id: ID! name: String secret: String @requiresScopes(scopes: [["secret"]]) }
"""
)
READER = (
    LINK
    + """
type Person @key(fields: "id") {
  id: ID! secret: String @external
  score: Int @requires(fields: "secret") @requiresScopes(scopes: [["secret"]]) visits: Int }
"""
)


class Office:
    """Two departments: one has the secret, the other computes of it, and quotes whatever it is sent."""

    def __init__(self) -> None:
        self.register = FakeDepartment(self._registered, ({"events": CANARY},))
        self.reader = FakeDepartment(self._computed)
        supergraph = compose([Subgraph("register", REGISTER), Subgraph("reader", READER)]).supergraph
        assert supergraph is not None
        self.gateway = Gateway(OpenPolicy(), nobody, clock=SystemClock())
        connectors = {"register": self.register, "reader": self.reader}
        self.gateway.publish(GraphState(supergraph, connectors, {}, 1))

    async def ask(self, query: str, *scopes: str, **variables: Any) -> GraphQLAnswer:
        return await self.gateway.answer(GraphQLRequest(query, variables=variables), self._who(scopes))

    async def events(self, query: str) -> list[GraphQLAnswer]:
        return [each async for each in self.gateway.subscribe(GraphQLRequest(query), self._who(()))]

    @property
    def asked(self) -> list[FetchRequest]:
        return [*self.register.requests, *self.reader.requests]

    def _who(self, scopes: tuple[str, ...]) -> Actor:
        known = citizen()
        return Actor(known.subject, "app", frozenset(scopes), known.roles, known.expires_at)

    def _registered(self, request: FetchRequest) -> dict[str, Any]:
        return {"me": {"__typename": "Person", "id": "1", "name": "Anna", "secret": CANARY}, "open": "yes"}

    def _computed(self, request: FetchRequest) -> FetchResponse:
        told = {"message": f"I was sent {_sent(request)}", "path": ["_entities", 0, "visits"]}
        return FetchResponse({"_entities": [{"__typename": "Person", "score": 7, "visits": None}]}, (told,))


def _sent(request: FetchRequest) -> str:
    return json.dumps(dict(request.variables))


REFUSED = {
    "beside what is open": "{ open me { name secret } }",
    "by alias": "{ open me { name: secret } }",
    "in a fragment": "{ me { ...F } } fragment F on Person { id secret }",
    "left out by a variable": "query ($no: Boolean = false) { me { name secret @include(if: $no) } }",
    "computed of it": "{ me { name score } }",
    "with introspection": "{ __schema { queryType { name } } me { secret } }",
    "after an allowed mutation": 'mutation { note(text: "x") erase }',
    "in an operation that is not asked for": "query A { open } query B { me { secret } }",
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
async def test_s06_nothing_is_asked_of_anybody_for_an_operation_that_is_refused(query: str) -> None:
    """No fetch and no effect: not of the fields that are open to all, not of the mutation in front."""
    office = Office()
    name = "B" if "query B" in query else None
    answer = await office.gateway.answer(GraphQLRequest(query, name), None)
    assert not answer.is_executed
    assert {error["extensions"]["code"] for error in answer.errors} == {"UNAUTHENTICATED"}
    assert office.asked == []


async def test_s06_a_refused_stream_is_never_opened() -> None:
    """A subscription is asked for once, and would go on."""
    office = Office()
    (answer,) = await office.events("subscription { events }")
    assert [error["extensions"]["code"] for error in answer.errors] == ["FORBIDDEN"]
    assert office.asked == []


async def test_s03_what_a_field_is_computed_of_never_leaves() -> None:
    """The department that computes is sent it, and nobody who did not ask for it by its own name is."""
    office = Office()
    answer = await office.ask("{ me { name score } }", "secret")
    assert CANARY in _sent(office.reader.requests[0])
    assert answer.data == {"me": {"name": "Anna", "score": 7}} or b'"score":7' in (answer.encoded or b"")
    assert CANARY not in str(answer.payload()) + str(answer.encoded)


async def test_s03_who_may_not_read_it_has_it_sent_nowhere() -> None:
    """A neighbour field of the same department is answered without it: what is quoted holds no canary."""
    office = Office()
    answer = await office.ask("{ me { name visits } }")
    assert answer.is_executed
    assert [CANARY in _sent(request) for request in office.reader.requests] == [False]
    assert CANARY not in str(answer.payload())
    assert "secret" not in office.register.requests[0].query


ENTERING = {
    "entities": '{ _entities(representations: [{ __typename: "Person", id: "2", secret: "x" }]) { __typename } }',
    "entities by a variable": "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }",
    "the subgraph's SDL": "{ _service { sdl } }",
    "a type condition on the union": "{ me { ... on _Entity { __typename } } }",
    "a forged type name": "{ __typename: open me { __typename: name } }",
}


@pytest.mark.parametrize("query", ENTERING.values(), ids=ENTERING)
async def test_s16_clients_enter_by_no_door_of_subgraphs(query: str) -> None:
    """Keys are re-authorised for who asks the graph; a representation would be believed."""
    office = Office()
    answer = await office.ask(query, "secret", r=[{"__typename": "Person", "id": "2"}])
    assert {error["extensions"]["code"] for error in answer.errors} == {"GRAPHQL_VALIDATION_FAILED"}
    assert office.asked == []


async def test_s16_the_machinery_is_not_in_what_introspection_tells() -> None:
    """Nobody finds a name to try."""
    told = str(
        (await Office().ask("{ __schema { types { name fields { name } } directives { name } } }")).payload()
    )
    assert not any(name in told for name in ("_entities", "_service", "_Any", "_Entity", "FieldSet", "join__"))


class Colliding(str):
    """A text whose hash is everybody's."""

    __slots__ = ()

    def __hash__(self) -> int:
        return 7

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)


async def test_s19_texts_of_one_hash_are_two_operations() -> None:
    """Checked, planned and compiled things are found by the whole text: three times, so that both are compiled."""
    register = FakeDepartment(lambda request: {"ping": "pong"} if "ping" in request.query else {"echo": "e"})
    gateway = gateway_for(register)
    first, second = Colliding("{ ping }"), Colliding('{ echo(text: "a") }')
    assert hash(first) == hash(second)
    for _ in range(3):
        answers = [(await gateway.answer(GraphQLRequest(each), citizen())).payload() for each in (first, second)]
        assert [str(each) for each in answers] != [str(answers[0])] * 2
        assert [sorted(json.loads(_encoded(each))) for each in answers] == [["ping"], ["echo"]]


def _encoded(payload: dict[str, Any]) -> bytes:
    data = payload["data"]
    return bytes(data) if not isinstance(data, dict) else json.dumps(data).encode()


async def test_s19_questions_of_one_hash_under_way_are_two_requests() -> None:
    """Two people whose names collide, with one body: each is asked for."""
    asked: list[str] = []

    async def fetch(request: FetchRequest) -> FetchResponse:
        asked.append(str(request.context.actor))
        return FetchResponse({"me": str(request.context.actor)})

    shared = SharedQueries(fetch)
    anna, bo = (
        FetchRequest("{ me }", payload=b"{ me }", context=RequestContext(Colliding(name)))
        for name in ("anna", "bo")
    )
    answers = await asyncio.gather(*(shared.ask(each) for each in (anna, bo, anna)))
    assert [each.data for each in answers] == [{"me": "anna"}, {"me": "bo"}, {"me": "anna"}]
    assert sorted(asked) == ["anna", "bo"]
