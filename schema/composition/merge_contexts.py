"""Contexts over all subgraphs: their names in the supergraph, and arguments that clients do not see.

Source: Federation 2.8, "@context"; https://specs.apollo.dev/context/v0.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    GraphQLField,
    NameNode,
    StringValueNode,
    is_required_argument,
)

from schema.composition.merging import Merging, Part
from schema.composition.problems import in_subgraphs


def contextual_names(parts: Sequence[Part[GraphQLField]], coordinate: str, merging: Merging) -> frozenset[str]:
    """The arguments of a field that are filled from a context in some subgraph. No client gives them, so no
    subgraph may demand one."""
    type_name, _, name = coordinate.partition(".")
    filled = {part.name: {each.name for each in part.subgraph.rules(type_name, name).contextual} for part in parts}
    every = frozenset[str]().union(*filled.values())
    for argument in sorted(every):
        demanding = [
            part
            for part in parts
            if argument not in filled[part.name]
            and argument in part.element.args
            and is_required_argument(part.element.args[argument])
        ]
        if demanding:
            merging.problems.error(
                "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
                f'Argument "{coordinate}({argument}:)" is filled from a context in some subgraphs but demanded of '
                f"clients in {in_subgraphs(part.name for part in demanding)}. Add @fromContext there, or make it "
                "optional.",
                *(part.place for part in demanding),
            )
    return every


def merge_contexts(name: str, parts: Sequence[Part[Any]]) -> tuple[ConstDirectiveNode, ...]:
    """``@context`` as the supergraph has it: each subgraph's contexts under names of their own."""
    return tuple(
        _context(f"{part.name}__{context}")
        for part in parts
        if name in part.subgraph.types
        for context in part.subgraph.types[name].contexts
    )


def _context(name: str) -> ConstDirectiveNode:
    argument = ConstArgumentNode(name=NameNode(value="name"), value=StringValueNode(value=name))
    return ConstDirectiveNode(name=NameNode(value="context"), arguments=(argument,))
