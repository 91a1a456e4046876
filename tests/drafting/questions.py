"""A query for every field of ``Query``: what it needs is given, and everything some levels down is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

_DEEPEST = 4
_VALUES = {"Int": "1", "Float": "1.5", "Boolean": "true", "Long": "1", "JSON": '{a: "b"}'}
_TEXTS = {"Date": "2026-07-01", "DateTime": "2026-07-01T09:30:00Z", "UUID": "123e4567-e89b-42d3-a456-426614174000"}


def questions(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Name and query of each field of ``Query``."""
    for name, field in (schema.query_type.fields if schema.query_type else {}).items():
        yield name, f"{{ {name}{_arguments(field)}{_selection(get_named_type(field.type), _DEEPEST)} }}"


def _arguments(field: GraphQLField) -> str:
    given = [f"{name}: {_value(each.type)}" for name, each in field.args.items() if is_required_argument(each)]
    return f"({', '.join(given)})" if given else ""


def _value(type_: GraphQLInputType) -> str:
    match type_:
        case GraphQLNonNull():
            return _value(type_.of_type)
        case GraphQLList():
            return f"[{_value(type_.of_type)}]"
        case GraphQLEnumType():
            return str(next(iter(type_.values)))
        case GraphQLInputObjectType():
            needed = {n: f for n, f in type_.fields.items() if is_required_input_field(f)}
            return f"{{{', '.join(f'{name}: {_value(each.type)}' for name, each in needed.items())}}}"
        case _:
            return _VALUES.get(str(type_.name)) or json.dumps(_TEXTS.get(type_.name, "text"))


def _selection(named: GraphQLNamedType, depth: int) -> str:
    if isinstance(named, GraphQLUnionType):
        arms = [f"... on {each.name} {_selection(each, depth - 1) or '{ __typename }'}" for each in named.types]
        # One response name may not have two types: an arm is asked for alone.
        return f" {{ __typename {arms[0]} }}"
    if not isinstance(named, GraphQLObjectType):
        return ""
    fields = []
    for name, field in named.fields.items():
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLObjectType | GraphQLUnionType):
            if depth > 1:
                fields.append(f"{name}{_selection(inner, depth - 1)}")
        else:
            fields.append(name)
    return f" {{ {' '.join(fields) or '__typename'} }}"
