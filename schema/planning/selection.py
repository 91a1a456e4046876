"""What is asked at one place of the answer: fields for each concrete type that may stand there.

Fragments are gone: a :class:`Selection` lists, per concrete type, the fields that hold for it. Equal parts
are one shared value, so a selection is a graph whose places can be memoised by identity, however often
fragments repeat them. Source: GraphQL specification, section 6.3.2 "CollectFields".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from schema.planning.query_plan import RepresentationField, RepresentationFragment

Literals = frozenset[tuple[str, bool]]
"""Conditions that hold together: (variable, value it must have)."""

Conditions = frozenset[Literals]
"""Alternatives: one of them must hold. ``ALWAYS`` has the alternative without a condition."""

NO_LITERALS: Literals = frozenset()
ALWAYS: Conditions = frozenset({NO_LITERALS})


def either(*alternatives: Conditions) -> Conditions:
    """The alternatives of all, without those that a weaker one covers."""
    every = frozenset().union(*alternatives)
    if len(every) < 2:
        return every
    if NO_LITERALS in every:
        return ALWAYS
    sizes = {len(one) for one in every}
    if len(sizes) == 1:
        return every  # none of them can cover another
    shorter = [one for one in every if len(one) < max(sizes)]
    return frozenset(one for one in every if not any(other < one for other in shorter))


def common_literals(conditions: Conditions) -> Literals:
    """What holds in every alternative."""
    return frozenset.intersection(*conditions) if conditions else NO_LITERALS


def without(conditions: Conditions, known: Literals) -> Conditions:
    """The conditions where ``known`` holds anyway."""
    return either(frozenset(one - known for one in conditions))


class Purpose(Enum):
    """Why a field is fetched: the client asked, or a key, a ``@requires`` or a guard needs it."""

    CLIENT = "client"
    KEY = "key"
    REQUIRED = "required"


ItemKey = tuple[str, str, str, int]
"""A field at a site: concrete type, response name, arguments, identity of what is asked below."""

SelectedKey = tuple[int, ItemKey]
"""A field of an operation: identity of the client's selection that it stands in or beside, and the item."""


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """An argument that is filled from an object ``levels`` above the field's own: by the ``fields`` there, each
    with its selection's identity, which ``parts`` read back."""

    argument: str
    variable: str
    levels: int
    fields: tuple[SelectedKey, ...]
    parts: tuple[RepresentationField | RepresentationFragment, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """One field to bring for an object of one concrete type. ``arguments`` is canonical GraphQL text.

    ``response_name`` is its name in the merged answer. ``conditions`` are told from the field's parent on.
    ``filled`` are arguments that come from a context; such a field is asked of one ``service`` only, by key.
    """

    response_name: str
    name: str
    arguments: str = ""
    variables: tuple[str, ...] = ()
    conditions: Conditions = ALWAYS
    below: Selection | None = None
    purpose: Purpose = Purpose.CLIENT
    service: str | None = None
    filled: tuple[Filled, ...] = ()

    def is_same_field(self, name: str, arguments: str) -> bool:
        return (self.name, self.arguments) == (name, arguments)

    def __str__(self) -> str:
        alias = "" if self.response_name == self.name else f"{self.response_name}: "
        return f"{alias}{self.name}{f'({self.arguments})' if self.arguments else ''}"


@dataclass(slots=True, eq=False)
class Selection:
    """The fields asked at one place, by concrete type; ``type_name`` is the place's type in the supergraph.

    ``origin`` is the client's whole selection at the place where this one is only a part of it or stands
    beside it: its names are taken.
    """

    type_name: str
    by_type: Mapping[str, tuple[Selected, ...]] = field(default_factory=dict)
    origin: Selection | None = None
    _size: int | None = None

    def fields(self, type_name: str) -> tuple[Selected, ...]:
        return self.by_type.get(type_name, ())

    def names(self, type_name: str) -> tuple[Selected, ...]:
        """The client's fields for an object of this type, whose response names are taken."""
        return (self.origin or self).fields(type_name)

    def key(self, item: ItemKey) -> SelectedKey:
        """The field here, whichever part of the selection it is found in."""
        return id(self.origin or self), item

    def size(self) -> int:
        """Fields here and below written out, for comparing what is left over; counted once."""
        if self._size is None:
            fields = (one for fields in self.by_type.values() for one in fields)
            self._size = sum(1 + (one.below.size() if one.below else 0) for one in fields)
        return self._size


def item_key(type_name: str, wanted: Selected) -> ItemKey:
    """What makes a field at a site the same field."""
    return type_name, wanted.response_name, wanted.arguments, id(wanted.below) if wanted.below else 0
