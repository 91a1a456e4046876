"""Arguments of the type ``ID`` as a client wrote them: ``7`` goes into a JSON body as a number, ``"7"`` as a text.

GraphQL's own coercion makes a text of both. The router for which most mappings were written coerces none of a
connector's arguments, so a service that counts its things gets numbers where clients send them. A database has
columns with types of their own, and goes on to get texts. Source: the public Apollo Connectors convention.
"""

from __future__ import annotations

from typing import Any

from graphql import (
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


def keep_identifiers(schema: GraphQLSchema) -> None:
    """Change ``schema``, which its caller alone uses, so that no argument of the type ``ID`` is coerced."""
    schema.type_map["ID"] = _ID
    for named_type in schema.type_map.values():
        if isinstance(named_type, GraphQLObjectType):
            for field in named_type.fields.values():
                for argument in field.args.values():
                    argument.type = _kept(argument.type)
        elif isinstance(named_type, GraphQLInputObjectType):
            for input_field in named_type.fields.values():
                input_field.type = _kept(input_field.type)


def _kept(type_: Any) -> Any:
    """The same type around another ``ID``."""
    if isinstance(type_, GraphQLNonNull | GraphQLList):
        inner = _kept(type_.of_type)
        return type_ if inner is type_.of_type else type(type_)(inner)
    return _ID if type_ is GraphQLID else type_


def _value(value: Any) -> Any:
    return value if type(value) is int else GraphQLID.coerce_input_value(value)


def _literal(node: ValueNode) -> Any:
    return int(node.value) if isinstance(node, IntValueNode) else GraphQLID.parse_literal(node)


_ID = GraphQLScalarType(
    "IdentifierAsSent",
    coerce_output_value=GraphQLID.coerce_output_value,
    coerce_input_value=_value,
    coerce_input_literal=_literal,
    value_to_literal=GraphQLID.value_to_literal,
    description=GraphQLID.description,
)
"""Stands where the schema says ``ID``; graphql-core lets nobody make another of that name."""
