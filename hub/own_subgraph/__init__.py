"""The hub's own subgraph: catalogue, cases, fees, ratings and the registration door, as GraphQL.

Composed, planned and authorised like any department's. Resolvers hold no rules: they translate, and the
domain functions that they call are told who asks.
"""

from __future__ import annotations

from strawberry.schema.config import StrawberryConfig

from hub.own_subgraph.known_documents import known_documents
from hub.own_subgraph.mutation import Mutation
from hub.own_subgraph.query import Query
from hub.own_subgraph.scalars import SCALARS
from hub.own_subgraph.services import ConnectorHealth, OwnSchema, OwnServices, RegistryService
from hub.own_subgraph.storable_text import StorableText
from hub.own_subgraph.subscription import Subscription
from schema.directives import DURABLE, GATHER

NAME = "hub"
"""The name of the own subgraph in the graph."""
_LINKS = f"""
extend schema @link(url: "{DURABLE}/v0.1")
extend schema @link(url: "{GATHER}/v0.1", import: ["@gather"])"""
"""The own subgraph says what all tickets have in common, and gives a part of everybody's licences."""


def build_own_subgraph(services: OwnServices) -> OwnSchema:
    """The executable schema. The context of each execution carries ``{"actor": Actor | None}``."""
    schema = _schema()
    schema.services = services
    return schema


def own_sdl() -> str:
    """The SDL for composition; needs no services."""
    return f"{_schema().as_str()}{_LINKS}"


def _schema() -> OwnSchema:
    return OwnSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        federation_version="2.9",
        extensions=[StorableText, known_documents()],
    )


__all__ = [
    "NAME",
    "ConnectorHealth",
    "OwnSchema",
    "OwnServices",
    "RegistryService",
    "build_own_subgraph",
    "own_sdl",
]
