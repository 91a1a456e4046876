"""Read a connector SDL into values; every mistake in its form is collected, with its place.

What a mapping means for the types around it is ``schema.mapping.check``. Source: the public Apollo
Connectors convention, "Directives".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
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
from schema.mapping.connect import METHODS_OF_HTTP, Connect, ConnectorSchema, Failure, Header, Source
from schema.mapping.header import header_problem
from schema.mapping.links import CONNECT, Link, find_link
from schema.mapping.parse import parse_selection
from schema.mapping.place import place_in, place_of
from schema.mapping.shape import names_of, shape_of
from schema.mapping.syntax import Selection
from schema.mapping.template import Template, parse_template, parse_url
from schema.mapping.tokens import MappingSyntaxError
from schema.mapping.virtual_schema import VirtualSchema, build_virtual_schema

_Parsed = TypeVar("_Parsed")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SOURCE_ARGUMENTS = frozenset({"name", "http", "errors", "isSuccess"})
_LITERALS_SINCE = (0, 4)
"""From this version of the convention on literals are written bare, and a connector need not make a request."""
_CONNECT_ARGUMENTS = frozenset({"source", "id", "http", "selection", "entity", "batch", "errors", "isSuccess"})
_SHARED_HTTP = frozenset({"headers", "path", "queryParams"})


def read_connectors(subgraph: str, sdl: str) -> tuple[ConnectorSchema | None, tuple[CompositionError, ...]]:
    """The SDL as values, or ``None`` and the reasons. With reasons, a value may still come along: it lacks
    what could not be read, and serves only to look for more mistakes."""
    reader = _Reader(subgraph)
    document = reader.document(sdl)
    if document is None:
        return None, tuple(reader.errors)
    link = find_link(document, CONNECT)
    reader.is_newest = link is not None and _version(link) >= _LITERALS_SINCE
    virtual = reader.virtual_schema(document)
    if link is None:
        reader.tell(
            "NO_SOURCE_IMPORT",
            "The schema does not link the connectors' specification. Add extend schema @link(url: "
            f'"{CONNECT}/v0.1", import: ["@source", "@connect"]).',
        )
    if link is None or virtual is None:
        return None, tuple(reader.errors)
    sources = tuple(reader.sources(document, link))
    connects = tuple(reader.connects(virtual, link, {source.name: source for source in sources}))
    name = link.local_name("connect")
    read = ConnectorSchema(subgraph, sdl, document, virtual, sources, connects, name)
    return read, tuple(reader.errors)


@dataclass
class _Reader:
    subgraph: str
    errors: list[CompositionError] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    """The names of all sources, of those that cannot be read too."""
    is_newest: bool = False
    """Whether literals are written bare, and a connector need not make a request (v0.4)."""
    ids: set[str] = field(default_factory=set)

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

    # @source

    def sources(self, document: DocumentNode, link: Link) -> Iterator[Source]:
        for node in _on_schema(document, link.local_name("source")):
            arguments = self._arguments(node, _SOURCE_ARGUMENTS, "@source")
            http = arguments.get("http")
            name = _text(arguments.get("name"))
            if not name:
                self.tell(
                    "EMPTY_SOURCE_NAME", 'Give @source a name: @source(name: "registry", …).', self._at(node)
                )
                continue
            if name in self.declared:
                self.tell("DUPLICATE_SOURCE_NAME", f'There are two sources "{name}". Rename one.', self._at(node))
            self.declared.add(name)
            base_url = _object(http).get("baseURL")
            base = self._parsed(base_url, parse_url, "INVALID_URL", f'@source "{name}" baseURL')
            if base_url is None:
                self.tell(
                    "INVALID_URL", f'@source "{name}" needs http: {{ baseURL: "https://…" }}.', self._at(node)
                )
            if base is None:
                continue
            if not str(base).startswith(("http://", "https://")):
                self.tell(
                    "SOURCE_SCHEME",
                    f'The baseURL of "{name}" must begin with http:// or https://.',
                    self._at(node),
                )
            yield Source(
                name,
                base,
                self._headers(http, f'@source "{name}"'),
                self._selection(_object(http).get("path"), f'path of @source "{name}"'),
                self._selection(_object(http).get("queryParams"), f'queryParams of @source "{name}"'),
                self._failure(arguments.get("errors"), f'@source "{name}"'),
                self._selection(arguments.get("isSuccess"), f'isSuccess of @source "{name}"'),
            )

    # @connect

    def connects(self, virtual: VirtualSchema, link: Link, sources: dict[str, Source]) -> Iterator[Connect]:
        name = link.local_name("connect")
        for type_name, node in virtual.types.items():
            yield from self._on(node.directives, type_name, None, name, sources)
            for field_node in _fields_of(node):
                yield from self._on(field_node.directives, type_name, field_node.name.value, name, sources)

    def _on(
        self,
        directives: tuple[ConstDirectiveNode, ...] | None,
        type_name: str,
        field_name: str | None,
        name: str,
        sources: dict[str, Source],
    ) -> Iterator[Connect]:
        found = [directive for directive in directives or () if directive.name.value == name]
        where = f"{type_name}.{field_name}" if field_name else type_name
        for index, node in enumerate(found):
            connect = self._connect(node, type_name, field_name, where, sources)
            if connect:
                yield replace(connect, place=f"{self.subgraph}:{where}@{name}[{index}]")

    def _connect(
        self, node: DirectiveNode, type_name: str, field_name: str | None, where: str, sources: dict[str, Source]
    ) -> Connect | None:
        arguments = self._arguments(node, _CONNECT_ARGUMENTS, f'@connect on "{where}"')
        http = _object(arguments.get("http"))
        verbs = [verb for verb in METHODS_OF_HTTP if verb in http]
        for unknown in sorted(http.keys() - {*METHODS_OF_HTTP, *_SHARED_HTTP, "body"}):
            self.tell(
                "INVALID_GRAPHQL", f'http of @connect on "{where}" has no "{unknown}".', self._at(http[unknown])
            )
        about = f'@connect on "{where}"'
        self._id(arguments.get("id"), about)
        maps_only = self.is_newest and "http" not in arguments
        if len(verbs) != 1 and not maps_only:
            code = "MULTIPLE_HTTP_METHODS" if verbs else "MISSING_HTTP_METHOD"
            self.tell(
                code, f'@connect on "{where}" needs exactly one of {", ".join(METHODS_OF_HTTP)}.', self._at(node)
            )
            return None
        source = self._source(arguments, sources, where)
        verb = verbs[0] if verbs else None
        url = self._parsed(http[verb], parse_url, "INVALID_URL", f"{verb} of {about}") if verb else None
        selection = self._selection(arguments.get("selection"), f"selection of {about}")
        if "selection" not in arguments:
            self.tell("INVALID_SELECTION", f'{about} needs a selection: "…".', self._at(node))
        if (verb and url is None) or selection is None:
            return None
        if verb and url is not None:
            self._check_url(url, "source" in arguments, where, http[verb])
        batch = _object(arguments.get("batch")).get("maxSize")
        entity = arguments.get("entity")
        return Connect(
            type_name,
            field_name,
            source,
            verb,
            url,
            selection,
            self._headers(arguments.get("http"), about),
            self._selection(http.get("body"), f"body of {about}", "INVALID_BODY"),
            self._selection(http.get("path"), f"path of {about}"),
            self._selection(http.get("queryParams"), f"queryParams of {about}"),
            isinstance(entity, ast.BooleanValueNode) and entity.value,
            int(batch.value) if isinstance(batch, ast.IntValueNode) else None,
            self._failure(arguments.get("errors"), about),
            self._selection(arguments.get("isSuccess"), f"isSuccess of {about}"),
            given=names_of(shape_of(selection)),
            node=node,
            strings=_strings(arguments, http, verb),
        )

    def _id(self, node: ValueNode | None, about: str) -> None:
        """An id names one connector of the schema, as names in GraphQL are written."""
        if node is None:
            return
        name = _text(node) or ""
        if not _ID.match(name):
            message = f"{about}: an id has letters, digits and _ only, and begins with no digit."
            self.tell("INVALID_CONNECTOR_ID_NAME", message, self._at(node))
        elif name in self.ids:
            self.tell("DUPLICATE_ID_NAME", f'{about}: another connector has the id "{name}".', self._at(node))
        self.ids.add(name)

    def _source(self, arguments: dict[str, ValueNode], sources: dict[str, Source], where: str) -> Source | None:
        name = _text(arguments.get("source"))
        if name is not None and name not in self.declared:
            code = "SOURCE_NAME_MISMATCH" if self.declared else "NO_SOURCES_DEFINED"
            listed = ", ".join(sorted(self.declared))
            known = f"Known sources: {listed}." if listed else "Define it with @source."
            self.tell(
                code, f'@connect on "{where}" names the source "{name}". {known}', self._at(arguments["source"])
            )
        return sources.get(name) if name else None

    def _check_url(self, url: Template, has_source: bool, where: str, node: ValueNode) -> None:
        absolute = str(url).startswith(("http://", "https://"))
        if has_source and "://" in str(url).partition("?")[0]:
            self.tell(
                "ABSOLUTE_CONNECT_URL_WITH_SOURCE",
                f'@connect on "{where}" has a source and a whole URL. Write a path ("/items") or drop the source.',
                self._at(node),
            )
        elif not has_source and not absolute:
            self.tell(
                "RELATIVE_CONNECT_URL_WITHOUT_SOURCE",
                f'@connect on "{where}" has a path but no source. Name a source, or write http(s)://….',
                self._at(node),
            )

    # Parts of both

    def _headers(self, http: ValueNode | None, about: str) -> tuple[Header, ...]:
        value = _object(http).get("headers")
        entries = value.values if isinstance(value, ast.ListValueNode) else (value,) if value else ()
        headers = tuple(header for entry in entries for header in self._header(entry, about))
        names = [header.name.lower() for header in headers]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.tell("HTTP_HEADER_NAME_COLLISION", f'{about} sets the header "{name}" twice.', self._at(value))
        return headers

    def _header(self, entry: ValueNode, about: str) -> Iterator[Header]:
        parts = _object(entry)
        name, sender = _text(parts.get("name")) or "", _text(parts.get("from"))
        value = self._parsed(parts.get("value"), parse_template, "INVALID_HEADER", f'header "{name}" of {about}')
        problem = header_problem(name, value, sender)
        if problem:
            self.tell("INVALID_HEADER", f"{about}: {problem}", self._at(entry))
        else:
            yield Header(name, value, sender)

    def _failure(self, node: ValueNode | None, about: str) -> Failure:
        parts = _object(node)
        return Failure(
            self._selection(parts.get("message"), f"errors.message of {about}"),
            self._selection(parts.get("extensions"), f"errors.extensions of {about}"),
        )

    def _selection(self, node: ValueNode | None, about: str, code: str = "INVALID_SELECTION") -> Selection | None:
        return self._parsed(node, partial(parse_selection, literals=self.is_newest), code, about)

    def _parsed(
        self, node: ValueNode | None, parser: Callable[[str], _Parsed], code: str, about: str
    ) -> _Parsed | None:
        if node is None:
            return None
        if not isinstance(node, StringValueNode):
            self.tell(code, f"{about} must be a string.", self._at(node))
            return None
        try:
            return parser(node.value)
        except MappingSyntaxError as error:
            self.tell(code, f"{about}: {error.message}", place_in(self.subgraph, node, error.at))
            return None

    def _arguments(self, node: DirectiveNode, known: frozenset[str], about: str) -> dict[str, ValueNode]:
        arguments: dict[str, ValueNode] = {a.name.value: a.value for a in node.arguments or ()}
        for unknown in sorted(arguments.keys() - known):
            self.tell("INVALID_GRAPHQL", f'{about} has no argument "{unknown}".', self._at(arguments[unknown]))
        return arguments

    def _at(self, node: Node | None) -> tuple[Location, ...]:
        return place_of(self.subgraph, node)


def _on_schema(document: DocumentNode, name: str) -> Iterator[DirectiveNode]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            yield from (d for d in definition.directives or () if d.name.value == name)


def _fields_of(node: ast.TypeDefinitionNode) -> tuple[ast.FieldDefinitionNode, ...]:
    return (node.fields or ()) if isinstance(node, ast.ObjectTypeDefinitionNode) else ()


def _object(node: ValueNode | None) -> dict[str, ValueNode]:
    return {f.name.value: f.value for f in node.fields} if isinstance(node, ObjectValueNode) else {}


def _text(node: ValueNode | None) -> str | None:
    return node.value if isinstance(node, StringValueNode) else None


def _version(link: Link) -> tuple[int, ...]:
    return tuple(int(part) for part in link.version.removeprefix("v").split(".") if part.isdigit())


def _strings(
    arguments: dict[str, ValueNode], http: dict[str, ValueNode], verb: str | None
) -> dict[str, StringValueNode]:
    url = http.get(verb) if verb else None
    nodes = {"selection": arguments.get("selection"), "url": url, "body": http.get("body")}
    return {role: node for role, node in nodes.items() if isinstance(node, StringValueNode)}
