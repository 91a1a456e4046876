"""Read a connector SDL over REST into values; every mistake in its form is collected, with its place.

What a mapping means for the types around it is ``schema.mapping.check``. Source: the public Apollo
Connectors convention, "Directives".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import DocumentNode, StringValueNode, ValueNode
from graphql.language import ast

from schema.errors import CompositionError
from schema.mapping.connect import METHODS_OF_HTTP, Connect, ConnectorSchema, Failure, Header, Source
from schema.mapping.header import header_problem
from schema.mapping.links import CONNECT, XML, Link, find_link
from schema.mapping.reader import Application, Reader, object_of, on_schema, text_of
from schema.mapping.shape import expected_of, names_of, shape_of
from schema.mapping.template import Template, parse_template, parse_url
from schema.mapping.virtual_schema import VirtualSchema

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_NAMESPACE_ARGUMENTS = frozenset({"prefix", "uri"})
_SOURCE_ARGUMENTS = frozenset({"name", "http", "errors", "isSuccess"})
_LITERALS_SINCE = (0, 4)
"""From this version of the convention on literals are written bare, and a connector need not make a request."""
_CONNECT_ARGUMENTS = frozenset({"source", "id", "http", "selection", "entity", "batch", "errors", "isSuccess"})
_SHARED_HTTP = frozenset({"headers", "path", "queryParams"})
_HEADER_PARTS = frozenset({"name", "value", "from"})
_FAILURE_PARTS = frozenset({"message", "extensions"})
_VERSIONS = frozenset({"v0.1", "v0.2", "v0.3", "v0.4"})


def read_connectors(subgraph: str, sdl: str) -> tuple[ConnectorSchema | None, tuple[CompositionError, ...]]:
    """The SDL as values, or ``None`` and the reasons. With reasons, a value may still come along: it lacks
    what could not be read, and serves only to look for more mistakes."""
    reader = _Reader(subgraph)
    document = reader.document(sdl)
    if document is None:
        return None, tuple(reader.errors)
    link = find_link(document, CONNECT)
    reader.literals = link is not None and _version(link) >= _LITERALS_SINCE
    virtual = reader.virtual_schema(document)
    if link is None:
        reader.tell(
            "NO_SOURCE_IMPORT",
            "The schema does not link the connectors' specification. Add extend schema @link(url: "
            f'"{CONNECT}/v0.1", import: ["@source", "@connect"]).',
        )
    if link is None or virtual is None:
        return None, tuple(reader.errors)
    if link.version not in _VERSIONS:
        known = ", ".join(sorted(_VERSIONS))
        reader.tell("UNKNOWN_CONNECTORS_VERSION", f"{CONNECT}/{link.version} is not known. Link one of {known}.")
    sources = tuple(reader.sources(document, link))
    connects = tuple(reader.connects(virtual, link, {source.name: source for source in sources}))
    name = link.local_name("connect")
    namespaces = dict(reader.namespaces(document))
    read = ConnectorSchema(subgraph, sdl, document, virtual, sources, connects, name, namespaces)
    return read, tuple(reader.errors)


@dataclass
class _Reader(Reader):
    """``literals`` mark the newest version (v0.4), in which a connector need not make a request either."""

    ids: set[str] = field(default_factory=set)

    # @source

    def sources(self, document: DocumentNode, link: Link) -> Iterator[Source]:
        for node in on_schema(document, link.local_name("source")):
            arguments = self.arguments(node, _SOURCE_ARGUMENTS, "@source")
            http = arguments.get("http")
            name = text_of(arguments.get("name"))
            self.parts(http, _SHARED_HTTP | {"baseURL"}, f'http of @source "{name or ""}"')
            if not self.declare(node, name) or name is None:
                continue
            base_url = object_of(http).get("baseURL")
            base = self.parsed(base_url, parse_url, "INVALID_URL", f'@source "{name}" baseURL')
            if base_url is None:
                self.tell(
                    "INVALID_URL", f'@source "{name}" needs http: {{ baseURL: "https://…" }}.', self.at(node)
                )
            if base is None:
                continue
            if not str(base).startswith(("http://", "https://")):
                self.tell(
                    "SOURCE_SCHEME",
                    f'The baseURL of "{name}" must begin with http:// or https://.',
                    self.at(node),
                )
            yield Source(
                name,
                base,
                self._headers(http, f'@source "{name}"'),
                self.selection(object_of(http).get("path"), f'path of @source "{name}"'),
                self.selection(object_of(http).get("queryParams"), f'queryParams of @source "{name}"'),
                self._failure(arguments.get("errors"), f'@source "{name}"'),
                self.selection(arguments.get("isSuccess"), f'isSuccess of @source "{name}"'),
            )

    def namespaces(self, document: DocumentNode) -> Iterator[tuple[str, str]]:
        """``@xmlNamespace``: docs/spec/xml.md."""
        link = find_link(document, XML)
        for node in on_schema(document, link.local_name("xmlNamespace")) if link else ():
            arguments = self.arguments(node, _NAMESPACE_ARGUMENTS, "@xmlNamespace")
            prefix, uri = text_of(arguments.get("prefix")), text_of(arguments.get("uri"))
            if prefix and uri and _ID.match(prefix):
                yield uri, prefix
            else:
                message = "@xmlNamespace needs a prefix, which is a name, and a uri."
                self.tell("INVALID_XML_NAMESPACE", message, self.at(node))

    # @connect

    def connects(self, virtual: VirtualSchema, link: Link, sources: dict[str, Source]) -> Iterator[Connect]:
        for application in self.applications(virtual, link.local_name("connect")):
            connect = self._connect(application, sources)
            if connect:
                yield connect

    def _connect(self, application: Application, sources: dict[str, Source]) -> Connect | None:
        node, where = application.node, application.coordinate
        arguments = self.arguments(node, _CONNECT_ARGUMENTS, f'@connect on "{where}"')
        http = object_of(arguments.get("http"))
        verbs = [verb for verb in METHODS_OF_HTTP if verb in http]
        for unknown in sorted(http.keys() - {*METHODS_OF_HTTP, *_SHARED_HTTP, "body"}):
            self.tell(
                "INVALID_GRAPHQL", f'http of @connect on "{where}" has no "{unknown}".', self.at(http[unknown])
            )
        about = f'@connect on "{where}"'
        self._id(arguments.get("id"), about)
        maps_only = self.literals and "http" not in arguments
        if len(verbs) != 1 and not maps_only:
            code = "MULTIPLE_HTTP_METHODS" if verbs else "MISSING_HTTP_METHOD"
            self.tell(
                code, f'@connect on "{where}" needs exactly one of {", ".join(METHODS_OF_HTTP)}.', self.at(node)
            )
            return None
        source_name = self.source_name(arguments, about)
        verb = verbs[0] if verbs else None
        url = self.parsed(http[verb], parse_url, "INVALID_URL", f"{verb} of {about}") if verb else None
        selection = self.selection(arguments.get("selection"), f"selection of {about}")
        if "selection" not in arguments:
            self.tell("INVALID_SELECTION", f'{about} needs a selection: "…".', self.at(node))
        if (verb and url is None) or selection is None:
            return None
        if verb and url is not None:
            self._check_url(url, "source" in arguments, where, http[verb])
        entity = arguments.get("entity")
        return Connect(
            application.type_name,
            application.field_name,
            sources.get(source_name or ""),
            verb,
            url,
            selection,
            self._headers(arguments.get("http"), about),
            self.selection(http.get("body"), f"body of {about}", "INVALID_BODY"),
            self.selection(http.get("path"), f"path of {about}"),
            self.selection(http.get("queryParams"), f"queryParams of {about}"),
            isinstance(entity, ast.BooleanValueNode) and entity.value,
            self.batch_size(arguments, about),
            self._failure(arguments.get("errors"), about),
            self.selection(arguments.get("isSuccess"), f"isSuccess of {about}"),
            place=application.place,
            given=names_of(shape_of(selection)),
            expected=expected_of(shape_of(selection)),
            node=node,
            strings=_strings(arguments, http, verb),
        )

    def _id(self, node: ValueNode | None, about: str) -> None:
        """An id names one connector of the schema, as names in GraphQL are written."""
        if node is None:
            return
        name = text_of(node) or ""
        if not _ID.match(name):
            message = f"{about}: an id has letters, digits and _ only, and begins with no digit."
            self.tell("INVALID_CONNECTOR_ID_NAME", message, self.at(node))
        elif name in self.ids:
            self.tell("DUPLICATE_ID_NAME", f'{about}: another connector has the id "{name}".', self.at(node))
        self.ids.add(name)

    def _check_url(self, url: Template, has_source: bool, where: str, node: ValueNode) -> None:
        absolute = str(url).startswith(("http://", "https://"))
        if has_source and "://" in str(url).partition("?")[0]:
            self.tell(
                "ABSOLUTE_CONNECT_URL_WITH_SOURCE",
                f'@connect on "{where}" has a source and a whole URL. Write a path ("/items") or drop the source.',
                self.at(node),
            )
        elif not has_source and not absolute:
            self.tell(
                "RELATIVE_CONNECT_URL_WITHOUT_SOURCE",
                f'@connect on "{where}" has a path but no source. Name a source, or write http(s)://….',
                self.at(node),
            )

    # Parts of both

    def _headers(self, http: ValueNode | None, about: str) -> tuple[Header, ...]:
        value = object_of(http).get("headers")
        entries = value.values if isinstance(value, ast.ListValueNode) else (value,) if value else ()
        headers = tuple(header for entry in entries for header in self._header(entry, about))
        names = [header.name.lower() for header in headers]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.tell("HTTP_HEADER_NAME_COLLISION", f'{about} sets the header "{name}" twice.', self.at(value))
        return headers

    def _header(self, entry: ValueNode, about: str) -> Iterator[Header]:
        parts = self.parts(entry, _HEADER_PARTS, f"a header of {about}")
        name, sender = text_of(parts.get("name")) or "", text_of(parts.get("from"))
        value = self.parsed(parts.get("value"), parse_template, "INVALID_HEADER", f'header "{name}" of {about}')
        problem = header_problem(name, value, sender)
        if problem:
            self.tell("INVALID_HEADER", f"{about}: {problem}", self.at(entry))
        else:
            yield Header(name, value, sender)

    def _failure(self, node: ValueNode | None, about: str) -> Failure:
        parts = self.parts(node, _FAILURE_PARTS, f"errors of {about}")
        return Failure(
            self.selection(parts.get("message"), f"errors.message of {about}"),
            self.selection(parts.get("extensions"), f"errors.extensions of {about}"),
        )


def _version(link: Link) -> tuple[int, ...]:
    return tuple(int(part) for part in link.version.removeprefix("v").split(".") if part.isdigit())


def _strings(
    arguments: dict[str, ValueNode], http: dict[str, ValueNode], verb: str | None
) -> dict[str, StringValueNode]:
    nodes = {role: http.get(role) for role in ("body", "path", "queryParams")}
    nodes |= {role: arguments.get(role) for role in ("selection", "isSuccess")}
    nodes |= {role: object_of(arguments.get("errors")).get(role) for role in ("message", "extensions")}
    nodes["url"] = http.get(verb) if verb else None
    return {role: node for role, node in nodes.items() if isinstance(node, StringValueNode)}
