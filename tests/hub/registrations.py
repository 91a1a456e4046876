"""Subgraphs that departments hand in, and who hands them in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from auth.actor import Actor
from hub.registry.registration import Registration
from schema.subgraph import Subgraph

FEDERATION = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external"])\n'
)
OWN = Subgraph("hub", FEDERATION + 'type Query { me: Citizen }\ntype Citizen @key(fields: "id") { id: ID! }')
NAMES = FEDERATION + 'type Citizen @key(fields: "id") { id: ID! name: String! }'
NAMES_AND_AGES = FEDERATION + 'type Citizen @key(fields: "id") { id: ID! name: String! age: Int }'
BROKEN = FEDERATION + 'type Citizen @key(fields: "passport") { id: ID! name: Int! }'
CARDS = (
    FEDERATION
    + 'extend schema @link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])\n'
    + 'type Citizen @key(fields: "id") { id: ID! cards: [Card!] @gather }\n'
    + 'type Card @key(fields: "number") { number: ID! }'
)


def actor(*roles: str, department: str | None = None) -> Actor:
    return Actor(
        "client",
        "client",
        frozenset(),
        frozenset(roles),
        datetime.now(UTC) + timedelta(hours=1),
        department,
    )


OPERATOR = actor("operator")
POLICE_STAFF = actor("citizen", "department-staff", department="police")
POLICE = actor("department", department="police")
LIBRARY = actor("department", department="library")


def cards(department: str) -> Registration:
    """A department that brings a part of a gathered list."""
    return Registration(department, department, "graphql", CARDS, "http://127.0.0.1:9/graphql")


def names(sdl: str | None = NAMES, kind: str = "graphql") -> Registration:
    return Registration("people", "police", kind, sdl, "http://127.0.0.1:9/graphql")
