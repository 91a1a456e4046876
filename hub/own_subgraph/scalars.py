"""The custom scalars of the own subgraph, by their plain names."""

from __future__ import annotations

from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

JSON = NewType("JSON", object)
"""Any JSON value: filled forms and their schemas."""


def _unchanged(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    JSON: strawberry.scalar(
        name="JSON", description="Any JSON value.", serialize=_unchanged, parse_value=_unchanged
    ),
}
