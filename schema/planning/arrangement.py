"""Arrange one site with a given set of subgraphs: which visit answers which field, by which keys.

Each wanted field goes home where home resolves it, else to an allowed subgraph. A visit to a subgraph needs
the fields of one of its keys, and a field with ``@requires`` needs those fields first; they are wanted
fields too, placed by the same rules, so that chained, composite and gathered keys and circles of
``@requires`` come out by themselves. A visit is used again unless that would make it wait for itself.
Source: Federation 2, "Entities", "@requires"; the specification of ``@gather``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from schema.field_set import FieldSet
from schema.planning.query_graph import Entry, Standing
from schema.planning.selection import ALWAYS, Conditions, Purpose, Selected, Selection
from schema.planning.site import Entered, GatherParts, Item, ItemKey, RepresentationParts, Site

if TYPE_CHECKING:
    from schema.planning.paths import PathSearch

HOME = 0

Snapshot = tuple[list["OpenVisit"], dict[ItemKey, Item], dict[ItemKey, frozenset[int]], dict[str, list[Selected]]]


class Unreachable(Exception):
    """A field cannot be had at this site with the subgraphs allowed."""


@dataclass(slots=True)
class OpenVisit:
    """A visit while its site is arranged."""

    service: str
    after: set[int] = field(default_factory=set)
    entered: dict[str, Entered] = field(default_factory=dict)
    needs: dict[str, set[ItemKey]] = field(default_factory=dict)
    placed: dict[ItemKey, Site | None] = field(default_factory=dict)
    gather: GatherParts | None = None
    wanted_when: Conditions = ALWAYS

    def copy(self) -> OpenVisit:
        needs = {type_name: set(keys) for type_name, keys in self.needs.items()}
        return replace(
            self, after=set(self.after), entered=dict(self.entered), needs=needs, placed=dict(self.placed)
        )


@dataclass(slots=True)
class Option:
    """A way to answer one field: home or a subgraph, and the site that follows below it."""

    service: str | None
    below: Site | None
    required: FieldSet | None

    def answers_some_of(self, wanted: Selection | None) -> bool:
        left = self.below.leftover if self.below else None
        return wanted is None or left is None or left.size() < wanted.size()

    def rank(self, arrangement: Arrangement) -> tuple[object, ...]:
        leftover = self.below.leftover.size() if self.below and self.below.leftover else 0
        cost = self.below.cost if self.below else None
        return (
            leftover,
            cost.fetches if cost else 0,
            self.required is not None,
            cost.steps if cost else 0,
            self.service is not None,
            not any(visit.service == self.service for visit in arrangement.visits),
            self.service or "",
        )


@dataclass(slots=True)
class Arrangement:
    """One attempt. ``place`` raises :class:`Unreachable`; the rest of the attempt goes on without the field."""

    search: PathSearch
    selection: Selection
    standings: tuple[Standing, ...]
    types: tuple[str, ...]
    allowed: frozenset[str]
    is_closed: bool = False
    visits: list[OpenVisit] = field(default_factory=lambda: [OpenVisit("")])
    items: dict[ItemKey, Item] = field(default_factory=dict)
    providers: dict[ItemKey, frozenset[int]] = field(default_factory=dict)
    leftover: dict[str, list[Selected]] = field(default_factory=dict)
    underway: set[ItemKey] = field(default_factory=set)
    wanted_when: Conditions = ALWAYS

    def want(self, type_name: str, wanted: Selected) -> None:
        """Place a field of the client, or note it as left over."""
        before = self.snapshot()
        self.wanted_when = wanted.conditions
        try:
            self.place(type_name, wanted)
        except Unreachable:
            self.restore(before)
            self.leftover.setdefault(type_name, []).append(wanted)
        else:
            self.items[_key(type_name, wanted)].is_client = True

    def place(self, type_name: str, wanted: Selected) -> frozenset[int]:
        """The visits after which the field is there."""
        key = _key(type_name, wanted)
        if key not in self.providers:
            if key in self.underway:
                raise Unreachable
            self.search.budget.spend()
            self.underway.add(key)
            try:
                self.providers[key] = self._place(type_name, wanted, key)
            finally:
                self.underway.discard(key)
        item = self.items.setdefault(key, Item(wanted))
        if wanted.purpose is Purpose.CLIENT and item.selected.purpose is not Purpose.CLIENT:
            item.selected = wanted
        item.is_key = item.is_key or wanted.purpose is Purpose.KEY
        return self.providers[key]

    def _place(self, type_name: str, wanted: Selected, key: ItemKey) -> frozenset[int]:
        if wanted.name == "__typename":
            self._changing(HOME).placed[key] = None
            return frozenset({HOME})
        rule, gathering = self.search.graph.gathering(type_name, wanted.name)
        if rule is not None:
            return self._gather(type_name, wanted, key, rule.key, gathering)
        return self._place_by_options(type_name, wanted, key)

    def _place_by_options(self, type_name: str, wanted: Selected, key: ItemKey) -> frozenset[int]:
        """The best option, and where it leaves something over, the next best for that."""
        together = self._side_by_side(type_name, wanted)
        if together:
            tried = [self._try(type_name, key, [one]) for one in together]
            return frozenset(one[1] for one in tried if one)
        used: set[str | None] = set()
        providers: frozenset[int] = frozenset()
        remaining: Selection | None = wanted.below
        while remaining is not None or not providers:
            options = self.search.options(self, type_name, wanted, remaining)
            useful = [one for one in options if one.service not in used and one.answers_some_of(remaining)]
            chosen = self._try(type_name, key, useful)
            if chosen is None:
                break
            option, visit = chosen
            used.add(option.service)
            providers |= {visit}
            remaining = option.below.leftover if option.below else None
            if remaining is None:
                return providers
            if not self.search.may_split and not self.standings:
                break  # what has an effect runs in exactly one subgraph
        if not providers:
            raise Unreachable
        self.leftover.setdefault(type_name, []).append(with_below(wanted, remaining))
        return providers

    def _side_by_side(self, type_name: str, wanted: Selected) -> list[Option]:
        """The subgraphs that answer a shared root field together at once, where one alone would need more
        steps and no fewer fetches. Not for lists: two subgraphs may order them differently."""
        if self.standings or not self.search.may_split or wanted.below is None:
            return []
        if self.search.graph.list_levels(type_name, wanted.name):
            return []
        best = min(
            self.search.options(self, type_name, wanted, wanted.below),
            key=lambda one: one.rank(self),
            default=None,
        )
        if best is None or best.below is None or best.below.leftover or not best.below.cost.fetches:
            return []
        together: list[Option] = []
        remaining: Selection | None = wanted.below
        while remaining is not None and len(together) <= best.below.cost.fetches:
            options = self.search.options(self, type_name, wanted, remaining, is_closed=True)
            useful = (one for one in options if one.answers_some_of(remaining))
            found = min(useful, key=lambda one: one.rank(self), default=None)
            if found is None:
                return []
            together.append(found)
            remaining = found.below.leftover if found.below else None
        return together if remaining is None else []

    def _try(self, type_name: str, key: ItemKey, options: list[Option]) -> tuple[Option, int] | None:
        for option in sorted(options, key=lambda one: one.rank(self)):
            before = self.snapshot()
            try:
                visit = HOME if option.service is None else self._visit(type_name, option.service, option.required)
            except Unreachable:
                self.restore(before)
                continue
            self._put(visit, key, option.below)
            return option, visit
        return None

    def _put(self, visit: int, key: ItemKey, below: Site | None) -> None:
        """A field whose selection is split over several alternatives of one visit keeps the first."""
        self._changing(visit).placed.setdefault(key, below)

    def _visit(self, type_name: str, service: str, requires: FieldSet | None) -> int:
        """The visit that answers a field in another subgraph, or again in this one after its requirements."""
        after: frozenset[int] = frozenset()
        needs: set[ItemKey] = set()
        required: RepresentationParts = ()
        if requires:
            after, required, needs = self._want_set(type_name, requires, Purpose.REQUIRED)
        for number, visit in enumerate(self.visits):
            if visit.service == service and type_name in visit.entered and self._may_share(visit, required):
                joined = visit.entered[type_name].joined(required)
                if joined is not None and not self._would_wait_for_itself(number, after):
                    visit = self._changing(number)
                    visit.entered[type_name] = joined
                    visit.needs[type_name] |= needs
                    visit.after |= after
                    return number
        entered, before, key_needs = self.enter(type_name, service)
        joined = entered.joined(required)
        if joined is None:
            raise Unreachable
        return self._open(type_name, joined, after | before, needs | key_needs)

    def _open(self, type_name: str, entered: Entered, after: frozenset[int], needs: set[ItemKey]) -> int:
        service = entered.entry.service
        for number, visit in enumerate(self.visits):
            is_free = visit.service == service and type_name not in visit.entered
            is_free = is_free and self._may_share(visit, entered.required)
            if is_free and not self._would_wait_for_itself(number, after):
                break
        else:
            number = len(self.visits)
            self.visits.append(OpenVisit(service, wanted_when=self.wanted_when))
        visit = self._changing(number)
        visit.entered[type_name] = entered
        visit.needs[type_name] = set(needs)
        visit.after |= after
        return number

    def _changing(self, number: int) -> OpenVisit:
        """The visit to be changed. Snapshots share the visits, so it is a copy; that keeps them cheap."""
        self.visits[number] = self.visits[number].copy()
        return self.visits[number]

    def _may_share(self, visit: OpenVisit, required: RepresentationParts) -> bool:
        """A field that is off must not have its requirements fetched for the sake of another's visit."""
        has_required = required or any(entered.required for entered in visit.entered.values())
        return not has_required or visit.wanted_when == self.wanted_when

    def enter(self, type_name: str, service: str) -> tuple[Entered, frozenset[int], set[ItemKey]]:
        """The cheapest door of a subgraph for objects of a type: fewest visits, then the first declared."""
        best: tuple[tuple[int, int], Snapshot, Entered, frozenset[int], set[ItemKey]] | None = None
        before = self.snapshot()
        for entry in self.search.graph.entries(service, type_name):
            self.restore(before)
            try:
                after, key, needs = self._want_key(type_name, entry)
            except Unreachable:
                continue
            cost = (len(self.visits), max((self.steps(one) for one in after), default=0))
            if best is None or cost < best[0]:
                best = cost, self.snapshot(), Entered(entry, key), after, needs
        if best is None:
            self.restore(before)
            raise Unreachable
        self.restore(best[1])
        return best[2:]

    def _want_key(self, type_name: str, entry: Entry) -> tuple[frozenset[int], RepresentationParts, set[ItemKey]]:
        if entry.key is None:
            if self.standings:
                raise Unreachable  # a root type below the root has no door
            return frozenset(), (), set()
        after, parts, needs = self._want_set(type_name, entry.key, Purpose.KEY)
        return after | {HOME}, parts, needs

    def _want_set(
        self, type_name: str, field_set: FieldSet, purpose: Purpose
    ) -> tuple[frozenset[int], RepresentationParts, set[ItemKey]]:
        hidden = self.search.hidden.on(type_name, field_set.selections, self.selection, purpose)
        after: frozenset[int] = frozenset()
        for one in hidden.fields:
            after |= self.place(type_name, one)
            if any(
                left.response_name == one.response_name
                for left in self.leftover.get(type_name, ())
                if left.purpose is purpose
            ):
                raise Unreachable
        return after, hidden.parts, {_key(type_name, one) for one in hidden.fields}

    def _gather(
        self, type_name: str, wanted: Selected, key: ItemKey, merge_by: FieldSet | None, services: tuple[str, ...]
    ) -> frozenset[int]:
        if self.is_closed:
            raise Unreachable
        graph = self.search.graph
        after: frozenset[int] = frozenset()
        needs: set[ItemKey] = set()
        doors: list[tuple[str, Entered | None]] = []
        inline = self._inline_part(type_name, wanted.name, services)
        for service in services:
            if service == inline:
                doors.append((service, None))
                after |= {HOME}
                continue
            entered, before, key_needs = self.enter(type_name, service)
            doors.append((service, entered))
            after |= before
            needs |= key_needs
        below, names = self.search.elements(type_name, wanted, merge_by)
        site = None
        if below is not None:
            places = [Standing(s, graph.declared_as(s, type_name) or type_name) for s in services]
            standings = [graph.below(place, type_name, wanted.name) for place in places]
            site = self.search.solve(below, tuple(one for one in standings if one))
            if site.leftover:
                raise Unreachable
        visit = OpenVisit("", set(after), needs={type_name: needs}, placed={key: site})
        visit.gather = GatherParts(type_name, names, tuple(doors))
        self.visits.append(visit)
        return frozenset({len(self.visits) - 1})

    def _inline_part(self, type_name: str, name: str, services: tuple[str, ...]) -> str | None:
        """The subgraph whose part home brings: only where home is one subgraph."""
        if len(self.standings) != 1 or self.standings[0].service not in services:
            return None
        (home,) = self.standings
        is_there = self.search.graph.resolves(home, type_name, name) is not None
        return home.service if is_there else None

    def steps(self, number: int) -> int:
        """How many sequential fetches lie before this visit's answer."""
        if number == HOME:
            return 0
        return 1 + max((self.steps(one) for one in self.visits[number].after), default=0)

    def _would_wait_for_itself(self, number: int, after: frozenset[int]) -> bool:
        seen: set[int] = set()
        stack = list(after)
        while stack:
            one = stack.pop()
            if one == number:
                return True
            if one not in seen:
                seen.add(one)
                stack.extend(self.visits[one].after)
        return False

    def snapshot(self) -> Snapshot:
        return (
            list(self.visits),
            dict(self.items),
            dict(self.providers),
            {type_name: list(fields) for type_name, fields in self.leftover.items()},
        )

    def restore(self, state: Snapshot) -> None:
        visits, items, providers, leftover = state
        self.visits = list(visits)
        self.items, self.providers = dict(items), dict(providers)
        self.leftover = {type_name: list(fields) for type_name, fields in leftover.items()}


def with_below(wanted: Selected, below: Selection | None) -> Selected:
    """The same field with another selection below it."""
    return Selected(
        wanted.response_name,
        wanted.name,
        wanted.arguments,
        wanted.variables,
        wanted.conditions,
        below,
        wanted.purpose,
    )


def _key(type_name: str, wanted: Selected) -> ItemKey:
    return type_name, wanted.response_name, wanted.arguments, id(wanted.below) if wanted.below else 0
