"""What can be followed in the hub's own part of the graph."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import strawberry

from hub.own_subgraph.case_types import Case, fresh
from hub.own_subgraph.fields import subscription
from hub.own_subgraph.following import begins_anew, followed
from hub.own_subgraph.notice_subscription import NoticeSubscription
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.ticket_subscription import TicketSubscription
from hub.people.who import acts_in_case, signed_in
from hub.storage.change_feed import Beginning, ChangeKind, Interest
from schema.errors import DomainError, RuntimeCode


@strawberry.type
class Subscription(TicketSubscription, NoticeSubscription):
    @subscription(
        "Own cases as they change: first the one named, or that changed last, as it stands; then each version."
    )
    async def case_changed(self, info: Info, case: strawberry.ID | None = None) -> AsyncIterator[Case]:
        known, who = services(info), signed_in(actor(info))
        async with known.changes.turns:
            one = await known.cases.case(who, case) if case else None
        if case and (one is None or one.applicant != who.subject):
            raise DomainError(RuntimeCode.NOT_FOUND, "You have no such case.")
        interest = Interest(who.subject, ChangeKind.CASE, one.id if one else None)
        async with aclosing(followed(info, interest, known.cases.read_ahead)) as changes:
            async for told in changes:
                if not isinstance(told, Beginning):
                    current = await known.cases.at_version(told.subject, told.version)
                elif not begins_anew(info, told):
                    continue
                else:
                    async with known.changes.turns:
                        current = await (known.cases.case(who, one.id) if one else known.cases.last_changed(who))
                if current is not None and acts_in_case(who, current.applicant, current.item_code):
                    yield fresh(current, known)
