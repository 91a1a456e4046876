"""Gathered fields: every resolver gathers, with the same arguments and key.

Source: docs/spec/gather.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphql import GraphQLField, print_ast

from schema.composition.merging import Merging, Part, kinds_by_subgraph
from schema.composition.problems import in_subgraphs


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
