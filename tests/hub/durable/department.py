"""A department with durable mutations, behind a queue that is a list, and the hub's graph over both.

The relay, the command handler, the inbox and the gateway are the real ones: what is faked is the wire, so that a
test says what is lost, doubled or late on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
from graphql import build_schema, execute, parse

from auth.actor import Actor
from auth.policy import Policy
from connectors.broker import Broker, BrokerUnavailable, Message
from connectors.command_handler import CommandHandler
from connectors.command_notes import CommandNotes
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse
from connectors.queue_messages import COMMAND
from hub.durable.parts import DurableParts
from hub.durable.tickets import Tickets
from hub.gateway import Gateway, GraphQLAnswer, GraphQLRequest, GraphState
from hub.messages.relay import Relay
from hub.own_subgraph import own_sdl
from hub.registry.composing import composed
from hub.registry.live_graph import FailingConnector
from hub.registry.registration import ConnectorVersion
from schema.durable import durable_service
from schema.errors import RuntimeCode
from schema.subgraph import Subgraph
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, ANNA_NUMBER, BO_NUMBER, Delivery, World

NAME = "civil-affairs"
SDL = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  @link(url: "https://jiyi.dev/spec/durable/v0.1", import: ["@durable"])

type Query { officeHours: String }
enum Kind { HOME WORK }
input Address { street: String!, postcode: String }
interface Confirmation { number: ID! }
type Change implements Confirmation {
  number: ID! street: String! kind: Kind! shortened(to: Int!): String! history(last: Int = 2): [Change!]!
}
type Refusal { why: String! }
union Answer = Change | Refusal
type Mutation {
  changeAddress(idNumber: String!, address: Address!, kind: Kind = HOME): Change!
    @durable(applicant: "idNumber", expiresAfter: "P7D")
  askForHelp(words: String!): Answer @durable
  count(by: Int = 1): Int @durable
  ping: String
}
"""
_EXECUTABLE = SDL.split("\n\n", 1)[1].replace('@durable(applicant: "idNumber", expiresAfter: "P7D")', "")
_SCHEMA = build_schema(_EXECUTABLE.replace("@durable", ""))


class Department:
    """Knows a command by its key where ``knows_keys``; ``effects`` are what really happened there, in order."""

    def __init__(self, *, knows_keys: bool = True) -> None:
        self.knows_keys = knows_keys
        self.effects: list[tuple[str, Any]] = []
        self.requests: list[FetchRequest] = []
        self.failures: list[ConnectorFailure] = []
        """What the next requests meet, instead of an answer."""
        self.loses_answers = 0
        """How many of the next requests have their effect, and no answer."""
        self._answers: dict[str, FetchResponse] = {}

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.requests.append(request)
        if self.failures:
            raise self.failures.pop(0)
        key = request.idempotency_key or ""
        if not self.knows_keys or key not in self._answers:
            outcome = execute(_SCHEMA, parse(request.query), self, variable_values=dict(request.variables))
            data, errors = cast("Any", outcome).data, cast("Any", outcome).errors
            told = tuple({"message": error.message, "extensions": error.extensions} for error in errors or ())
            self._answers[key] = FetchResponse(data, told)
        if self.loses_answers:
            self.loses_answers -= 1
            raise ConnectorFailure(RuntimeCode.DEPARTMENT_TIMEOUT, "no answer")
        return self._answers[key]

    def changeAddress(self, _info: Any, *, idNumber: str, address: dict[str, Any], kind: str) -> Any:  # noqa: N803
        self.effects.append((idNumber, address["street"]))
        return _Change(str(len(self.effects)), address["street"], kind)

    def askForHelp(self, _info: Any, *, words: str) -> Any:
        self.effects.append(("help", words))
        if words == "nobody home":
            raise ValueError("There is nobody.")
        if words == "refuse":
            return {"__typename": "Refusal", "why": "not today"}
        return _Change("7", words, "WORK")

    def count(self, _info: Any, *, by: int) -> Any:
        self.effects.append(("count", by))
        return None if by == 0 else by

    def subscribe(self, request: FetchRequest) -> Any:
        raise NotImplementedError

    async def describe(self) -> str:
        return SDL

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class _Change:
    number: str
    street: str
    kind: str
    __typename: str = "Change"

    def shortened(self, _info: Any, *, to: int) -> str:
        return self.street[:to]

    def history(self, _info: Any, *, last: int) -> list[_Change]:
        return [_Change(f"{self.number}-{each}", f"before {each}", "HOME") for each in range(1, last + 1)]

    @staticmethod
    def is_type_of(*_: Any) -> bool:
        return True


