"""Tie the fields of a virtual subgraph to where their values come from.

Four kinds: fields with a ``@connect`` call out, ``_entities`` and ``_service`` are Federation's, every
other field is a property of the mapped JSON. No resolver ever touches a Python attribute of a value.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
)

from connectors.connector import JSON
from connectors.rest.entities import Entities
from connectors.rest.execution import Execution
from schema.errors import RuntimeCode
from schema.mapping.connect import Connect, ConnectorSchema

Resolver = Callable[..., JSON | Awaitable[JSON]]


def attach_resolvers(schema: ConnectorSchema) -> None:
    """Set the resolvers of ``schema.virtual.schema``, which this connector alone uses."""
    entities = Entities(schema)
    for named_type in schema.virtual.schema.type_map.values():
        if isinstance(named_type, GraphQLObjectType) and not named_type.name.startswith("__"):
            for name, field in named_type.fields.items():
                field.resolve = _resolver(schema, entities, named_type.name, name, field.type)
        elif isinstance(named_type, GraphQLInterfaceType | GraphQLUnionType):
            named_type.resolve_type = _resolve_type


def _resolver(schema: ConnectorSchema, entities: Entities, type_name: str, name: str, returned: Any) -> Resolver:
    if type_name == schema.virtual.query_name and name == "_service":
        return lambda *_: {"sdl": schema.sdl}
    if type_name == schema.virtual.query_name and name == "_entities":
        return _entities_resolver(entities)
    connect = schema.connect_of(type_name, name)
    if connect is not None:
        is_root = schema.virtual.is_root(type_name)
        return _connect_resolver(connect, entities, is_root, not isinstance(returned, GraphQLNonNull))
    return _property_resolver(entities)


def _entities_resolver(entities: Entities) -> Resolver:
    def resolve(_: JSON, info: GraphQLResolveInfo[Execution], representations: list[JSON]) -> JSON:
        return [entities.represent(representation, info) for representation in representations]

    return resolve


def _connect_resolver(connect: Connect, entities: Entities, is_root: bool, may_be_null: bool) -> Resolver:
    needs = frozenset() if is_root else connect.reads("$this")

    async def resolve(source: JSON, info: GraphQLResolveInfo[Execution], **arguments: JSON) -> JSON:
        this: Mapping[str, JSON] = source if isinstance(source, dict) else {}
        if not needs <= this.keys():
            this = await entities.complete(info, this)
        if not needs <= this.keys():
            missing = ", ".join(sorted(needs - this.keys()))
            raise _wrong(f'"{connect.coordinate}" needs "{missing}", which the department did not give.')
        if any(this[name] is None for name in needs):
            return None
        return await info.context.call(connect, {"$args": arguments, "$this": this}, may_be_null=may_be_null)

    return resolve


def _property_resolver(entities: Entities) -> Resolver:
    def resolve(source: JSON, info: GraphQLResolveInfo[Execution], **_: JSON) -> JSON | Awaitable[JSON]:
        if not isinstance(source, dict):
            raise _wrong(f'The department sent no object where "{info.parent_type.name}" belongs.')
        if info.field_name in source:
            return source[info.field_name]
        return look_further(source, info) if entities.can_find(info.parent_type.name) else None

    async def look_further(source: dict[str, JSON], info: GraphQLResolveInfo[Execution]) -> JSON:
        return (await entities.complete(info, source)).get(info.field_name)

    return resolve


def _resolve_type(value: JSON, info: GraphQLResolveInfo[Execution], abstract: GraphQLAbstractType) -> str:
    name = value.get("__typename") if isinstance(value, dict) else None
    possible = [each.name for each in info.schema.get_possible_types(abstract)]
    if name in possible:
        return str(name)
    if name is None and len(possible) == 1:
        return possible[0]
    raise _wrong(f'The mapping gives no __typename of "{abstract.name}". Add __typename: $("…") to the selection.')


def _wrong(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": RuntimeCode.DEPARTMENT_WRONG_TYPE.value})
