"""What a GraphQL system states of itself beside what was registered for it."""

from __future__ import annotations

from dataclasses import replace

from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from connectors.connector import ConnectorFailure
from hub.conformance.bench import Bench
from hub.conformance.result import CheckResult, failed, not_applicable, passed
from hub.workbench.opening import open_connector
from hub.workbench.specification import BadSpecification, SubgraphShape

_CHECK = "schema-as-stated"


async def as_stated(bench: Bench) -> list[CheckResult]:
    """A GraphQL system that states an SDL of its own states the one that is registered."""
    specification = bench.opened.specification
    if specification.kind != "graphql" or specification.sdl is None:
        return [not_applicable(_CHECK, "There is one SDL alone.")]
    try:
        stated = await open_connector(replace(specification, sdl=None, file=""), bench.client)
    except (BadSpecification, ConnectorFailure):
        return [not_applicable(_CHECK, "The system states none of its own.")]
    await stated.connector.close()
    lacking = sorted(_coordinates(bench.opened.shape) - _coordinates(stated.shape))
    if lacking:
        reason = f"The system does not state {', '.join(lacking[:5])}."
        return [failed(_CHECK, reason, "Register what it states, or let it state what is registered.")]
    return [passed(_CHECK, "the system states all of it")]


def _coordinates(shape: SubgraphShape) -> set[str]:
    return {
        f"{name}.{field}: {declared.type}"
        for name, named in shape.schema.type_map.items()
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
        and not name.startswith("_")
        for field, declared in named.fields.items()
        if not field.startswith("_")
    }
