"""Whether a mapped value is what the schema says of it: no null where none may be, enums, scalars, lists. Pure.

What is not mapped is not looked at: it may come from elsewhere. Source: GraphQL specification, section 6.4.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
)

from connectors.connector import JSON

_SHOWN = 40


def mistyped(schema: GraphQLSchema, declared: GraphQLOutputType, value: JSON, coordinate: str) -> tuple[str, ...]:
    """A sentence for each coordinate at which a value is not as declared; of many alike the first."""
    told: dict[str, str] = {}
    for place, sentence in _wrong(schema, declared, value, coordinate):
        told.setdefault(place, sentence)
    return tuple(told.values())


def is_of_format(scalar: str, value: JSON) -> bool:
    """Scalars that have one meaning everywhere: ``Date`` and ``DateTime`` are ISO 8601."""
    try:
        if scalar == "Date":
            date.fromisoformat(str(value))
        elif scalar == "DateTime":
            return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False
    return True


def _wrong(
    schema: GraphQLSchema, declared: GraphQLOutputType, value: JSON, coordinate: str
) -> Iterator[tuple[str, str]]:
    if isinstance(declared, GraphQLNonNull):
        if value is None:
            yield coordinate, f"{coordinate} is {declared}, and is null."
            return
        declared = declared.of_type
    if value is None:
        return
    match declared:
        case GraphQLList():
            if not isinstance(value, list):
                yield coordinate, f"{coordinate} is {declared}, and is no list: {_shown(value)}."
                return
            for each in value:
                yield from _wrong(schema, declared.of_type, each, coordinate)
        case GraphQLEnumType() | GraphQLScalarType():
            yield from _wrong_leaf(declared, value, coordinate)
        case GraphQLObjectType():
            yield from _wrong_object(schema, declared, value, coordinate)
        case GraphQLInterfaceType() | GraphQLUnionType():
            yield from _wrong_abstract(schema, declared, value, coordinate)


def _wrong_leaf(
    declared: GraphQLEnumType | GraphQLScalarType, value: JSON, coordinate: str
) -> Iterator[tuple[str, str]]:
    try:
        declared.serialize(value)
    except (GraphQLError, TypeError, ValueError):
        names = f", which is {' | '.join(declared.values)}" if isinstance(declared, GraphQLEnumType) else ""
        yield coordinate, f"{coordinate} is {declared}{names}, and is {_shown(value)}."
        return
    if not is_of_format(declared.name, value):
        yield coordinate, f"{coordinate} is {declared}, which is ISO 8601, and is {_shown(value)}."


def _wrong_object(
    schema: GraphQLSchema, declared: GraphQLObjectType, value: JSON, coordinate: str
) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield coordinate, f"{coordinate} is {declared}, and is no object: {_shown(value)}."
        return
    for name, field in declared.fields.items():
        if name in value:
            yield from _wrong(schema, field.type, value[name], f"{declared.name}.{name}")


def _wrong_abstract(
    schema: GraphQLSchema, declared: GraphQLInterfaceType | GraphQLUnionType, value: JSON, coordinate: str
) -> Iterator[tuple[str, str]]:
    possible = {each.name: each for each in schema.get_possible_types(declared)}
    name = value.get("__typename") if isinstance(value, dict) else None
    if isinstance(name, str) and name in possible:
        yield from _wrong_object(schema, possible[name], value, coordinate)
    elif len(possible) > 1:
        yield (
            coordinate,
            f"{coordinate} is {declared}: __typename must be one of {', '.join(possible)}, and is {name}.",
        )


def _shown(value: JSON) -> str:
    text = str(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
