"""GraphQL types of what the hub remembers of its use: operations, their clients, a connector's minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from auth.actor import Actor
from hub.departments.connector_traffic import TrafficMinute as Minute
from hub.own_subgraph.page_types import PageInfo
from hub.own_subgraph.services import OwnServices
from hub.recording.recorded_store import OperationFigures
from schema.affected import ClientUse
from schema.domain.page import PageRequest, Place, page
from schema.errors import DomainError, RuntimeCode

MOST_MINUTES = 24 * 60
MOST_COUNTED = 2**31 - 1
"""What GraphQL's Int can say; more is told as this."""


@strawberry.enum(description="In which order operations are listed.")
class OperationOrder(Enum):
    COUNT = strawberry.enum_value("count", description="The most used first.")
    ERRORS = strawberry.enum_value("errors", description="Those with the most errors first.")
    SLOWEST = strawberry.enum_value("slowest", description="Those with the greatest p95 first.")
    LATEST = strawberry.enum_value("latest", description="The last asked first.")


@strawberry.type(description="One client that sends an operation, by the name that it gives itself.")
class OperationClient:
    name: str = strawberry.field(description="The name in apollographql-client-name, else the OAuth client id.")
    version: str = strawberry.field(description="The version that it names; empty if none.")
    count: int = strawberry.field(description="How often it sent the operation.")
    last_seen: datetime = strawberry.field(description="When it did so last.")

    @classmethod
    def of(cls, use: ClientUse) -> Self:
        return cls(name=use.name, version=use.version, count=counted(use.count), last_seen=use.last_seen)


@strawberry.type(description="An operation that clients send, without the values in it.")
class RecordedOperation:
    id: strawberry.ID = strawberry.field(description="The hash of its document.")
    name: str = strawberry.field(description="Its name; empty if it has none.")
    kind: str = strawberry.field(description="query, mutation or subscription.")
    document: str = strawberry.field(description="Its text without values; empty where it is too long to keep.")
    coordinates: list[str] = strawberry.field(description="Fields, arguments, input fields and enum values in it.")
    count: int = strawberry.field(description="How often it was answered.")
    errors: int = strawberry.field(description="How often with errors.")
    first_seen: datetime = strawberry.field(description="When it was recorded first.")
    last_seen: datetime = strawberry.field(description="When it was recorded last.")
    p50: float | None = strawberry.field(description="Milliseconds in which half of the answers were there.")
    p95: float | None = strawberry.field(description="Milliseconds in which 95 of 100 answers were there.")
    p99: float | None = strawberry.field(description="Milliseconds in which 99 of 100 answers were there.")
    clients: list[OperationClient] = strawberry.field(description="Who sends it, who most first.")

    @classmethod
    def of(cls, figures: OperationFigures) -> Self:
        recorded = figures.recorded
        return cls(
            id=strawberry.ID(recorded.hash),
            name=recorded.name,
            kind=recorded.kind,
            document=recorded.document,
            coordinates=sorted(recorded.coordinates),
            count=counted(recorded.count),
            errors=counted(figures.errors),
            first_seen=recorded.first_seen,
            last_seen=recorded.last_seen,
            p50=figures.milliseconds(0.5),
            p95=figures.milliseconds(0.95),
            p99=figures.milliseconds(0.99),
            clients=[OperationClient.of(use) for use in recorded.clients],
        )


@strawberry.type(description="One recorded operation of a page.")
class RecordedOperationEdge:
    node: RecordedOperation = strawberry.field(description="The operation.")
    cursor: str = strawberry.field(description="Where it stands in the list.")


@strawberry.type(description="A page of recorded operations.")
class RecordedOperationConnection:
    edges: list[RecordedOperationEdge] = strawberry.field(description="The operations of this page.")
    page_info: PageInfo = strawberry.field(description="What is beside this page.")
    total_count: int = strawberry.field(description="How many there are on all pages.")

    @classmethod
    def of(cls, found: Sequence[OperationFigures], order: OperationOrder, wanted: PageRequest) -> Self:
        ordered = sorted(found, key=lambda each: _place(each, order))
        cut = page(ordered, lambda each: _place(each, order), wanted)
        edges = [
            RecordedOperationEdge(node=RecordedOperation.of(each), cursor=cursor)
            for each, cursor in zip(cut.elements, cut.cursors, strict=True)
        ]
        return cls(edges=edges, page_info=PageInfo.of(cut), total_count=len(ordered))


@strawberry.type(description="How many requests failed with one code.")
class ErrorCount:
    code: str = strawberry.field(description="As in extensions.code.")
    count: int = strawberry.field(description="Number of requests.")


@strawberry.type(description="What one connector was asked in one minute, by all hub processes together.")
class TrafficMinute:
    at: datetime = strawberry.field(description="When the minute began.")
    requests: int = strawberry.field(description="Requests to the department.")
    errors: int = strawberry.field(description="Those that failed or were answered with errors.")
    codes: list[ErrorCount] = strawberry.field(description="The errors by code.")
    p50: float | None = strawberry.field(description="Milliseconds in which half of them were answered.")
    p95: float | None = strawberry.field(description="Milliseconds in which 95 of 100 were answered.")
    p99: float | None = strawberry.field(description="Milliseconds in which 99 of 100 were answered.")

    @classmethod
    def of(cls, minute: Minute) -> Self:
        return cls(
            at=minute.at,
            requests=counted(minute.requests),
            errors=counted(sum(minute.errors.values())),
            codes=[ErrorCount(code=code, count=counted(count)) for code, count in minute.errors.items()],
            p50=minute.milliseconds(0.5),
            p95=minute.milliseconds(0.95),
            p99=minute.milliseconds(0.99),
        )


async def operations_seen_by(who: Actor, known: OwnServices, days: int | None) -> list[OperationFigures]:
    """All for an operator; for a department those that use a field of its own."""
    if days is not None and not 1 <= days <= known.recorded.days:
        message = f"`days` is a whole number from 1 to {known.recorded.days}."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
    found = await known.recorded.figures(days)
    if who.has_role("operator"):
        return list(found)
    own = known.own_fields(who.department) if who.department else frozenset()
    return [each for each in found if not own.isdisjoint(each.recorded.coordinates)]


async def traffic_of(connector: str, known: OwnServices, minutes: int) -> list[TrafficMinute]:
    """The last ``minutes``; raises ``DomainError`` for more than a day."""
    if not 1 <= minutes <= MOST_MINUTES:
        message = f"`minutes` is a whole number from 1 to {MOST_MINUTES}."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
    return [TrafficMinute.of(each) for each in await known.recorded.traffic_of(connector, minutes)]


def counted(count: int) -> int:
    return min(count, MOST_COUNTED)


def _place(figures: OperationFigures, order: OperationOrder) -> Place:
    recorded = figures.recorded
    match order:
        case OperationOrder.COUNT:
            weight = recorded.count
        case OperationOrder.ERRORS:
            weight = figures.errors
        case OperationOrder.SLOWEST:
            weight = int((figures.milliseconds(0.95) or 0) * 1000)
        case OperationOrder.LATEST:
            weight = int(recorded.last_seen.timestamp() * 1000)
    return (-weight, recorded.hash)
