"""Every selection gives fields that its type has, and a sub-selection exactly where an object is."""

from __future__ import annotations

from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_leaf_type,
    is_specified_scalar_type,
)

from schema.mapping.connect import Connect
from schema.mapping.findings import Findings
from schema.mapping.shape import Data, Fields, Leaf, OneOf, Shape, Unknown, shape_of


def check_selections(findings: Findings) -> None:
    for connect in findings.read.connects:
        returned = findings.returned(connect)
        if connect.field_name:
            findings.given.add((connect.type_name, connect.field_name))
        if returned is None:
            continue
        named, walk = get_named_type(returned), _Walk(findings, connect)
        if connect.keyset is not None and isinstance(named, GraphQLObjectType):
            named = walk.page(named)
        # Without a selection the columns of a row are the fields.
        is_row = connect.statement is not None and connect.given is None
        walk.shape(Unknown() if is_row else shape_of(connect.selection), named, connect.coordinate, 0)


class _Walk:
    """One selection, walked beside its type."""

    def __init__(self, findings: Findings, connect: Connect) -> None:
        self._findings = findings
        self._connect = connect

    def page(self, connection: GraphQLObjectType) -> GraphQLNamedType:
        """The type of a connection's nodes; what else a page has comes by itself."""
        edge = get_named_type(connection.fields["edges"].type)
        page_info = get_named_type(connection.fields["pageInfo"].type)
        self._findings.given |= {(connection.name, name) for name in ("edges", "nodes", "pageInfo")}
        self._findings.given |= {(edge.name, "node"), (edge.name, "cursor")}
        flags = ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")
        self._findings.given |= {(page_info.name, name) for name in flags}
        node = edge.fields.get("node") if isinstance(edge, GraphQLObjectType) else None
        named: GraphQLNamedType = get_named_type(node.type) if node is not None else edge
        return named

    def shape(self, shape: Shape, named: GraphQLNamedType, where: str, at: int) -> None:
        match shape:
            case OneOf(shapes):
                for each in shapes:
                    self.shape(each, named, where, at)
            case Fields() if not is_leaf_type(named):
                self._fields(shape, named, where)
            case Fields() if not _takes_any_json(named):
                self._tell(
                    "GROUP_SELECTION_IS_NOT_OBJECT",
                    f'"{where}" is a {named.name}, which has no fields. Remove its {{ … }}.',
                    at,
                )
            case Data() | Leaf() if not is_leaf_type(named):
                self._tell(
                    "GROUP_SELECTION_REQUIRED_FOR_OBJECT",
                    f'"{where}" is a {named.name}. Say which of its fields the answer gives: {{ … }}.',
                    at,
                )
            case _:
                self._anything(named)

    def _fields(self, shape: Fields, named: GraphQLNamedType, where: str) -> None:
        owners = self._findings.possible_types(named)
        for name, inner in shape.fields.items():
            having = [owner for owner in owners if name in owner.fields]
            at = shape.places.get(name, 0)
            if not having and name != "__typename":
                known = ", ".join(sorted({each for owner in owners for each in owner.fields}))
                self._tell(
                    "SELECTED_FIELD_NOT_FOUND",
                    f'The mapping of "{where}" gives "{name}", which {named.name} does not have. It has: {known}.',
                    at,
                )
            for owner in having:
                self._field(owner.name, name, inner, at)

    def _field(self, type_name: str, name: str, inner: Shape, at: int) -> None:
        owner = self._findings.object_type(type_name)
        coordinate = f"{type_name}.{name}"
        self._findings.given.add((type_name, name))
        if owner is None or self._findings.read.connects_of(type_name, name):
            return
        if owner.fields[name].args:
            self._tell(
                "CONNECTORS_FIELD_WITH_ARGUMENTS",
                f'"{coordinate}" has arguments, which a mapping cannot honour. Give it a @connect of its own.',
                at,
            )
        self.shape(inner, get_named_type(owner.fields[name].type), coordinate, at)

    def _anything(self, named: GraphQLNamedType) -> None:
        """What cannot be told beforehand may give every field of the type and of those below."""
        for owner in self._findings.possible_types(named):
            for name, field in owner.fields.items():
                if (owner.name, name) not in self._findings.given:
                    self._findings.given.add((owner.name, name))
                    self._anything(get_named_type(field.type))

    def _tell(self, code: str, message: str, at: int) -> None:
        self._findings.tell(code, message, self._findings.at(self._connect, "selection", at))


def _takes_any_json(named: GraphQLNamedType) -> bool:
    return isinstance(named, GraphQLScalarType) and not is_specified_scalar_type(named)
