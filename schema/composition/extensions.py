"""Types that are extended: what they extend, and by which key Federation 1 means to reach it.

Federation 1 means "owned elsewhere" by an extension of an object type or interface, so another subgraph has to
define it; one without a key goes by the owner's. To Federation 2 ``extend`` is a way of writing; all of a type's
definitions cannot be extensions. Source: Federation 2, "Backward compatibility".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode

from schema.composition.merging import Part
from schema.composition.problems import Place, Problems
from schema.composition.read import Federation1Subgraph
from schema.composition.rules import field_set_of
from schema.field_set import FieldSelection
from schema.subgraph import ValidSubgraph

_ROOTS = ("Query", "Mutation", "Subscription")

Begun = ValidSubgraph | Federation1Subgraph


@dataclass(frozen=True, slots=True)
class _Written:
    """An object type or interface as one subgraph writes it."""

    subgraph: Begun
    node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
    only_extends: bool

    @property
    def name(self) -> str:
        return self.node.name.value

    @property
    def is_extension(self) -> bool:
        return self.only_extends or self.subgraph.links.has(self.node, "extends")

    @property
    def first_key(self) -> tuple[str, ...]:
        """The plain fields of the first of its keys."""
        key = next(iter(self.subgraph.links.applied(self.node, "key")), None)
        fields = field_set_of(key) if key else None
        return tuple(each.name for each in fields.selections if isinstance(each, FieldSelection)) if fields else ()


Written = Mapping[str, Sequence[_Written]]


def written_types(subgraphs: Sequence[Begun]) -> Written:
    """Every object type and interface by name, with what each subgraph writes of it."""
    found: dict[str, list[_Written]] = {}
    for subgraph in subgraphs:
        for each in _written(subgraph):
            found.setdefault(each.name, []).append(each)
    return found


def _written(subgraph: Begun) -> Iterator[_Written]:
    if isinstance(subgraph, Federation1Subgraph):
        nodes: Sequence[Any] = tuple(subgraph.flat.types.values())
        extensions = subgraph.flat.extensions
    else:
        nodes = subgraph.document.definitions
        extensions = frozenset(name for name, rules in subgraph.types.items() if rules.is_extension)
    for node in nodes:
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            yield _Written(subgraph, node, node.name.value in extensions)


def check_extensions(subgraph: Federation1Subgraph, types: Written, problems: Problems) -> bool:
    """Tell every extension of a type that no other subgraph defines; whether there is one."""
    without_base = [
        each
        for each in _written(subgraph)
        if each.is_extension
        and each.name not in _ROOTS
        and all(other.only_extends or other.subgraph is subgraph for other in types[each.name])
    ]
    for each in without_base:
        _tell(each.name, Place(subgraph.name, each.node), problems)
    return bool(without_base)


def owners_key_fields(subgraph: Federation1Subgraph, types: Written) -> frozenset[str]:
    """The fields of extensions without a key that are the key elsewhere: one has to know them to get there, so
    they are external by custom only."""
    return frozenset(
        f"{each.name}.{field}"
        for each in _written(subgraph)
        if each.is_extension and not subgraph.links.has(each.node, "key")
        for other in types[each.name]
        if other.subgraph is not subgraph
        for field in other.first_key
    )


def check_has_base(name: str, parts: Sequence[Part[Any]], problems: Problems) -> None:
    """Not all definitions of a type are extensions. The owner of Federation 1 extensions was found before."""
    extending = [part for part in parts if name in part.subgraph.types and part.subgraph.types[name].is_extension]
    is_old = any(part.subgraph.links.is_federation_1 and _is_composite(part) for part in extending)
    if name in _ROOTS or len(extending) < len(parts) or is_old:
        return
    for part in extending:
        _tell(name, part.place, problems)


def _is_composite(part: Part[Any]) -> bool:
    return isinstance(part.node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)


def _tell(name: str, place: Place, problems: Problems) -> None:
    problems.error(
        "EXTENSION_WITH_NO_BASE",
        f'Subgraph "{place.subgraph}" only extends type "{name}", and no subgraph defines it. Write "type {name}" '
        f'instead of "extend type {name}".',
        place,
    )
