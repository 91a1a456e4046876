"""The connectors of what composition made of ``@durable``, for one version of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.connector import Connector
from hub.durable.connector import DurableConnector, DurableMutations, TicketTypesConnector
from hub.durable.tickets import Tickets
from hub.people.people import People
from hub.registry.registration import ConnectorVersion
from schema.durable import TICKETS, durable_service
from schema.supergraph import Supergraph


class DurableParts:
    """Called with a graph and its connectors, gives those of its durable parts by subgraph."""

    def __init__(self, tickets: Tickets, people: People) -> None:
        self._tickets = tickets
        self._people = people

    def __call__(self, supergraph: Supergraph, members: Iterable[ConnectorVersion]) -> Mapping[str, Connector]:
        found: dict[str, Connector] = {}
        if (types := supergraph.subgraphs.get(TICKETS)) is not None:
            found[TICKETS] = TicketTypesConnector(types.schema, self._tickets)
        for member in members:
            part = supergraph.subgraphs.get(durable_service(member.name))
            if part is not None:
                mutations = DurableMutations(
                    member.name, member.department, part.schema, part.fields, is_suspended=member.is_suspended
                )
                found[part.name] = DurableConnector(mutations, self._tickets, self._people)
        return found
