"""The story of one request: parse, validate, authorise, plan, execute, log."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any

from graphql import DocumentNode, GraphQLSchema, print_ast

from auth.access_log import AccessRecord
from auth.actor import Actor
from auth.refusal import Refusal
from connectors.clock import SystemClock
from hub.doors.graphql_http import encode_answer
from hub.gateway import Gateway, GatewaySettings, GraphQLAnswer, GraphQLRequest, Limits
from schema.errors import PlanningError, RuntimeCode
from schema.planning.query_plan import Fetch, QueryPlan
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import (
    GUARDED_ME,
    AllowAll,
    Everything,
    citizen,
    gateway_for,
    identities_of,
    planned,
    state_of,
    whole_operation_to_register,
)


def codes(answer: GraphQLAnswer) -> list[str]:
    return [error["extensions"]["code"] for error in answer.errors]


async def ask(gateway: Gateway, query: str, actor: Actor | None = None, **variables: Any) -> GraphQLAnswer:
    return await gateway.answer(GraphQLRequest(query, variables=variables), actor)


async def test_a_request_is_answered_over_the_published_graph() -> None:
    """The whole story, once."""
    register = FakeDepartment({"ping": "pong"})
    answer = await ask(gateway_for(register), "{ ping }")
    assert answer == GraphQLAnswer({"ping": "pong"})
    assert register.requests[0].context.local == {"actor": None}


async def test_the_actor_travels_as_an_opaque_subject() -> None:
    """A connector learns who asks, never the token; the in-process one gets the actor itself."""
    register = FakeDepartment({"ping": "pong"})
    actor = citizen()
    await ask(gateway_for(register), "{ ping }", actor)
    context = register.requests[0].context
    assert (context.actor, context.roles) == ("c-1", frozenset({"citizen"}))
    assert context.local == {"actor": actor}


async def test_mistakes_in_the_request_are_told_before_anything_is_fetched() -> None:
    """Each with its own code, and with the place where there is one."""
    register = FakeDepartment({})
    gateway = gateway_for(register)
    assert codes(await ask(gateway, "{ ping")) == ["GRAPHQL_PARSE_FAILED"]
    assert codes(await ask(gateway, "{ pong }")) == ["GRAPHQL_VALIDATION_FAILED"]
    assert codes(await ask(gateway, "{ __typename: ping }")) == ["GRAPHQL_VALIDATION_FAILED"]
    assert codes(await ask(gateway, "query A { ping } query B { ping }")) == ["OPERATION_RESOLUTION_FAILURE"]
    assert codes(await ask(gateway, "fragment F on Query { ping }")) == ["OPERATION_RESOLUTION_FAILURE"]
    bad = await ask(gateway, 'query($n: Int!) { echo(text: "x", times: $n) }', n="many")
    assert codes(bad) == ["BAD_USER_INPUT"]
    assert bad.status == 400
    assert not bad.is_executed
    assert "data" not in bad.payload()
    assert register.requests == []


async def test_limits_count_what_fragments_expand_to() -> None:
    """Twenty-four levels of two spreads are a kilobyte that stands for sixteen million fields."""
    fragments = " ".join(
        f"fragment F{i} on Citizen {{ a{i}: id ...F{i + 1} x{i}: name ...F{i + 1} }}" for i in range(24)
    )
    bomb = f"{{ me {{ ...F0 }} }} {fragments} fragment F24 on Citizen {{ id }}"
    register = FakeDepartment({})
    gateway = gateway_for(register, settings=GatewaySettings(limits=Limits(fields=1_000)))
    answer = await ask(gateway, bomb)
    assert codes(answer) == ["OPERATION_TOO_COMPLEX"]
    assert register.requests == []


async def test_one_field_a_thousand_times_is_asked_once() -> None:
    """It is valid, and comparing fields takes no more than reading them; what is longer still is not even read."""
    register = FakeDepartment({"ping": "pong"})
    answer = await ask(gateway_for(register), "{ " + "ping " * 9_000 + "}")
    assert answer.data == {"ping": "pong"}
    answer = await ask(gateway_for(register), "{ " + "ping " * 16_000 + "}")
    assert codes(answer) == ["GRAPHQL_PARSE_FAILED"]


class Refusing(AllowAll):
    """Refuses ``ping`` to whoever is not signed in."""

    def requirements(
        self, api_schema: GraphQLSchema, document: DocumentNode, operation_name: str | None
    ) -> Everything:
        class SignedIn(Everything):
            personal = ("Query.ping",)

            def refusals(self, actor: Actor | None) -> Any:
                return () if actor else (Refusal(("ping",), "UNAUTHENTICATED", "Sign in."),)

        return SignedIn()


async def test_a_refused_operation_asks_nobody() -> None:
    """One refused field refuses the whole operation, before it is planned."""
    register = FakeDepartment({"ping": "pong"})
    gateway = gateway_for(register, policy=Refusing())
    answer = await ask(gateway, "{ ping __schema { queryType { name } } }")
    assert answer.errors == ({"message": "Sign in.", "path": ["ping"], "extensions": {"code": "UNAUTHENTICATED"}},)
    assert answer.status == 401
    assert register.requests == []
    assert (await ask(gateway, "{ ping }", citizen())).data == {"ping": "pong"}


async def test_an_operation_without_a_plan_is_a_request_error() -> None:
    """No fetch was made, and the code says why."""

    def no_plan(*_arguments: Any, **_options: Any) -> QueryPlan:
        raise PlanningError(RuntimeCode.NO_PLAN, "Nobody can answer Citizen.name here.")

    answer = await ask(gateway_for(FakeDepartment({}), planner=no_plan), "{ me { name } }")
    assert codes(answer) == ["NO_PLAN"]
    assert not answer.is_executed


async def test_what_is_asked_most_is_planned_before_a_new_graph_serves() -> None:
    """A publication is no slow moment for clients; what the new graph refuses holds nothing up."""
    planned_fields: list[str] = []

    def planner(supergraph: Any, document: DocumentNode, name: str | None, **options: Any) -> QueryPlan:
        planned_fields.append(print_ast(document).split()[1])
        return whole_operation_to_register(supergraph, document, name, **options)

    settings = GatewaySettings(warmed_operations=2)
    register = FakeDepartment({"ping": "pong", "me": None})
    gateway = gateway_for(register, planner=planner, settings=settings)
    for query in ("{ ping }", "{ ping }", "{ me { name } }", "{ me { name } }", "{ me { id } }"):
        await ask(gateway, query)
    planned_fields.clear()
    await gateway.publish_warmed(state_of(register, sdl="type Query { ping: String me: Int }", version=2))
    assert planned_fields == ["ping"]
    assert (await ask(gateway, "{ ping }")).data == {"ping": "pong"}
    assert codes(await ask(gateway, "{ me { name } }")) == ["GRAPHQL_VALIDATION_FAILED"]
    assert planned_fields == ["ping"]


async def test_warming_up_ends_in_time() -> None:
    """However much is in use: the new graph serves when its time has come."""
    register = FakeDepartment({"ping": "pong"})
    gateway = gateway_for(register)
    await ask(gateway, "{ ping }")
    await gateway.publish_warmed(state_of(register, version=2), within=0)
    assert gateway.state is not None
    assert gateway.state.version == 2


async def test_another_persons_object_is_taken_away_before_more_is_asked_for_it() -> None:
    """The guard stands between the first fetch and the second."""
    second = FakeDepartment({"_entities": [{"cars": 2}]})
    register = FakeDepartment({"me": {"__typename": "Citizen", "id": "c-1", "name": "王小明"}})
    gateway = gateway_for(register, second, planner=planned(GUARDED_ME))
    own = await ask(gateway, "{ me { name } }", citizen("c-1"))
    other = await ask(gateway, "{ me { name } }", citizen("c-2"))
    nobody = await ask(gateway, "{ me { name } }")
    auditor = await ask(gateway, "{ me { name } }", citizen("auditor"))
    assert own.data == auditor.data == {"me": {"name": "王小明"}}
    for answer in (other, nobody):
        assert answer.data == {"me": None}
        assert [(e["path"], e["extensions"]["code"]) for e in answer.errors] == [(["me"], "FORBIDDEN")]


async def test_introspection_and_data_share_one_answer_in_the_operations_order() -> None:
    """Introspection is answered here; the department is asked for the rest only."""
    query = """
      query Q { a: __typename s: __schema { queryType { name } } ping ...F }
      fragment F on Query { __type(name: "Citizen") { kind } }
    """
    register = FakeDepartment({"ping": "pong"})
    planner = planned(QueryPlan("query", Fetch("register", "{ ping }")))
    answer = await ask(gateway_for(register, planner=planner), query)
    assert answer.data == {
        "a": "Query",
        "s": {"queryType": {"name": "Query"}},
        "ping": "pong",
        "__type": {"kind": "OBJECT"},
    }
    assert list(answer.data) == ["a", "s", "ping", "__type"]


async def test_parsed_operations_and_plans_are_kept() -> None:
    """The same text is planned once per version of the graph."""
    plans: list[str] = []

    def counting(*arguments: Any, **_options: Any) -> QueryPlan:
        plans.append("planned")
        return whole_operation_to_register(*arguments, identities={}, labels=frozenset())

    gateway = gateway_for(FakeDepartment({"ping": "pong"}), planner=counting)
    await ask(gateway, "{ ping }")
    await ask(gateway, "{ ping }")
    assert plans == ["planned"]


async def test_many_who_ask_the_same_for_the_first_time_have_it_planned_once() -> None:
    """A new release of a page sends every visitor's browser with the same new query."""
    plans: list[str] = []

    def planner(*arguments: Any, **options: Any) -> QueryPlan:
        plans.append("planned")
        time.sleep(0.05)
        return whole_operation_to_register(*arguments, **options)

    gateway = gateway_for(FakeDepartment({"ping": "pong"}), planner=planner)
    asking = [asyncio.ensure_future(ask(gateway, "{ ping }")) for _ in range(5)]
    await asyncio.sleep(0)
    asking.pop(0).cancel()
    answers = await asyncio.gather(*asking)
    assert [encode_answer(answer) for answer in answers] == [b'{"data":{"ping":"pong"}}'] * 4
    assert plans == ["planned"]


