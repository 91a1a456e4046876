"""From the schemas of an OpenAPI document to types of a graph.

An object with known properties is a type; a map, a free object and what may be many things is ``JSON``, so that
nothing of an answer is lost. What only some person can decide is marked for review.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from schema.drafting.graph import (
    JSON,
    STRING,
    EnumType,
    Field,
    Graph,
    Leaf,
    ListOf,
    Named,
    ObjectType,
    Type,
    UnionType,
    print_type,
)
from schema.drafting.names import RESERVED_TYPES, Names, enum_value, field_name, pascal, short_names
from schema.drafting.openapi_document import OpenApiDocument, text
from schema.drafting.openapi_schemas import Schema, Schemas

_DEEPEST = 40
_MOST_RENAMED = 30
_LARGEST_INT = 2**31 - 1
_FORMATS = {
    "date": "Date",
    "date-time": "DateTime",
    "datetime": "DateTime",
    "time": "Time",
    "uuid": "UUID",
    "guid": "UUID",
    "int64": "Long",
    "decimal": "Decimal",
}
_LONG_FORMATS = frozenset(
    {"int64", "long", "uint32", "uint64", "unix-time", "unixtime", "timestamp", "unix-timestamp", "bigint"}
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A type and whether null may stand in its place."""

    type: Type
    is_nullable: bool = False


