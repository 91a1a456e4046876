"""The objects of a mock: what each says, by which key it is found, where its fields lead."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    get_named_type,
    is_leaf_type,
)

from mocks.generated import identity
from mocks.generated.data import GivenData
from mocks.generated.draw import FOREIGN, chance, digest, foreign_number, most_fitting, pick
from mocks.generated.formats import Draw, Format
from mocks.generated.naming import format_of
from mocks.generated.subgraph import FieldSet, Subgraph
from mocks.residents import DEFAULT_SEED

MISSING = object()
_MOST_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Thing:
    """An object. ``given`` is what the way to it brought: a key, what a mutation was told, a page of a list."""

    type_name: str
    number: int
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """``name`` is the department's: of a gathered list each department has a part of its own. ``count`` is how
    long lists of a root are; ``nulls`` how many of the nullable values are null, from 0 to 1."""

    name: str = "mock"
    seed: int = DEFAULT_SEED
    count: int = 20
    nulls: float = 0.1


class World:
    """All that is, for one SDL. What is asked twice is answered the same twice, until a mutation changes it."""

    def __init__(self, subgraph: Subgraph, options: Options, data: GivenData | None = None) -> None:
        self.subgraph = subgraph
        self.options = options
        self.data = data or GivenData()
        self._overlays: dict[tuple[str, int], dict[str, Any]] = {}
        self._owners: dict[tuple[str, int], int] = {}
        self._by_key: dict[tuple[str, FieldSet, str], int | None] = {}
        self._first_of: dict[tuple[str, FieldSet], dict[str, int]] = {}
        self.forget()

    def forget(self) -> None:
        """Back to the data given at the start."""
        self._overlays.clear()
        self._by_key.clear()
        for type_name, rows in self.data.rows.items():
            for number, row in enumerate(rows):
                self._overlays[self.subgraph.family(type_name), number] = dict(row)
                self._index(type_name, row, number)
        for type_name, rows in self.data.absent.items():
            for row in rows:
                self._index(type_name, row, None)

    def _index(self, type_name: str, row: Mapping[str, Any], number: int | None) -> None:
        for key in self.subgraph.keys_of(type_name):
            if has_all(row, key):
                self._by_key[self.subgraph.family(type_name), key, told(row, key)] = number

    # What a field says.

    def value_of(self, thing: Thing, name: str, salt: str = "") -> Any:
        """The value of a field that is not a root's: given, remembered, computed of what it requires, or made."""
        declared = self.subgraph.object_type(thing.type_name).fields[name]
        given = self.given(thing, name)
        if given is not MISSING:
            return self.taken(declared.type, given, thing, name)
        coordinate = f"{thing.type_name}.{name}"
        if coordinate in self.data.values:
            chosen = pick(self.data.values[coordinate], self.options.seed, thing.number, name)
            return self.taken(declared.type, chosen, thing, name)
        requires = self.subgraph.requires.get((thing.type_name, name))
        if requires:
            salt += json.dumps(self.projected(thing, requires), sort_keys=True, ensure_ascii=False, default=str)
        return self.made(declared.type, thing, name, salt)

    def given(self, thing: Thing, name: str) -> Any:
        if name in thing.given:
            return thing.given[name]
        return self._overlays.get((self.subgraph.family(thing.type_name), thing.number), {}).get(name, MISSING)

    def made(self, type_: GraphQLOutputType, thing: Thing, name: str, salt: str = "") -> Any:
        """A value of the type; now and then null where that may be."""
        if isinstance(type_, GraphQLNonNull):
            return self.present(type_.of_type, thing, name, salt)
        if self._is_null(type_, thing, name, salt):
            return None
        return self.present(type_, thing, name, salt)

    def _is_null(self, type_: GraphQLOutputType, thing: Thing, name: str, salt: str) -> bool:
        named = get_named_type(type_)
        is_key = any(name == each for key in self.subgraph.keys_of(thing.type_name) for each, _ in key)
        if is_key or (is_leaf_type(named) and format_of(thing.type_name, name, named.name).is_identifier):
            return False
        return chance("null", self.options.seed, thing.number, name, salt) < self.options.nulls

    def present(self, type_: Any, thing: Thing, name: str, salt: str) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return self.present(type_.of_type, thing, name, salt)
        if isinstance(type_, GraphQLList):
            return self._list(type_.of_type, thing, name, salt)
        if is_leaf_type(type_):
            return self.leaf(type_, thing, name, salt)
        return self.linked(type_.name, thing, name, salt)

    def _list(self, item: Any, thing: Thing, name: str, salt: str) -> list[Any]:
        inner = item.of_type if isinstance(item, GraphQLNonNull) else item
        length = 1 + digest("length", self.options.seed, thing.number, name, salt) % 3
        if isinstance(inner, GraphQLList) or is_leaf_type(inner):
            return [self.present(inner, thing, name, f"{salt}/{place}") for place in range(length)]
        if self.subgraph.is_identified(inner.name):
            if self._is_in_key(thing.type_name, name):
                return [self.thing(inner.name, thing.number)]
            return [self.thing(inner.name, number) for number in self.children(inner.name, thing, name)]
        return [self.linked(inner.name, thing, name, f"{salt}/{place}") for place in range(length)]

    def leaf(self, named: Any, thing: Thing, name: str, salt: str = "") -> Any:
        if isinstance(named, GraphQLEnumType):
            names = [each for each in named.values if f"{named.name}.{each}" not in self.subgraph.hidden]
            shared = self._as_format(thing, name, names)
            return shared or most_fitting(names or named.values, self.options.seed, thing.number, name, salt)
        draw = Draw(self.options.seed, thing.number, self.subgraph.family(thing.type_name), name, salt)
        return self.fitting(named.name, format_of(thing.type_name, name, named.name), draw)

    def _as_format(self, thing: Thing, name: str, values: list[str]) -> str | None:
        """An enum for what is a person's too: ``Gender`` fits the identity number."""
        draw = Draw(self.options.seed, thing.number, thing.type_name, name)
        found = format_of(thing.type_name, name, "String")
        made = found.make(draw) if found.name == "gender" else None
        return made if made in values else None

    def fitting(self, scalar: str, format_: Format, draw: Draw) -> Any:
        made = format_.make(draw)
        if scalar == "Int" and isinstance(made, float):
            return round(made)
        if scalar in ("Int", "Float", "Boolean") or format_.is_number:
            return made
        return made if not isinstance(made, int) or scalar not in ("String", "ID") else str(made)

    # Where a field leads.

    def thing(self, type_name: str, number: int, given: Mapping[str, Any] | None = None) -> Thing:
        """The object of a number, where a type may stand for several too."""
        concrete = self.concrete(type_name, number)
        return Thing(concrete, self._canonical(concrete, number), given or {})

    def concrete(self, type_name: str, number: int) -> str:
        names = self.subgraph.members(type_name)
        return names[0] if len(names) == 1 else most_fitting(names, self.options.seed, number)

    def linked(self, type_name: str, thing: Thing, name: str, salt: str = "") -> Thing:
        if not self.subgraph.is_identified(type_name):
            return self.thing(type_name, identity.value_number(thing.number, name, salt))
        if self._is_in_key(thing.type_name, name):
            return self.thing(type_name, thing.number)
        family = self.subgraph.family(type_name)
        if family == self.subgraph.family(thing.type_name):
            number = identity.above(thing.number)
            return self.thing(type_name, 1 if number is None else number)
        number = self._owners.get((family, thing.number), identity.parent_of(thing.number, name))
        if owner := self._owner_type(type_name, thing.number):
            return self.thing(owner, number)
        return self.thing(type_name, (number + digest(salt)) % identity.POOL if salt else number)

    def children(self, type_name: str, thing: Thing, name: str) -> list[int]:
        """The numbers of the objects in a list of this object's."""
        length = digest("length", self.options.seed, thing.number, name) % 6
        if self.subgraph.family(type_name) == self.subgraph.family(thing.type_name):
            return [identity.below(thing.number, place) for place in range(length % 4)]
        part = self.part(thing.type_name, name)
        numbers = [identity.child_of(thing.number, place, part) for place in range(length)]
        if thing.number >= FOREIGN:
            # Their numbers do not tell whose they are: there are more foreign objects than numbers for children.
            self._own(thing, numbers)
        return numbers

    def _own(self, thing: Thing, numbers: Iterable[int]) -> None:
        if len(self._owners) > _MOST_REMEMBERED:
            self._owners.clear()
        family = self.subgraph.family(thing.type_name)
        self._owners.update({(family, number): thing.number for number in numbers})

    def part(self, type_name: str, name: str) -> int:
        """Of a gathered list each department has a part of its own."""
        if (type_name, name) not in self.subgraph.gathered:
            return 0
        return identity.part_number(self.options.name, self.subgraph.family(type_name))

    def _owner_type(self, type_name: str, number: int) -> str | None:
        """Of several types that an object may belong to the one whose list it is in."""
        part = identity.part_of(number)
        for owner, name in sorted(self.subgraph.gathered) if part else ():
            if owner in self.subgraph.members(type_name) and self.part(owner, name) == part:
                return owner
        return None

    def _is_in_key(self, type_name: str, name: str) -> bool:
        return any(name == each for key in self.subgraph.keys_of(type_name) for each, _ in key)

    # By which key an object is found.

    def represented(self, sent: Mapping[str, Any]) -> Thing | None:
        """The object of a representation; ``None`` where the data says that nobody has the key."""
        type_name = str(sent["__typename"])
        given = {name: value for name, value in sent.items() if name != "__typename"}
        number = self.number_of(type_name, given)
        return None if number is None else Thing(self.concrete(type_name, number), number, given)

    def number_of(self, type_name: str, values: Mapping[str, Any]) -> int | None:
        """Who has these values; remembers values that are somebody else's. ``None``: the data says nobody."""
        family = self.subgraph.family(type_name)
        for key in self.subgraph.keys_of(type_name):
            if not has_all(values, key):
                continue
            text = told(values, key)
            if (family, key, text) in self._by_key:
                return self._by_key[family, key, text]
            number = self._found(type_name, key, values, text)
            if number is None:
                number = foreign_number(self.options.seed, family, text)
                self.remember(type_name, number, {name: values[name] for name, _ in key})
            return number
        return foreign_number(self.options.seed, family, json.dumps(values, sort_keys=True, default=str))

    def remember(self, type_name: str, number: int, values: Mapping[str, Any]) -> None:
        """From now on the object says this."""
        if len(self._overlays) > _MOST_REMEMBERED:
            self.forget()
        self._overlays.setdefault((self.subgraph.family(type_name), number), {}).update(values)
        self._index(type_name, values, number)

    def _found(self, type_name: str, key: FieldSet, values: Mapping[str, Any], text: str) -> int | None:
        concrete = self.subgraph.members(type_name)[0]
        for candidate in self._candidates(concrete, key, values):
            if told(self.projected(Thing(concrete, candidate), key), key) == text:
                return candidate
        return None if self._identifies(concrete, key) else self._table(concrete, key).get(text)

    def _candidates(self, type_name: str, key: FieldSet, values: Mapping[str, Any]) -> Iterable[int]:
        for name, below in key:
            declared = self.subgraph.object_type(type_name).fields.get(name)
            named = get_named_type(declared.type) if declared else None
            if named is None or values.get(name) is None:
                continue
            sent = values[name][0] if isinstance(values[name], list) and values[name] else values[name]
            if below and isinstance(sent, Mapping):
                inner = self.subgraph.members(named.name)[0]
                for number in self._candidates(inner, below, sent):
                    is_entity = self.subgraph.is_identified(named.name)
                    yield number if is_entity else identity.value_number(number, name, "")
            elif not below and (read := format_of(type_name, name, named.name).number_of):
                number_or_none = read(values[name], self.options.seed)
                if number_or_none is not None:
                    yield number_or_none

    def _identifies(self, type_name: str, key: FieldSet) -> bool:
        """Whether a value of the key leads back to the number."""
        for name, below in key:
            declared = self.subgraph.object_type(type_name).fields.get(name)
            named = get_named_type(declared.type) if declared else None
            if named is None:
                continue
            if below and self._identifies(self.subgraph.members(named.name)[0], below):
                return True
            is_plain = not below and not isinstance(named, GraphQLEnumType)
            if is_plain and format_of(type_name, name, named.name).number_of:
                return True
        return False

    def _table(self, type_name: str, key: FieldSet) -> dict[str, int]:
        """For keys that do not lead back: the first object that has each."""
        found = self._first_of.get((type_name, key))
        if found is None:
            found = self._first_of[type_name, key] = {}
            for number in range(identity.POOL):
                found.setdefault(told(self.projected(Thing(type_name, number), key), key), number)
        return found

    def _canonical(self, type_name: str, number: int) -> int:
        """Of objects that have the same key the first: they are one."""
        for key in self.subgraph.keys_of(type_name):
            if not self._identifies(type_name, key):
                return self._table(type_name, key).get(
                    told(self.projected(Thing(type_name, number), key), key), number
                )
        return number

    def projected(self, thing: Thing, fields: FieldSet) -> dict[str, Any]:
        """The values of a set of fields; what the way to the object brought goes before what is made."""
        found: dict[str, Any] = {}
        for name, below in fields:
            if name in self.subgraph.object_type(thing.type_name).fields:
                found[name] = self._projected_value(self.value_of(thing, name), below)
        return found

    def _projected_value(self, value: Any, below: FieldSet) -> Any:
        if isinstance(value, list):
            return [self._projected_value(each, below) for each in value]
        return self.projected(value, below) if isinstance(value, Thing) else value

    # What is given from outside.

    def taken(self, type_: Any, value: Any, thing: Thing, name: str, salt: str = "") -> Any:
        """A given value as the type has it: objects become things, of their key if they bring one."""
        if isinstance(type_, GraphQLNonNull):
            return self.taken(type_.of_type, value, thing, name, salt)
        if value is None or isinstance(value, Thing):
            return value
        if isinstance(type_, GraphQLList):
            items = value if isinstance(value, list) else [value]
            return [self.taken(type_.of_type, each, thing, name, f"/{at}") for at, each in enumerate(items)]
        if is_leaf_type(type_) or not isinstance(value, Mapping):
            return value
        return self.identified(type_.name, value, thing, name, salt)

    def identified(
        self, type_name: str, value: Mapping[str, Any], thing: Thing, name: str, salt: str = ""
    ) -> Thing:
        """An object that is given by its fields, one of ``thing``'s."""
        stated = value.get("__typename")
        wanted = str(stated) if stated in self.subgraph.schema.type_map else type_name
        given = {each: of for each, of in value.items() if each != "__typename"}
        if any(has_all(given, key) for key in self.subgraph.keys_of(wanted)):
            number = self.number_of(wanted, given)
            if number is not None:
                return Thing(self.concrete(wanted, number), number, given)
        linked = self.linked(wanted, thing, name, salt)
        return Thing(linked.type_name, linked.number, given)


def has_all(values: Mapping[str, Any], fields: FieldSet) -> bool:
    """Whether the values have every field of a key."""
    return bool(fields) and all(name in values and _has_below(values[name], below) for name, below in fields)


def _has_below(value: Any, below: FieldSet) -> bool:
    if isinstance(value, list):
        return all(_has_below(each, below) for each in value)
    return not below or (isinstance(value, Mapping) and has_all(value, below))


def told(values: Mapping[str, Any], fields: FieldSet) -> str:
    """A key as one text, the same for ``1`` and ``"1"``."""
    return json.dumps(_told(values, fields), sort_keys=True, ensure_ascii=False)


def _told(value: Any, fields: FieldSet) -> Any:
    if isinstance(value, list):
        return [_told(each, fields) for each in value]
    if not fields or not isinstance(value, Mapping):
        return str(value)
    return {name: _told(value.get(name), below) for name, below in fields}
