"""What can be done about durable requests once they are accepted."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.fields import mutation
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.ticket_types import DurableRequest, DurableTicket


@strawberry.type
class TicketMutation:
    @mutation("Take an own request back before it is sent.")
    async def cancel_durable_ticket(self, info: Info, id: strawberry.ID) -> DurableTicket:
        return DurableTicket.of(await services(info).tickets.cancel(id, actor(info)))

    @mutation("Say what became of a request whose outcome nobody could tell, and how that was found out.")
    async def resolve_durable_request(
        self, info: Info, id: strawberry.ID, was_done: bool, reason: str
    ) -> DurableRequest:
        known = services(info).tickets
        return DurableRequest.of(await known.resolve(id, actor(info), was_done=was_done, reason=reason))