async def test_what_cannot_be_planned_is_told_to_all_of_them() -> None:
    """And tried again by the next one."""
    tries: list[str] = []

    def planner(*_arguments: Any, **_options: Any) -> QueryPlan:
        tries.append("tried")
        raise PlanningError(RuntimeCode.OPERATION_TOO_COMPLEX, "Too much.")

    gateway = gateway_for(FakeDepartment({}), planner=planner)
    answers = await asyncio.gather(*(ask(gateway, "{ ping }") for _ in range(3)))
    assert [codes(answer) for answer in answers] == [["OPERATION_TOO_COMPLEX"]] * 3
    assert tries == ["tried"]
    await ask(gateway, "{ ping }")
    assert tries == ["tried"] * 2


async def test_long_documents_are_checked_once_too() -> None:
    """In a thread, where they hold nobody else up."""
    checks: list[str] = []

    class Counting(AllowAll):
        def requirements(
            self, api_schema: GraphQLSchema, document: DocumentNode, operation_name: str | None
        ) -> Everything:
            checks.append(threading.current_thread().name)
            return Everything()

    gateway = gateway_for(
        FakeDepartment({"ping": "pong"}), policy=Counting(), settings=GatewaySettings(inline_bytes=1)
    )
    await asyncio.gather(*(ask(gateway, "{ ping }") for _ in range(3)))
    assert len(checks) == 1
    assert checks != [threading.main_thread().name]