class Wire:
    """A broker that only keeps what it is given. ``is_away``: nothing is known to have arrived."""

    def __init__(self) -> None:
        self.is_away = False
        self.commands: list[Message] = []
        self.outcomes: list[Message] = []

    def come_back(self) -> None:
        self.is_away = False

    async def publish(self, _address: str, message: Message, *, durable: bool = True) -> None:
        if self.is_away:
            raise BrokerUnavailable("away")
        (self.commands if message.type == COMMAND else self.outcomes).append(message)


@dataclass
class Durable:
    """The hub with one department. ``asks`` is a client, ``relays`` and ``works`` are what goes on behind."""

    world: World
    department: Department = field(default_factory=Department)
    notes: CommandNotes | None = None
    sdl: str = SDL

    def __post_init__(self) -> None:
        self.wire = Wire()
        broker = cast("Broker", self.wire)
        self.tickets = Tickets(self.world.database, self.world.clock, self.world.wakeups)
        self.relay = Relay(self.world.database, broker, self.world.clock, self.world.wakeups)
        connector = cast("Connector", self.department)
        self.handler = CommandHandler(NAME, connector, broker, self.world.clock, notes=self.notes)
        self.gateway = Gateway(Policy(), _identities, clock=self.world.clock)
        self.publish(self.sdl)

    def publish(self, sdl: str, *, is_suspended: bool = False) -> None:
        composition = composed((Subgraph("hub", own_sdl()), Subgraph(NAME, sdl)))
        assert composition.supergraph is not None, composition.errors
        member = cast("ConnectorVersion", _Member(NAME, NAME, is_suspended))
        offline = FailingConnector(RuntimeCode.AGENT_OFFLINE)
        connectors: dict[str, Connector] = {"hub": Graph(self.world).connector, NAME: offline}
        connectors |= DurableParts(self.tickets, self.world.people)(composition.supergraph, (member,))
        departments = {NAME: NAME, durable_service(NAME): NAME}
        self.gateway.publish(GraphState(composition.supergraph, connectors, departments, 1))

    async def asks(
        self,
        query: str,
        actor: Actor | None = ANNA,
        *,
        key: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> GraphQLAnswer:
        request = GraphQLRequest(query, variables=variables or {}, idempotency_key=key)
        return await self.gateway.answer(request, actor)

    async def gets(self, query: str, actor: Actor | None = ANNA, **more: Any) -> Any:
        answer = (await self.asks(query, actor, **more)).payload()
        assert "errors" not in answer, answer["errors"]
        return _plain(answer["data"])

    async def refused(self, query: str, actor: Actor | None = ANNA, **more: Any) -> list[str]:
        """The codes, each once."""
        return sorted({each["extensions"]["code"] for each in (await self.asks(query, actor, **more)).errors})

    async def relays(self) -> list[Message]:
        """The relay sends what is due; the commands that the broker got since the last time."""
        before = len(self.wire.commands)
        while await self.relay.step():
            pass
        return self.wire.commands[before:]

    async def works(self, *commands: Message, attempt: int = 1) -> None:
        """The department's agent executes these, and the hub hears how they ended."""
        for command in commands:
            await self.handler.handle(Delivery(command, attempt))
        await self.hears()

    async def hears(self) -> None:
        while self.wire.outcomes:
            outcome = self.wire.outcomes.pop(0)
            assert await self.world.deliver(outcome) == "acknowledged"

    async def done(self) -> None:
        """Everything that is under way comes to its end."""
        while commands := await self.relays():
            await self.works(*commands)


@dataclass(frozen=True)
class _Member:
    name: str
    department: str
    is_suspended: bool


async def _identities(actor: Actor) -> Mapping[str, frozenset[str]]:
    numbers = {"anna": ANNA_NUMBER, "bo": BO_NUMBER}
    number = numbers.get(actor.subject, "")
    return {"Citizen.id": frozenset({actor.subject}), "Citizen.idNumber": frozenset({number})}


def _plain(data: Any) -> Any:
    return json.loads(msgspec.json.encode(data))
