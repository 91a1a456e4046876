"""External definitions must agree with the field they stand for. Source: Federation 2, "@external"."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import (
    FieldDefinitionNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLType,
    InputValueDefinitionNode,
    print_ast,
)
from graphql.utilities.sort_value_node import sort_value_node

from schema.composition.merging import Merging, Part, type_node
from schema.composition.problems import Place


def check_external(
    coordinate: str,
    merged_type: GraphQLType,
    merged: FieldDefinitionNode,
    parts: Sequence[Part[GraphQLField]],
    merging: Merging,
) -> None:
    """Tell external definitions whose type or arguments differ from the merged field's."""
    for part in parts:
        if not merging.is_subtype(merged_type, part.element.type):
            merging.problems.error(
                "EXTERNAL_TYPE_MISMATCH",
                f'Field "{coordinate}" has type "{merged_type}", but subgraph "{part.name}" names it @external '
                f'with type "{part.element.type}". Use "{merged_type}" there.',
                part.place,
            )
        for argument in merged.arguments or ():
            _check_argument(f"{coordinate}({argument.name.value}:)", argument, part, merging)


def _check_argument(
    coordinate: str, merged: InputValueDefinitionNode, part: Part[GraphQLField], merging: Merging
) -> None:
    own = part.element.args.get(merged.name.value)
    expected = print_ast(merged.type)
    if own is None:
        merging.problems.error(
            "EXTERNAL_ARGUMENT_MISSING",
            f'Argument "{coordinate}" is missing on the @external field in subgraph "{part.name}". Add it as '
            f'"{merged.name.value}: {expected}".',
            part.place,
        )
        return
    place = Place(part.name, own.ast_node)
    if print_ast(type_node(own.type)) not in (expected, expected.removesuffix("!"), f"{expected}!"):
        merging.problems.error(
            "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
            f'Argument "{coordinate}" has type "{expected}", but "{own.type}" on the @external field in subgraph '
            f'"{part.name}". Use "{expected}" there.',
            place,
        )
    if _default_text(own) != _merged_default(merged):
        merging.problems.error(
            "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
            f'Argument "{coordinate}" has the default {_merged_default(merged) or "none"}, but '
            f'{_default_text(own) or "none"} on the @external field in subgraph "{part.name}". Use the same.',
            place,
        )


def _default_text(argument: GraphQLArgument) -> str | None:
    return _merged_default(argument.ast_node) if argument.ast_node else None


def _merged_default(node: InputValueDefinitionNode) -> str | None:
    return print_ast(sort_value_node(node.default_value)) if node.default_value else None
