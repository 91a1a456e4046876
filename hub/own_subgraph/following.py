"""Follow a person's changes for a subscription: the token holds at each event, and the reader may resume.

Source: docs/transports.md, "Subscriptions that are resumed".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from hub.doors.stream_place import LOCAL_NAME, StreamPlace
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from hub.storage.change_feed import Beginning, Change, Interest
from schema.errors import DomainError, RuntimeCode

NOWHERE = -1
"""What is no cursor of ours is before everything that is kept: it begins with a gap."""


async def followed(
    info: Info, interest: Interest, ahead: Callable[[Change], None] | None = None
) -> AsyncGenerator[Beginning | Change, None]:
    """Where it begins (tell how it stands, where :func:`begins_anew`), then every change after it.

    Raises :class:`DomainError` once the token has ended, and for a reader that does not keep up.
    """
    known, who, place = services(info), signed_in(actor(info)), _place(info)
    after = _position(place.after)
    async with aclosing(known.changes.follow(interest, after, ahead)) as changes:
        async for told in changes:
            if who.expires_at <= known.clock.now():
                message = "The token has expired. Sign in and subscribe again."
                raise DomainError(RuntimeCode.UNAUTHENTICATED, message)
            place.cursor = str(told.position)
            if isinstance(told, Beginning):
                place.has_gap = told.has_gap
            yield told


def begins_anew(info: Info, told: Beginning) -> bool:
    """Whether the reader needs to be told how things stand: it has seen nothing yet, or not all."""
    return _place(info).after is None or told.has_gap


def _place(info: Info) -> StreamPlace:
    found = info.context.get(LOCAL_NAME)
    return found if isinstance(found, StreamPlace) else StreamPlace()


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    return int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else NOWHERE
