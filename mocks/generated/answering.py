"""Answer the fields of an operation: roots, entities, lists in pages, mutations, events."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_leaf_type,
)

from mocks.generated import identity
from mocks.generated.arguments import filters, key_from, keys_from, owner_from, paging, salt_of
from mocks.generated.draw import digest
from mocks.generated.formats import kebab
from mocks.generated.mutations import changed
from mocks.generated.naming import split_words
from mocks.generated.pages import Page, listed_by
from mocks.generated.world import MISSING, Thing, World

_THE_FIRST = frozenset({"me", "viewer", "current", "currentuser", "self", "myprofile", "whoami"})

Breaks = Callable[[str], bool]
"""Whether a field, by its coordinate, fails in this answer."""


class Answers:
    """The resolvers of one world."""

    def __init__(self, world: World, interval: float = 1.0) -> None:
        self.world = world
        self.subgraph = world.subgraph
        self.interval = interval

    def field(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """graphql-core's default resolver. ``info.context`` says which fields fail (:data:`Breaks`)."""
        coordinate = f"{info.parent_type.name}.{info.field_name}"
        if info.context is not None and info.context(coordinate):
            message = f'"{coordinate}" failed: this failure was asked for.'
            raise GraphQLError(message, extensions={"code": "FAULT_ON_DEMAND"})
        if info.field_name == "_service":
            return {"sdl": self.subgraph.sdl}
        if isinstance(source, Mapping) and info.parent_type.name == "_Service":
            return source.get(info.field_name)
        if info.field_name == "_entities":
            return [self._entity(each) for each in arguments["representations"]]
        operation = info.operation.operation.value
        if self.subgraph.is_root(info.parent_type.name):
            if operation == "mutation" and info.parent_type is info.schema.mutation_type:
                return changed(self.world, info.parent_type, info.field_name, arguments)
            if operation == "subscription" and info.parent_type is info.schema.subscription_type:
                return source.get(info.field_name)
            return self.root(info.parent_type, info.field_name, arguments)
        return self.inner(source, info.field_name, arguments)

    @staticmethod
    def type(value: Any, _info: Any, _abstract: Any) -> str:
        """graphql-core's type resolver."""
        return str(value.type_name)

    def _entity(self, sent: Any) -> Thing | GraphQLError | None:
        """One of them. A mistake is its own alone: graphql-core takes an error in a list for its item's."""
        name = sent.get("__typename") if isinstance(sent, Mapping) else None
        named = self.subgraph.schema.type_map.get(str(name))
        if name is None or named is None or not self.subgraph.keys_of(str(name)):
            message = f'"{name}" is no entity of this subgraph. It has: {", ".join(sorted(self.subgraph.keys))}.'
            return GraphQLError(message, extensions={"code": "UNKNOWN_ENTITY"})
        return self.world.represented(sent)

    # Fields of objects.

    def inner(self, thing: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
        """A field of an object that is none of the roots."""
        declared = self.subgraph.object_type(thing.type_name).fields[name]
        named, is_list = get_named_type(declared.type), _is_list(declared.type)
        if not is_composite_type(named) or self.world.given(thing, name) is not MISSING:
            value = self.world.value_of(thing, name, salt_of(arguments))
            return self._paged(value, arguments)
        if self.subgraph.is_root(named.name):
            return Thing(named.name, 0)
        wraps = None if is_list else listed_by(named)
        if wraps is not None:
            numbers = self._children(wraps[1], thing, name)
            return self._wrapped(named, wraps[1], numbers, arguments, thing.number)
        asked = self._asked_for(named.name, arguments, is_list=is_list)
        if asked is not None:
            return self._paged(asked, arguments)
        return self._paged(self.world.value_of(thing, name, salt_of(arguments)), arguments)

    def _children(self, type_name: str, thing: Thing, name: str) -> list[int]:
        if self.subgraph.is_identified(type_name):
            return self.world.children(type_name, thing, name)
        length = 1 + digest("length", self.world.options.seed, thing.number, name) % 3
        return [identity.value_number(thing.number, name, place) for place in range(length)]

    @staticmethod
    def _paged(value: Any, arguments: Mapping[str, Any]) -> Any:
        asked = paging(arguments)
        return Page(len(value), asked).of(value) if isinstance(value, list) and asked else value

    # Fields of the roots.

    def root(self, owner: GraphQLObjectType, name: str, arguments: Mapping[str, Any]) -> Any:
        """A field of the query root. What is found there is never null, unless the data says so."""
        declared = owner.fields[name]
        named = get_named_type(declared.type)
        root = Thing(owner.name, 0)
        if self.world.given(root, name) is not MISSING or f"{owner.name}.{name}" in self.world.data.values:
            return self._paged(self.world.value_of(root, name), arguments)
        if is_leaf_type(named):
            return self.world.present(get_nullable_type(declared.type), root, name, salt_of(arguments))
        if self.subgraph.is_root(named.name):
            return Thing(named.name, 0)
        if _is_list(declared.type):
            return self._root_list(owner.name, name, declared.type, arguments)
        wraps = listed_by(named)
        if wraps is not None:
            numbers = self._numbers(owner.name, name, wraps[1], arguments)
            return self._wrapped(named, wraps[1], numbers, arguments, digest(name) % identity.POOL)
        return self._one(named.name, name, arguments)

    def _one(self, type_name: str, name: str, arguments: Mapping[str, Any]) -> Thing | None:
        found = self._asked_for(type_name, arguments, is_list=False)
        if found is not None:
            return None if found is MISSING else found
        if not self.subgraph.is_identified(type_name):
            made = self.world.thing(type_name, digest("root", name, salt_of(arguments)) % identity.POOL)
            named = self.subgraph.object_type(made.type_name)
            given = {
                each: value for each, value in arguments.items() if each in named.fields and value is not None
            }
            return Thing(made.type_name, made.number, given)
        count = self._count(type_name)
        salt = salt_of(arguments)
        number = 0 if "".join(split_words(name)) in _THE_FIRST else digest("root", name, salt) % max(count, 1)
        return self.world.thing(type_name, number)

    def _asked_for(self, type_name: str, arguments: Mapping[str, Any], *, is_list: bool) -> Any:
        """The object or objects whose keys the arguments are; ``MISSING`` for one that nobody has."""
        if not arguments or not self.subgraph.is_identified(type_name):
            return None
        if is_list:
            keys = keys_from(self.subgraph, type_name, arguments)
            return None if keys is None else [self._by_key(type_name, key) for key in keys]
        key = key_from(self.subgraph, type_name, arguments)
        if key is None:
            return None
        found = self._by_key(type_name, key)
        return MISSING if found is None else found

    def _by_key(self, type_name: str, key: Mapping[str, Any]) -> Thing | None:
        wanted = self._type_of_id(type_name, key) or type_name
        number = self.world.number_of(wanted, key)
        return None if number is None else Thing(self.world.concrete(wanted, number), number, dict(key))

    def _type_of_id(self, type_name: str, key: Mapping[str, Any]) -> str | None:
        """``node(id:)``: an identifier that this mock made tells the type."""
        text = str(key.get("id", ""))
        for each in self.subgraph.members(type_name):
            if re.fullmatch(rf"{re.escape(kebab(each))}-\d+", text):
                return each
        return None

    def _root_list(self, owner: str, name: str, type_: Any, arguments: Mapping[str, Any]) -> Any:
        named = get_named_type(type_)
        inner = get_nullable_type(type_).of_type
        if isinstance(get_nullable_type(inner), GraphQLList):
            return self.world.present(get_nullable_type(type_), Thing(owner, 0), name, salt_of(arguments))
        asked = self._asked_for(named.name, arguments, is_list=True)
        items = asked if asked is not None else [
            self.world.thing(named.name, number) for number in self._numbers(owner, name, named.name, arguments)
        ]  # fmt: skip
        return self._paged(items, arguments)

    def _numbers(self, owner: str, name: str, type_name: str, arguments: Mapping[str, Any]) -> Sequence[int]:
        """Whose a root's list is: all, those of one owner, or those that fit what is demanded of them."""
        whose = owner_from(self.subgraph, type_name, arguments)
        if whose is not None and (number := self.world.number_of(whose[1], whose[2])) is not None:
            return self.world.children(type_name, Thing(whose[1], number), name)
        demanded = list(filters(self.subgraph, type_name, arguments))
        part = self.world.part(owner, name)
        count = self._count(type_name)
        if not demanded:
            numbers = [identity.of_part(number, part) if part else number for number in range(count)]
        else:
            numbers = [
                number
                for number in range(max(count, identity.POOL))
                if all(self.world.value_of(Thing(type_name, number), each) == value for each, value in demanded)
            ][:count]
        # Objects with one key are one.
        return list(dict.fromkeys(self.world.thing(type_name, number).number for number in numbers))

    def _count(self, type_name: str) -> int:
        rows = self.world.data.rows.get(type_name)
        return len(rows) if rows is not None else self.world.options.count

    def _wrapped(
        self, named: Any, item: str, numbers: Sequence[int], arguments: Mapping[str, Any], number: int
    ) -> Thing:
        items = [self.world.thing(item, each) for each in numbers]
        page = Page(len(items), paging(arguments))
        return Thing(named.name, number, page.told(named, items))

    # Events.

    async def events(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> AsyncIterator[Any]:
        """One event each interval: of the object that the arguments name, else of one after the other."""
        name, place = info.field_name, 0
        declared = info.parent_type.fields[name]
        while True:
            yield {name: self._event(declared.type, info.parent_type, name, arguments, place)}
            place += 1
            await asyncio.sleep(self.interval)

    def _event(
        self, type_: Any, owner: GraphQLObjectType, name: str, arguments: Mapping[str, Any], place: int
    ) -> Any:
        named = get_named_type(type_)
        if is_leaf_type(named):
            made = self.world.present(get_nullable_type(type_), Thing(owner.name, place), name, salt_of(arguments))
            return place if named.name == "Int" and not _is_list(type_) else made
        if _is_list(type_):
            return self._root_list(owner.name, name, type_, arguments)
        found = self._asked_for(named.name, arguments, is_list=False)
        if found is not None:
            return None if found is MISSING else found
        return self.world.thing(named.name, place % max(self._count(named.name), 1))


def _is_list(type_: Any) -> bool:
    return isinstance(get_nullable_type(type_), GraphQLList)
