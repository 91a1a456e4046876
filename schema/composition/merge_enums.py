"""Enums: union where values only come out, intersection where they only go in, agreement where both.

Source: Federation 2, "Composition rules", enums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphql import EnumTypeDefinitionNode, EnumValueDefinitionNode, GraphQLEnumType, GraphQLEnumValue, NameNode

from schema.composition.merge_marks import is_inaccessible, merge_description, merge_marks
from schema.composition.merging import Merging, Part, in_order
from schema.composition.problems import in_subgraphs

EnumPart = Part[GraphQLEnumType]


@dataclass(frozen=True, slots=True)
class Usage:
    """Which types the merged graph takes in, and which it gives out."""

    inputs: frozenset[str]
    outputs: frozenset[str]


def merge_enum(name: str, parts: Sequence[EnumPart], usage: Usage, merging: Merging) -> EnumTypeDefinitionNode:
    is_input, is_output = name in usage.inputs, name in usage.outputs
    if not is_input and not is_output:
        merging.problems.hint(
            "UNUSED_ENUM_TYPE",
            f'Enum "{name}" is used nowhere in the supergraph.',
            *(part.place for part in parts),
        )
    values = []
    for value_name in in_order(part.element.values for part in parts):
        having = [
            Part(part.subgraph, part.element.values[value_name])
            for part in parts
            if value_name in part.element.values
        ]
        node = _merge_value(name, value_name, having, merging)
        # An inaccessible value is given by nobody, so it may be missing somewhere.
        if len(having) < len(parts) and not (is_input and is_inaccessible(node.directives)):
            _tell(f"{name}.{value_name}", having, parts, is_input, is_output, merging)
            if is_input and not is_output:
                continue
        values.append(node)
    if not values:
        merging.problems.error(
            "EMPTY_MERGED_ENUM_TYPE",
            f'None of the values of enum "{name}" is defined in all the subgraphs that define the type, and it is '
            "only used as input. Define at least one value in all of them.",
            *(part.place for part in parts),
        )
    return EnumTypeDefinitionNode(
        name=NameNode(value=name),
        description=merge_description(parts, name, merging),
        directives=merge_marks(parts, name, merging, deprecable=False),
        values=tuple(values),
    )


def _merge_value(
    name: str, value_name: str, parts: Sequence[Part[GraphQLEnumValue]], merging: Merging
) -> EnumValueDefinitionNode:
    return EnumValueDefinitionNode(
        name=NameNode(value=value_name),
        description=merge_description(parts, f"{name}.{value_name}", merging),
        directives=merge_marks(parts, f"{name}.{value_name}", merging),
    )


def _tell(
    coordinate: str,
    having: Sequence[Part[GraphQLEnumValue]],
    parts: Sequence[EnumPart],
    is_input: bool,
    is_output: bool,
    merging: Merging,
) -> None:
    lacking = in_subgraphs({part.name for part in parts} - {part.name for part in having})
    places = [part.place for part in parts]
    if is_input and is_output:
        merging.problems.error(
            "ENUM_VALUE_MISMATCH",
            f'Enum value "{coordinate}" does not exist in {lacking}, and the enum is used both as input and as '
            "output. Define the value in all subgraphs that define the enum.",
            *places,
        )
    elif is_input:
        merging.problems.hint(
            "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
            f'Enum value "{coordinate}" is left out of the supergraph since {lacking} does not know it.',
            *places,
        )
    else:
        merging.problems.hint(
            "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
            f'Enum value "{coordinate}" never comes from {lacking}.',
            *places,
        )
