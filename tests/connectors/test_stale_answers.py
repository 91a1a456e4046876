"""S20: an answer of earlier stands in for a failed one, for whom it was given and as long as it may."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.addresses import AddressRule
from connectors.answer_caching import AnswerCaching, read_caching
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, RequestContext
from connectors.http_client import HttpClient
from connectors.resilience import ResilienceSettings, Resilient
from connectors.resilience.stale import MOST_BYTES
from schema.cache_control import CacheRules
from schema.errors import RuntimeCode
from tests.connectors.test_resilience import FakeClock, Scripted
from tests.connectors.test_wire_faults import GOOD, over_http
from tests.connectors.wire import Conversation, faulty_server

RULES = CacheRules.of("""
type Query { mine: Int @cacheControl(maxAge: 60) all: Int @cacheControl(maxAge: 60, scope: PUBLIC) never: Int }
""")
SETTINGS = ResilienceSettings(retries=0)
ANNA = RequestContext("anna", frozenset({"citizen"}), frozenset({"read"}))
DOWN = RuntimeCode.DEPARTMENT_UNREACHABLE


class Department(Scripted):
    """Answers with the number of the request; ``failing`` instead with that code, or with a response."""

    def __init__(self) -> None:
        super().__init__()
        self.failing: RuntimeCode | FetchResponse | None = None
        self.caching: AnswerCaching | None = None
        self.size = 0

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.calls += 1
        if isinstance(self.failing, RuntimeCode):
            raise ConnectorFailure(self.failing, "told")
        data: dict[str, Any] = {"n": self.calls, "text": "x" * self.size}
        return self.failing or FetchResponse(data, caching=self.caching)


class World:
    def __init__(self, **settings: Any) -> None:
        self.department, self.clock = Department(), FakeClock()
        chosen = replace(SETTINGS, **settings)
        self.connector = Resilient(self.department, chosen, self.clock, random.Random(1), RULES)

    async def ask(self, field: str = "mine", context: RequestContext = ANNA, kind: Any = "query") -> FetchResponse:
        query = f"{{ {field} }}"
        return await self.connector.fetch(FetchRequest(query, kind=kind, context=context, payload=query.encode()))

    async def number(self, field: str = "mine", context: RequestContext = ANNA) -> int | RuntimeCode:
        """Which request's answer it was, or why there is none."""
        try:
            return int((await self.ask(field, context)).data["n"])  # type: ignore[index]  # it has data
        except ConnectorFailure as failure:
            return failure.code


async def test_a_failed_answer_is_that_of_earlier_with_its_age_and_why() -> None:
    """As long as its maxAge says; then the failure is told."""
    world = World()
    assert (await world.ask()).stale is None
    world.department.failing = DOWN
    world.clock.pass_by(40)
    answer = await world.ask()
    assert answer.data == {"n": 1, "text": ""}
    assert answer.stale is not None
    assert (answer.stale.age, answer.stale.code) == (40, DOWN)
    assert world.connector.state.stale_served == 1
    world.clock.pass_by(21)
    assert await world.number() == DOWN


async def test_while_the_department_answers_nothing_is_of_earlier() -> None:
    """It is no cache that answers in its place."""
    world = World()
    assert [await world.number() for _ in range(3)] == [1, 2, 3]


async def test_an_operator_may_allow_more() -> None:
    """A setting of the connector, on top of maxAge."""
    world = World(stale_if_error=timedelta(seconds=60))
    await world.ask()
    world.department.failing = DOWN
    world.clock.pass_by(119)
    assert await world.number() == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(ANNA, actor="bo"),
        replace(ANNA, actor=None),
        replace(ANNA, roles=frozenset({"citizen", "officer"})),
        replace(ANNA, scopes=frozenset()),
        replace(ANNA, headers={"x-tenant": "b"}),
        replace(ANNA, purpose="case"),
        replace(ANNA, case="1"),
    ],
    ids=["another person", "nobody", "more roles", "fewer scopes", "another header", "another purpose", "a case"],
)
async def test_nobody_gets_what_another_was_given(other: RequestContext) -> None:
    """Person A, then B, and A with other rights: each has the failure."""
    world = World()
    await world.ask()
    world.department.failing = DOWN
    assert await world.number(context=other) == DOWN
    assert await world.number(context=replace(ANNA, traceparent="00-1")) == 1


async def test_what_is_marked_public_is_for_everybody_of_the_same_tenant() -> None:
    """Without the person, but never without what was sent along."""
    world = World()
    await world.ask("all")
    world.department.failing = DOWN
    assert await world.number("all", RequestContext("bo")) == 1
    assert await world.number("all", RequestContext("bo", headers={"x-tenant": "b"})) == DOWN