class Log:
    def __init__(self, failure: Exception | None = None) -> None:
        self.records: list[AccessRecord] = []
        self.failure = failure

    async def write_access(self, records: Sequence[AccessRecord]) -> None:
        if self.failure:
            raise self.failure
        self.records.extend(records)


async def test_reading_personal_data_is_recorded_before_it_is_handed_out() -> None:
    """Who read what of whom, from which department; no value."""
    log = Log()
    gateway = gateway_for(FakeDepartment({"ping": "pong"}), policy=Refusing(), access_log=log)
    await ask(gateway, "{ ping }", citizen())
    (record,) = log.records
    assert (record.reader, record.client, record.subject) == ("c-1", "portal", "c-1")
    assert (record.fields, record.departments) == (("Query.ping",), ("public-security",))


async def test_what_cannot_be_recorded_is_not_handed_out() -> None:
    """An answer that nobody can account for is withheld."""
    gateway = gateway_for(
        FakeDepartment({"ping": "pong"}), policy=Refusing(), access_log=Log(OSError("disk full"))
    )
    answer = await ask(gateway, "{ ping }", citizen())
    assert codes(answer) == ["SERVICE_UNAVAILABLE"]
    assert answer.data is None
    assert "disk" not in str(answer)


async def test_before_the_first_graph_the_gateway_says_try_again() -> None:
    """Starting is no client's mistake."""
    gateway = Gateway(AllowAll(), identities_of, planner=planned(QueryPlan("query", None)), clock=SystemClock())
    answer = await ask(gateway, "{ ping }")
    assert (codes(answer), answer.status) == (["SERVICE_UNAVAILABLE"], 503)


