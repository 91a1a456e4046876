"""Make a msgspec type of each place: decoding is projection and type check, encoding is the answer.

A type's fields stand in the operation's order, hidden ones behind. What another fetch will bring is
``UNSET`` until then, and a subgraph that sends it unasked fails to decode. Where several types can stand,
objects are decoded as a tagged union, then take the class that prints no tag (``Place.plain``).
Source: msgspec, "Structs"; GraphQL specification, 6.4.3 "Value completion".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union

import msgspec
from graphql import (
    GraphQLEnumType,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from msgspec import UNSET, Meta, Raw, UnsetType

from hub.execution.compiled.layout import NotCompiled, Place, Slot
from schema.planning.query_plan import Fetch

INT = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
_SIMPLE: Mapping[str, Any] = {"String": str, "ID": str, "Int": INT, "Boolean": bool}
PREFIX = "f_"
_UNCHECKED_TAG = "!"
"""Stands for ``__typename`` while a tagged class is decoded: no GraphQL name has it."""

Type = Any
"""A type annotation that msgspec reads."""


@dataclass(slots=True)
class PlaceTypes:
    """The classes of one place. ``plain[tagged]`` is the class that an object takes after decoding.

    ``names[class]`` is its GraphQL type. ``unprinted[class]`` are the attributes to take away before encoding;
    ``never_null[class]`` those of custom scalars, which pass as text, a null too.
    """

    decoded: Type = None
    plain: dict[type, type] = field(default_factory=dict)
    names: dict[type, str] = field(default_factory=dict)
    by_name: dict[str, type] = field(default_factory=dict)
    unprinted: dict[type, tuple[str, ...]] = field(default_factory=dict)
    never_null: dict[type, tuple[str, ...]] = field(default_factory=dict)


def attribute(response_name: str) -> str:
    """The Python name of a response name; the prefix keeps it from every name that Python knows."""
    return PREFIX + response_name


class Structs:
    """The types of all places of one layout. ``api_schema`` says which enum values are public."""

    def __init__(self, api_schema: GraphQLSchema) -> None:
        self._api_schema = api_schema
        self.of: dict[Place, PlaceTypes] = {}

    def place(self, place: Place) -> PlaceTypes:
        """The classes of a place and, in ``of``, of all places below it."""
        known = self.of.get(place)
        if known is None:
            known = self.of[place] = PlaceTypes()
            is_tagged = len(place.slots) > 1
            if place.is_abstract and not place.says_type:
                raise NotCompiled("objects of several types that do not say their type")
            for type_name, slots in place.slots.items():
                self._add(known, place, type_name, slots, is_tagged=is_tagged)
            classes = tuple(known.plain) if is_tagged else tuple(known.names)
            known.decoded = Union[classes]  # noqa: UP007 - made at run time
        return known

    def row(self, place: Place, type_name: str, fetch: Fetch, known_as: str) -> tuple[type, tuple[str, ...]]:
        """The class that decodes what ``fetch`` brings to objects of a type, and its attributes."""
        fields: list[tuple[str, Type]] = []
        for slot in place.slots[type_name].values():
            if slot.bringer is fetch:
                if slot.name == "__typename" and known_as != type_name:
                    raise NotCompiled("the name of an interface object")
                fields.append((slot.name, self._slot_type(slot, type_name)))
        row = _define(type_name, [(attribute(name), type_) for name, type_ in fields], {})
        return row, tuple(attribute(name) for name, _type in fields if name != "__typename")

    def _add(
        self, known: PlaceTypes, place: Place, type_name: str, slots: Mapping[str, Slot], *, is_tagged: bool
    ) -> None:
        fields: list[Any] = []
        unprinted: list[str] = []
        for slot in slots.values():
            name = attribute(slot.name)
            is_hidden = slot.shape is None
            if slot.name == "__typename" and is_hidden:
                if is_tagged:
                    continue
                if any(each.shape and each.shape.literal for each in slots.values()):
                    raise NotCompiled("__typename under another name, beside a hidden one")
            fields.append(self._field(place, slot, type_name, is_tagged=is_tagged))
            if is_hidden and (slot.name != "__typename" or place.is_abstract):
                unprinted.append(name)
        is_typename_hidden = "__typename" in slots and slots["__typename"].shape is None
        plain = _define(type_name, fields, {}, omit_defaults=is_typename_hidden and not is_tagged)
        known.names[plain] = type_name
        known.by_name[type_name] = plain
        known.unprinted[plain] = tuple(unprinted)
        known.never_null[plain] = tuple(_never_null(slots.values()))
        if is_tagged:
            renamed = {attribute("__typename"): _UNCHECKED_TAG}
            known.plain[_define(type_name, fields, renamed, tag=type_name, tag_field="__typename")] = plain

    def _field(self, place: Place, slot: Slot, type_name: str, *, is_tagged: bool) -> Any:
        name = attribute(slot.name)
        if slot.type is not None and self._is_own_name(slot):
            literal: Any = Literal[type_name]
            # The very object that decoding gives: what is identical to its default is left out of the answer.
            default = literal.__args__[0]
            is_asked = place.is_abstract and not is_tagged and slot.name == "__typename"
            return (name, literal) if is_asked and place.says_type else (name, literal, default)
        if slot.bringer is place.creator:
            return (name, self._slot_type(slot, type_name))
        if slot.below is not None:
            self.place(slot.below)
        return (name, UnsetType, UNSET)

    def _is_own_name(self, slot: Slot) -> bool:
        return slot.name == "__typename" or bool(slot.shape and slot.shape.literal)

    def _slot_type(self, slot: Slot, type_name: str) -> Type:
        if self._is_own_name(slot):
            return Literal[type_name]
        return self._type(slot.type, slot)

    def _type(self, type_: GraphQLOutputType, slot: Slot) -> Type:
        if is_non_null_type(type_):
            return self._present(type_.of_type, slot, is_required=True)
        present = self._present(type_, slot, is_required=False)
        return Raw if present is Raw else Union[present, None]  # noqa: UP007 - made at run time

    def _present(self, type_: GraphQLOutputType, slot: Slot, *, is_required: bool) -> Type:
        if is_list_type(type_):
            return list[self._type(type_.of_type, slot)]  # type: ignore[misc]  # made at run time
        if slot.below is not None:
            return self.place(slot.below).decoded
        if not is_leaf_type(type_):
            raise NotCompiled("a field of unlike types")
        leaf = self._leaf(type_, is_visible=slot.shape is not None)
        if leaf is Raw and is_required and not (is_non_null_type(slot.type) and slot.type.of_type is type_):
            raise NotCompiled("a list of custom scalars that may not be null")
        return leaf

    def _leaf(self, type_: GraphQLNamedType, *, is_visible: bool) -> Type:
        if type_.name in _SIMPLE:
            return _SIMPLE[type_.name]
        if type_.name == "Float":
            return Union[int, float]  # noqa: UP007 - made at run time
        if isinstance(type_, GraphQLEnumType):
            public = self._api_schema.get_type(type_.name)
            values = tuple(public.values) if is_visible and isinstance(public, GraphQLEnumType) else ()
            if is_visible and not values:
                raise NotCompiled("an enum without public values")
            return Literal[values] if values else str
        return Raw


def is_null(value: object) -> bool:
    """Whether a value is null, also that of a custom scalar."""
    return value is None or (type(value) is Raw and bytes(value) == b"null")


def is_simple(slot: Slot) -> bool:
    """Whether equal values are equal in Python and in JSON: then an attribute can be a key of a dictionary."""
    type_ = slot.type.of_type if is_non_null_type(slot.type) else slot.type
    return isinstance(type_, GraphQLEnumType) or getattr(type_, "name", "") in _SIMPLE


def _never_null(slots: Iterable[Slot]) -> Iterator[str]:
    for slot in slots:
        if slot.below is None and is_non_null_type(slot.type) and _is_custom(slot.type.of_type):
            yield attribute(slot.name)


def _is_custom(type_: GraphQLOutputType) -> bool:
    return isinstance(type_, GraphQLScalarType) and type_.name not in (*_SIMPLE, "Float")


def _define(type_name: str, fields: list[Any], renamed: Mapping[str, str], **options: Any) -> type:
    names = {each[0]: renamed.get(each[0], each[0].removeprefix(PREFIX)) for each in fields}
    return msgspec.defstruct(
        type_name, fields, rename=names, kw_only=True, eq=False, gc=False, weakref=False, **options
    )
