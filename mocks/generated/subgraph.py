"""Read any subgraph's SDL into what a process can execute, and what its directives say.

Federation 1 and 2: extensions become types, ``_service`` and ``_entities`` are added, definitions of the
machinery that an SDL may carry along are dropped. Source: https://www.apollographql.com/docs/federation,
"Subgraph specification".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    SelectionSetNode,
    TypeDefinitionNode,
    build_ast_schema,
    is_abstract_type,
    parse,
    validate_schema,
)

from mocks.generated.definitions import UnreadableSdl, merged_definitions, with_federation
from mocks.generated.links import Links, read_links

FieldSet = tuple[tuple[str, "FieldSet"], ...]
"""``id owner { id }`` as names with what is selected below; of fragments the fields alone."""


@dataclass(frozen=True)
class Subgraph:
    """An SDL, read. Keys and requirements are by the name of the type; ``families`` are interfaces with a key,
    whose objects are the same whether they are known by the interface or by their own type."""

    sdl: str
    schema: GraphQLSchema
    links: Links
    nodes: Mapping[str, TypeDefinitionNode]
    keys: Mapping[str, tuple[FieldSet, ...]]
    requires: Mapping[tuple[str, str], FieldSet]
    gathered: frozenset[tuple[str, str]]
    hidden: frozenset[str]
    """Types (``Name``) and enum values (``Name.VALUE``) that clients must not see."""
    families: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[Mapping[str, Any], ...] = ()
    """The arguments of each ``@source``."""

    @property
    def connects(self) -> tuple[tuple[str, str | None, Mapping[str, Any]], ...]:
        """Each ``@connect``: its type, its field (``None`` where it stands on the type), its arguments."""
        found: list[tuple[str, str | None, Mapping[str, Any]]] = []
        for name, node in self.nodes.items():
            found += [(name, None, connect) for connect in self.links.arguments(node, "connect")]
            for each in getattr(node, "fields", None) or ():
                found += [(name, each.name.value, connect) for connect in self.links.arguments(each, "connect")]
        return tuple(found)

    def type(self, name: str) -> GraphQLNamedType:
        return self.schema.type_map[name]

    def object_type(self, name: str) -> GraphQLObjectType | GraphQLInterfaceType:
        found = self.schema.type_map[name]
        assert isinstance(found, GraphQLObjectType | GraphQLInterfaceType)  # noqa: S101  callers checked
        return found

    def family(self, type_name: str) -> str:
        return self.families.get(type_name, type_name)

    def keys_of(self, type_name: str) -> tuple[FieldSet, ...]:
        return self.keys.get(type_name, ()) or self.keys.get(self.family(type_name), ())

    def is_identified(self, type_name: str) -> bool:
        """Whether its objects are found by a key, or have at least an ``id``."""
        named = self.type(type_name)
        if is_abstract_type(named):
            members = self.schema.get_possible_types(named)
            return bool(self.keys.get(type_name)) or any(self.is_identified(each.name) for each in members)
        if not isinstance(named, GraphQLObjectType) or self.is_root(type_name):
            return False
        return bool(self.keys_of(type_name)) or "id" in named.fields

    def is_root(self, type_name: str) -> bool:
        roots = (self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type)
        return any(root is not None and root.name == type_name for root in roots)

    def members(self, type_name: str) -> list[str]:
        """The object types that may stand there and that clients may see, sorted."""
        named = self.type(type_name)
        if not is_abstract_type(named):
            return [type_name]
        names = sorted(each.name for each in self.schema.get_possible_types(named))
        return [name for name in names if name not in self.hidden] or names


def read_subgraph(sdl: str) -> Subgraph:
    """Raises :class:`UnreadableSdl`."""
    try:
        document = parse(sdl, no_location=False)
    except GraphQLError as error:
        raise UnreadableSdl(str(error)) from error
    if any(isinstance(node, OperationDefinitionNode) for node in document.definitions):
        raise UnreadableSdl("This is an operation, not a schema. Give the SDL of a subgraph.")
    links = read_links(document)
    nodes, executable = merged_definitions(document, links)
    keys = {name: found for name, node in nodes.items() if (found := _keys(node, links))}
    schema = _schema(executable, keys, nodes)
    return Subgraph(
        sdl=sdl,
        schema=schema,
        links=links,
        nodes=nodes,
        keys=keys,
        requires=_requires(nodes, links),
        gathered=frozenset(_marked(nodes, links, "gather")),
        hidden=frozenset(_hidden(nodes, links)),
        families=_families(schema, keys),
        sources=tuple(_sources(document, links)),
    )


def _sources(document: DocumentNode, links: Links) -> Iterable[Mapping[str, Any]]:
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            yield from links.arguments(node, "source")


def _schema(
    executable: DocumentNode, keys: Mapping[str, Any], nodes: Mapping[str, TypeDefinitionNode]
) -> GraphQLSchema:
    try:
        schema = build_ast_schema(with_federation(executable, keys, nodes), assume_valid_sdl=True)
    except (GraphQLError, TypeError) as error:
        raise UnreadableSdl(f"{error} Define what is missing, or remove its use.") from error
    if wrong := validate_schema(schema):
        raise UnreadableSdl(" ".join(error.message for error in wrong))
    return schema


def _keys(node: TypeDefinitionNode, links: Links) -> tuple[FieldSet, ...]:
    given = [arguments.get("fields", "") for arguments in links.arguments(node, "key")]
    return tuple(read_field_set(" ".join(each) if isinstance(each, list) else str(each)) for each in given)


def read_field_set(text: str) -> FieldSet:
    """Raises :class:`UnreadableSdl`."""
    braced = text if text.lstrip().startswith("{") else f"{{ {text} }}"
    try:
        (operation,) = parse(braced).definitions
    except GraphQLError as error:
        raise UnreadableSdl(f'"{text}" is no set of fields: {error.message}') from error
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101  braces around it make one
    return _fields(operation.selection_set)


def _fields(selections: SelectionSetNode) -> FieldSet:
    found: dict[str, FieldSet] = {}
    for each in selections.selections:
        if isinstance(each, FieldNode) and each.name.value != "__typename":
            below = _fields(each.selection_set) if each.selection_set else ()
            found[each.name.value] = _joined(found.get(each.name.value, ()), below)
        elif isinstance(each, InlineFragmentNode):
            for name, below in _fields(each.selection_set):
                found[name] = _joined(found.get(name, ()), below)
    return tuple(found.items())


def _joined(one: FieldSet, other: FieldSet) -> FieldSet:
    return tuple({**dict(one), **dict(other)}.items())


def _requires(nodes: Mapping[str, TypeDefinitionNode], links: Links) -> dict[tuple[str, str], FieldSet]:
    return {
        (name, each.name.value): read_field_set(str(arguments.get("fields", "")))
        for name, node in nodes.items()
        for each in getattr(node, "fields", None) or ()
        for arguments in links.arguments(each, "requires")
    }


def _marked(nodes: Mapping[str, TypeDefinitionNode], links: Links, directive: str) -> Iterable[tuple[str, str]]:
    for name, node in nodes.items():
        for each in getattr(node, "fields", None) or ():
            if links.has(each, directive):
                yield name, each.name.value


def _hidden(nodes: Mapping[str, TypeDefinitionNode], links: Links) -> Iterable[str]:
    for name, node in nodes.items():
        if links.has(node, "inaccessible"):
            yield name
        values: tuple[Node, ...] = getattr(node, "values", None) or ()
        for value in values:
            if links.has(value, "inaccessible"):
                yield f"{name}.{value.name.value}"  # type: ignore[attr-defined]  # an enum's value


def _families(schema: GraphQLSchema, keys: Mapping[str, Any]) -> dict[str, str]:
    """Each object type with the first interface it implements that has a key."""
    found: dict[str, str] = {}
    for name, named in schema.type_map.items():
        if isinstance(named, GraphQLObjectType):
            with_key = sorted(each.name for each in named.interfaces if each.name in keys)
            if with_key:
                found[name] = with_key[0]
    return found
