"""What a mutation answers and leaves behind: the object that it was told of, saying what it was told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

from mocks.generated.arguments import flattened, key_from, keys_from, salt_of
from mocks.generated.draw import foreign_number
from mocks.generated.world import Thing, World

_SUCCESS = re.compile(r"(is)?(ok|success|successful|succeeded|accepted|done|valid)", re.IGNORECASE)
_ERRORS = re.compile(r"(user|field|validation)?_?errors?|problems?|failures?", re.IGNORECASE)


def changed(world: World, owner: GraphQLObjectType, name: str, arguments: Mapping[str, Any]) -> Any:
    """The answer to a mutation's field. What it says of an object, the object says from now on."""
    type_ = owner.fields[name].type
    return _answer(world, type_, name, arguments, flattened(arguments), Thing(owner.name, 0))


def _answer(
    world: World, type_: Any, name: str, arguments: Mapping[str, Any], told: Mapping[str, Any], root: Thing
) -> Any:
    bare = get_nullable_type(type_)
    named = get_named_type(type_)
    if isinstance(bare, GraphQLList):
        keys = None if is_leaf_type(named) else keys_from(world.subgraph, named.name, arguments)
        if keys is not None:
            return [_object(world, named.name, name, {**arguments, **key}, {**told, **key}) for key in keys]
        return [_answer(world, bare.of_type, name, arguments, told, root)]
    if not is_leaf_type(named):
        return _object(world, named.name, name, arguments, told)
    if named.name == "Boolean":
        return True
    echoed = _echo(bare, told.get(name, told.get("id")))
    return echoed if echoed is not None else world.present(bare, root, name, salt_of(arguments))


def _object(
    world: World, type_name: str, name: str, arguments: Mapping[str, Any], told: Mapping[str, Any]
) -> Thing | None:
    concrete = _good_member(world, type_name)
    if world.subgraph.is_root(concrete):
        return Thing(concrete, 0)
    fields = world.subgraph.object_type(concrete).fields
    echoed = {each: told[each] for each in fields if each in told and _fits(fields[each].type, told[each])}
    if not world.subgraph.is_identified(concrete):
        return _payload(world, concrete, name, arguments, told, echoed)
    key = key_from(world.subgraph, concrete, arguments)
    number = (
        foreign_number(world.options.seed, concrete, name, salt_of(arguments))
        if key is None
        else world.number_of(concrete, key)
    )
    if number is None:
        return None
    world.remember(concrete, number, echoed)
    return Thing(concrete, number, {**(key or {}), **echoed})


def _payload(
    world: World,
    type_name: str,
    name: str,
    arguments: Mapping[str, Any],
    told: Mapping[str, Any],
    echoed: dict[str, Any],
) -> Thing:
    """An object that stands around the answer: success, no errors, and the object itself."""
    for each, declared in world.subgraph.object_type(type_name).fields.items():
        bare, named = get_nullable_type(declared.type), get_named_type(declared.type)
        if _ERRORS.fullmatch(each):
            if isinstance(bare, GraphQLList):
                echoed[each] = []
            elif not isinstance(declared.type, GraphQLNonNull):
                echoed[each] = None
        elif each in echoed:
            continue
        elif named.name == "Boolean" and _SUCCESS.fullmatch(each):
            echoed[each] = True
        elif isinstance(named, GraphQLObjectType) and not isinstance(bare, GraphQLList):
            if world.subgraph.is_root(named.name):
                echoed[each] = Thing(named.name, 0)
            elif world.subgraph.is_identified(named.name):
                echoed[each] = _object(world, named.name, name, arguments, told)
    return Thing(type_name, foreign_number(world.options.seed, type_name, name, salt_of(arguments)), echoed)


def _good_member(world: World, type_name: str) -> str:
    """Of the types that may be the answer the one that is no error."""
    names = world.subgraph.members(type_name)
    good = [each for each in names if not re.search("Error|Problem|Failure|Exception|NotFound|Invalid", each)]
    return (good or names)[0]


def _fits(type_: Any, value: Any) -> bool:
    return (value is None and not isinstance(type_, GraphQLNonNull)) or _echo(type_, value) is not None


def _echo(type_: Any, value: Any) -> Any:
    """The value as the type has it; ``None`` where it cannot be one."""
    bare = get_nullable_type(type_)
    if value is None:
        return None
    if isinstance(bare, GraphQLList):
        return value if isinstance(value, list) and all(_fits(bare.of_type, each) for each in value) else None
    if isinstance(bare, GraphQLScalarType | GraphQLEnumType):
        if isinstance(value, Mapping | list) and bare.name in ("String", "ID", "Int", "Float", "Boolean"):
            return None
        try:
            bare.serialize(value)
        except (GraphQLError, TypeError, ValueError):
            return None
        return value
    return value if isinstance(value, Mapping | Thing) else None
