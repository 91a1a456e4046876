"""Walk a FieldSet over a schema: which fields it names, implementations of interface fields included."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
)

from schema.field_set import FieldSelection, FieldSet, Selection


def targets(schema: GraphQLSchema, type_name: str, field_set: FieldSet) -> Iterator[str]:
    """The coordinates ``"Type.field"`` of every field that the set names; none where it is no selection of the
    type."""
    if _exist(schema, type_name, field_set.selections):
        yield from _targets(schema, type_name, field_set.selections)


def _exist(schema: GraphQLSchema, type_name: str, selections: tuple[Selection, ...]) -> bool:
    parent = schema.type_map.get(type_name)
    for selection in selections:
        if not isinstance(selection, FieldSelection):
            if not _exist(schema, selection.type_name or type_name, selection.selections):
                return False
        elif selection.name != "__typename":
            field = getattr(parent, "fields", {}).get(selection.name)
            if field is None or not _exist(schema, get_named_type(field.type).name, selection.selections):
                return False
    return True


def _targets(schema: GraphQLSchema, type_name: str, selections: tuple[Selection, ...]) -> Iterator[str]:
    parent = schema.type_map.get(type_name)
    for selection in selections:
        if not isinstance(selection, FieldSelection):
            yield from _targets(schema, selection.type_name or type_name, selection.selections)
        elif isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            yield from _field_targets(schema, parent, selection)


def _field_targets(
    schema: GraphQLSchema, parent: GraphQLObjectType | GraphQLInterfaceType, selection: FieldSelection
) -> Iterator[str]:
    owners = [parent, *(schema.get_possible_types(parent) if is_abstract_type(parent) else ())]
    for owner in owners:
        if selection.name in owner.fields:
            yield f"{owner.name}.{selection.name}"
    if selection.selections and selection.name in parent.fields:
        child = get_named_type(parent.fields[selection.name].type)
        yield from _targets(schema, child.name, selection.selections)