async def test_what_is_not_marked_is_not_kept() -> None:
    """The SDL allows it, or nobody."""
    world = World()
    await world.ask("never")
    world.department.failing = DOWN
    assert await world.number("never") == DOWN


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("max-age=60", True),
        ("public, max-age=120", True),
        ("no-store", False),
        ("no-cache", False),
        ("public, max-age=60, no-store", False),
        ("max-age=0", False),
        ("max-age=10", False),
        ("max-age=60, max-age=10", False),
        ("max-age=soon", False),
        ("max-age=10, stale-if-error=30", True),
    ],
)
async def test_the_departments_own_word_is_heard(header: str, kept: bool) -> None:
    """The more careful of the SDL and the answer holds, also of an answer that contradicts itself."""
    world = World()
    world.department.caching = read_caching(header)
    await world.ask()
    world.department.failing = DOWN
    world.clock.pass_by(30)
    assert await world.number() == (1 if kept else DOWN)


async def test_an_answer_that_calls_itself_private_is_though_its_field_is_public() -> None:
    """Somebody else's copy of it is none."""
    world = World()
    world.department.caching = read_caching("private")
    await world.ask("all")
    world.department.failing = DOWN
    assert await world.number("all", RequestContext("bo")) == DOWN
    assert await world.number("all") == 1


@pytest.mark.parametrize(
    "failing",
    [
        FetchResponse({"n": -1}, ({"message": "half"},)),
        FetchResponse(None, ({"message": "no"},)),
    ],
    ids=["half an answer", "errors alone"],
)
async def test_answers_with_errors_are_never_kept_and_end_what_was(failing: FetchResponse) -> None:
    """The department spoke: what it said before is no longer what it says."""
    world = World()
    await world.ask()
    world.department.failing = failing
    assert (await world.ask()).errors
    world.department.failing = DOWN
    assert await world.number() == DOWN


async def test_what_a_department_refuses_it_refuses() -> None:
    """Only where it cannot be asked does an earlier answer stand in."""
    world = World()
    await world.ask()
    for code in (
        RuntimeCode.DEPARTMENT_ERROR,
        RuntimeCode.BAD_USER_INPUT,
        RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE,
    ):
        world.department.failing = code
        assert await world.number() == code


async def test_an_open_circuit_is_answered_of_earlier_too() -> None:
    """That is when it is needed most."""
    world = World(failures_to_open=2)
    await world.ask()
    world.department.failing = DOWN
    for _ in range(4):
        assert await world.number() == 1
    assert world.department.calls == 3
    assert world.connector.state.circuit == "open"


async def test_a_command_is_never_answered_of_earlier_and_ends_what_its_giver_had() -> None:
    """Who reads after it reads what it did, or a failure."""
    world = World()
    await world.ask()
    await world.ask(context=replace(ANNA, actor="bo"))
    await world.ask(kind="mutation")
    world.department.failing = DOWN
    with pytest.raises(ConnectorFailure):
        await world.ask(kind="mutation")
    assert await world.number() == DOWN
    assert await world.number(context=replace(ANNA, actor="bo")) == 2


async def test_what_is_kept_is_bounded_and_what_was_not_used_goes_first() -> None:
    """Ten answers of a megabyte: at most eight stay."""
    world = World()
    world.department.size = 1_000_000
    people = [replace(ANNA, actor=str(number)) for number in range(10)]
    for person in people:
        await world.ask(context=person)
    world.department.failing = DOWN
    found = [await world.number(context=person) for person in people]
    assert found[:2] == [DOWN, DOWN]
    assert found[-8:] == list(range(3, 11))
    assert MOST_BYTES >= 8_000_000


async def test_a_kept_answer_is_read_as_each_wants_it() -> None:
    """The compiled path reads text, and what it makes of it is not the next one's."""
    world = World()
    body = b'{"data": {"mine": 1}}'
    world.department.failing = FetchResponse(None, shaped="first", body=body)
    await world.ask()
    world.department.failing = DOWN
    read: Callable[[bytes], object] = len
    request = FetchRequest("{ mine }", context=ANNA, payload=b"{ mine }", read=read)
    assert (await world.connector.fetch(request)).shaped == len(body)
    assert (await world.connector.fetch(replace(request, read=None))).data == {"mine": 1}


@pytest.mark.parametrize("kind", ["graphql", "rest", "queue"])
async def test_what_a_department_says_of_keeping_arrives_from_each_kind(kind: str, tmp_path: Path) -> None:
    """In two headers that contradict each other; behind a queue the agent hands it on."""
    good = json.dumps(GOOD[kind]).encode()

    async def run(conversation: Conversation) -> None:
        conversation.answer(good, "Cache-Control: public, max-age=60", "Cache-Control: private, no-store")

    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    async with faulty_server(run) as server, over_http(kind, f"http://{server.origin}", client, tmp_path) as hub:
        answer = await hub.faulty.fetch(FetchRequest("{ a }"))
    await client.close()
    assert answer.data == {"a": "A"}
    assert answer.caching == AnswerCaching(may_keep=False, is_private=True, max_age=60)
