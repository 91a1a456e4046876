"""What can be asked of durable requests."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.ticket_types import (
    DEFAULT_PAGE,
    DurableRequestConnection,
    DurableTicket,
    DurableTicketConnection,
    place_of,
)
from schema.domain.ticket import TicketState


@strawberry.type
class TicketQuery:
    @resolved("An own ticket; null for another's.")
    async def durable_ticket(self, info: Info, id: strawberry.ID) -> DurableTicket | None:
        return await DurableTicket.resolve_reference(info, id)

    @resolved("Own tickets, the newest first.")
    async def my_durable_tickets(
        self, info: Info, first: int = DEFAULT_PAGE, after: str | None = None, state: TicketState | None = None
    ) -> DurableTicketConnection:
        found = await services(info).tickets.mine(actor(info), first, place_of(after), state)
        return DurableTicketConnection.of(found, first, is_begun=after is not None)

    @resolved(
        "Durable requests to a department, for its people; to all of them for an operator. The newest first."
    )
    async def durable_requests(
        self,
        info: Info,
        department: str | None = None,
        state: TicketState | None = None,
        first: int = DEFAULT_PAGE,
        after: str | None = None,
    ) -> DurableRequestConnection:
        known = services(info).tickets
        found = await known.of_department(department, actor(info), first, place_of(after), state)
        return DurableRequestConnection.of(found, first, is_begun=after is not None)
