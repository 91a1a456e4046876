"""The custom scalars of the own subgraph, by their plain names."""

from __future__ import annotations

from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

JSON = NewType("JSON", object)
"""Any JSON value: filled forms and their schemas."""
Fen = NewType("Fen", int)
"""A sum of fen, which may pass what GraphQL's Int holds."""


def _unchanged(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Fen: strawberry.scalar(
        name="Fen",
        description="A sum in fen (1/100 CNY) as a whole number of any size.",
        serialize=_unchanged,
        parse_value=_unchanged,
    ),
    JSON: strawberry.scalar(
        name="JSON", description="Any JSON value.", serialize=_unchanged, parse_value=_unchanged
    ),
}