class OpenApiTypes:
    """Makes types as they are asked for; ``graph`` holds them."""

    def __init__(self, document: OpenApiDocument) -> None:
        self.graph = Graph()
        self.schemas = Schemas(document)
        self._names = Names(RESERVED_TYPES)
        self._short = short_names(document.component_schemas)
        self._made: dict[tuple[str, bool], Typed] = {}
        self._open: set[tuple[str, bool]] = set()
        self._enums: dict[tuple[str, ...], str] = {}
        self._depth = 0

    def of(self, schema: Any, wish: str, *, is_input: bool = False, word: str = "") -> Typed:
        """The type of values that a schema allows. ``wish`` is its name where the document gives it none; an enum
        is called by the ``word`` alone as long as nothing else is."""
        read = self.schemas.read(schema)
        key = (self._identity(read), is_input)
        if key in self._made:
            return Typed(self._made[key].type, read.is_nullable or self._made[key].is_nullable)
        if key in self._open or self._depth > _DEEPEST:
            return Typed(JSON, True)
        self._open.add(key)
        self._depth += 1
        made = self._make(read, self._wish(read, wish), key, is_input, word)
        self._depth -= 1
        self._open.discard(key)
        self._made[key] = made
        return Typed(made.type, made.is_nullable or read.is_nullable)

    def _identity(self, read: Schema) -> str:
        return read.reference or json.dumps(read.node, default=str)

    def _wish(self, read: Schema, wish: str) -> str:
        if read.reference is None:
            title = text(read.node.get("title"))
            return wish if not title or len(title) > 40 else pascal(title) if pascal(title) != "Field" else wish
        name = self.schemas.name_of(read.reference)
        return self._short.get(name) or pascal(
            name.removesuffix(".json").removesuffix(".yaml").removesuffix(".yml")
        )

    def _make(self, read: Schema, wish: str, key: tuple[str, bool], is_input: bool, word: str) -> Typed:
        discriminator, arms = self.schemas.discriminated(read)
        if not is_input and discriminator and len(arms) > 1:
            return self._union(read, wish, key, discriminator, arms)
        if read.alternatives and not _properties(read):
            return self._one_of(read, wish, key, is_input)
        if isinstance(read.node.get("enum"), list) and read.type in ("", "string"):
            return Typed(self._enum(read, wish, word))
        match read.type:
            case "string":
                return Typed(Leaf(_FORMATS.get(text(read.node.get("format")).lower(), "String")))
            case "integer":
                return Typed(Leaf("Long" if _is_long(read.node) else "Int"))
            case "number":
                return Typed(Leaf("Float"))
            case "boolean":
                return Typed(Leaf("Boolean"))
            case "array":
                item = self.of(read.node.get("items", {}), f"{wish}Item", is_input=is_input, word=word)
                return Typed(ListOf(item.type, item.is_nullable))
            case "object" if _properties(read):
                return Typed(self._object(read, wish, key, is_input))
        if len(read.types) > 1 and set(read.types) <= {"integer", "number"}:
            return Typed(Leaf("Float"))
        if read.type == "" and isinstance(read.node.get("const"), str):
            return Typed(STRING)
        return Typed(JSON, True)

    def _object(self, read: Schema, wish: str, key: tuple[str, bool], is_input: bool) -> Type:
        wish = wish if not is_input or wish.endswith("Input") else f"{wish}Input"
        made = ObjectType(
            self._names.take(wish, f"{wish}Object"), text(read.node.get("description")), is_input=is_input
        )
        named = Named(made.name)
        self._made[key] = Typed(named)
        self.graph.objects[made.name] = made
        required = read.node.get("required")
        needed = (
            frozenset(each for each in required if isinstance(each, str))
            if isinstance(required, list)
            else frozenset()
        )
        names = Names()
        for property_name, schema in _properties(read).items():
            if isinstance(schema, Mapping) and schema.get("readOnly" if is_input else "writeOnly") is True:
                continue
            name = names.take(field_name(property_name))
            made.fields[name] = self._field(name, property_name, schema, made, property_name in needed, is_input)
        if not made.fields:
            del self.graph.objects[made.name]
            self._made[key] = Typed(JSON, True)
            return JSON
        return named

    def _field(
        self, name: str, key: str, schema: Any, owner: ObjectType, is_required: bool, is_input: bool
    ) -> Field:
        of_owner = owner.name.removesuffix("Input") if is_input else owner.name
        typed = self.of(schema, f"{of_owner}{pascal(key)}", is_input=is_input, word=key)
        about = schema if isinstance(schema, Mapping) else {}
        reviews: tuple[str, ...] = ()
        if not is_input and "example" in about and not self._allows(typed, about["example"]):
            # Documents that nobody cleans: what their own example breaks, the service will break.
            is_null = about["example"] is None
            typed = Typed(typed.type if is_null else self._wider(typed.type, about["example"]), True)
            reviews = (
                ("its own example is null",)
                if is_null
                else (f"{print_type(typed.type, is_nullable=True)}, since its own example is not of its type",)
            )
        described = text(about.get("description")) or ("" if name == key else f'"{key}" in the data.')
        return Field(
            name,
            key,
            typed.type,
            typed.is_nullable or not is_required or typed.type == JSON,
            described,
            about.get("deprecated") is True and not is_required,
            reviews=reviews,
        )

    def _allows(self, typed: Typed, example: Any) -> bool:
        """Whether a value would pass as this type when it is answered."""
        if example is None or typed.type == JSON:
            return typed.is_nullable or typed.type == JSON
        if isinstance(typed.type, ListOf):
            return isinstance(example, list)
        if isinstance(typed.type, Named):
            return isinstance(example, dict)
        enum = self.graph.enums.get(typed.type.name)
        if enum is not None:
            return any(example == original for _, original in enum.values)
        return _LEAF_ALLOWS.get(typed.type.name, _is_scalar)(example)

    def _wider(self, type: Type, example: Any) -> Type:
        is_enum = isinstance(type, Leaf) and type.name in self.graph.enums
        return STRING if is_enum and isinstance(example, str) else JSON

    def _union(
        self, read: Schema, wish: str, key: tuple[str, bool], discriminator: str, arms: list[tuple[str, Any]]
    ) -> Typed:
        name = self._names.take(wish, f"{wish}Object")
        self._made[key] = Typed(Named(name))
        members = [(value, self.of(schema, f"{name}{pascal(value)}").type) for value, schema in arms]
        base: Type | None = None
        if not read.alternatives and _properties(read):
            plain = {k: v for k, v in read.node.items() if k != "discriminator"}
            base = self.of(plain, f"{name}Base").type
        objects = [
            (value, each.name)
            for value, each in members
            if isinstance(each, Named) and each.name in self.graph.objects
        ]
        if len(objects) != len(members):
            return Typed(JSON, True)
        otherwise = base.name if isinstance(base, Named) else objects[0][1]
        self.graph.unions[name] = UnionType(
            name, discriminator, tuple(objects), otherwise, text(read.node.get("description"))
        )
        return Typed(Named(name))

    def _one_of(self, read: Schema, wish: str, key: tuple[str, bool], is_input: bool) -> Typed:
        """Alternatives of one type are that type, objects are put together; everything else may be anything."""
        if is_input:
            each_type = {
                self.of(each, wish, is_input=True).type
                for each in read.alternatives
                if _is_simple(self.schemas.read(each))
            }
            return (
                Typed(each_type.pop())
                if len(each_type) == 1 and all(_is_simple(self.schemas.read(each)) for each in read.alternatives)
                else Typed(JSON, True)
            )
        typed = [self.of(each, f"{wish}{number}").type for number, each in enumerate(read.alternatives, 1)]
        if all(each == typed[0] for each in typed):
            return Typed(typed[0])
        if all(isinstance(each, Leaf) and (each == STRING or each.name in self.graph.enums) for each in typed):
            return Typed(STRING)
        members = tuple(
            dict.fromkeys(
                each.name for each in typed if isinstance(each, Named) and each.name in self.graph.objects
            )
        )
        if not all(isinstance(each, Named) and each.name in self.graph.objects for each in typed):
            return Typed(JSON, True)
        name = self._names.take(wish, f"{wish}Object")
        self.graph.unions[name] = UnionType(name, "", tuple(("", member) for member in members), members[0])
        return Typed(Named(name))

    def _enum(self, read: Schema, wish: str, word: str) -> Leaf:
        originals = tuple(dict.fromkeys(each for each in read.node["enum"] if isinstance(each, str)))
        only_text = all(each is None or isinstance(each, str) for each in read.node["enum"])
        values = tuple((enum_value(each), each) for each in originals)
        is_unfit = len({name for name, _ in values}) < len(values) or any(
            name.startswith("__") for name, _ in values
        )
        changed = sum(name != original for name, original in values)
        if not only_text or is_unfit or len(values) < 2 or changed > _MOST_RENAMED:
            return STRING if only_text else JSON
        if originals not in self._enums:
            short = pascal(word) if word and read.reference is None else ""
            wishes = (
                (short, wish, f"{wish}Value")
                if short and short not in self._short.values()
                else (wish, f"{wish}Value")
            )
            made = EnumType(self._names.take(*wishes), values, text(read.node.get("description")))
            self.graph.enums[made.name] = made
            self._enums[originals] = made.name
        return Leaf(self._enums[originals])


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _is_number(value: Any) -> bool:
    """Numbers written as text are numbers, too; what is none, and what has no end, is not."""
    try:
        return not isinstance(value, bool) and _is_scalar(value) and isfinite(float(value))
    except (ValueError, OverflowError):
        return False


_LEAF_ALLOWS: Mapping[str, Callable[[Any], bool]] = {
    "Int": lambda value: (
        _is_number(value) and float(value) == int(float(value)) and abs(float(value)) <= _LARGEST_INT
    ),
    "Float": _is_number,
    "Boolean": lambda value: isinstance(value, bool | int | float),
}


def _properties(read: Schema) -> Mapping[str, Any]:
    found = read.node.get("properties")
    return {str(name): schema for name, schema in found.items()} if isinstance(found, Mapping) else {}


def _is_simple(read: Schema) -> bool:
    return read.type in {"string", "integer", "number", "boolean"}


def _is_long(node: Mapping[str, Any]) -> bool:
    if text(node.get("format")).lower() in _LONG_FORMATS:
        return True
    bounds = [node.get(key) for key in ("maximum", "minimum", "example", "default")]
    return any(isinstance(each, int | float) and abs(each) > _LARGEST_INT for each in bounds)
