"""Commands of departments that the hub reaches itself: each to the connector that has its mutation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from connectors.broker import Broker, Delivery, Message
from connectors.command_notes import CommandNotes
from connectors.connector import FetchRequest, FetchResponse
from connectors.queue_messages import COMMAND, request_data
from hub.messages.direct_departments import DirectDepartments
from hub.registry.live_graph import LiveGraphService
from tests.hub.world import Delivery as HeldDelivery
from tests.hub.world import MovableClock

PEOPLE = "type Query { people: Int } type Mutation { taxRegister(id: ID!): Boolean }"
BILLS = (
    "schema { query: Query mutation: Writes } type Query { bills: Int } extend type Writes { taxBill: Boolean }"
)
READING = "type Query { figures: Int }"


@dataclass(frozen=True)
class Member:
    name: str
    department: str
    sdl: str
    kind: str = "rest"
    idempotency: str = "header"


@dataclass
class Connected:
    """A department's connector; remembers what it was asked."""

    asked: list[str] = field(default_factory=list)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request.query)
        return FetchResponse({"done": True}, ())


class Graph:
    def __init__(self, *members: Member) -> None:
        self.members: tuple[Member, ...] = members
        self.connectors = {each.name: Connected() for each in members}

    def connector(self, name: str) -> Connected:
        return self.connectors[name]


class Mail:
    async def publish(self, _address: str, _message: Message, *, durable: bool = True) -> None:
        """Outcomes are taken."""


def departments(graph: Graph) -> DirectDepartments:
    broker, notes = cast("Broker", Mail()), cast("CommandNotes", None)
    return DirectDepartments(cast("LiveGraphService", graph), broker, MovableClock(), notes)


def command(query: str) -> Delivery:
    fetch = FetchRequest(query=query, variables={}, kind="mutation", idempotency_key="k")
    now = MovableClock().now()
    return cast(
        "Delivery", HeldDelivery(Message("k", COMMAND, "hub", now, request_data(fetch), partition_key="k"))
    )


async def asked(graph: Graph, query: str) -> list[str]:
    """Which connectors of taxation got it."""
    await departments(graph).handlers()["taxation"](command(query))
    return [name for name, each in graph.connectors.items() if each.asked]


async def test_a_command_goes_to_the_connector_that_has_its_mutation() -> None:
    """Not to the first that has any; also where the schema calls its mutation type by another name."""
    members = [Member("people", "taxation", PEOPLE), Member("bills", "taxation", BILLS)]
    members += [Member("a-figures", "taxation", READING), Member("other", "health", PEOPLE)]
    assert await asked(Graph(*members), 'mutation R { x: taxRegister(id: "1") }') == ["people"]
    assert await asked(Graph(*members), "mutation B { taxBill }") == ["bills"]
    assert await asked(Graph(*members), "mutation C { taxUnknown }") == ["bills"]


async def test_the_agent_of_a_department_has_all_of_its_commands() -> None:
    """Two takers of one queue would guess which of them a command is for."""
    graph = Graph(Member("people", "taxation", PEOPLE), Member("queued", "taxation", BILLS, kind="queue"))
    assert departments(graph).handlers() == {}


async def test_handlers_stay_the_same_until_a_connector_changes() -> None:
    """The worker begins to consume anew only where something changed."""
    graph = Graph(Member("people", "taxation", PEOPLE), Member("bills", "taxation", BILLS))
    made = departments(graph)
    before: Any = made.handlers()
    assert made.handlers() == before
    graph.connectors["bills"] = Connected()
    assert made.handlers() != before
