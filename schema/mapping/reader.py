"""What readers of connector SDL have in common: arguments, texts and where each directive stands.

Every mistake is collected with its place. Source: the public Apollo Connectors convention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from graphql import (
    ConstDirectiveNode,
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    Node,
    ObjectValueNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    ValueNode,
    parse,
)
from graphql.language import ast

from schema.errors import CompositionError, Location
from schema.field_set import FieldSetSyntaxError
from schema.mapping.parse import parse_selection
from schema.mapping.place import place_in, place_of
from schema.mapping.syntax import Selection
from schema.mapping.tokens import MappingSyntaxError
from schema.mapping.virtual_schema import VirtualSchema, build_virtual_schema

_BATCH_PARTS = frozenset({"maxSize"})
_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class Application:
    """One ``@connect`` where it stands. ``place`` is how errors name it: ``subgraph:Type.field@connect[0]``."""

    node: DirectiveNode
    type_name: str
    field_name: str | None
    place: str

    @property
    def coordinate(self) -> str:
        return f"{self.type_name}.{self.field_name}" if self.field_name else self.type_name


@dataclass
class Reader:
    """``declared`` are the names of all sources, of those that cannot be read too. With ``literals`` they are
    written bare in mappings."""

    subgraph: str
    errors: list[CompositionError] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    literals: bool = False

    def tell(self, code: str, message: str, *places: tuple[Location, ...]) -> None:
        locations = next((place for place in places if place), ())
        self.errors.append(CompositionError(code, message, (self.subgraph,), locations))

    def document(self, sdl: str) -> DocumentNode | None:
        try:
            return parse(sdl)
        except GraphQLSyntaxError as error:
            place = tuple(Location(self.subgraph, at.line, at.column) for at in error.locations or ())
            self.tell("INVALID_GRAPHQL", f"The schema is not GraphQL: {error.message}", place)
            return None

    def virtual_schema(self, document: DocumentNode) -> VirtualSchema | None:
        try:
            return build_virtual_schema(document)
        except (GraphQLError, TypeError, FieldSetSyntaxError) as error:
            for line in str(error).split("\n\n"):
                self.tell("INVALID_GRAPHQL", f"The schema is not valid: {line.strip()}")
            return None

    def applications(self, virtual: VirtualSchema, name: str) -> Iterator[Application]:
        """Each ``@name`` on a type or a field of one."""
        for type_name, node in virtual.types.items():
            yield from self._on(node.directives, type_name, None, name)
            for field_node in fields_of(node):
                yield from self._on(field_node.directives, type_name, field_node.name.value, name)

    def _on(
        self, directives: tuple[ConstDirectiveNode, ...] | None, type_name: str, field_name: str | None, name: str
    ) -> Iterator[Application]:
        found = [directive for directive in directives or () if directive.name.value == name]
        where = f"{type_name}.{field_name}" if field_name else type_name
        for index, node in enumerate(found):
            yield Application(node, type_name, field_name, f"{self.subgraph}:{where}@{name}[{index}]")

    def source_name(self, arguments: dict[str, ValueNode], about: str) -> str | None:
        """The named source, which has to be declared."""
        name = text_of(arguments.get("source"))
        if name is not None and name not in self.declared:
            code = "SOURCE_NAME_MISMATCH" if self.declared else "NO_SOURCES_DEFINED"
            listed = ", ".join(sorted(self.declared))
            known = f"Known sources: {listed}." if listed else "Define it first."
            self.tell(code, f'{about} names the source "{name}". {known}', self.at(arguments["source"]))
        return name

    def declare(self, node: DirectiveNode, name: str | None) -> bool:
        """Note a source's name; ``False`` where there is none."""
        directive = f"@{node.name.value}"
        if not name:
            message = f'Give {directive} a name: {directive}(name: "registry", …).'
            self.tell("EMPTY_SOURCE_NAME", message, self.at(node))
            return False
        if name in self.declared:
            self.tell("DUPLICATE_SOURCE_NAME", f'There are two sources "{name}". Rename one.', self.at(node))
        self.declared.add(name)
        return True

    def selection(self, node: ValueNode | None, about: str, code: str = "INVALID_SELECTION") -> Selection | None:
        return self.parsed(node, partial(parse_selection, literals=self.literals), code, about)

    def parsed(
        self, node: ValueNode | None, parser: Callable[[str], _Parsed], code: str, about: str
    ) -> _Parsed | None:
        if node is None:
            return None
        if not isinstance(node, StringValueNode):
            self.tell(code, f"{about} must be a string.", self.at(node))
            return None
        try:
            return parser(node.value)
        except MappingSyntaxError as error:
            self.tell(code, f"{about}: {error.message}", place_in(self.subgraph, node, error.at))
            return None

    def arguments(self, node: DirectiveNode, known: frozenset[str], about: str) -> dict[str, ValueNode]:
        arguments: dict[str, ValueNode] = {a.name.value: a.value for a in node.arguments or ()}
        for unknown in sorted(arguments.keys() - known):
            self.tell("INVALID_GRAPHQL", f'{about} has no argument "{unknown}".', self.at(arguments[unknown]))
        return arguments

    def parts(self, node: ValueNode | None, known: frozenset[str], about: str) -> dict[str, ValueNode]:
        """The members of an argument that is an object. What is misspelt would go unread."""
        if node is not None and not isinstance(node, ObjectValueNode | ast.NullValueNode):
            listed = ", ".join(sorted(known))
            self.tell("INVALID_GRAPHQL", f"{about} must be an object: {{ {listed} }}.", self.at(node))
        members = object_of(node)
        for unknown in sorted(members.keys() - known):
            self.tell("INVALID_GRAPHQL", f'{about} has no "{unknown}".', self.at(members[unknown]))
        return members

    def batch_size(self, arguments: dict[str, ValueNode], about: str) -> int | None:
        """``batch: { maxSize }``: how many keys one request takes at most."""
        size = self.parts(arguments.get("batch"), _BATCH_PARTS, f"batch of {about}").get("maxSize")
        if size is None:
            return None
        if not isinstance(size, ast.IntValueNode) or int(size.value) < 1:
            self.tell("INVALID_GRAPHQL", f"maxSize of {about} must be a whole number from 1 on.", self.at(size))
            return None
        return int(size.value)

    def at(self, node: Node | None) -> tuple[Location, ...]:
        return place_of(self.subgraph, node)


def on_schema(document: DocumentNode, name: str) -> Iterator[DirectiveNode]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            yield from (d for d in definition.directives or () if d.name.value == name)


def fields_of(node: ast.TypeDefinitionNode) -> tuple[ast.FieldDefinitionNode, ...]:
    return (node.fields or ()) if isinstance(node, ast.ObjectTypeDefinitionNode) else ()


def object_of(node: ValueNode | None) -> dict[str, ValueNode]:
    return {f.name.value: f.value for f in node.fields} if isinstance(node, ObjectValueNode) else {}


def text_of(node: ValueNode | None) -> str | None:
    return node.value if isinstance(node, StringValueNode) else None
