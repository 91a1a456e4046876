"""Whether an answer of a GraphQL system is what its own schema promises: completed once more, by the schema. Pure.

An abstract value whose ``__typename`` was not asked for cannot be told and is not looked into.
Source: GraphQL specification, section 6.4.3, "Value Completion".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute_sync,
    get_named_type,
    is_scalar_type,
)

from connectors.connector import JSON
from hub.workbench.mistyped import is_of_format


class _Untold(Exception):
    """The answer does not say of which type this value is."""


def answer_findings(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, JSON], data: Mapping[str, JSON]
) -> tuple[str, ...]:
    """A sentence for each place at which the answer is not as declared, each once."""
    result = execute_sync(
        schema,
        document,
        root_value=data,
        variable_values=dict(variables),
        field_resolver=_from_answer,
        type_resolver=_type_of,
    )
    errors = [error for error in result.errors or () if not isinstance(error.original_error, _Untold)]
    return tuple(dict.fromkeys(_sentence(error) for error in errors))


def _from_answer(source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
    key = info.path.key
    if not isinstance(source, Mapping) or key not in source:
        raise GraphQLError(f"{info.parent_type.name}.{info.field_name} was asked for, and is not in the answer.")
    value, named = source[key], get_named_type(info.return_type)
    if is_scalar_type(named):
        for each in value if isinstance(value, list) else [value]:
            if each is not None and not is_of_format(named.name, each):
                place = f"{info.parent_type.name}.{info.field_name}"
                raise GraphQLError(f"{place} is {named.name}, which is ISO 8601.")
    return value


def _type_of(value: Any, *_: Any) -> str:
    name = value.get("__typename") if isinstance(value, Mapping) else None
    if not isinstance(name, str):
        raise _Untold
    return name


def _sentence(error: GraphQLError) -> str:
    where = ".".join(str(each) for each in error.path or () if not isinstance(each, int))
    return f"{where}: {error.message}" if where else error.message
