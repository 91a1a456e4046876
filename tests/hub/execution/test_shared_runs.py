"""Equal queries that begin before the first answer are one run; nothing else ever is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from graphql import build_schema

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, RequestContext
from hub.execution import ExecutionResult, Programs, Surroundings, execute
from schema.errors import RuntimeCode
from schema.planning.query_plan import Fetch, QueryPlan, Sequence
from tests.hub.execution.fakes import FakeDepartment, operation_of

SCHEMA = build_schema("type Query { a(n: Int): Int! b: Int } type Mutation { a(n: Int): Int }")
QUERY = "query($n: Int) { a(n: $n) b }"
QUERY_PLAN = QueryPlan(
    "query",
    Sequence((Fetch("register", "query($n: Int) { a(n: $n) }", variables=("n",)), Fetch("register", "{ b }"))),
)
MUTATION = "mutation { a }"
MUTATION_PLAN = QueryPlan("mutation", Fetch("register", MUTATION, kind="mutation"))
SOMEBODY = RequestContext("anna")


class Register(FakeDepartment):
    """Answers what is asked for once it is let."""

    def __init__(self, a: int | None = 1) -> None:
        super().__init__(lambda request: {"b": 2} if "b" in request.query else {"a": a})
        self.may = {"a": asyncio.Event(), "b": asyncio.Event()}
        self.failure: ConnectorFailure | None = None

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        answer = await super().fetch(request)
        await self.may["b" if "b" in request.query else "a"].wait()
        if self.failure is not None and "b" not in request.query:
            raise self.failure
        return answer

    @property
    def asked(self) -> str:
        """Letter by letter."""
        return "".join("b" if "b" in request.query else "a" for request in self.requests)


class Client:
    """Asks one operation."""

    def __init__(self, register: Register, text: str = QUERY, plan: QueryPlan = QUERY_PLAN, **how: Any) -> None:
        self._register = register
        self._operation = operation_of(SCHEMA, text)
        self._plan = plan
        self._programs = Programs(plan, self._operation, SCHEMA, warm_up=0, **how)

    def ask(
        self, context: RequestContext = SOMEBODY, effects: int = 0, **variables: Any
    ) -> asyncio.Task[ExecutionResult]:
        around = Surroundings({"register": self._register}, context, effects=effects)
        coerced = self._operation.coerce(variables)
        return asyncio.ensure_future(execute(self._plan, self._operation, coerced, around, self._programs))


async def settle() -> None:
    """Let everybody go on until all wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_equal_queries_at_the_same_time_are_one_run() -> None:
    """Everybody has the whole answer; who asks after it asks anew."""
    register = Register()
    client = Client(register)
    asking = [client.ask(n=1) for _ in range(3)]
    await settle()
    for each in register.may.values():
        each.set()
    assert [(await each).encoded for each in asking] == [b'{"a":1,"b":2}'] * 3
    assert [(await each).services for each in asking] == [("register", "register")] * 3
    assert register.asked == "ab"
    await client.ask(n=1)
    assert register.asked == "abab"


async def test_who_comes_after_the_first_answer_reads_anew() -> None:
    """What somebody wrote before asking is in what he reads, as long as the subgraph has it."""
    register = Register()
    client = Client(register)
    first = client.ask(n=1)
    register.may["a"].set()
    await settle()
    assert register.asked == "ab"
    second = client.ask(n=1)
    await settle()
    register.may["b"].set()
    assert (await first).encoded == (await second).encoded == b'{"a":1,"b":2}'
    assert register.asked == "abab"


@pytest.mark.parametrize(
    ("context", "variables"),
    [(RequestContext("bo"), {"n": 1}), (SOMEBODY, {"n": 2}), (SOMEBODY, {}), (SOMEBODY, {"n": None})],
    ids=["another person", "another value", "no value", "null"],
)
async def test_other_questions_are_runs_of_their_own(context: RequestContext, variables: dict[str, Any]) -> None:
    """Whoever asks, and everything that is sent with it, is part of the question."""
    register = Register()
    client = Client(register)
    asking = [client.ask(n=1), client.ask(context, **variables)]
    await settle()
    assert register.asked == "aa"
    for each in register.may.values():
        each.set()
    await asyncio.gather(*asking)


async def test_mutations_are_never_shared() -> None:
    """Two of the same words are two effects."""
    register = Register()
    client = Client(register, MUTATION, MUTATION_PLAN)
    asking = [client.ask(), client.ask()]
    await settle()
    assert register.asked == "aa"
    register.may["a"].set()
    await asyncio.gather(*asking)


async def test_sharing_can_be_left_out() -> None:
    """Who traces requests wants each to have its own fetches."""
    register = Register()
    client = Client(register, is_shared=False)
    asking = [client.ask(n=1), client.ask(n=1)]
    await settle()
    assert register.asked == "aa"
    for each in register.may.values():
        each.set()
    await asyncio.gather(*asking)


async def test_what_does_not_fit_is_told_to_everybody() -> None:
    """Each goes on by the exact path from the answers that are there, and the subgraph is not asked again for
    them."""
    register = Register(a=None)
    client = Client(register)
    asking = [client.ask(n=1) for _ in range(3)]
    await settle()
    for each in register.may.values():
        each.set()
    results = [await each for each in asking]
    assert [result.data for result in results] == [None] * 3
    assert [len(result.errors) for result in results] == [1] * 3
    assert register.asked.count("a") == 1


async def test_a_failure_is_told_to_everybody() -> None:
    """Once for each, as if everybody had asked alone."""
    register = Register()
    register.failure = ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, "away")
    client = Client(register)
    asking = [client.ask(n=1) for _ in range(3)]
    await settle()
    for each in register.may.values():
        each.set()
    told = [[error["extensions"]["code"] for error in (await each).errors] for each in asking]
    assert told == [["DEPARTMENT_UNREACHABLE"]] * 3
    assert register.asked.count("a") == 1


async def test_who_asks_after_a_mutation_reads_what_it_did() -> None:
    """A query that began before it may have read what was true before."""
    register = Register()
    client = Client(register)
    before = client.ask(n=1)
    await settle()
    after = client.ask(n=1, effects=1)
    await settle()
    for each in register.may.values():
        each.set()
    await asyncio.gather(before, after)
    assert register.asked.count("a") == 2


async def test_who_leaves_takes_nobody_along() -> None:
    """Neither one that joined, nor the one that all wait for: another begins anew in its place."""
    register = Register()
    client = Client(register)
    first, second, third, fourth = (client.ask(n=1) for _ in range(4))
    await settle()
    second.cancel()
    first.cancel()
    await settle()
    assert (first.cancelled(), second.cancelled()) == (True, True)
    assert register.asked == "aa"
    for each in register.may.values():
        each.set()
    assert (await third).encoded == (await fourth).encoded == b'{"a":1,"b":2}'
    assert register.asked == "aab"
