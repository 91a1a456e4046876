"""What can be asked of the hub's own part of the graph."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.case_types import Case, fresh
from hub.own_subgraph.catalogue_types import Organisation, ServiceItem
from hub.own_subgraph.citizen import Citizen
from hub.own_subgraph.connector_types import Connector
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.operation_types import CaseCount, DeadLetter, Queue
from hub.own_subgraph.services import Info, actor, services
from hub.who import operator, signed_in
from schema.domain.case import CaseState


@strawberry.type
class Query:
    @resolved("The person who is signed in; null for a service.")
    async def me(self, info: Info) -> Citizen | None:
        who = signed_in(actor(info))
        is_person = await services(info).people.identity_of(who.subject) is not None
        return Citizen(subject=who.subject) if is_person else None

    @resolved("A case by id or receipt number; null unless it is yours.")
    async def case(self, info: Info, id: strawberry.ID) -> Case | None:
        found = await services(info).cases.case(signed_in(actor(info)), id)
        return fresh(found, services(info)) if found else None

    @resolved("Service items in force; with search, those in which every word occurs.")
    async def service_items(self, info: Info, search: str | None = None) -> list[ServiceItem]:
        known, loaders = services(info), Loaders(services(info))
        catalogue = await known.catalogue.current()
        found = catalogue.search(search, known.clock.now())
        return [ServiceItem.of(item, catalogue, loaders) for item in found]

    @resolved("One service item.")
    async def service_item(self, info: Info, code: strawberry.ID) -> ServiceItem | None:
        return await ServiceItem.resolve_reference(info, code)

    @resolved("All organisations.")
    async def organisations(self, info: Info) -> list[Organisation]:
        catalogue = await services(info).catalogue.current()
        return [Organisation.of(catalogue.organisations[code]) for code in sorted(catalogue.organisations)]

    @resolved("Connectors: all for an operator, a department's own for its client.")
    async def connectors(self, info: Info) -> list[Connector]:
        views = await services(info).registry.list(signed_in(actor(info)))
        return [Connector.of(view) for view in views]

    @resolved("One connector.")
    async def connector(self, info: Info, name: str) -> Connector | None:
        view = await services(info).registry.get(name, signed_in(actor(info)))
        return Connector.of(view) if view else None

    @resolved("The broker's queues.")
    async def queues(self, info: Info) -> list[Queue]:
        operator(actor(info))
        return [Queue.of(queue) for queue in await services(info).broker.statistics()]

    @resolved("Messages that nobody could handle.")
    async def dead_letters(self, info: Info) -> list[DeadLetter]:
        operator(actor(info))
        return [DeadLetter.of(letter) for letter in await services(info).broker.dead_letters()]

    @resolved("How many cases are in each state.")
    async def case_counts(self, info: Info) -> list[CaseCount]:
        counts = await services(info).cases.counts(signed_in(actor(info)))
        return [CaseCount(state=CaseState(state), count=counts[state]) for state in sorted(counts)]
