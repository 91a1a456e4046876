"""Print a supergraph as join-spec SDL, sorted, so that equal graphs print equal bytes.

Gathered fields carry ``@join__field`` for each gatherer and keep ``@gather`` under a link of its own.
Source: https://specs.apollo.dev/join/v0.3; docs/spec/gather.md, docs/spec/durable.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from graphql import (
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLUnionType,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    is_specified_directive,
    print_ast,
)

from schema.composition.collector import collector_paused
from schema.composition.join_definitions import join_definitions
from schema.composition.join_directives import joined_directives
from schema.contexts import ContextArgument
from schema.directives import DURABLE, GATHER
from schema.subgraph import EntityKey, TypeRules, ValidSubgraph
from schema.supergraph import FieldSource, Supergraph


def print_supergraph(supergraph: Supergraph) -> str:
    """The whole document; every line depends only on the value, never on the order of anything."""
    with collector_paused():
        return _Printer(supergraph).document()


class _Printer:
    def __init__(self, supergraph: Supergraph) -> None:
        self.supergraph = supergraph
        self.schema = supergraph.schema
        self.graphs = _graph_names(supergraph.subgraphs)
        self.is_gathering = any(each.gather for sources in supergraph.sources.values() for each in sources)
        self.is_durable = any(
            rules.durable is not None for each in supergraph.subgraphs.values() for rules in each.fields.values()
        )
        is_contextual = any(each.contextual for sources in supergraph.sources.values() for each in sources)
        self.joined = joined_directives(supergraph.subgraphs.values())
        is_newer = bool(supergraph.labels or self.joined)
        self.version = (0, 5) if is_contextual else (0, 4) if is_newer else (0, 3)
        self.owners: dict[str, list[ValidSubgraph]] = {}
        for subgraph in sorted(supergraph.subgraphs.values(), key=lambda each: each.name):
            for name in subgraph.schema.type_map.keys() - subgraph.links.machinery:
                self.owners.setdefault(name, []).append(subgraph)
        self.featured = frozenset(element for each in supergraph.features for element in each.elements)
        types = (type_.ast_node for name, type_ in self.schema.type_map.items() if name not in self.featured)
        self.nodes = {node.name.value: node for node in types if isinstance(node, TypeDefinitionNode)}

    def document(self) -> str:
        directives = (each.ast_node for each in self.schema.directives if not is_specified_directive(each))
        own = [
            print_ast(node)
            for node in directives
            if isinstance(node, DirectiveDefinitionNode) and f"@{node.name.value}" not in self.featured
        ]
        types = [self._type(self.nodes[name]) for name in sorted(self.nodes)]
        blocks = [
            self._schema(),
            *join_definitions(self.version),
            *self._feature_definitions(),
            self._graph_enum(),
            *own,
            *types,
        ]
        return "\n\n".join(blocks) + "\n"

    def _schema(self) -> str:
        links = [
            '@link(url: "https://specs.apollo.dev/link/v1.0")',
            f'@link(url: "https://specs.apollo.dev/join/v{self.version[0]}.{self.version[1]}", for: EXECUTION)',
        ]
        links.extend(str(feature) for feature in self.supergraph.features)
        if self.is_gathering:
            links.append(f'@link(url: "{GATHER}/v0.1", import: ["@gather"], for: EXECUTION)')
        if self.is_durable:
            links.append(f'@link(url: "{DURABLE}/v0.1", import: ["@durable"], for: EXECUTION)')
        roots = [
            name
            for name in ("Query", "Mutation", "Subscription")
            if isinstance(self.nodes.get(name), ObjectTypeDefinitionNode)
        ]
        operations = "\n".join(f"  {name.lower()}: {name}" for name in roots)
        own = self.schema.ast_node.directives if self.schema.ast_node else ()
        links.extend(print_ast(each) for each in own or ())
        description = self.schema.ast_node.description if self.schema.ast_node else None
        head = [print_ast(description)] if description else []
        return "\n".join([*head, "schema", *(f"  {link}" for link in links), "{", operations, "}"])

    def _feature_definitions(self) -> Iterator[str]:
        for feature in self.supergraph.features:
            yield from (print_ast(node) for node in feature.definitions)
        if self.is_gathering:
            yield "directive @gather(key: join__FieldSet) on FIELD_DEFINITION"
        if self.is_durable:
            yield "directive @durable on FIELD_DEFINITION"

    def _graph_enum(self) -> str:
        values = (
            f"  {self.graphs[each.name]} @join__graph(name: {_quote(each.name)}, url: {_quote(each.url)})"
            for each in sorted(self.supergraph.subgraphs.values(), key=lambda each: each.name)
        )
        return "\n".join(["enum join__Graph {", *values, "}"])

    def _type(self, node: TypeDefinitionNode) -> str:
        name = node.name.value
        owners = self.owners.get(name, [])
        joins = [join for owner in owners for join in self._join_type(owner, name)]
        head, body = _keyword(node), ""
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            interfaces = [each.name.value for each in node.interfaces or ()]
            head += f" implements {' & '.join(interfaces)}" if interfaces else ""
            joins += [join for owner in owners for join in self._join_implements(owner, name)]
            body = self._block(self._field(name, field, owners) for field in node.fields or ())
        elif isinstance(node, UnionTypeDefinitionNode):
            joins += [join for owner in owners for join in self._join_members(owner, name)]
            body = f" = {' | '.join(each.name.value for each in node.types or ())}"
        elif isinstance(node, EnumTypeDefinitionNode):
            body = self._block(self._value(name, value, owners) for value in node.values or ())
        elif isinstance(node, InputObjectTypeDefinitionNode):
            body = self._block(self._input_field(name, field, owners) for field in node.fields or ())
        joins += [print_ast(each) for each in node.directives or ()]
        joins += self._join_directives(name)
        description = f"{print_ast(node.description)}\n" if node.description else ""
        end = "\n" if body.startswith("{") else ""
        return description + "\n  ".join([head, *joins]) + end + body

    def _block(self, lines: Iterable[str]) -> str:
        return "\n".join(["{", *(_indent(line) for line in lines), "}"])

    def _field(self, type_name: str, node: FieldDefinitionNode, owners: list[ValidSubgraph]) -> str:
        name = node.name.value
        every = self.supergraph.sources_of(type_name, name)
        sources = tuple(source for source in every if source.interface_object is None)
        plain = " ".join([_text(node), *self._join_directives(f"{type_name}.{name}")])
        if not sources:
            return f"{plain} @join__field"
        if self._is_durable(type_name, name, sources):
            plain = f"{plain} @durable"
        if _is_plain(sources, owners, node):
            return plain
        differs = len({_type_text(node.type), *(source.type for source in sources)}) > 1
        joins = [self._join_field(type_name, name, source, differs) for source in sources]
        gather = self.supergraph.gather_of(type_name, name)
        if gather:
            joins.append(f"@gather(key: {_quote(str(gather.key))})" if gather.key else "@gather")
        return " ".join([plain, *joins])

    def _is_durable(self, type_name: str, name: str, sources: Iterable[FieldSource]) -> bool:
        """Whether clients get a ticket. What else the directive said is between hub and department."""
        subgraphs = (self.supergraph.subgraphs[source.subgraph] for source in sources)
        return any(each.rules(type_name, name).durable is not None for each in subgraphs)

    def _join_field(self, type_name: str, name: str, source: FieldSource, differs: bool) -> str:
        rules = self.supergraph.subgraphs[source.subgraph].rules(type_name, name)
        arguments = [f"graph: {self.graphs[source.subgraph]}"]
        if source.requires:
            arguments.append(f"requires: {_quote(str(source.requires))}")
        if source.provides:
            arguments.append(f"provides: {_quote(str(source.provides))}")
        if differs:
            arguments.append(f"type: {_quote(source.type)}")
        if source.external and not rules.overridden:
            arguments.append("external: true")
        if rules.override is not None:
            arguments.append(f"override: {_quote(rules.override)}")
        if rules.overridden:
            arguments.append("usedOverridden: true")
        if source.contextual:
            given = ", ".join(_context_argument(source.subgraph, each) for each in source.contextual)
            arguments.append(f"contextArguments: [{given}]")
        if source.switch:
            arguments.append(f"overrideLabel: {_quote(source.switch.label)}")
        return f"@join__field({', '.join(arguments)})"

    def _join_directives(self, coordinate: str) -> Iterator[str]:
        for each in self.joined.get(coordinate, ()):
            graphs = ", ".join(self.graphs[subgraph] for subgraph in each.subgraphs)
            yield f'@join__directive(graphs: [{graphs}], name: "{each.name}", args: {{{each.arguments}}})'

    def _input_field(self, type_name: str, node: InputValueDefinitionNode, owners: list[ValidSubgraph]) -> str:
        merged_type = _type_text(node.type)
        types = {each.name: _input_type(each, type_name, node.name.value) for each in owners}
        if all(each == merged_type for each in types.values()):
            return _text(node)
        differs = len({merged_type, *types.values()} - {None}) > 1
        joins = [
            f"@join__field(graph: {self.graphs[subgraph]}{f', type: {_quote(each)}' if differs else ''})"
            for subgraph, each in types.items()
            if each is not None
        ]
        return " ".join([_text(node), *joins])

    def _value(self, type_name: str, node: EnumValueDefinitionNode, owners: list[ValidSubgraph]) -> str:
        joins = [
            f"@join__enumValue(graph: {self.graphs[owner.name]})"
            for owner in owners
            if _has_value(owner.schema.type_map[type_name], node.name.value)
        ]
        plain = print_ast(node) if node.description or node.directives else node.name.value
        return " ".join([plain, *joins])

    def _join_type(self, owner: ValidSubgraph, name: str) -> Iterator[str]:
        graph = self.graphs[owner.name]
        keys = self.supergraph.keys_of(name, owner.name)
        if not keys:
            yield f"@join__type(graph: {graph})"
        # In Federation 1 nearly every type that is not one's own was an extension: it says nothing.
        is_extension = not owner.links.is_federation_1 and owner.types.get(name, TypeRules()).is_extension
        is_interface_object = owner.is_interface_object(name)
        for key in keys:
            yield f"@join__type({', '.join(_key_arguments(graph, key, is_extension, is_interface_object))})"

    def _join_implements(self, owner: ValidSubgraph, name: str) -> Iterator[str]:
        for interface in sorted(each.name for each in getattr(owner.schema.type_map[name], "interfaces", ())):
            yield f"@join__implements(graph: {self.graphs[owner.name]}, interface: {_quote(interface)})"

    def _join_members(self, owner: ValidSubgraph, name: str) -> Iterator[str]:
        type_ = owner.schema.type_map[name]
        members = type_.types if isinstance(type_, GraphQLUnionType) else ()
        for member in sorted(each.name for each in members):
            yield f"@join__unionMember(graph: {self.graphs[owner.name]}, member: {_quote(member)})"


def _graph_names(subgraphs: Iterable[str]) -> dict[str, str]:
    """Enum values for subgraph names: upper case, anything but letters and digits an underscore."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for subgraph in sorted(subgraphs):
        base = re.sub(r"[^A-Z0-9_]", "_", subgraph.upper())
        base = f"_{base}" if base[:1].isdigit() or base.startswith("__") else base
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        names[subgraph] = name
    return names


