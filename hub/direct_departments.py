"""Commands of departments that the hub reaches itself: the worker does for them what an agent does for others."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.broker import Broker, Handler
from connectors.clock import Clock
from connectors.command_handler import CommandHandler
from connectors.command_notes import CommandNotes
from connectors.connector import Connector
from hub.live_graph import LiveGraphService
from hub.registration import ConnectorVersion


class DirectDepartments:
    """One handler per department, kept as long as its connector is the same."""

    def __init__(self, graph: LiveGraphService, broker: Broker, clock: Clock, notes: CommandNotes) -> None:
        self._graph = graph
        self._broker = broker
        self._clock = clock
        self._notes = notes
        self._handlers: dict[str, tuple[Connector, CommandHandler]] = {}

    def handlers(self) -> Mapping[str, Handler]:
        """Departments with a connector that takes commands, and the handler of each."""
        found: dict[str, tuple[Connector, CommandHandler]] = {}
        for member in self._graph.members:
            connector = self._graph.connector(member.name)
            if connector is None or member.department in found or not _takes_commands(member):
                continue
            kept = self._handlers.get(member.department)
            if kept is not None and kept[0] is connector:
                found[member.department] = kept
            else:
                found[member.department] = (connector, self._handler(member, connector))
        self._handlers = found
        return {department: handler.handle for department, (_, handler) in found.items()}

    def _handler(self, member: ConnectorVersion, connector: Connector) -> CommandHandler:
        notes = self._notes if member.idempotency == "none" else None
        return CommandHandler(member.department, connector, self._broker, self._clock, notes=notes)


def _takes_commands(member: ConnectorVersion) -> bool:
    """A queue department's agent takes its own; of the others those that have mutations."""
    return member.kind != "queue" and ("type Mutation" in member.sdl or "mutation:" in member.sdl)
