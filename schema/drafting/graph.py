"""The types of a draft before they are text: what each field is called, and where in the answer it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar or an enum, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """An object type, input type or union, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Type
    item_is_nullable: bool = False


Type = Leaf | Named | ListOf

JSON = Leaf("JSON")
STRING = Leaf("String")
BASE64 = Leaf("Base64")


def innermost(type: Type) -> Leaf | Named:
    return innermost(type.item) if isinstance(type, ListOf) else type


def list_depth(type: Type) -> int:
    return 1 + list_depth(type.item) if isinstance(type, ListOf) else 0


def with_innermost(type: Type, inner: Leaf | Named) -> Type:
    if isinstance(type, ListOf):
        return ListOf(with_innermost(type.item, inner), type.item_is_nullable)
    return inner


def print_type(type: Type, *, is_nullable: bool) -> str:
    if isinstance(type, ListOf):
        text = f"[{print_type(type.item, is_nullable=type.item_is_nullable)}]"
    else:
        text = type.name
    return text if is_nullable else f"{text}!"


@dataclass(slots=True)
class Field:
    """``key`` is the property's name in the data, ``step`` what a mapping makes of its value. ``reviews`` are for
    the person who reads the draft."""

    name: str
    key: str
    type: Type
    is_nullable: bool
    description: str = ""
    deprecated: bool = False
    step: str = ""
    reviews: tuple[str, ...] = ()


@dataclass(slots=True)
class ObjectType:
    """``keys`` are the field names of each ``@key``. ``is_input`` tells what it describes."""

    name: str
    description: str = ""
    fields: dict[str, Field] = field(default_factory=dict)
    keys: list[tuple[str, ...]] = field(default_factory=list)
    reviews: list[str] = field(default_factory=list)
    is_input: bool = False

    def field_of(self, key: str) -> Field | None:
        return next((each for each in self.fields.values() if each.key == key), None)


@dataclass(slots=True)
class UnionType:
    """Which of its types an object is, is told by the value of ``discriminator``: ``arms`` are value and type.

    Without a discriminator nobody can tell. ``otherwise`` is the type for every other value.
    """

    name: str
    discriminator: str
    arms: tuple[tuple[str, str], ...]
    otherwise: str
    description: str = ""

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(name for _, name in self.arms), self.otherwise)))


@dataclass(slots=True)
class EnumType:
    """``values`` are name and original."""

    name: str
    values: tuple[tuple[str, str], ...]
    description: str = ""

    @property
    def is_renamed(self) -> bool:
        return any(name != original for name, original in self.values)


@dataclass(slots=True)
class Graph:
    """Every type of a draft, by name."""

    objects: dict[str, ObjectType] = field(default_factory=dict)
    unions: dict[str, UnionType] = field(default_factory=dict)
    enums: dict[str, EnumType] = field(default_factory=dict)

    def reachable(self, roots: Iterator[Type]) -> set[str]:
        """The names of all types that can be come to from these, leaves included."""
        found: set[str] = set()
        waiting = [innermost(root) for root in roots]
        while waiting:
            name = waiting.pop().name
            if name in found:
                continue
            found.add(name)
            if name in self.objects:
                waiting += [innermost(each.type) for each in self.objects[name].fields.values()]
            if name in self.unions:
                waiting += [Named(member) for member in self.unions[name].members]
        return found
