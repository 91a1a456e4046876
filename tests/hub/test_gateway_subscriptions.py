"""Open subscriptions and running requests while the graph under them changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from graphql import DocumentNode

from auth.actor import Actor
from auth.refusal import Refusal
from connectors.connector import FetchRequest, FetchResponse
from hub.gateway import Gateway, GraphQLAnswer, GraphQLRequest
from schema.planning.query_plan import (
    Fetch,
    Flatten,
    Guard,
    QueryPlan,
    Representation,
    RepresentationField,
    Subscription,
)
from schema.supergraph import Supergraph
from tests.hub.execution.fakes import FakeDepartment, timeout
from tests.hub.graph_for_tests import REGISTER, AllowAll, Everything, citizen, gateway_for, state_of

SDL = REGISTER.replace("ticks(to: Int): Int!", "renamed: Citizen")
RENAMED = GraphQLRequest("subscription { renamed { id name } }")
PRIMARY = Fetch("register", "subscription { renamed { __typename id } }", "subscription")


class Stream(FakeDepartment):
    """A department whose events the test pushes."""

    def __init__(self) -> None:
        super().__init__({"ping": "pong"})
        self.pushed: asyncio.Queue[dict[str, Any] | FetchResponse | Exception | None] = asyncio.Queue()

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        self.requests.append(request)
        while (event := await self.pushed.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event if isinstance(event, FetchResponse) else FetchResponse(event)

    def rename(self, identifier: str) -> None:
        self.pushed.put_nowait({"renamed": {"__typename": "Citizen", "id": identifier}})


def named_by(service: str, primary: Fetch = PRIMARY) -> QueryPlan:
    """Each event's name comes from ``service``."""
    document = (
        "query($representations: [_Any!]!) { _entities(representations: $representations) "
        "{ ... on Citizen { name } } }"
    )
    fetch = Fetch(
        service,
        document,
        representations=(Representation("Citizen", (RepresentationField("id", "id"),), "Citizen", 1),),
    )
    return QueryPlan("subscription", Subscription(primary, Flatten(("renamed",), fetch)))


def by_version(*plans: QueryPlan) -> Callable[..., QueryPlan]:
    """A planner that gives the first supergraph the first plan, and so on."""
    seen: list[Supergraph] = []

    def planner(supergraph: Supergraph, _document: DocumentNode, _name: str | None, **_options: Any) -> QueryPlan:
        if supergraph not in seen:
            seen.append(supergraph)
        return plans[seen.index(supergraph)]

    return planner


def name(text: str) -> FakeDepartment:
    return FakeDepartment({"_entities": [{"name": text}]})


def serving(*departments: FakeDepartment, **options: Any) -> Gateway:
    gateway = gateway_for(**options)
    gateway.publish(state_of(*departments, sdl=SDL, version=1))
    return gateway


async def test_each_event_is_completed_by_the_rest_of_the_plan() -> None:
    """The stream says who; another department says the name."""
    stream = Stream()
    gateway = serving(stream, name("A"), planner=by_version(named_by("second")))
    async with aclosing(gateway.subscribe(RENAMED, citizen())) as answers:
        stream.rename("1")
        assert await anext(answers) == GraphQLAnswer({"renamed": {"id": "1", "name": "A"}})
        stream.pushed.put_nowait({"renamed": None})
        assert await anext(answers) == GraphQLAnswer({"renamed": None})
        stream.pushed.put_nowait(None)
        assert [answer async for answer in answers] == []


async def test_a_gap_is_told_with_its_error_and_with_the_first_event_after_it() -> None:
    """``extensions.gap``, as of the hub's own subscriptions; the event that tells of it is no end."""
    stream = Stream()
    gateway = serving(stream, name("A"), planner=by_version(named_by("second")))
    offline = {"message": "The agent is gone.", "extensions": {"code": "AGENT_OFFLINE"}}
    async with aclosing(gateway.subscribe(RENAMED, citizen())) as answers:
        stream.pushed.put_nowait(FetchResponse(None, (offline,), has_gap=True))
        told = await anext(answers)
        assert (told.data, told.extensions, told.is_executed) == ({"renamed": None}, {"gap": True}, True)
        assert told.errors[0]["message"] == "The agent is gone."
        assert told.errors[0]["extensions"]["code"] == "AGENT_OFFLINE"
        renamed = {"renamed": {"__typename": "Citizen", "id": "1"}}
        stream.pushed.put_nowait(FetchResponse(renamed, has_gap=True))
        assert await anext(answers) == GraphQLAnswer(
            {"renamed": {"id": "1", "name": "A"}}, extensions={"gap": True}
        )
        stream.pushed.put_nowait(FetchResponse(renamed))
        assert not (await anext(answers)).extensions


async def test_a_new_graph_completes_the_next_event_and_the_stream_stays_open() -> None:
    """A department that was published meanwhile answers in the open subscription."""
    stream, second, third = Stream(), name("second"), name("third")
    gateway = serving(stream, second, planner=by_version(named_by("second"), named_by("third")))
    async with aclosing(gateway.subscribe(RENAMED, citizen())) as answers:
        stream.rename("1")
        assert (await anext(answers)).data == {"renamed": {"id": "1", "name": "second"}}
        gateway.publish(state_of(stream, second, third, sdl=SDL, version=2))
        stream.rename("1")
        assert (await anext(answers)).data == {"renamed": {"id": "1", "name": "third"}}
        assert not stream.is_closed


