"""Tie the fields of a virtual subgraph to where their values come from.

Four kinds: fields with a ``@connect`` call out, ``_entities`` and ``_service`` are Federation's, every
other field is a property of the mapped JSON. No resolver ever touches a Python attribute of a value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import reduce

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    get_named_type,
)

from connectors.connector import JSON
from connectors.mapped.cover import covering
from connectors.mapped.entities import Entities, Wish, selected_fields
from connectors.mapped.execution import Execution
from schema.errors import RuntimeCode
from schema.mapping.connect import Connect, ConnectorSchema

Resolver = Callable[..., JSON | Awaitable[JSON]]


def attach_resolvers(schema: ConnectorSchema) -> Entities:
    """Set the resolvers of ``schema.virtual.schema``, which this connector alone uses; gives its finder."""
    entities = Entities(schema)
    for named_type in schema.virtual.schema.type_map.values():
        if isinstance(named_type, GraphQLObjectType) and not named_type.name.startswith("__"):
            for name, field in named_type.fields.items():
                field.resolve = _resolver(schema, entities, named_type.name, name)
        elif isinstance(named_type, GraphQLInterfaceType | GraphQLUnionType):
            named_type.resolve_type = _resolve_type
    return entities


def _resolver(schema: ConnectorSchema, entities: Entities, type_name: str, name: str) -> Resolver:
    if type_name == schema.virtual.query_name and name == "_service":
        return lambda *_: {"sdl": schema.sdl}
    if type_name == schema.virtual.query_name and name == "_entities":
        return _entities_resolver(entities)
    connects = schema.connects_of(type_name, name)
    if connects:
        return _connect_resolver(connects, entities, schema.virtual.is_root(type_name))
    return _property_resolver(entities)


def _entities_resolver(entities: Entities) -> Resolver:
    def resolve(_: JSON, info: GraphQLResolveInfo[Execution], representations: list[JSON]) -> JSON:
        return [entities.represent(each, _wish(entities, each, info), info.context) for each in representations]

    return resolve


def _wish(entities: Entities, representation: JSON, info: GraphQLResolveInfo[Execution]) -> Wish:
    type_name = representation.get("__typename") if isinstance(representation, dict) else None
    if not isinstance(type_name, str):
        return Wish(frozenset(), frozenset())
    return entities.wish(type_name, selected_fields(info, type_name))


@dataclass(frozen=True, slots=True)
class _Subject:
    """What of the object around says whose field is asked for: without it a search could find everybody's.

    ``required`` are its keys, and what stands in a request's path as it is. Of all that is ``read`` as it is one
    value is enough: null beside it is sent, or left out, as the mapping says.
    """

    required: frozenset[str]
    read: frozenset[str]

    @classmethod
    def of(cls, connect: Connect, entities: Entities) -> _Subject:
        if connect.asks_nothing:
            return cls(frozenset(), frozenset())
        read = connect.reads_plainly("$this")
        keys = read & entities.key_names(connect.type_name)
        return cls(keys | connect.addresses_by("$this"), read)

    def is_in(self, this: Mapping[str, JSON]) -> bool:
        if any(this[name] is None for name in self.required):
            return False
        return not self.read or any(this[name] is not None for name in self.read)


def _connect_resolver(connects: tuple[Connect, ...], entities: Entities, is_root: bool) -> Resolver:
    subjects = [_Subject.of(connect, entities) for connect in connects]
    needs = [frozenset() if is_root else connect.mentions("$this") for connect in connects]

    async def resolve(source: JSON, info: GraphQLResolveInfo[Execution], **arguments: JSON) -> JSON:
        this: Mapping[str, JSON] = source if isinstance(source, dict) else {}
        if not any(each <= this.keys() for each in needs):
            this = await entities.complete(info, this, frozenset().union(*needs))
        able = [connect for connect, each in zip(connects, needs, strict=True) if each <= this.keys()]
        if not able:
            missing = ", ".join(sorted(needs[0] - this.keys()))
            raise _wrong(f'"{connects[0].coordinate}" needs "{missing}", which the department did not give.')
        named = get_named_type(info.return_type)
        wanted = frozenset(selected_fields(info, named.name)) if len(able) > 1 else frozenset()
        chosen = covering(able, wanted) or able[:1]
        if not is_root and not subjects[connects.index(chosen[0])].is_in(this):
            return None
        variables = {"$args": arguments, "$this": this}
        ask = info.context.call if is_root else info.context.call_once
        parts = await asyncio.gather(*(ask(connect, variables) for connect in chosen))
        return reduce(_together, parts)

    return resolve


def _together(first: JSON, second: JSON) -> JSON:
    """What two connectors gave of one thing: objects property by property, lists element by element."""
    if isinstance(first, dict) and isinstance(second, dict):
        shared = {name: _together(first[name], second[name]) for name in first.keys() & second.keys()}
        return {**first, **second, **shared}
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [_together(*pair) for pair in zip(first, second, strict=True)]
    return second if first is None else first


def _property_resolver(entities: Entities) -> Resolver:
    def resolve(source: JSON, info: GraphQLResolveInfo[Execution], **_: JSON) -> JSON | Awaitable[JSON]:
        if not isinstance(source, dict):
            raise _wrong(f'The department sent no object where "{info.parent_type.name}" belongs.')
        if info.field_name in source:
            value = source[info.field_name]
            if isinstance(value, dict | list):
                return entities.somebody(get_named_type(info.return_type).name, value)
            return value
        return look_further(source, info) if entities.can_find(info.parent_type.name) else None

    async def look_further(source: dict[str, JSON], info: GraphQLResolveInfo[Execution]) -> JSON:
        return (await entities.complete(info, source, frozenset({info.field_name}))).get(info.field_name)

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
