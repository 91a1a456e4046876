"""What the results and arguments of durable mutations are made of, as the tickets' subgraph has it.

A copy of the department's types, without what another subgraph or a key would have to bring: such fields stay with
the department, and are fetched from there by the key of the object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    BooleanValueNode,
    ConstArgumentNode,
    ConstDirectiveNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
)

from schema.composition.flatten import FlatDocument
from schema.directives import Links
from schema.field_set import FieldSelection
from schema.subgraph import ValidSubgraph

_CARRIED = frozenset(
    {"tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "listSize", "interfaceObject"}
)
_SPECIFIED = frozenset({"deprecated", "specifiedBy", "oneOf"})
_ELSEWHERE = ("external", "requires", "gather", "override")
_ROOTS = frozenset({"Query", "Mutation", "Subscription"})

Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


@dataclass(frozen=True, slots=True)
class Closure:
    """``types`` by name; ``shared`` are the coordinates of the object fields that both subgraphs have."""

    types: Mapping[str, TypeDefinitionNode]
    shared: frozenset[str]


def ticket_closure(valid: ValidSubgraph, flat: FlatDocument, fields: Sequence[str]) -> Closure:
    """Everything that the named mutations give and take."""
    left_out = _left_out(valid, flat)
    mutation = flat.types["Mutation"]
    asked = [each for each in _fields(mutation) if each.name.value in fields]
    names = _reached(flat, [name for each in asked for name in _named_in_field(each)], left_out)
    types = {name: _copied(flat.types[name], left_out, valid.links) for name in names}
    shared = frozenset(
        f"{name}.{each.name.value}"
        for name, node in types.items()
        if isinstance(node, ObjectTypeDefinitionNode)
        for each in node.fields or ()
    )
    return Closure(types, shared)


def carried(directives: Iterable[ConstDirectiveNode] | None, links: Links) -> tuple[ConstDirectiveNode, ...]:
    """Those that say the same wherever a definition stands."""
    return tuple(
        each
        for each in directives or ()
        if links.canonical(each) in _CARRIED or (links.canonical(each) is None and each.name.value in _SPECIFIED)
    )


def _fields(node: TypeDefinitionNode | None) -> tuple[FieldDefinitionNode, ...]:
    return tuple(node.fields or ()) if isinstance(node, Composite) else ()


def _left_out(valid: ValidSubgraph, flat: FlatDocument) -> frozenset[str]:
    """Coordinates of fields that only the department's own subgraph can tell, in interfaces too."""
    found = {
        f"{name}.{each.name.value}"
        for name, node in flat.types.items()
        for each in _fields(node)
        if _is_elsewhere(each, valid.links) and each.name.value not in _key_fields(valid, name)
    }
    of_interfaces = {
        f"{above.name.value}.{coordinate.partition('.')[2]}"
        for coordinate in found
        for above in getattr(flat.types[coordinate.partition(".")[0]], "interfaces", None) or ()
    }
    return frozenset(found | of_interfaces)


def _is_elsewhere(node: FieldDefinitionNode, links: Links) -> bool:
    is_contextual = any(links.has(each, "fromContext") for each in node.arguments or ())
    return is_contextual or _type_name(node.type) in _ROOTS or any(links.has(node, each) for each in _ELSEWHERE)


def _key_fields(valid: ValidSubgraph, type_name: str) -> frozenset[str]:
    keys = valid.types[type_name].keys if type_name in valid.types else ()
    return frozenset(
        each.name for key in keys for each in key.fields.selections if isinstance(each, FieldSelection)
    )


def _reached(flat: FlatDocument, begun: Iterable[str], left_out: frozenset[str]) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(begun)
    while waiting:
        name = waiting.pop()
        node = flat.types.get(name)
        if node is not None and name not in found and name not in _ROOTS:
            found[name] = None
            waiting.extend(_named_in(node, flat, left_out))
    return sorted(found)


def _named_in(node: TypeDefinitionNode, flat: FlatDocument, left_out: frozenset[str]) -> Iterator[str]:
    name = node.name.value
    if isinstance(node, Composite):
        yield from (each.name.value for each in node.interfaces or ())
        for each in node.fields or ():
            if f"{name}.{each.name.value}" not in left_out:
                yield from _named_in_field(each)
    if isinstance(node, InterfaceTypeDefinitionNode):
        yield from (other for other, one in flat.types.items() if name in _interfaces(one))
    if isinstance(node, UnionTypeDefinitionNode):
        yield from (each.name.value for each in node.types or ())
    if isinstance(node, InputObjectTypeDefinitionNode):
        yield from (_type_name(each.type) for each in node.fields or ())


def _named_in_field(node: FieldDefinitionNode) -> Iterator[str]:
    yield _type_name(node.type)
    yield from (_type_name(each.type) for each in node.arguments or ())


def _interfaces(node: TypeDefinitionNode) -> list[str]:
    return [each.name.value for each in getattr(node, "interfaces", None) or ()]


def _type_name(node: TypeNode) -> str:
    while not isinstance(node, NamedTypeNode):
        node = node.type  # type: ignore[attr-defined]  # lists and non-null types wrap one
    return node.name.value


def _copied(node: TypeDefinitionNode, left_out: frozenset[str], links: Links) -> Any:
    directives = carried(node.directives, links)
    if isinstance(node, Composite):
        is_object = isinstance(node, ObjectTypeDefinitionNode)
        kept = (each for each in node.fields or () if f"{node.name.value}.{each.name.value}" not in left_out)
        keys = (_unresolvable(each) for each in links.applied(node, "key"))
        fields = tuple(_field(each, links, is_shared=is_object) for each in kept)
        return replace(node, directives=(*directives, *keys), fields=fields)
    if isinstance(node, InputObjectTypeDefinitionNode | EnumTypeDefinitionNode):
        part = "fields" if isinstance(node, InputObjectTypeDefinitionNode) else "values"
        elements = tuple(_bare(each, links) for each in getattr(node, part) or ())
        changes: dict[str, Any] = {"directives": directives, part: elements}
        return replace(node, **changes)
    return replace(node, directives=directives)


def _field(node: FieldDefinitionNode, links: Links, *, is_shared: bool) -> FieldDefinitionNode:
    shareable = (directive(links, "shareable"),) if is_shared else ()
    arguments = tuple(_bare(each, links) for each in node.arguments or ())
    return replace(node, arguments=arguments, directives=(*carried(node.directives, links), *shareable))


def _bare(node: Any, links: Links) -> Any:
    return replace(node, directives=carried(node.directives, links))


def directive(links: Links, canonical: str, *arguments: ConstArgumentNode) -> ConstDirectiveNode:
    """One of Federation's directives under the name that it has in the subgraph."""
    return ConstDirectiveNode(name=NameNode(value=links.local(canonical) or canonical), arguments=arguments)


def _unresolvable(key: ConstDirectiveNode) -> ConstDirectiveNode:
    given = tuple(each for each in key.arguments or () if each.name.value == "fields")
    return replace(key, arguments=(*given, _resolvable_not()))


def _resolvable_not() -> ConstArgumentNode:
    return ConstArgumentNode(name=NameNode(value="resolvable"), value=BooleanValueNode(value=False))
