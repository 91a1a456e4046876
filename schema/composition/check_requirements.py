"""What a field requires must fit the merged fields: their arguments may be fewer, or demand more.

Source: Federation 2, "@requires".
"""

from __future__ import annotations

from collections.abc import Iterable

from graphql import (
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectValueNode,
    TypeNode,
    parse_value,
)

from schema.composition.definitions import DefinedField, defined_fields
from schema.composition.merge import Merged
from schema.composition.problems import Problems
from schema.field_set import FieldSelection, Selection


def check_requirements(merged: Merged, problems: Problems) -> None:
    """Tell each ``@requires`` that gives an argument no longer there, or lacks one that has become required."""
    for subgraph in merged.subgraphs.values():
        if any(rules.requires for rules in subgraph.fields.values()):
            for field in defined_fields(subgraph):
                if field.rules.requires:
                    _check(field.owner.name, field.rules.requires.selections, field, merged, problems)


def _check(
    type_name: str, selections: Iterable[Selection], field: DefinedField, merged: Merged, problems: Problems
) -> None:
    owner = merged.types.get(type_name)
    own = owner.fields or () if isinstance(owner, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) else ()
    fields = {each.name.value: each for each in own}
    for selection in selections:
        if not isinstance(selection, FieldSelection):
            _check(selection.type_name or type_name, selection.selections, field, merged, problems)
        elif known := fields.get(selection.name):
            for what in _wrong_arguments(f"{type_name}.{selection.name}", selection, known):
                problems.error(
                    "REQUIRES_INVALID_FIELDS",
                    f'@requires(fields: "{field.rules.requires}") on field "{field.coordinate}" in subgraph '
                    f'"{field.owner.subgraph.name}" does not fit the supergraph: {what}.',
                    field.place,
                )
            _check(_named(known.type), selection.selections, field, merged, problems)


def _wrong_arguments(coordinate: str, selection: FieldSelection, field: FieldDefinitionNode) -> Iterable[str]:
    given = _names(selection.arguments)
    known = {each.name.value: each for each in field.arguments or ()}
    for name in given:
        if name not in known:
            yield f'argument "{name}" of field "{coordinate}" is not known to all subgraphs that resolve it'
    for name, argument in known.items():
        if name not in given and isinstance(argument.type, NonNullTypeNode) and argument.default_value is None:
            yield f'argument "{name}" of field "{coordinate}" is required by some subgraph'


def _names(arguments: str) -> tuple[str, ...]:
    value = parse_value(f"{{{arguments}}}", no_location=True)
    return tuple(each.name.value for each in value.fields) if isinstance(value, ObjectValueNode) else ()


def _named(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    return node.name.value if isinstance(node, NamedTypeNode) else ""
