"""Walk a FieldSet over a schema: which fields it names, implementations of interface fields included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
)

from schema.field_set import FieldSelection, FieldSet, Selection


class _NoFieldError(Exception):
    """A selection names what its type does not have."""


def targets(schema: GraphQLSchema, type_name: str, field_set: FieldSet) -> Iterator[str]:
    """The coordinates ``"Type.field"`` of every field that the set names, up to the first that does not exist."""
    with suppress(_NoFieldError):
        yield from _targets(schema, type_name, field_set.selections)


def _targets(schema: GraphQLSchema, type_name: str, selections: tuple[Selection, ...]) -> Iterator[str]:
    parent = schema.type_map.get(type_name)
    for selection in selections:
        if not isinstance(selection, FieldSelection):
            yield from _targets(schema, selection.type_name or type_name, selection.selections)
        elif selection.name == "__typename":
            continue
        elif isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) and selection.name in parent.fields:
            yield from _field_targets(schema, parent, selection)
        else:
            raise _NoFieldError


def _field_targets(
    schema: GraphQLSchema, parent: GraphQLObjectType | GraphQLInterfaceType, selection: FieldSelection
) -> Iterator[str]:
    owners = [parent, *(schema.get_possible_types(parent) if is_abstract_type(parent) else ())]
    for owner in owners:
        if selection.name in owner.fields:
            yield f"{owner.name}.{selection.name}"
    if selection.selections:
        child = get_named_type(parent.fields[selection.name].type)
        yield from _targets(schema, child.name, selection.selections)
