"""The hub's own subgraph: catalogue, cases, fees, ratings and the registration door, as GraphQL.

Composed, planned and authorised like any department's. Resolvers hold no rules: they translate, and the
domain functions that they call are told who asks.
"""

from __future__ import annotations

from strawberry.schema.config import StrawberryConfig

from hub.own_subgraph.mutation import Mutation
from hub.own_subgraph.query import Query
from hub.own_subgraph.scalars import SCALARS
from hub.own_subgraph.services import ConnectorHealth, OwnSchema, OwnServices, RegistryService
from hub.own_subgraph.subscription import Subscription

NAME = "hub"
"""The name of the own subgraph in the graph."""


def build_own_subgraph(services: OwnServices) -> OwnSchema:
    """The executable schema. The context of each execution carries ``{"actor": Actor | None}``."""
    schema = _schema()
    schema.services = services
    return schema


def own_sdl() -> str:
    """The SDL for composition; needs no services."""
    return _schema().as_str()


def _schema() -> OwnSchema:
    return OwnSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS),
        federation_version="2.9",
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
