"""Where the checks of a connector SDL put what they find."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphql import GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, GraphQLOutputType, GraphQLUnionType

from schema.errors import CompositionError, Location
from schema.mapping.connect import Connect, ConnectorSchema
from schema.mapping.place import place_in, place_of


@dataclass
class Findings:
    """Errors so far, and the fields (type, name) that some mapping, connector or key gives."""

    read: ConnectorSchema
    errors: list[CompositionError]
    given: set[tuple[str, str]] = field(default_factory=set)

    def tell(self, code: str, message: str, place: tuple[Location, ...]) -> None:
        self.errors.append(CompositionError(code, message, (self.read.subgraph,), place))

    def at(self, connect: Connect, role: str = "", offset: int = 0) -> tuple[Location, ...]:
        """The place of a character in one of a connector's texts, or of the connector."""
        text = connect.strings.get(role)
        if text is not None:
            return place_in(self.read.subgraph, text, offset)
        return place_of(self.read.subgraph, connect.node)

    def object_type(self, name: str) -> GraphQLObjectType | None:
        named = self.read.virtual.schema.type_map.get(name)
        return named if isinstance(named, GraphQLObjectType) else None

    def returned(self, connect: Connect) -> GraphQLOutputType | None:
        """The type that a connector's selection must give; ``None`` where it stands on no object type."""
        parent = self.object_type(connect.type_name)
        if parent is None or connect.field_name is None:
            return parent
        returned: GraphQLOutputType = parent.fields[connect.field_name].type
        return returned

    def possible_types(self, named: GraphQLNamedType) -> list[GraphQLObjectType]:
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            return list(self.read.virtual.schema.get_possible_types(named))
        return [named] if isinstance(named, GraphQLObjectType) else []
