"""Notices as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import strawberry

from hub.notices.notices import recipients_of
from hub.own_subgraph.fields import subscription
from hub.own_subgraph.following import begins_anew, followed
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.time_types import Notice
from hub.people.who import signed_in
from hub.storage.change_feed import Beginning, ChangeKind, Interest


@strawberry.type
class NoticeSubscription:
    @subscription("What you, your department or your office is told: first the newest, then each as it comes.")
    async def notices(self, info: Info) -> AsyncIterator[Notice]:
        known, who = services(info), signed_in(actor(info))
        own, *desks = recipients_of(who)
        interest = Interest(own, ChangeKind.NOTICE, desks=tuple(desks))
        async with aclosing(followed(info, interest)) as changes:
            async for told in changes:
                if not isinstance(told, Beginning):
                    row = await known.time.notices.one(who, int(told.subject))
                elif not begins_anew(info, told):
                    continue
                else:
                    async with known.changes.turns:
                        row = next(iter(await known.time.notices.of(who, first=1)), None)
                if row is not None:
                    yield Notice.of(row, Loaders(known))