def _key_arguments(graph: str, key: EntityKey, is_extension: bool, is_interface_object: bool) -> Iterator[str]:
    yield f"graph: {graph}"
    yield f"key: {_quote(str(key.fields))}"
    if is_extension:
        yield "extension: true"
    if not key.resolvable:
        yield "resolvable: false"
    if is_interface_object:
        yield "isInterfaceObject: true"


def _context_argument(subgraph: str, argument: ContextArgument) -> str:
    selection = str(argument.selection)
    text = f" {selection}" if selection.startswith("...") else f" {{ {selection} }}"
    return (
        f"{{context: {_quote(f'{subgraph}__{argument.context}')}, name: {_quote(argument.name)}, "
        f"type: {_quote(argument.type)}, selection: {_quote(text)}}}"
    )


def _is_plain(sources: tuple[FieldSource, ...], owners: list[ValidSubgraph], node: FieldDefinitionNode) -> bool:
    """A field that every subgraph with the type resolves alike needs no ``@join__field``."""
    merged_type = _type_text(node.type)
    return len(sources) == len(owners) and all(
        source.type == merged_type
        and not (source.external or source.requires or source.provides or source.gather)
        and not (source.switch or source.contextual)
        for source in sources
    )


def _text(node: FieldDefinitionNode | InputValueDefinitionNode) -> str:
    """The field as ``print_ast`` writes it; most have nothing but a name and a type, and are written at once."""
    is_bare = not (node.description or node.directives or getattr(node, "arguments", None))
    if is_bare and getattr(node, "default_value", None) is None:
        return f"{node.name.value}: {_type_text(node.type)}"
    return print_ast(node)


def _type_text(node: TypeNode) -> str:
    if isinstance(node, NonNullTypeNode):
        return f"{_type_text(node.type)}!"
    if isinstance(node, ListTypeNode):
        return f"[{_type_text(node.type)}]"
    return node.name.value if isinstance(node, NamedTypeNode) else print_ast(node)


def _keyword(node: TypeDefinitionNode) -> str:
    keywords = {
        ObjectTypeDefinitionNode: "type",
        InterfaceTypeDefinitionNode: "interface",
        UnionTypeDefinitionNode: "union",
        EnumTypeDefinitionNode: "enum",
        InputObjectTypeDefinitionNode: "input",
        ScalarTypeDefinitionNode: "scalar",
    }
    return f"{keywords[type(node)]} {node.name.value}"


def _input_type(subgraph: ValidSubgraph, type_name: str, name: str) -> str | None:
    type_ = subgraph.schema.type_map[type_name]
    fields = type_.fields if isinstance(type_, GraphQLInputObjectType) else {}
    return str(fields[name].type) if name in fields else None


def _has_value(type_: GraphQLNamedType, name: str) -> bool:
    return isinstance(type_, GraphQLEnumType) and name in type_.values


def _indent(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
