"""Commands of departments that the hub reaches itself: the worker does for them what an agent does for others.

A department may have several connectors; each command goes to the one whose mutation it asks for. Where one of
them is an agent, the agent has the department's commands, all of them: two takers of one queue would guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse

from connectors.broker import Broker, Delivery, Handler
from connectors.clock import Clock
from connectors.command_handler import CommandHandler
from connectors.command_notes import CommandNotes
from connectors.connector import Connector
from connectors.queue_messages import COMMAND, MalformedMessage, read_request
from hub.registry.live_graph import LiveGraphService
from hub.registry.registration import ConnectorVersion
from schema.mutations import mutations_of


@dataclass(frozen=True, slots=True)
class Taker:
    """One connector of a department, and the mutations that it has."""

    name: str
    connector: Connector
    mutations: frozenset[str]
    handler: CommandHandler


class DepartmentCommands:
    """The commands of one department, each to the connector that has its mutation."""

    def __init__(self, takers: tuple[Taker, ...]) -> None:
        self.takers = takers

    async def handle(self, delivery: Delivery) -> None:
        """A :data:`connectors.broker.Handler`. What nobody has goes to the first, whose refusal is the outcome."""
        await self._taker(delivery).handler.handle(delivery)

    def _taker(self, delivery: Delivery) -> Taker:
        try:
            request = read_request(delivery.message, expected=COMMAND)
        except MalformedMessage:
            return self.takers[0]
        wanted = _root_fields(request.query, request.operation_name)
        return next((each for each in self.takers if wanted and wanted <= each.mutations), self.takers[0])


class DirectDepartments:
    """One handler per department, kept as long as its connectors are the same."""

    def __init__(self, graph: LiveGraphService, broker: Broker, clock: Clock, notes: CommandNotes) -> None:
        self._graph = graph
        self._broker = broker
        self._clock = clock
        self._notes = notes
        self._departments: dict[str, DepartmentCommands] = {}

    def handlers(self) -> Mapping[str, Handler]:
        """Departments with connectors that take commands, and the handler of each."""
        agents = {member.department for member in self._graph.members if member.kind == "queue"}
        found: dict[str, tuple[Taker, ...]] = {}
        for member in sorted(self._graph.members, key=lambda each: each.name):
            connector = self._graph.connector(member.name)
            if connector is None or member.department in agents or not (mutations := mutations_of(member.sdl)):
                continue
            taker = self._kept(member, connector) or Taker(
                member.name, connector, mutations, self._handler(member, connector)
            )
            found[member.department] = (*found.get(member.department, ()), taker)
        self._departments = {
            department: self._same(department, takers) or DepartmentCommands(takers)
            for department, takers in found.items()
        }
        return {department: commands.handle for department, commands in self._departments.items()}

    def _same(self, department: str, takers: tuple[Taker, ...]) -> DepartmentCommands | None:
        kept = self._departments.get(department)
        return kept if kept is not None and kept.takers == takers else None

    def _kept(self, member: ConnectorVersion, connector: Connector) -> Taker | None:
        known = self._departments.get(member.department)
        takers = known.takers if known else ()
        return next((each for each in takers if each.name == member.name and each.connector is connector), None)

    def _handler(self, member: ConnectorVersion, connector: Connector) -> CommandHandler:
        notes = self._notes if member.idempotency == "none" else None
        return CommandHandler(member.department, connector, self._broker, self._clock, notes=notes)


@lru_cache(maxsize=256)
def _root_fields(query: str, operation_name: str | None) -> frozenset[str]:
    """What a command's operation asks for; nothing where it cannot be read."""
    try:
        definitions = parse(query).definitions
    except GraphQLError:
        return frozenset()
    operations = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
    named = [each for each in operations if each.name and each.name.value == operation_name] or operations[:1]
    selections = named[0].selection_set.selections if named else ()
    return frozenset(each.name.value for each in selections if isinstance(each, FieldNode))
