"""Durable requests as they change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import strawberry

from hub.own_subgraph.fields import subscription
from hub.own_subgraph.following import begins_anew, followed
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.ticket_types import DurableTicket
from hub.people.who import signed_in
from hub.storage.change_feed import Beginning, ChangeKind, Interest
from schema.errors import DomainError, RuntimeCode


@strawberry.type
class TicketSubscription:
    @subscription("An own ticket: first as it stands, then after each change. It ends with the request.")
    async def ticket_changed(self, info: Info, id: strawberry.ID) -> AsyncIterator[DurableTicket]:
        known, who = services(info).tickets, signed_in(actor(info))
        if await known.ticket(id, who) is None:
            raise DomainError(RuntimeCode.NOT_FOUND, "You have no such ticket.")
        seen = 0
        async with aclosing(followed(info, Interest(who.subject, ChangeKind.TICKET, id))) as changes:
            async for told in changes:
                ticket = await known.ticket(id, who)
                is_over = ticket is None or ticket.is_over
                # Who resumes knows how it stood; where it is over nothing would follow, so its end is told again.
                if isinstance(told, Beginning) and not begins_anew(info, told) and not is_over:
                    continue
                # Two changes may be told after both happened: then it is told once, as it stands.
                if ticket is not None and ticket.version > seen:
                    seen = ticket.version
                    yield DurableTicket.of(ticket)
                if is_over:
                    return
