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

from schema.composition.merge_contexts import contextual_names
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
    if is_object:
        _hint_inconsistent_entity(type_name, owners, merging)
    for name in in_order(owner.element.fields for owner in (*owners, *standing_for)):
        if name in ("_entities", "_service"):
            continue
        parts = _field_parts(owners, name)
        through = [(each.element.name, part) for each in standing_for for part in _field_parts((each,), name)]
        if not parts and all(is_external(part, interface, name) for interface, part in through):
            continue
        sources[f"{type_name}.{name}"] = (
            *_sources(parts, type_name, name),
            *(
                replace(source, interface_object=each)
                for each, part in through
                for source in _sources((part,), each, name)
            ),
        )
        interface = through[0][0] if through else type_name
        of_interface = [part for each, part in through if each == interface]
        field = (
            _merge_field(type_name, name, parts, merging, (interface, of_interface))
            if parts
            else _merge_field(interface, name, of_interface, merging)
        )
        if field is not None:
            merged.append(field)
            if is_object:
                _check_sharing(type_name, name, parts, through, merging)
                check_gather(type_name, name, parts, merging)
        if parts and len(parts) < len(owners):
            _hint_partial(type_name, name, parts, owners, merging)
    return tuple(merged), sources


def _field_parts(owners: Sequence[Owner], name: str) -> list[FieldPart]:
    return [Part(each.subgraph, each.element.fields[name]) for each in owners if name in each.element.fields]


def is_external(part: FieldPart, type_name: str, name: str) -> bool:
    """Whether the subgraph says so itself; what another subgraph took over still counts in merging."""
    rules = part.subgraph.rules(type_name, name)
    return rules.external and not rules.overridden


def _is_gone(subgraph: ValidSubgraph, type_name: str, name: str) -> bool:
    """Taken over by another subgraph, and not even needed here any more."""
    rules = subgraph.rules(type_name, name)
    return rules.overridden and not rules.external


def _sources(parts: Sequence[FieldPart], type_name: str, name: str) -> tuple[FieldSource, ...]:
    return tuple(_source(part, type_name, name) for part in parts if not _is_gone(part.subgraph, type_name, name))


def _source(part: FieldPart, type_name: str, name: str) -> FieldSource:
    rules = part.subgraph.rules(type_name, name)
    return FieldSource(
        subgraph=part.name,
        type=str(part.element.type),
        external=rules.external,
        requires=rules.requires,
        provides=rules.provides,
        gather=rules.gather,
        switch=rules.switch,
        contextual=rules.contextual,
    )


def _merge_field(
    type_name: str,
    name: str,
    parts: Sequence[FieldPart],
    merging: Merging,
    standing_for: tuple[str, Sequence[FieldPart]] = ("", ()),
) -> FieldDefinitionNode | None:
    """One field of all ``parts``; where none of them resolves it, the interface object that stands for the type
    may do so."""
    coordinate = f"{type_name}.{name}"
    resolving = [part for part in parts if not is_external(part, type_name, name)]
    if not resolving:
        interface, through = standing_for
        resolving = [part for part in through if not is_external(part, interface, name)]
    external = [part for part in parts if is_external(part, type_name, name)]
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
    hidden = contextual_names(resolving, coordinate, merging)
    node = FieldDefinitionNode(
        name=NameNode(value=name),
        description=merge_description(resolving, coordinate, merging),
        arguments=merge_arguments(resolving, coordinate, merging, hidden),
        type=type_node(type_),
        directives=merge_marks(resolving, coordinate, merging),
    )
    if external:
        check_external(coordinate, type_, node, resolving, external, merging)
    return node


def _merge_type(coordinate: str, parts: Sequence[FieldPart], merging: Merging) -> GraphQLType:
    types = [part.element.type for part in parts]
    merged = merging.widest(types)
    if merged is not None and len({str(each) for each in types}) == 1:
        return merged
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
    # While a field moves progressively, only its new place counts: the old one is on its way out.
    staying = [(part, own) for part, own in rules if own.switch is None or own.switch.is_on]
    resolving = [part for part, own in staying if not own.overridden and (not own.external or own.provided)]
    if type_name == "Subscription":
        _check_subscription(name, parts, merging)
    unshared = [part for part, own in rules if part in resolving and not own.shareable]
    if unshared and len(resolving) > 1:
        merging.problems.error(
            "INVALID_FIELD_SHARING",
            f'Field "{type_name}.{name}" is resolved in {in_subgraphs(part.name for part in resolving)} but not '
            f"marked @shareable in {in_subgraphs(part.name for part in unshared)}. Mark it @shareable in all of "
            "them, or leave it to one.",
            *(part.place for part in resolving),
        )


def _check_subscription(name: str, parts: Sequence[FieldPart], merging: Merging) -> None:
    """An event has one source. What ``@shareable`` on the whole type says of its fields does no harm."""
    shared = [part for part in parts if _says_shareable(part)]
    if shared:
        merging.problems.error(
            "INVALID_FIELD_SHARING",
            f'Subscription field "Subscription.{name}" cannot be @shareable in '
            f"{in_subgraphs(part.name for part in shared)}. Remove it: one subgraph answers a subscription.",
            *(part.place for part in shared),
        )


def _says_shareable(part: FieldPart) -> bool:
    on_type = getattr(part.subgraph.schema.type_map["Subscription"].ast_node, "directives", None) or ()
    pushed_down = {id(each) for each in on_type}
    return any(id(each) not in pushed_down for each in part.subgraph.links.applied(part.node, "shareable"))


def _hint_partial(
    type_name: str, name: str, parts: Sequence[FieldPart], owners: Sequence[Owner], merging: Merging
) -> None:
    """A value type or interface whose field some subgraphs lack cannot always be answered."""
    if type_name in ("Query", "Mutation", "Subscription") or any(_has_key(owner) for owner in owners):
        return
    lacking = [each for each in owners if name not in each.element.fields and not _is_all_external(each)]
    if not lacking:
        return
    kind = "INTERFACE" if isinstance(owners[0].element, GraphQLInterfaceType) else "OBJECT"
    merging.problems.hint(
        f"INCONSISTENT_{kind}_VALUE_TYPE_FIELD",
        f'Field "{type_name}.{name}" of a type without @key does not exist in '
        f"{in_subgraphs(each.name for each in lacking)}.",
        *(part.place for part in parts),
    )


def _hint_inconsistent_entity(type_name: str, owners: Sequence[Owner], merging: Merging) -> None:
    """A subgraph without a key cannot be entered for this entity, nor left from it."""
    without = [each for each in owners if not _has_key(each)]
    if without and len(without) < len(owners):
        merging.problems.hint(
            "INCONSISTENT_ENTITY",
            f'Type "{type_name}" has a @key in some subgraphs, but none in '
            f"{in_subgraphs(each.name for each in without)}.",
            *(each.place for each in without),
        )


def _has_key(owner: Owner) -> bool:
    rules = owner.subgraph.types.get(owner.element.name)
    return rules is not None and bool(rules.keys)


def _is_all_external(owner: Owner) -> bool:
    name = owner.element.name
    return all(owner.subgraph.rules(name, each).external for each in owner.element.fields)
