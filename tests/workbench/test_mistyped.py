"""A mapped value is held beside the type that the schema declares."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema

from hub.workbench.mistyped import mistyped

SCHEMA = build_schema(
    """
    type Query { parks: [Park!]! }
    type Park { id: ID! name: String! area: Int state: State opened: Date owner: Owner tags: [String!] }
    enum State { OPEN CLOSED }
    scalar Date
    union Owner = Person | Company
    type Person { id: ID! }
    type Company { code: ID! }
    """
)
PARKS = SCHEMA.query_type.fields["parks"].type  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("park", "told"),
    [
        ({"name": None}, "Park.name is String!, and is null."),
        ({"area": "large"}, 'Park.area is Int, and is "large".'),
        ({"area": 2**40}, "Park.area is Int, and is 1099511627776."),
        ({"state": "GONE"}, 'Park.state is State, which is OPEN | CLOSED, and is "GONE".'),
        ({"opened": "26.11.2026"}, 'Park.opened is Date, which is ISO 8601, and is "26.11.2026".'),
        ({"owner": {"id": 1}}, "Query.parks.owner"),
        ({"owner": {"__typename": "Company", "code": None}}, "Company.code is ID!, and is null."),
        ({"tags": "a"}, 'Park.tags is [String!], and is no list: "a".'),
        ({"tags": ["a", None]}, "Park.tags is String!, and is null."),
        ("north", 'Query.parks is Park, and is no object: "north".'),
    ],
)
def test_a_value_that_is_not_as_declared_is_told(park: Any, told: str) -> None:
    """The coordinate, what it is declared as, and what it is."""
    if told == "Query.parks.owner":
        told = "Park.owner is Owner: __typename must be one of Person, Company, and is None."
    assert mistyped(SCHEMA, PARKS, [park], "Query.parks") == (told,)


def test_what_is_right_or_not_mapped_is_not_told() -> None:
    """A field that is not mapped may have a connector of its own."""
    park = {
        "id": 1,
        "name": "North",
        "area": None,
        "opened": "2026-11-26",
        "owner": {"__typename": "Person", "id": "a"},
    }
    assert mistyped(SCHEMA, PARKS, [park, {}], "Query.parks") == ()
    assert mistyped(SCHEMA, PARKS, {}, "Query.parks") == ("Query.parks is [Park!], and is no list: {}.",)
