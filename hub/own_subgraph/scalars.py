"""The custom scalars of the own subgraph, by their plain names.

A moment without a time zone is none: it is refused here, for every argument alike.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.federation.schema_directives import Inaccessible
from strawberry.types.scalar import ScalarDefinition

JSON = NewType("JSON", object)
"""Any JSON value: filled forms and their schemas."""
Fen = NewType("Fen", int)
"""A sum of fen, which may pass what GraphQL's Int holds."""
IdentityKeys = NewType("IdentityKeys", list[dict[str, str | None]])
"""The documents of one person, as departments are asked by them. A scalar, since no key may hold a list."""
FIRST_YEAR, END_YEAR = 1900, 2200
"""Outside no moment is meant, and counting in another time zone could leave the calendar."""


def _unchanged(value: Any) -> Any:
    return value


def _moment(value: Any) -> datetime:
    """Raises ``GraphQLError``; the shape is RFC 3339's, as ISO 8601 has it."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"{value!r} is no moment. Write one like 2026-12-20T09:00:00+08:00.") from None
    if moment.tzinfo is None:
        raise GraphQLError(f"{value!r} names no time zone. In Beijing it is {moment.isoformat()}+08:00.")
    if not FIRST_YEAR <= moment.year < END_YEAR:
        raise GraphQLError(
            f"{value!r} is no moment of ours. Name one of the years {FIRST_YEAR} to {END_YEAR - 1}."
        )
    return moment


def _day(value: Any) -> date:
    """Raises ``GraphQLError``. Licences without an end say 9999-12-31, so no day is too late."""
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"{value!r} is no day. Write one like 2026-12-20.") from None
    if day.year < FIRST_YEAR:
        raise GraphQLError(f"{value!r} is no day of ours. Name one from {FIRST_YEAR} on.")
    return day


SCALARS: dict[object, ScalarDefinition] = {
    date: strawberry.scalar(
        name="Date", description="A day, as ISO 8601 writes it.", serialize=date.isoformat, parse_value=_day
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment with its time zone, as ISO 8601 and RFC 3339 write it.",
        serialize=datetime.isoformat,
        parse_value=_moment,
    ),
    Fen: strawberry.scalar(
        name="Fen",
        description="A sum in fen (1/100 CNY) as a whole number of any size.",
        serialize=_unchanged,
        parse_value=_unchanged,
    ),
    IdentityKeys: strawberry.scalar(
        name="IdentityKeys",
        description="Documents of one person, each with key, type, number, issuingCountry and validUntil.",
        serialize=_unchanged,
        parse_value=_unchanged,
        directives=[Inaccessible()],
    ),
    JSON: strawberry.scalar(
        name="JSON", description="Any JSON value.", serialize=_unchanged, parse_value=_unchanged
    ),
}
