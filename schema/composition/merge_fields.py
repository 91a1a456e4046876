"""Fields of object types and interfaces: the union of all, each with every subgraph that defines it.

The merged type is the widest among those that resolve the field; external definitions only have to agree.
Source: Federation 2, "Composition rules", "@shareable", "@external".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graphql import (
    FieldDefinitionNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLType,
    NameNode,
)

from schema.composition.merge_external import check_external
from schema.composition.merge_gather import check_gather
from schema.composition.merge_inputs import merge_arguments
from schema.composition.merge_marks import merge_description, merge_marks
from schema.composition.merging import Merging, Part, in_order, kinds_by_subgraph, type_node
from schema.composition.problems import in_subgraphs
from schema.subgraph import ValidSubgraph
from schema.supergraph import FieldSource

Owner = Part[GraphQLObjectType] | Part[GraphQLInterfaceType]
FieldPart = Part[GraphQLField]


def merge_fields(
    type_name: str,
    owners: Sequence[Owner],
    standing_for: Sequence[Part[GraphQLObjectType]],
    merging: Merging,
    *,
    is_object: bool,
) -> tuple[tuple[FieldDefinitionNode, ...], dict[str, tuple[FieldSource, ...]]]:
    """Every field of the type, and who defines it, by coordinate.

    ``standing_for`` are the interface objects that stand for the type in subgraphs which do not know it: what
    they resolve is a field of the type too.
    """
    merged: list[FieldDefinitionNode] = []
    sources: dict[str, tuple[FieldSource, ...]] = {}
    for name in in_order(owner.element.fields for owner in (*owners, *standing_for)):
        if name in ("_entities", "_service"):
            continue
        parts = _field_parts(owners, type_name, name)
        through = [
            (each.element.name, part)
            for each in standing_for
            for part in _field_parts((each,), each.element.name, name)
        ]
        if not parts and all(is_external(part, interface, name) for interface, part in through):
            continue
        sources[f"{type_name}.{name}"] = (
            *(_source(part, type_name, name) for part in parts),
            *(replace(_source(part, each, name), interface_object=each) for each, part in through),
        )
        interface = through[0][0] if through else type_name
        field = (
            _merge_field(type_name, name, parts, merging)
            if parts
            else _merge_field(interface, name, [part for each, part in through if each == interface], merging)
        )
        if field is not None:
            merged.append(field)
            if is_object:
                _check_sharing(type_name, name, parts, through, merging)
                check_gather(type_name, name, parts, merging)
        if parts and len(parts) < len(owners) and is_object:
            _hint_partial(type_name, name, parts, owners, merging)
    return tuple(merged), sources


def _field_parts(owners: Sequence[Owner], type_name: str, name: str) -> list[FieldPart]:
    defining = (each for each in owners if name in each.element.fields)
    return [
        Part(each.subgraph, each.element.fields[name])
        for each in defining
        if not _is_gone(each.subgraph, type_name, name)
    ]


def is_external(part: FieldPart, type_name: str, name: str) -> bool:
    return part.subgraph.rules(type_name, name).external


def _is_gone(subgraph: ValidSubgraph, type_name: str, name: str) -> bool:
    """Taken over by another subgraph, and not even needed here any more."""
    rules = subgraph.rules(type_name, name)
    return rules.overridden and not rules.external


def _source(part: FieldPart, type_name: str, name: str) -> FieldSource:
    rules = part.subgraph.rules(type_name, name)
    return FieldSource(
        subgraph=part.name,
        type=str(part.element.type),
        external=rules.external,
        requires=rules.requires,
        provides=rules.provides,
        gather=rules.gather,
    )


def _merge_field(
    type_name: str, name: str, parts: Sequence[FieldPart], merging: Merging
) -> FieldDefinitionNode | None:
    coordinate = f"{type_name}.{name}"
    resolving = [part for part in parts if not is_external(part, type_name, name)]
    if not resolving:
        merging.problems.error(
            "EXTERNAL_MISSING_ON_BASE",
            f'Field "{coordinate}" is marked @external in every subgraph that lists it '
            f"({in_subgraphs(part.name for part in parts)}). One of them has to resolve it: remove @external "
            "there.",
            *(part.place for part in parts),
        )
        return None
    type_ = _merge_type(coordinate, resolving, merging)
    node = FieldDefinitionNode(
        name=NameNode(value=name),
        description=merge_description(parts, coordinate, merging),
        arguments=merge_arguments(resolving, coordinate, merging),
        type=type_node(type_),
        directives=merge_marks(parts),
    )
    if len(resolving) < len(parts):
        external = [part for part in parts if is_external(part, type_name, name)]
        named = [part for part in external if not part.subgraph.rules(type_name, name).overridden]
        check_external(coordinate, type_, node, named, merging)
    return node


def _merge_type(coordinate: str, parts: Sequence[FieldPart], merging: Merging) -> GraphQLType:
    types = [part.element.type for part in parts]
    merged = merging.widest(types)
    shown = kinds_by_subgraph((str(part.element.type), part.name) for part in parts)
    if merged is None:
        merging.problems.error(
            "FIELD_TYPE_MISMATCH",
            f'Type of field "{coordinate}" is incompatible across subgraphs: it is {shown}. Use one type, or '
            "types "
            "of which one contains the others.",
            *(part.place for part in parts),
        )
        return types[0]
    if len({str(each) for each in types}) > 1:
        merging.problems.hint(
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            f'Field "{coordinate}" takes the wider type "{merged}": it is {shown}.',
            *(part.place for part in parts),
        )
    return merged


def _check_sharing(
    type_name: str,
    name: str,
    parts: Sequence[FieldPart],
    through: Sequence[tuple[str, FieldPart]],
    merging: Merging,
) -> None:
    """More than one subgraph may resolve a field only if all of them say that it is shareable."""
    every = [*((type_name, part) for part in parts), *through]
    rules = [(part, part.subgraph.rules(owner, name)) for owner, part in every]
    resolving = [part for part, each in rules if not each.external or each.provided]
    unshared = [part for part, each in rules if part in resolving and not each.shareable]
    if unshared and len(resolving) > 1:
        merging.problems.error(
            "INVALID_FIELD_SHARING",
            f'Field "{type_name}.{name}" is resolved in {in_subgraphs(part.name for part in resolving)} but not '
            f"marked @shareable in {in_subgraphs(part.name for part in unshared)}. Mark it @shareable in all of "
            "them, or leave it to one.",
            *(part.place for part in resolving),
        )


def _hint_partial(
    type_name: str, name: str, parts: Sequence[FieldPart], owners: Sequence[Owner], merging: Merging
) -> None:
    """A value type whose field some subgraphs lack cannot always be answered."""
    if type_name in ("Query", "Mutation", "Subscription") or any(
        owner.subgraph.types[type_name].keys for owner in owners if type_name in owner.subgraph.types
    ):
        return
    missing = {owner.name for owner in owners} - {part.name for part in parts}
    merging.problems.hint(
        "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
        f'Field "{type_name}.{name}" of a type without @key does not exist in {in_subgraphs(missing)}.',
        *(part.place for part in parts),
    )