async def test_a_graph_on_which_the_subscription_is_no_more_leaves_it_on_its_own() -> None:
    """It began on a graph that knew it, and is completed there; its connectors live as long."""
    stream, second = Stream(), name("second")
    gateway = serving(stream, second, planner=by_version(named_by("second")))
    async with aclosing(gateway.subscribe(RENAMED, citizen())) as answers:
        stream.rename("1")
        await anext(answers)
        gateway.publish(state_of(FakeDepartment({}), sdl=REGISTER, version=2))
        stream.rename("2")
        assert (await anext(answers)).data == {"renamed": {"id": "2", "name": "second"}}
        assert not second.is_closed
    await asyncio.sleep(0.01)
    assert stream.is_closed
    assert second.is_closed


async def test_a_graph_that_would_ask_the_stream_for_more_leaves_it_on_its_own() -> None:
    """The open stream cannot be asked for the fields that the new plan needs."""
    other = Fetch("register", "subscription { renamed { __typename id number } }", "subscription")
    stream = Stream()
    planner = by_version(named_by("second"), named_by("third", other))
    gateway = serving(stream, name("second"), planner=planner)
    async with aclosing(gateway.subscribe(RENAMED, citizen())) as answers:
        stream.rename("1")
        await anext(answers)
        gateway.publish(state_of(stream, name("second"), name("third"), sdl=SDL, version=2))
        stream.rename("1")
        assert (await anext(answers)).data == {"renamed": {"id": "1", "name": "second"}}


async def test_a_running_request_finishes_on_the_graph_it_began_with() -> None:
    """Its connector is closed after it, and one that both graphs hold is not."""
    started, go_on = asyncio.Event(), asyncio.Event()

    class Slow(FakeDepartment):
        async def fetch(self, request: FetchRequest) -> FetchResponse:
            started.set()
            await go_on.wait()
            return await super().fetch(request)

    old, kept = Slow({"ping": "pong"}), FakeDepartment({})
    gateway = gateway_for(old, kept)
    running = asyncio.create_task(gateway.answer(GraphQLRequest("{ ping }"), None))
    await started.wait()
    gateway.publish(state_of(FakeDepartment({"ping": "new"}), kept, version=2))
    assert (await gateway.answer(GraphQLRequest("{ ping }"), None)).data == {"ping": "new"}
    assert not old.is_closed
    go_on.set()
    assert (await running).data == {"ping": "pong"}
    await asyncio.sleep(0.01)
    assert old.is_closed
    assert not kept.is_closed
    await gateway.close()
    assert kept.is_closed


async def test_a_failing_stream_tells_its_last_event_and_ends() -> None:
    """The client learns why no more comes."""
    stream = Stream()
    gateway = serving(stream, name("A"), planner=by_version(named_by("second")))
    stream.pushed.put_nowait(timeout())
    answers = [answer async for answer in gateway.subscribe(RENAMED, citizen())]
    assert [answer.data for answer in answers] == [{"renamed": None}]
    assert [e["extensions"]["code"] for e in answers[0].errors] == ["DEPARTMENT_TIMEOUT"]


async def test_a_guard_holds_for_events_too() -> None:
    """Another person's event says nothing about them."""
    guarded = Fetch(
        "register", PRIMARY.document, "subscription", guards=(Guard(("renamed",), "Citizen", (("id", "id"),)),)
    )
    stream, second = Stream(), name("canary")
    gateway = serving(stream, second, planner=by_version(named_by("second", guarded)))
    async with aclosing(gateway.subscribe(RENAMED, citizen("c-1"))) as answers:
        stream.rename("c-2")
        answer = await anext(answers)
    assert answer.data == {"renamed": None}
    assert [e["extensions"]["code"] for e in answer.errors] == ["FORBIDDEN"]
    assert second.requests == []


async def test_a_policy_that_refuses_on_the_new_graph_ends_the_subscription() -> None:
    """What nobody may read any more is not read by those who began earlier."""

    class Changing(AllowAll):
        is_open = True

        def requirements(self, *_arguments: Any) -> Everything:
            class Now(Everything):
                def refusals(self, actor: Actor | None) -> Any:
                    return () if policy.is_open else (Refusal(("renamed",), "FORBIDDEN", "No longer."),)

            return Now()

    policy = Changing()
    stream = Stream()
    gateway = serving(stream, name("A"), policy=policy, planner=by_version(named_by("second"), named_by("second")))
    async with aclosing(gateway.subscribe(RENAMED, citizen())) as answers:
        stream.rename("1")
        await anext(answers)
        policy.is_open = False
        gateway.publish(state_of(stream, name("A"), sdl=SDL, version=2))
        stream.rename("1")
        last = [answer async for answer in answers]
    assert [(a.is_executed, a.errors[0]["extensions"]["code"]) for a in last] == [(False, "FORBIDDEN")]


async def test_a_query_is_one_answer_here_too() -> None:
    """Transports that stay open need no second method."""
    gateway = gateway_for(FakeDepartment({"ping": "pong"}))
    answers = [answer async for answer in gateway.subscribe(GraphQLRequest("{ ping }"), None)]
    assert answers == [GraphQLAnswer({"ping": "pong"})]


async def test_a_refused_subscription_opens_no_stream() -> None:
    """The request error is its only answer."""
    stream = Stream()
    gateway = serving(stream, planner=by_version(named_by("second")))
    (answer,) = [each async for each in gateway.subscribe(GraphQLRequest("subscription { nothing }"), None)]
    assert not answer.is_executed
    assert stream.requests == []
