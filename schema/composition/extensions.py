"""A type that is only extended, with nothing to extend. Source: Federation 2, "Backward compatibility".

Federation 1 means "owned elsewhere" by an extension of an object type or interface, so another subgraph has to
define it. To Federation 2 ``extend`` is a way of writing; all of a type's definitions cannot be extensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schema.composition.definitions import DefinedType, defined_types
from schema.composition.merging import Part
from schema.composition.problems import Place, Problems
from schema.subgraph import ValidSubgraph

_ROOTS = ("Query", "Mutation", "Subscription")


def check_federation_1_extensions(subgraphs: Sequence[ValidSubgraph], problems: Problems) -> None:
    """Every extension in a Federation 1 subgraph has a definition in some other subgraph."""
    if all(not each.links.is_federation_1 for each in subgraphs):
        return
    defining: dict[str, set[str]] = {}
    for subgraph in subgraphs:
        for each in defined_types(subgraph):
            if not _only_extends(each):
                defining.setdefault(each.name, set()).add(subgraph.name)
    for subgraph in (each for each in subgraphs if each.links.is_federation_1):
        for each in defined_types(subgraph):
            is_extension = _only_extends(each) or bool(each.applied("extends"))
            if is_extension and each.name not in _ROOTS and not defining.get(each.name, set()) - {subgraph.name}:
                _tell(each.name, each.place, problems)


def _only_extends(each: DefinedType) -> bool:
    return each.name in each.subgraph.types and each.subgraph.types[each.name].is_extension


def check_has_base(name: str, parts: Sequence[Part[Any]], problems: Problems) -> None:
    """Not all definitions of a type are extensions. The owner of Federation 1 extensions was found before."""
    extending = [part for part in parts if name in part.subgraph.types and part.subgraph.types[name].is_extension]
    if name in _ROOTS or len(extending) < len(parts):
        return
    for part in extending:
        _tell(name, part.place, problems)


def _tell(name: str, place: Place, problems: Problems) -> None:
    problems.error(
        "EXTENSION_WITH_NO_BASE",
        f'Subgraph "{place.subgraph}" only extends type "{name}", and no subgraph defines it. Write "type {name}" '
        f'instead of "extend type {name}".',
        place,
    )
