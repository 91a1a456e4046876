"""Who asks the same at the same time gets one answer; who asks anything else never does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pytest

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, Repeatable, RequestContext
from connectors.sharing import SharedQueries
from schema.errors import RuntimeCode

BODY = b'{"data": {"n": 1}}'
QUESTION = FetchRequest("{ n }", payload=b'{"query":"{ n }"}', context=RequestContext("anna"))


class Department:
    """Answers once it is let go."""

    def __init__(self, answer: FetchResponse | Exception = FetchResponse({"n": 1}, body=BODY)) -> None:  # noqa: B008
        self.answer = answer
        self.asked = 0
        self.cancelled = 0
        self.go = asyncio.Event()
        self.shared = SharedQueries(self.fetch)

    async def fetch(self, _request: FetchRequest) -> FetchResponse:
        self.asked += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def ask(self, *requests: FetchRequest) -> list[Any]:
        asked = [asyncio.ensure_future(self.shared.ask(each)) for each in requests]
        await asyncio.sleep(0)
        self.go.set()
        return await asyncio.gather(*asked, return_exceptions=True)


async def test_identical_queries_under_way_are_one_request() -> None:
    """Each has the whole answer; the next one after it asks anew."""
    department = Department()
    answers = await department.ask(QUESTION, replace(QUESTION), QUESTION)
    assert [answer.data for answer in answers] == [{"n": 1}] * 3
    assert department.asked == 1
    await department.shared.ask(QUESTION)
    assert department.asked == 2


async def test_each_reads_the_answer_in_its_own_way() -> None:
    """What one made of the text is not what another wants."""
    department = Department(FetchResponse(None, shaped="the first's", body=BODY))
    first, second, third = await department.ask(
        QUESTION, replace(QUESTION, read=lambda body: len(body)), replace(QUESTION, read=_refuse)
    )
    assert first.shaped == "the first's"
    assert second.shaped == len(BODY)
    assert (third.shaped, third.data) == (None, {"n": 1})


def _refuse(_body: bytes) -> object:
    raise ValueError("it does not fit")


OTHERS: Mapping[str, Any] = {
    "actor": "bo",
    "roles": frozenset({"officer"}),
    "scopes": frozenset({"citizens:read"}),
    "purpose": "case",
    "case": "1",
    "traceparent": "00-1",
    "headers": {"x-tenant": "b"},
    "local": {"actor": object()},
    "repeatable": Repeatable("k", "f"),
}


def test_every_part_of_a_context_has_a_case() -> None:
    """Whoever adds one has to say here that it keeps questions apart."""
    assert {each.name for each in fields(RequestContext)} == set(OTHERS)


@pytest.mark.parametrize("name", OTHERS)
async def test_nobody_gets_what_was_asked_on_anothers_behalf(name: str) -> None:
    """The person, and everything else that travels with a question, is part of it."""
    department = Department()
    other = replace(QUESTION, context=replace(QUESTION.context, **{name: OTHERS[name]}))
    await department.ask(QUESTION, other)
    assert department.asked == 2


@pytest.mark.parametrize(
    "other",
    [
        replace(QUESTION, kind="mutation"),
        replace(QUESTION, payload=b'{"query":"{ m }"}'),
        replace(QUESTION, payload=None),
        replace(QUESTION, idempotency_key="k"),
        replace(QUESTION, operation_name="O"),
    ],
    ids=["mutation", "text", "no text", "command", "operation"],
)
async def test_other_questions_and_commands_are_asked_for_themselves(other: FetchRequest) -> None:
    """Two mutations with the same words are two effects."""
    department = Department()
    await department.ask(QUESTION, other)
    assert department.asked == 2
    department = Department()
    await department.ask(other, other)
    assert department.asked == (1 if other.payload and other.kind == "query" and not other.idempotency_key else 2)


async def test_a_failure_is_everybodys() -> None:
    """And is forgotten with the request."""
    failure = ConnectorFailure(RuntimeCode.DEPARTMENT_TIMEOUT, "late")
    department = Department(failure)
    assert await department.ask(QUESTION, QUESTION) == [failure, failure]
    department.answer = FetchResponse({"n": 2})
    assert (await department.shared.ask(QUESTION)).data == {"n": 2}


async def test_who_leaves_takes_nobody_along_and_the_last_one_ends_the_request() -> None:
    """Also where it is the one who asked first that leaves."""
    department = Department()
    first, second = (asyncio.ensure_future(department.shared.ask(QUESTION)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait((first,))
    assert department.cancelled == 0
    second.cancel()
    await asyncio.wait((second,))
    await asyncio.sleep(0)
    assert department.cancelled == 1
    department.go.set()
    assert (await department.shared.ask(QUESTION)).data == {"n": 1}


async def test_who_asks_after_a_command_reads_what_it_did() -> None:
    """Nobody joins a query any more that began before the command ended."""
    asked: list[str] = []
    go = asyncio.Event()

    async def fetch(request: FetchRequest) -> FetchResponse:
        asked.append(request.query)
        if request.kind == "query":
            await go.wait()
        return FetchResponse({"n": len(asked)}, body=b'{"data": {"n": %d}}' % len(asked))

    shared = SharedQueries(fetch)
    before = asyncio.ensure_future(shared.ask(QUESTION))
    for _ in range(3):
        await asyncio.sleep(0)
    await shared.ask(FetchRequest("mutation { n }", kind="mutation"))
    after = asyncio.ensure_future(shared.ask(QUESTION))
    for _ in range(3):
        await asyncio.sleep(0)
    go.set()
    await asyncio.gather(before, after)
    assert asked == ["{ n }", "mutation { n }", "{ n }"]
