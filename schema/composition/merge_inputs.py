"""Arguments and input objects: what every subgraph understands.

Types merge to the narrower one, members by intersection; what some subgraph demands, all must know.
Source: Federation 2, "Composition rules", input types and arguments.
"""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from typing import Any

from graphql import (
    ConstValueNode,
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    NameNode,
    ValueNode,
    is_required_argument,
    is_required_input_field,
    value_from_ast_untyped,
)

from schema.composition.merge_marks import is_inaccessible, merge_description, merge_marks
from schema.composition.merging import Merging, Part, in_order, kinds_by_subgraph, type_node
from schema.composition.problems import in_subgraphs

InputPart = Part[GraphQLArgument] | Part[GraphQLInputField]


def merge_arguments(
    owners: Sequence[Part[Any]], coordinate: str, merging: Merging, hidden: Container[str] = ()
) -> tuple[InputValueDefinitionNode, ...]:
    """The arguments of one field or directive that every subgraph defining it knows, but those ``hidden``."""
    if not any(owner.element.args for owner in owners):
        return ()
    merged = []
    for name in in_order(owner.element.args for owner in owners):
        if name in hidden:
            continue
        parts = [Part(each.subgraph, each.element.args[name]) for each in owners if name in each.element.args]
        place = f"{coordinate}({name}:)"
        if len(parts) == len(owners):
            merged.append(_merge_input(name, parts, place, "FIELD_ARGUMENT", merging))
            continue
        missing = in_subgraphs({each.name for each in owners} - {each.name for each in parts})
        demanding = [part for part in parts if is_required_argument(part.element)]
        if demanding:
            merging.problems.error(
                "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
                f'Argument "{place}" is required in {in_subgraphs(part.name for part in demanding)} but does not '
                f"exist in {missing}. Add it there, or make it optional.",
                *(part.place for part in owners),
            )
        else:
            merging.problems.hint(
                "INCONSISTENT_ARGUMENT_PRESENCE",
                f'Optional argument "{place}" is left out of the supergraph since {missing} does not know it.',
                *(part.place for part in parts),
            )
    return tuple(merged)


def merge_input_object(
    name: str, owners: Sequence[Part[GraphQLInputObjectType]], merging: Merging
) -> InputObjectTypeDefinitionNode:
    """The fields that every subgraph with this input type knows."""
    fields = []
    for field_name in in_order(owner.element.fields for owner in owners):
        parts = [
            Part(each.subgraph, each.element.fields[field_name])
            for each in owners
            if field_name in each.element.fields
        ]
        field = _merge_input(field_name, parts, f"{name}.{field_name}", "INPUT_FIELD", merging)
        # An inaccessible field is exposed to nobody, so it may be missing somewhere.
        if len(parts) == len(owners) or is_inaccessible(field.directives):
            fields.append(field)
        else:
            _tell_missing(f"{name}.{field_name}", parts, owners, merging)
    if not fields:
        merging.problems.error(
            "EMPTY_MERGED_INPUT_TYPE",
            f'None of the fields of input object type "{name}" is defined in all the subgraphs that define the '
            f"type ({in_subgraphs(each.name for each in owners)}). Define at least one in all of them.",
            *(each.place for each in owners),
        )
    return InputObjectTypeDefinitionNode(
        name=NameNode(value=name),
        description=merge_description(owners, name, merging),
        directives=merge_marks(owners, name, merging, deprecable=False),
        fields=tuple(fields),
    )


def _tell_missing(
    coordinate: str,
    parts: Sequence[Part[GraphQLInputField]],
    owners: Sequence[Part[GraphQLInputObjectType]],
    merging: Merging,
) -> None:
    missing = in_subgraphs({each.name for each in owners} - {each.name for each in parts})
    demanding = [part for part in parts if is_required_input_field(part.element)]
    if demanding:
        merging.problems.error(
            "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
            f'Input field "{coordinate}" is required in {in_subgraphs(part.name for part in demanding)} but does '
            f"not exist in {missing}. Add it there, or make it optional.",
            *(part.place for part in owners),
        )
    else:
        merging.problems.hint(
            "INCONSISTENT_INPUT_OBJECT_FIELD",
            f'Input field "{coordinate}" is left out of the supergraph since {missing} does not know it.',
            *(part.place for part in parts),
        )


def _merge_input(
    name: str, parts: Sequence[InputPart], coordinate: str, family: str, merging: Merging
) -> InputValueDefinitionNode:
    types = [part.element.type for part in parts]
    merged = merging.narrowest(types)
    if merged is None:
        code = "FIELD_ARGUMENT_TYPE_MISMATCH" if family == "FIELD_ARGUMENT" else "FIELD_TYPE_MISMATCH"
        merging.problems.error(
            code,
            f'Type of "{coordinate}" is incompatible across subgraphs: it is '
            f"{kinds_by_subgraph((str(part.element.type), part.name) for part in parts)}. Use one type.",
            *(part.place for part in parts),
        )
    elif len({str(each) for each in types}) > 1:
        merging.problems.hint(
            f"INCONSISTENT_BUT_COMPATIBLE_{family.removeprefix('FIELD_').removeprefix('INPUT_')}_TYPE",
            f'"{coordinate}" takes the narrower type "{merged}": it is '
            f"{kinds_by_subgraph((str(part.element.type), part.name) for part in parts)}.",
            *(part.place for part in parts),
        )
    return InputValueDefinitionNode(
        name=NameNode(value=name),
        description=merge_description(parts, coordinate, merging),
        type=type_node(merged if merged is not None else types[0]),
        default_value=_merge_default(parts, coordinate, family, merging),
        directives=merge_marks(parts, coordinate, merging),
    )


def _merge_default(
    parts: Sequence[InputPart], coordinate: str, family: str, merging: Merging
) -> ConstValueNode | None:
    """The default that all share. A default known only to some could not be relied on by the others."""
    defaults = [(part, _default(part)) for part in parts]
    texts = [canonical_value(value) for _, value in defaults]
    known = sorted({text for text in texts if text is not None})
    if len(known) > 1:
        shown = kinds_by_subgraph(
            (text, part.name) for (part, _), text in zip(defaults, texts, strict=True) if text is not None
        )
        merging.problems.error(
            f"{family}_DEFAULT_MISMATCH",
            f'Default value of "{coordinate}" differs across subgraphs: it is {shown}. Use one default.',
            *(part.place for part in parts),
        )
    elif known and None in texts:
        merging.problems.hint(
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            f'"{coordinate}" has the default {known[0]} in some subgraphs only, so it has none in the supergraph.',
            *(part.place for part in parts),
        )
        return None
    return defaults[0][1]


def canonical_value(node: ValueNode | None) -> str | None:
    """Equal for values that mean the same, however they are written; ``None`` where there is no value."""
    return None if node is None else json.dumps(_plain(value_from_ast_untyped(node)), sort_keys=True)


def _plain(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def _default(part: InputPart) -> ConstValueNode | None:
    node = part.node
    return node.default_value if isinstance(node, InputValueDefinitionNode) else None
