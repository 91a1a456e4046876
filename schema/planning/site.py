"""A site: one place of the answer, and which subgraphs are visited there for which fields.

The value that the path search finds and that fetches are built from. The first visits are the fetches that
brought the object, its homes: several where the field that led here was asked in several subgraphs side by
side. The others are made at the site itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schema.planning.blind import SEEING, Blind
from schema.planning.query_graph import Entry, Home
from schema.planning.query_plan import RepresentationField, RepresentationFragment
from schema.planning.selection import Conditions, ItemKey, Purpose, Selected, Selection

RepresentationParts = tuple[RepresentationField | RepresentationFragment, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a place costs with everything below it. A sequential step less is worth a fetch more."""

    fetches: int = 0
    steps: int = 0

    @property
    def rank(self) -> tuple[int, int]:
        """The lower the cheaper: fewest fetches and steps together, then fewest steps."""
        return self.fetches + self.steps, self.steps


@dataclass(frozen=True, slots=True)
class Entered:
    """How objects of one type enter a subgraph: the key and the required fields of the representation."""

    entry: Entry
    key: RepresentationParts = ()
    required: RepresentationParts = ()

    def joined(self, required: RepresentationParts) -> Entered | None:
        """The same door with more required fields; ``None`` where one name would need two values."""
        every = join_parts(self.key + self.required, required)
        if every is None:
            return None
        return Entered(self.entry, every[: len(self.key)], every[len(self.key) :])


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """The site below a field, and the position of the visit that is each home of it; ``None`` where that home
    is not used. One value where types share it."""

    site: Site
    homes: tuple[int | None, ...]

    @property
    def last(self) -> int:
        """The position of the last visit that brings objects of the site."""
        return max(one for one in self.homes if one is not None)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A field answered by a visit. ``conditions`` say when it is wanted; ``is_always_asked`` for the fields of
    keys, which are cheap and printed without conditions."""

    key: ItemKey
    selected: Selected
    conditions: Conditions
    is_always_asked: bool
    below: Branch | None


@dataclass(frozen=True, slots=True, eq=False)
class GatherParts:
    """A gathered field: its parts' doors by service; ``None`` for the part that home brings. Several sites may
    stand below it, each for the elements of some parts."""

    type_name: str
    key: tuple[str, ...]
    doors: tuple[tuple[str, Entered | None], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Visit:
    """One visit to a subgraph at a site. ``after`` are the positions of the visits it needs, ``needs`` the
    fields that its representations send, with everything below them. ``is_blind``: its objects do not tell
    their types yet when it is made.

    ``service`` is empty for a home and for a gather, whose one field stands in ``placed``.
    """

    service: str
    after: frozenset[int]
    needs: frozenset[ItemKey]
    entered: tuple[tuple[str, Entered], ...]
    placed: tuple[tuple[str, tuple[Placed, ...]], ...]
    conditions: Conditions
    gather: GatherParts | None = None
    is_blind: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """How one place is answered. ``leftover`` is what nothing reachable from here can answer.

    The root, which no fetch brought, has no homes; its first visit is empty.
    """

    selection: Selection
    homes: tuple[Home, ...]
    types: tuple[str, ...]
    visits: tuple[Visit, ...]
    cost: Cost
    leftover: Selection | None = None
    blind: Blind = SEEING

    @property
    def is_told(self) -> bool:
        """Whether a visit tells the types that a home cannot tell."""
        return any(
            one.selected.name == "__typename" and type_name in self.blind.held_as
            for visit in self.visits
            for type_name, fields in visit.placed
            for one in fields
        )

    @property
    def used(self) -> tuple[int, ...]:
        """The homes that are asked for something; the first where nothing is asked of any."""
        return tuple(n for n in range(len(self.homes)) if self.visits[n].placed) or (0,)

    @property
    def is_chained(self) -> bool:
        """Whether a visit waits for another that is made at the site, or below it."""
        here = max(1, len(self.homes))
        deep = {
            one.key
            for visit in self.visits
            for _, fields in visit.placed
            for one in fields
            if one.below and one.below.site.cost.fetches
        }
        return any(visit.needs & deep or any(one >= here for one in visit.after) for visit in self.visits)

    @property
    def order(self) -> Mapping[ItemKey, int]:
        """The position of the visit that answers each field; visits stand in the order of their steps."""
        fields = (
            (number, one)
            for number, visit in enumerate(self.visits)
            for _, placed in visit.placed
            for one in placed
        )
        return {one.key: number for number, one in fields}

    @property
    def gathered(self) -> int:
        """The fetches that gathered lists take, which no choice of subgraphs saves."""
        fetches = 0
        for visit in (one for one in self.visits if one.gather):
            fetches += sum(door is not None for _, door in visit.gather.doors) if visit.gather else 0
            placed = (one for _, fields in visit.placed for one in fields)
            fetches += sum(one.below.site.cost.fetches for one in placed if one.below)
        return fetches


@dataclass(frozen=True, slots=True)
class Item:
    """A field that is being placed, shared by all who want it."""

    selected: Selected
    is_client: bool = False
    is_key: bool = False

    def wanted_by(self, wanted: Selected, is_client: bool) -> Item:
        """The same for one more who wants it; the client's own field goes before a hidden one."""
        is_first = self.selected.purpose is Purpose.CLIENT or wanted.purpose is not Purpose.CLIENT
        is_key = self.is_key or wanted.purpose is Purpose.KEY
        if is_first and is_key is self.is_key and is_client <= self.is_client:
            return self
        return Item(self.selected if is_first else wanted, self.is_client or is_client, is_key)


def join_parts(one: RepresentationParts, other: RepresentationParts) -> RepresentationParts | None:
    """Both in one representation; ``None`` where one name would need two values."""
    joined = list(one)
    for part in other:
        if part in joined:
            continue
        place = next((n for n, known in enumerate(joined) if _are_of_one_name(known, part)), None)
        if place is None:
            joined.append(part)
            continue
        merged = _merge(joined[place], part)
        if merged is None:
            return None
        joined[place] = merged
    return tuple(joined)


def are_alike(
    key: RepresentationParts,
    required: RepresentationParts,
    other_key: RepresentationParts,
    other: RepresentationParts,
) -> bool:
    """Whether two types that one interface object stands for are sent alike. For the subgraph they are one type,
    so that what is asked of one is asked of the other as well, and needs what is required there too."""
    if _shape(required) != _shape(other):
        return False
    names = [{part.name for part in one if isinstance(part, RepresentationField)} for one in (key, other_key)]
    return names[0] != names[1] or _shape(key) == _shape(other_key)


def _shape(parts: RepresentationParts) -> frozenset[tuple[object, ...]]:
    """What is sent, wherever it is read from."""
    return frozenset(
        (one.name if isinstance(one, RepresentationField) else one.types, _shape(one.selections)) for one in parts
    )


def _are_of_one_name(one: object, other: object) -> bool:
    names = [part.name for part in (one, other) if isinstance(part, RepresentationField)]
    return len(names) == 2 and names[0] == names[1]


def _merge(one: object, other: object) -> RepresentationField | None:
    if not (isinstance(one, RepresentationField) and isinstance(other, RepresentationField)):
        return None
    below = join_parts(one.selections, other.selections)
    if below is None or one.response_name != other.response_name:
        return None
    return RepresentationField(one.name, one.response_name, below, one.may_be_null)
