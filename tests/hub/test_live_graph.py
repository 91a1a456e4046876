"""A published graph serves at once; what else belongs to it follows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from connectors.broker import BrokerUnavailable
from hub.gateway import GraphState
from hub.registry.live_graph import FailingConnector, LiveGraphService
from hub.registry.registration import ConnectorVersion, LiveGraph, VersionState
from schema.errors import RuntimeCode
from schema.subgraph import Subgraph

FEDERATION = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
OWN = Subgraph("hub", FEDERATION + 'type Query { me: Citizen }\ntype Citizen @key(fields: "id") { id: ID! }')
NAMES = FEDERATION + 'type Citizen @key(fields: "id") { id: ID! name: String }'
PEOPLE = ConnectorVersion(
    "people", 1, "police", "graphql", NAMES, "http://127.0.0.1:9", 3000, "header", VersionState.LIVE,
    datetime(2026, 1, 1, tzinfo=UTC), "police", is_suspended=True,
)  # fmt: skip


@dataclass
class Hub:
    """What the service is given: a registry, a gateway and a broker in one, each with a memory."""

    is_broker_there: bool = True
    served: list[int] = field(default_factory=list)
    declared: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    graphs: tuple[LiveGraph, ...] = (LiveGraph(1, (PEOPLE,)),)
    state: GraphState | None = None

    async def live_graph(self) -> LiveGraph:
        return self.graphs[-1]

    async def newest_version(self) -> int:
        return self.graphs[-1].version

    async def graph_before(self, version: int) -> LiveGraph | None:
        return next((graph for graph in reversed(self.graphs) if graph.version < version), None)

    async def publish_warmed(self, state: GraphState) -> None:
        self.state = state
        self.served.append(state.version)
        self.order.append("served")

    async def renew(self) -> int:
        return 0

    def key(self, version: ConnectorVersion) -> tuple[str, int]:
        return (version.name, version.version)

    def make(self, _version: ConnectorVersion) -> FailingConnector:
        return FailingConnector(RuntimeCode.DEPARTMENT_SUSPENDED)

    async def declare_department(self, department: str) -> None:
        if not self.is_broker_there:
            raise BrokerUnavailable("cut")
        self.declared.append(department)
        self.order.append("declared")

    def service(self) -> LiveGraphService:
        me = cast("Any", self)
        return LiveGraphService(me, me, me, me, OWN, FailingConnector(RuntimeCode.DEPARTMENT_SUSPENDED))


async def test_a_graph_serves_before_its_queues_are_declared() -> None:
    """Declaring takes a broker its time; a department's part is not kept back for it."""
    hub = Hub()
    assert await hub.service().refresh() is True
    assert hub.order == ["served", "declared"]


async def test_queues_are_declared_once_the_broker_is_there_again() -> None:
    """The graph serves meanwhile, and nobody has to publish again."""
    hub = Hub(is_broker_there=False)
    service = hub.service()
    assert await service.refresh() is True
    assert (hub.served, hub.declared) == ([1], [])
    hub.is_broker_there = True
    assert await service.refresh() is False
    assert await service.refresh() is False
    assert (hub.served, hub.declared) == ([1], ["police"])


BROKEN = replace(PEOPLE, version=2, sdl=FEDERATION + 'type Citizen @key(fields: "passport") { id: ID! }')


async def test_a_process_that_starts_serves_the_last_graph_that_composes() -> None:
    """A hub that was updated may see a published graph otherwise than the one that published it."""
    hub = Hub(graphs=(LiveGraph(1, (PEOPLE,)), LiveGraph(2, (BROKEN,)), LiveGraph(3, (BROKEN,))))
    assert await hub.service().refresh() is True
    assert hub.served == [1]


async def test_a_process_that_serves_goes_on_with_what_it_has() -> None:
    """And takes up the next one that composes."""
    hub = Hub()
    service = hub.service()
    await service.refresh()
    hub.graphs = (LiveGraph(1, (PEOPLE,)), LiveGraph(2, (BROKEN,)))
    assert await service.refresh() is True
    assert await service.refresh() is False
    assert hub.served == [1]
    hub.graphs = (*hub.graphs, LiveGraph(3, (PEOPLE,)))
    await service.refresh()
    assert hub.served == [1, 3]


async def test_without_any_graph_that_composes_the_hubs_own_part_serves() -> None:
    """Cases and fees need no department's schema to be read."""
    hub = Hub(graphs=(LiveGraph(1, (BROKEN,)),))
    await hub.service().refresh()
    assert hub.state is not None
    assert (hub.served, sorted(hub.state.connectors)) == ([0], ["hub"])
