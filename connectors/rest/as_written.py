"""Arguments of the types ``ID`` and ``Float`` as a client wrote them: ``7`` goes out as ``7``, no ``7.0``.

GraphQL's own coercion makes a text of every ID and a fraction of every Float. The router for which most mappings
were written coerces none of a connector's arguments, so a service that counts its things gets numbers where
clients send them, in a path too. A database has columns with types of their own, and gets what GraphQL makes of
them. Source: the public Apollo Connectors convention.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLFloat,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    IntValueNode,
    ValueNode,
)


def keep_as_written(schema: GraphQLSchema) -> None:
    """Change ``schema``, which its caller alone uses, so that no argument of these types is coerced."""
    schema.type_map |= _KEPT
    for named_type in schema.type_map.values():
        if isinstance(named_type, GraphQLObjectType):
            for field in named_type.fields.values():
                for argument in field.args.values():
                    argument.type = _kept(argument.type)
        elif isinstance(named_type, GraphQLInputObjectType):
            for input_field in named_type.fields.values():
                input_field.type = _kept(input_field.type)


def _kept(type_: Any) -> Any:
    """The same type around another scalar."""
    if isinstance(type_, GraphQLNonNull | GraphQLList):
        inner = _kept(type_.of_type)
        return type_ if inner is type_.of_type else type(type_)(inner)
    return _KEPT.get(type_.name, type_)


def _as_written(scalar: GraphQLScalarType) -> GraphQLScalarType:
    """Takes what ``scalar`` takes, and leaves whole numbers as they are."""

    def value(given: Any) -> Any:
        coerced = scalar.coerce_input_value(given)
        return given if type(given) is int else coerced

    def literal(node: ValueNode) -> Any:
        coerced = scalar.parse_literal(node)
        return int(node.value) if isinstance(node, IntValueNode) else coerced

    return GraphQLScalarType(
        f"{scalar.name}AsWritten",
        coerce_output_value=scalar.coerce_output_value,
        coerce_input_value=value,
        coerce_input_literal=literal,
        value_to_literal=scalar.value_to_literal,
        description=scalar.description,
    )


_KEPT = {scalar.name: _as_written(scalar) for scalar in (GraphQLID, GraphQLFloat)}
"""By the name for which each stands; graphql-core lets nobody make another of that name."""
