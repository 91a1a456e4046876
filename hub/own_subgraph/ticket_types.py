"""GraphQL types of durable requests: what their owner sees of them, and what a department and an operator do.

``DurableTicket`` is an interface object: composition knows which mutations give tickets, and makes a type of each.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self, TypeVar

import strawberry

from hub.own_subgraph.page_types import PageInfo
from hub.own_subgraph.services import Info, actor, services
from schema.domain.page import Page
from schema.domain.ticket import Ticket, TicketState
from schema.domain.ticket import TicketError as Failure
from schema.errors import DomainError, RuntimeCode

DEFAULT_PAGE = 20
Found = Sequence[tuple[int, Ticket]]
Shown = TypeVar("Shown")

strawberry.enum(TicketState, name="DurableTicketState", description="What has become of a request.")


@strawberry.type(description="Why a request failed.")
class DurableTicketError:
    code: str = strawberry.field(description="As in extensions.code.")
    message: str = strawberry.field(description="In words; the department's own where it gave some.")

    @classmethod
    def of(cls, error: Failure) -> Self:
        return cls(code=error.code, message=error.message)


@strawberry.federation.interface_object(
    keys=["id"], description="What became of a request that its department does when it can."
)
class DurableTicket:
    id: strawberry.ID = strawberry.field(description="Opaque identifier; the department knows the command by it.")
    state: TicketState = strawberry.field(description="How it stands.")
    department: str = strawberry.field(description="Who is to do it.")
    field: str = strawberry.field(description="The mutation that was asked for.")
    error: DurableTicketError | None = strawberry.field(description="Why it failed, or cannot be told.")
    created_at: datetime = strawberry.field(description="When it was accepted.")
    sent_at: datetime | None = strawberry.field(description="When it was handed to the department's queue.")
    done_at: datetime | None = strawberry.field(description="When it came to its end.")
    expires_at: datetime | None = strawberry.field(description="Until when the department may begin with it.")
    stalled_since: datetime | None = strawberry.field(
        description="Since when nobody tries it any more: the department answered nonsense, again and again. "
        "It goes on when an operator drives it again."
    )
    can_be_cancelled: bool = strawberry.field(description="Whether it seems early enough to take it back.")
    version: int = strawberry.field(description="Counts its changes.")

    @classmethod
    def of(cls, ticket: Ticket) -> Self:
        return cls(
            id=strawberry.ID(ticket.id),
            state=ticket.state,
            department=ticket.department,
            field=ticket.field,
            error=DurableTicketError.of(ticket.error) if ticket.error else None,
            created_at=ticket.created_at,
            sent_at=ticket.sent_at,
            done_at=ticket.done_at,
            expires_at=ticket.expires_at,
            stalled_since=ticket.stalled_at,
            can_be_cancelled=ticket.state is TicketState.ACCEPTED,
            version=ticket.version,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Self | None:
        found = await services(info).tickets.ticket(id, actor(info))
        return cls.of(found) if found else None


@strawberry.type(description="A ticket in a list.")
class DurableTicketEdge:
    node: DurableTicket = strawberry.field(description="The ticket.")
    cursor: str = strawberry.field(description="Where it stands; `after` takes it.")


@strawberry.type(description="A page of tickets, the newest first.")
class DurableTicketConnection:
    edges: list[DurableTicketEdge] = strawberry.field(description="The tickets of this page.")
    page_info: PageInfo = strawberry.field(description="What is beside this page.")

    @classmethod
    def of(cls, found: Found, first: int, *, is_begun: bool) -> Self:
        cut = _page(found, first, DurableTicket.of, is_begun=is_begun)
        edges = [
            DurableTicketEdge(node=node, cursor=at) for node, at in zip(cut.elements, cut.cursors, strict=True)
        ]
        return cls(edges=edges, page_info=PageInfo.of(cut))


@strawberry.type(
    description="A durable request as its department and an operator see it; nothing of a person is in it."
)
class DurableRequest:
    id: strawberry.ID = strawberry.field(description="The ticket's id; the department knows the command by it.")
    department: str = strawberry.field(description="Who is to do it.")
    subgraph: str = strawberry.field(description="The department's subgraph.")
    field: str = strawberry.field(description="The mutation.")
    state: TicketState = strawberry.field(description="How it stands.")
    error_code: str | None = strawberry.field(description="Why it failed, or cannot be told.")
    created_at: datetime = strawberry.field(description="When it was accepted.")
    sent_at: datetime | None = strawberry.field(description="When it was handed to the department's queue.")
    done_at: datetime | None = strawberry.field(description="When it came to its end.")
    expires_at: datetime | None = strawberry.field(description="Until when the department may begin with it.")
    resolution: str | None = strawberry.field(description="How an operator found out what became of it.")

    @classmethod
    def of(cls, ticket: Ticket) -> Self:
        return cls(
            id=strawberry.ID(ticket.id),
            department=ticket.department,
            subgraph=ticket.subgraph,
            field=ticket.field,
            state=ticket.state,
            error_code=ticket.error.code if ticket.error else None,
            created_at=ticket.created_at,
            sent_at=ticket.sent_at,
            done_at=ticket.done_at,
            expires_at=ticket.expires_at,
            resolution=ticket.reason,
        )


@strawberry.type(description="A durable request in a list.")
class DurableRequestEdge:
    node: DurableRequest = strawberry.field(description="The request.")
    cursor: str = strawberry.field(description="Where it stands; `after` takes it.")


@strawberry.type(description="A page of durable requests, the newest first.")
class DurableRequestConnection:
    edges: list[DurableRequestEdge] = strawberry.field(description="The requests of this page.")
    page_info: PageInfo = strawberry.field(description="What is beside this page.")

    @classmethod
    def of(cls, found: Found, first: int, *, is_begun: bool) -> Self:
        cut = _page(found, first, DurableRequest.of, is_begun=is_begun)
        edges = [
            DurableRequestEdge(node=node, cursor=at) for node, at in zip(cut.elements, cut.cursors, strict=True)
        ]
        return cls(edges=edges, page_info=PageInfo.of(cut))


def place_of(cursor: str | None) -> int | None:
    """Where a cursor of these lists stands. Raises ``DomainError`` for what is none."""
    if cursor is None:
        return None
    try:
        told = json.loads(urlsafe_b64decode(cursor)) if len(cursor) < 40 else None
    except ValueError:
        told = None
    if not isinstance(told, int) or isinstance(told, bool) or not 0 < told < 2**63:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, "`after` is no cursor of this list. Take one of its edges.")
    return told


def _page(found: Found, first: int, shown: Callable[[Ticket], Shown], *, is_begun: bool) -> Page[Shown]:
    """``found`` has one more than ``first`` where there is more."""
    kept = found[:first]
    cursors = tuple(urlsafe_b64encode(str(place).encode()).decode() for place, _ in kept)
    return Page(tuple(shown(each) for _, each in kept), cursors, is_begun, len(found) > first)
