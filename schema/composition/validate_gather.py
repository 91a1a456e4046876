"""Where ``@gather`` may stand, and what its key may be. Source: docs/spec/gather.md."""

from __future__ import annotations

from graphql import (
    DirectiveNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    NullValueNode,
    StringValueNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from schema.composition.definitions import DefinedField, defined_fields
from schema.composition.problems import Problems
from schema.composition.rules import argument_of
from schema.field_set import FieldSelection, FieldSetSyntaxError, Selection, parse_field_set
from schema.subgraph import ValidSubgraph

_COLLIDING = ("external", "requires", "provides", "override")


def check_gather(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Only lists are gathered, on object types, read-only, and by fields that their elements have."""
    for field in defined_fields(subgraph):
        for directive in field.applied("gather"):
            _check_place(field, directive, problems)
            _check_key(field, directive, problems)


def _check_place(field: DefinedField, directive: DirectiveNode, problems: Problems) -> None:
    name, place = field.owner.subgraph.name, field.place_of(directive)
    if not is_list_type(get_nullable_type(field.field.type)):
        problems.error(
            "GATHER_ON_NON_LIST",
            f'Field "{field.coordinate}" in subgraph "{name}" is gathered but is no list: it is '
            f'"{field.field.type}". Make it a list, or remove @gather.',
            place,
        )
    if field.owner.is_interface or field.owner.name in ("Mutation", "Subscription"):
        problems.error(
            "GATHER_INVALID_PLACE",
            f'@gather cannot stand on "{field.coordinate}" in subgraph "{name}": only fields of object types that '
            "are read can be gathered. Put it on such a field.",
            place,
        )
    for other in (each for colliding in _COLLIDING for each in field.applied(colliding)):
        problems.error(
            "GATHER_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f'Field "{field.coordinate}" has both @gather and @{other.name.value} in subgraph "{name}". Keep '
            "one of "
            "them.",
            place,
        )


def _check_key(field: DefinedField, directive: DirectiveNode, problems: Problems) -> None:
    value = argument_of(directive, "key")
    if value is None or isinstance(value, NullValueNode):
        return
    reason = _wrong_key(field, value.value) if isinstance(value, StringValueNode) else "it must be a string"
    if reason:
        problems.error(
            "GATHER_KEY_INVALID",
            f'The key of gathered field "{field.coordinate}" in subgraph "{field.owner.subgraph.name}" cannot be '
            f"used: {reason}. Name fields of the list's elements.",
            field.place_of(directive),
        )


def _wrong_key(field: DefinedField, text: str) -> str | None:
    try:
        key = parse_field_set(text)
    except FieldSetSyntaxError as error:
        return f"it does not parse ({error})"
    return _wrong_selections(key.selections, get_named_type(field.field.type))


def _wrong_selections(selections: tuple[Selection, ...], type_: GraphQLNamedType) -> str | None:
    for selection in selections:
        if not isinstance(selection, FieldSelection):
            return "fragments cannot be used"
        if selection.alias or selection.arguments:
            return f'"{selection.name}" has an alias or arguments'
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) or selection.name not in type_.fields:
            return f'"{type_}" has no field "{selection.name}"'
        child = type_.fields[selection.name]
        named = get_named_type(child.type)
        if child.args or is_list_type(get_nullable_type(child.type)):
            return f'"{type_}.{selection.name}" is a list or takes arguments'
        if bool(selection.selections) != hasattr(named, "fields"):
            return f'"{type_}.{selection.name}" is of type "{named}"'
        if selection.selections and (wrong := _wrong_selections(selection.selections, named)):
            return wrong
    return None
