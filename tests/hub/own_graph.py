"""The hub's own subgraph over a world of the domain, executed as the local connector does."""

from __future__ import annotations

from typing import Any, cast

from auth.actor import Actor
from connectors.broker import Broker, DeadLetter, Message, QueueStatistics
from connectors.connector import FetchRequest, RequestContext
from connectors.local import LocalConnector
from hub.own_subgraph import ConnectorHealth, OwnServices, build_own_subgraph
from hub.recorded_operations import RecordedOperations
from tests.hub.world import ANNA, MONDAY, World


class StillBroker:
    """A broker with one queue and one dead letter."""

    async def statistics(self) -> tuple[QueueStatistics, ...]:
        return (QueueStatistics("hub.inbox.0", 1, 2, 3),)

    async def dead_letters(self) -> tuple[DeadLetter, ...]:
        message = Message("m1", "jiyi.case.accepted", "civil-affairs", MONDAY, {"secret": 1}, subject="JY")
        return (DeadLetter("hub.inbox.0", message, "no such case", 1, MONDAY),)

    async def redrive(self, message_id: str) -> bool:
        return message_id == "m1"


class Graph:
    def __init__(self, world: World, **instead: Any) -> None:
        services = OwnServices(
            catalogue=world.catalogue,
            cases=world.cases,
            fees=world.fees,
            ratings=world.ratings,
            people=world.people,
            changes=world.changes,
            supergraphs=cast("Any", None),
            conditions=cast("Any", None),
            contacts=cast("Any", None),
            alerts=cast("Any", None),
            registry=instead.get("registry"),  # type: ignore[arg-type]  # only some tests need one
            connector_settings=instead.get("connector_settings"),  # type: ignore[arg-type]  # the same
            recorded=RecordedOperations(world.database, world.clock, days=30),
            own_fields=lambda _department: frozenset({"Citizen.licences"}),
            enrolment=cast("Any", None),
            staffing=cast("Any", None),
            secrets=cast("Any", None),
            allowed_hosts=cast("Any", None),
            broker=cast("Broker", StillBroker()),
            clock=world.clock,
            agents=lambda _department: (),
            connector_health=instead.get("connector_health", lambda _name: ConnectorHealth()),
        )
        self.connector = LocalConnector(build_own_subgraph(services))

    async def ask(self, query: str, actor: Actor | None = ANNA, **variables: Any) -> Any:
        response = await self.connector.fetch(request(query, actor, variables))
        assert response.errors == (), response.errors
        return response.data

    async def refused(self, query: str, actor: Actor | None = ANNA, **variables: Any) -> list[str]:
        response = await self.connector.fetch(request(query, actor, variables))
        return [error["extensions"]["code"] for error in response.errors]


def request(query: str, actor: Actor | None, variables: dict[str, Any]) -> FetchRequest:
    return FetchRequest(query, variables, context=RequestContext(local={"actor": actor}))
