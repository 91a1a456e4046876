"""Read a connector SDL over a database: ``@sqlSource`` and ``@sqlConnect`` as values.

Source: docs/spec/sql.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLObjectType, StringValueNode, ValueNode, get_named_type, get_nullable_type, is_list_type
from graphql.language import ast

from schema.errors import CompositionError
from schema.mapping.connect import Connect, ConnectorSchema
from schema.mapping.keyset import Keyset, parse_keyset
from schema.mapping.links import SQL, Link, find_link
from schema.mapping.reader import Application, Reader, on_schema, text_of
from schema.mapping.shape import names_of, shape_of
from schema.mapping.statement import parse_statement
from schema.mapping.syntax import Path, Selection, Variable
from schema.mapping.virtual_schema import VirtualSchema

_SOURCE_ARGUMENTS = frozenset({"name"})
_CONNECT_ARGUMENTS = frozenset({"source", "select", "key", "selection", "batch", "entity"})
_WHOLE = Selection(Path(Variable("$")))
_PAGE_ARGUMENTS = frozenset({"first", "after", "last", "before"})


def read_sql_connectors(subgraph: str, sdl: str) -> tuple[ConnectorSchema | None, tuple[CompositionError, ...]]:
    """As :func:`schema.mapping.read.read_connectors`, for a database."""
    reader = _Reader(subgraph, literals=True)
    document = reader.document(sdl)
    if document is None:
        return None, tuple(reader.errors)
    link, virtual = find_link(document, SQL), reader.virtual_schema(document)
    if link is None:
        message = f'Link it: extend schema @link(url: "{SQL}/v0.1", import: ["@sqlSource", "@sqlConnect"]).'
        reader.tell("NO_SOURCE_IMPORT", f"The schema does not link the specification of SQL connectors. {message}")
    if link is None or virtual is None:
        return None, tuple(reader.errors)
    for node in on_schema(document, link.local_name("sqlSource")):
        reader.declare(node, text_of(reader.arguments(node, _SOURCE_ARGUMENTS, "@sqlSource").get("name")))
    connects = tuple(reader.connects(virtual, link))
    name = link.local_name("sqlConnect")
    return ConnectorSchema(subgraph, sdl, document, virtual, (), connects, name), tuple(reader.errors)


class _Reader(Reader):
    def connects(self, virtual: VirtualSchema, link: Link) -> Iterator[Connect]:
        for application in self.applications(virtual, link.local_name("sqlConnect")):
            connect = self._connect(application, virtual)
            if connect:
                yield connect

    def _connect(self, application: Application, virtual: VirtualSchema) -> Connect | None:
        about = f'@sqlConnect on "{application.coordinate}"'
        arguments = self.arguments(application.node, _CONNECT_ARGUMENTS, about)
        self.source_name(arguments, about)
        if "select" not in arguments:
            self.tell("INVALID_SQL", f'{about} needs a query: select: "SELECT …".', self.at(application.node))
            return None
        statement = self.parsed(arguments["select"], parse_statement, "INVALID_SQL", f"select of {about}")
        selection = self.selection(arguments.get("selection"), f"selection of {about}")
        if statement is None or (selection is None and "selection" in arguments):
            return None
        entity = arguments.get("entity")
        return Connect(
            application.type_name,
            application.field_name,
            None,
            None,
            None,
            selection or _WHOLE,
            entity=isinstance(entity, ast.BooleanValueNode) and entity.value,
            batch_size=self.batch_size(arguments, about),
            statement=statement,
            keyset=self._keyset(arguments, application, virtual, about),
            gives_rows=_gives_rows(application, virtual),
            place=application.place,
            given=names_of(shape_of(selection)) if selection else None,
            node=application.node,
            strings=_strings(arguments),
        )

    def _keyset(
        self, arguments: dict[str, ValueNode], application: Application, virtual: VirtualSchema, about: str
    ) -> Keyset | None:
        """A connection is read page by page, in the order of the columns that are named for it."""
        is_page = _is_page(application, virtual)
        if "key" not in arguments:
            if is_page:
                message = f'{about} gives a connection. Say which columns order it: key: "id".'
                self.tell("SQL_CONNECTION_WITHOUT_KEY", message, self.at(application.node))
            return None
        if not is_page:
            message = f"{about} has a key, but gives no connection (a type with edges and pageInfo). Remove key."
            self.tell("SQL_KEY_WITHOUT_CONNECTION", message, self.at(arguments["key"]))
        return self.parsed(arguments["key"], parse_keyset, "INVALID_SQL", f"key of {about}")


def _field(application: Application, virtual: VirtualSchema) -> object:
    named = virtual.schema.type_map.get(application.type_name)
    fields = named.fields if isinstance(named, GraphQLObjectType) else {}
    return fields[application.field_name].type if application.field_name in fields else named


def _gives_rows(application: Application, virtual: VirtualSchema) -> bool:
    returned = _field(application, virtual)
    return is_list_type(get_nullable_type(returned)) or _is_page(application, virtual)  # type: ignore[call-overload]


def _is_page(application: Application, virtual: VirtualSchema) -> bool:
    """Relay's connections: https://relay.dev/graphql/connections.htm."""
    named = get_named_type(_field(application, virtual))  # type: ignore[call-overload]
    return isinstance(named, GraphQLObjectType) and {"edges", "pageInfo"} <= named.fields.keys()


def _strings(arguments: dict[str, ValueNode]) -> dict[str, StringValueNode]:
    nodes = {"selection": arguments.get("selection"), "url": arguments.get("select")}
    return {role: node for role, node in nodes.items() if isinstance(node, StringValueNode)}
