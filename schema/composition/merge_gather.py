"""Gathered fields: every resolver gathers, with the same arguments and key, elements that have one in common.

Source: docs/spec/gather.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphql import GraphQLField, get_named_type, is_abstract_type, print_ast

from schema.composition.merging import Merging, Part, in_order, kinds_by_subgraph
from schema.composition.problems import in_subgraphs
from schema.field_set import FieldSelection, Selection
from schema.subgraph import EntityKey, TypeRules, ValidSubgraph


def check_gather(type_name: str, name: str, parts: Sequence[Part[GraphQLField]], merging: Merging) -> None:
    """Tell what stands against gathering this field; a field that nobody gathers passes."""
    resolving = [part for part in parts if not part.subgraph.rules(type_name, name).external]
    gathering = [part for part in resolving if part.subgraph.rules(type_name, name).gather]
    if not gathering:
        return
    coordinate = f"{type_name}.{name}"
    if len(gathering) < len(resolving):
        others = [part for part in resolving if part not in gathering]
        merging.problems.error(
            "GATHER_NOT_IN_ALL_SUBGRAPHS",
            f'Field "{coordinate}" is gathered in {in_subgraphs(part.name for part in gathering)} but not in '
            f"{in_subgraphs(part.name for part in others)}. Add @gather there too, or rename the field.",
            *(part.place for part in resolving),
        )
    _check_equal(
        coordinate, "arguments", "GATHER_ARGUMENT_MISMATCH", [(_arguments(p), p) for p in gathering], merging
    )
    keys = [(_key(part, type_name, name), part) for part in gathering]
    _check_equal(coordinate, "key", "GATHER_KEY_MISMATCH", keys, merging)
    if len(gathering) > 1:
        for element in in_order(_element_types(part) for part in gathering):
            _check_common_key(coordinate, element, gathering, merging)


def _check_common_key(
    coordinate: str, element: str, gathering: Sequence[Part[GraphQLField]], merging: Merging
) -> None:
    """The gathered elements are one list: what some part lacks is fetched for all of them by one key."""
    holding = [part.subgraph for part in gathering if element in _element_types(part)]
    keys = [key for each in merging.subgraphs for key in each.types.get(element, TypeRules()).keys]
    fields = {
        name for each in merging.subgraphs for name in getattr(each.schema.type_map.get(element), "fields", ())
    }
    is_complete = all(_resolves(each, element, name) for each in holding for name in fields)
    if is_complete or not keys or any(_fills_in_all(holding, element, key) for key in keys if key.resolvable):
        return
    merging.problems.error(
        "GATHER_NO_COMMON_KEY",
        f'The elements of gathered field "{coordinate}" are of type "{element}", which has no @key that all of '
        f"{in_subgraphs(each.name for each in holding)} can fill: what one part lacks cannot be fetched for the "
        "list. Give them a key in common.",
        *(part.place for part in gathering),
    )


def _element_types(part: Part[GraphQLField]) -> tuple[str, ...]:
    named = get_named_type(part.element.type)
    if is_abstract_type(named):
        return tuple(each.name for each in part.subgraph.schema.get_possible_types(named))
    return (named.name,)


def _fills_in_all(holding: Sequence[ValidSubgraph], element: str, key: EntityKey) -> bool:
    return all(_fills(each, element, key.fields.selections) for each in holding)


def _fills(subgraph: ValidSubgraph, type_name: str, selections: Sequence[Selection]) -> bool:
    fields = getattr(subgraph.schema.type_map.get(type_name), "fields", {})
    for each in selections:
        if not isinstance(each, FieldSelection):
            if not _fills(subgraph, each.type_name or type_name, each.selections):
                return False
        elif not _resolves(subgraph, type_name, each.name) or not _fills(
            subgraph, get_named_type(fields[each.name].type).name, each.selections
        ):
            return False
    return True


def _resolves(subgraph: ValidSubgraph, type_name: str, name: str) -> bool:
    rules = subgraph.rules(type_name, name)
    is_there = name in getattr(subgraph.schema.type_map.get(type_name), "fields", ())
    return is_there and not rules.external and rules.requires is None


def _check_equal(
    coordinate: str,
    what: str,
    code: str,
    values: Sequence[tuple[str, Part[GraphQLField]]],
    merging: Merging,
) -> None:
    if len({text for text, _ in values}) > 1:
        merging.problems.error(
            code,
            f'Gathered field "{coordinate}" must have the same {what} everywhere: it has '
            f"{kinds_by_subgraph((text, part.name) for text, part in values)}. Use the same.",
            *(part.place for _, part in values),
        )


def _arguments(part: Part[GraphQLField]) -> str:
    """The arguments as text, in the order of their names, so that order does not matter."""
    arguments = sorted(part.element.args.items())
    return ", ".join(
        f"{name}: {argument.type}"
        + (
            f" = {print_ast(default)}"
            if argument.ast_node and (default := argument.ast_node.default_value)
            else ""
        )
        for name, argument in arguments
    )


def _key(part: Part[GraphQLField], type_name: str, name: str) -> str:
    gather = part.subgraph.rules(type_name, name).gather
    return str(gather.key) if gather and gather.key else ""