async def test_a_mistake_of_ours_is_answered_without_its_text() -> None:
    """The client gets a reference, the log the rest."""

    def broken(*_arguments: Any, **_options: Any) -> QueryPlan:
        raise ZeroDivisionError("secret")

    answer = await ask(gateway_for(FakeDepartment({}), planner=broken), "{ ping }")
    assert (codes(answer), answer.status) == (["INTERNAL_SERVER_ERROR"], 500)
    assert "secret" not in str(answer)


async def test_nesting_is_bounded_however_it_is_written() -> None:
    """Thousands of levels are refused, never a stack overflow."""
    gateway = gateway_for(FakeDepartment({}))
    inline = "{ me " + "{ ... on Citizen " * 3_000 + "{ id }" + "}" * 3_000 + "}"
    chain = " ".join(f"fragment F{i} on Citizen {{ ...F{i + 1} }}" for i in range(1_000))
    values = "{ echo(text: " + "[" * 10_000 + "]" * 10_000 + ") }"
    cycle = "{ me { ...A } } fragment A on Citizen { ...B id } fragment B on Citizen { ...A @skip(if: true) }"
    chained = f"{{ me {{ ...F0 }} }} {chain} fragment F1000 on Citizen {{ id }}"
    assert codes(await ask(gateway, chained)) == ["OPERATION_TOO_COMPLEX"]
    for query in (inline, values, cycle):
        assert codes(await ask(gateway, query))[0] in ("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED")
    deep: Any = []
    for _ in range(15_000):
        deep = [deep]
    answer = await ask(gateway, "query($t: String!) { echo(text: $t) }", t=deep)
    assert codes(answer)[0] == "BAD_USER_INPUT"


async def test_a_request_for_a_stream_names_the_transports() -> None:
    """A subscription by plain request is refused with the mend."""
    answer = await ask(gateway_for(FakeDepartment({})), "subscription { ticks }")
    assert codes(answer) == ["BAD_REQUEST"]
    assert "graphql-transport-ws" in answer.errors[0]["message"]
    assert "text/event-stream" in answer.errors[0]["message"]
