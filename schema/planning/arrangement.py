"""Arrange one site with a given set of subgraphs: which visit answers which field, by which keys.

Each wanted field goes to a home that resolves it, else to an allowed subgraph; one with a selection may go to
several side by side, each asked for what it answers best below. A visit to a subgraph needs the fields of one
of its keys, and a field with ``@requires`` needs those fields first; they are wanted fields too, placed by
the same rules, so that chained, composite and gathered keys and circles of ``@requires`` come out by
themselves. A visit is used again unless that would make it wait for itself, or, where the site is arranged
``is_apart``, unless either had to wait longer for the other.
Source: Federation 2, "Entities", "@requires"; the specification of ``@gather``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schema.field_set import FieldSet
from schema.planning.blind import SEEING, TYPE_NAME, Blind, may_share_name
from schema.planning.gathering import place_gathered
from schema.planning.journal import Change, Journal
from schema.planning.open_visit import OpenVisit, Unreachable, with_below
from schema.planning.option import Option, Place, home_rank
from schema.planning.query_graph import Entry, Home
from schema.planning.selection import ALWAYS, Conditions, ItemKey, Purpose, Selected, Selection, item_key
from schema.planning.site import Entered, Item, RepresentationParts, Site, are_alike
from schema.planning.timing import step_after, steps_of

if TYPE_CHECKING:
    from schema.planning.paths import PathSearch

Open = tuple[Site, tuple[int | None, ...]]
"""The site below a field, and the visit that is each home of it."""


@dataclass(slots=True)
class Arrangement:
    """One attempt. ``place`` raises :class:`Unreachable`; the rest of the attempt goes on without the field."""

    search: PathSearch
    selection: Selection
    homes: tuple[Home, ...]
    types: tuple[str, ...]
    allowed: frozenset[str]
    visits: dict[int, OpenVisit] = field(default_factory=dict)
    items: dict[ItemKey, Item] = field(default_factory=dict)
    providers: dict[ItemKey, frozenset[int]] = field(default_factory=dict)
    below: dict[ItemKey, tuple[Open, ...]] = field(default_factory=dict)
    leftover: dict[str, tuple[Selected, ...]] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    underway: set[ItemKey] = field(default_factory=set)
    wanted_when: Conditions = ALWAYS
    blind: Blind = SEEING
    is_apart: bool = False

    def __post_init__(self) -> None:
        self.visits = {number: OpenVisit("") for number in range(max(1, len(self.homes)))}

    def want(self, type_name: str, wanted: Selected) -> None:
        """Place a field of the client, or note it as left over."""
        mark = self.journal.mark()
        self.wanted_when = wanted.conditions
        try:
            self.place(type_name, wanted, is_client=True)
        except Unreachable:
            self.journal.take_back(mark)
            self._leave(type_name, wanted)

    def _leave(self, type_name: str, wanted: Selected) -> None:
        self.journal.put(self.leftover, type_name, (*self.leftover.get(type_name, ()), wanted))

    def place(self, type_name: str, wanted: Selected, *, is_client: bool = False) -> frozenset[int]:
        """The visits after which the field is there."""
        key = item_key(type_name, wanted)
        if key not in self.providers:
            if key in self.underway:
                raise Unreachable
            self.search.budget.spend()
            self.underway.add(key)
            try:
                self.journal.put(self.providers, key, self._place(type_name, wanted, key))
            finally:
                self.underway.discard(key)
        self._note(key, wanted, is_client)
        return self.providers[key]

    def _note(self, key: ItemKey, wanted: Selected, is_client: bool) -> None:
        """Remember for whom a field was placed."""
        known = self.items.get(key)
        item = (known or Item(wanted)).wanted_by(wanted, is_client)
        if item is not known:
            self.journal.put(self.items, key, item)

    def _place(self, type_name: str, wanted: Selected, key: ItemKey) -> frozenset[int]:
        if wanted.name == "__typename" and self.blind.is_told_at_home(type_name):
            telling = self.search.at_home(self.homes, type_name, wanted, self.blind)
            number = min(telling, key=lambda one: home_rank(self, one), default=0)
            self.put(key, None, (number,))
            return frozenset({number})
        rule, gathering = self.search.graph.gathering(type_name, wanted.name)
        if rule is not None:
            return place_gathered(self, type_name, wanted, key, rule.key, gathering)
        return self._place_by_options(type_name, wanted, key)

    def _place_by_options(self, type_name: str, wanted: Selected, key: ItemKey) -> frozenset[int]:
        """The best option, and where it leaves something over, the next best for that."""
        closed: set[tuple[str, bool]] = set()
        tried: set[tuple[Place, ...]] = set()
        providers: frozenset[int] = frozenset()
        remaining: Selection | None = wanted.below
        while remaining is not None or not providers:
            options = self.search.options(self, type_name, wanted, remaining, closed)
            useful = [one for one in options if one.places not in tried and one.answers_some_of(remaining)]
            if not useful:
                break
            option = min(useful, key=lambda one: one.rank(self, type_name))
            visits = self._visits(type_name, wanted, option, closed)
            if visits is None:
                continue
            self.put(key, option.below, visits)
            tried.add(option.places)
            providers |= {one for one in visits if one is not None}
            remaining = option.below.leftover if option.below else None
            if remaining is None:
                return providers
            if not self.search.may_split and not self.homes:
                break  # what has an effect runs in exactly one subgraph
        if not providers:
            raise Unreachable
        self._leave(type_name, with_below(wanted, remaining))
        return providers

    def _visits(
        self, type_name: str, wanted: Selected, option: Option, closed: set[tuple[str, bool]]
    ) -> tuple[int | None, ...] | None:
        """The visit for each place of the option that is used. ``None`` where one cannot be made, which is then
        among the ``closed``."""
        mark = self.journal.mark()
        visits: list[int | None] = []
        for place in option.places:
            if place not in option.used:
                visits.append(None)
            elif isinstance(place, int):
                visits.append(place)
            else:
                try:
                    visits.append(self._visit(type_name, wanted, place, option.required))
                except Unreachable:
                    self.journal.take_back(mark)
                    closed.add((place, option.required is not None))
                    return None
        return tuple(visits)

    def put(self, key: ItemKey, below: Site | None, visits: tuple[int | None, ...]) -> None:
        for number in visits:
            if number is not None:
                visit = self.visits[number]
                self.journal.put(visit.placed, key, None)
                self.journal.put(visit.named, key[1], (*visit.named.get(key[1], ()), key))
        if below is not None:
            self.journal.put(self.below, key, (*self.below.get(key, ()), (below, visits)))

    def add(self, visit: OpenVisit) -> int:
        """The number of a new visit."""
        number = len(self.visits)
        self.journal.put(self.visits, number, visit)
        return number

    def _change(self, number: int, visit: OpenVisit) -> None:
        if visit is not self.visits[number]:
            self.journal.put(self.visits, number, visit)

    def _visit(self, type_name: str, wanted: Selected, service: str, requires: FieldSet | None) -> int:
        """The visit that answers a field in another subgraph, or again in this one after its requirements."""
        after: frozenset[int] = frozenset()
        needs: frozenset[ItemKey] = frozenset()
        required: RepresentationParts = ()
        declared = self.search.graph.declared_as(service, type_name, wanted.name)
        if requires:
            after, required, needs = self._want_set(type_name, requires, Purpose.REQUIRED, declared, service)
        if declared != type_name and self.blind.is_conflicting(type_name, wanted.response_name):
            after |= self.tell_type(type_name)
        is_own = requires is not None
        step = self._step(type_name, service, declared, is_own, after, needs) if self.is_apart else 0
        for number, visit in self.visits.items():
            is_there = visit.service == service and type_name in visit.entered
            is_there = is_there and self._may_ask(visit, type_name, wanted, declared)
            # What a field requires is declared where the field is, not on the interface of the door.
            is_there = is_there and not (requires and visit.entered[type_name].entry.type_name != declared)
            if is_there and self._may_share(visit, required, after, needs) and self._is_timely(number, step):
                joined = visit.entered[type_name].joined(required)
                joined = joined if joined and _is_sent_alike(visit, type_name, joined) else None
                if joined is not None and not self._would_wait_for_itself(number, after):
                    self._change(number, visit.joined(type_name, joined, after, needs, self.wanted_when))
                    return number
        entered, before, key_needs = self.enter(type_name, service, declared, is_own=is_own)
        joined = entered.joined(required)
        if joined is None:
            raise Unreachable
        return self._open(type_name, wanted, joined, after | before, needs | key_needs)

    def _step(
        self,
        type_name: str,
        service: str,
        declared: str | None,
        is_own: bool,
        after: frozenset[int],
        needs: frozenset[ItemKey],
    ) -> int:
        """The step in which a visit of its own would be made."""
        mark = self.journal.mark()
        try:
            _, before_it, key_needs = self.enter(type_name, service, declared, is_own=is_own)
            step = step_after(self, after | before_it, needs | key_needs)
        except Unreachable:
            step = step_after(self, after, needs)
        self.journal.take_back(mark)
        return step

    def _is_timely(self, number: int, step: int) -> bool:
        """Whether a visit neither waits for what is asked with it now, nor that for the visit."""
        return not self.is_apart or steps_of(self, number) == step

    def _may_ask(self, visit: OpenVisit, type_name: str, wanted: Selected, declared: str | None) -> bool:
        """An interface object is one type for the subgraph: it is asked the same for all that it stands for, and
        entered as the type that has the field."""
        if declared == type_name or declared is None or wanted.name == "__typename":
            return True
        if type_name in visit.entered and visit.entered[type_name].entry.type_name != declared:
            return False
        placed = [self.items[key].selected for key in visit.placed if key in self.items]
        others = [one for other in visit.entered if other != type_name for one in self._named(other)]
        return all(may_share_name(wanted, one) for one in (*placed, *others)) and all(
            may_share_name(one, own) for one in placed for own in self._named(type_name)
        )

    def _named(self, type_name: str) -> list[Selected]:
        """What has a name on objects of a type: the client's fields, and those that they may come to need."""
        asked = self.selection.names(type_name)
        needed = self.search.graph.may_need(type_name, tuple(one.name for one in asked))
        return [*asked, *(Selected(name, name) for name in needed)]

    def tell_type(self, type_name: str) -> frozenset[int]:
        """The visits after which the concrete type of an object is known."""
        after: frozenset[int] = frozenset()
        for one in self.blind.group(type_name):
            after |= self.place(one, TYPE_NAME)
        return after

    def is_blind(self, number: int) -> bool:
        """Whether a visit's objects do not tell their type when it is made."""
        if number < len(self.homes):
            return number in self.blind.homes
        if not self.blind.held_as:
            return False
        telling = {visit for key, visits in self.providers.items() if key[1] == "__typename" for visit in visits}
        return not telling & self._before(number)

    def _before(self, number: int) -> set[int]:
        seen: set[int] = set()
        stack = [number]
        while stack:
            after = self.visits[stack.pop()].after - seen
            seen |= after
            stack.extend(after)
        return seen

    def _open(
        self, type_name: str, wanted: Selected, entered: Entered, after: frozenset[int], needs: frozenset[ItemKey]
    ) -> int:
        service = entered.entry.service
        declared = self.search.graph.declared_as(service, type_name, wanted.name)
        for number, visit in self.visits.items():
            is_free = visit.service == service and type_name not in visit.entered
            is_free = is_free and self._may_share(visit, entered.required, after, needs)
            is_free = is_free and self._may_ask(visit, type_name, wanted, declared)
            is_free = is_free and _is_sent_alike(visit, type_name, entered)
            is_free = is_free and self._is_timely(number, step_after(self, after, needs))
            if is_free and not self._would_wait_for_itself(number, after):
                break
        else:
            number = self.add(OpenVisit(service, wanted_when=self.wanted_when))
        visit = self.visits[number]
        self._change(number, visit.joined(type_name, entered, after, needs, self.wanted_when))
        return number

    def _may_share(
        self, visit: OpenVisit, required: RepresentationParts, after: frozenset[int], needs: frozenset[ItemKey]
    ) -> bool:
        """A field that is off must not have its requirements fetched for the sake of another's visit. What
        the homes bring anyway may be asked always."""
        if visit.wanted_when == self.wanted_when:
            return True
        if not (required or any(entered.required for entered in visit.entered.values())):
            return True
        needed = needs.union(*visit.needs.values())
        is_below = any(site.cost.fetches for key in needed for site, _ in self.below.get(key, ()))
        return not is_below and all(one < len(self.homes) for one in visit.after | after)

    def enter(
        self, type_name: str, service: str, declared: str | None = None, *, is_own: bool = False
    ) -> tuple[Entered, frozenset[int], frozenset[ItemKey]]:
        """The cheapest door of a subgraph for objects of a type: fewest visits, then the first declared.

        Of several interface objects that stand for the type, ``declared`` is the one that is wanted. ``is_own``:
        only a door of that very type, since the interface's lacks what the field requires.
        """
        best: tuple[tuple[int, int], tuple[Change, ...], Entered, frozenset[int], frozenset[ItemKey]] | None = None
        mark = self.journal.mark()
        for entry in self._doors(type_name, service, declared):
            if is_own and entry.type_name != declared:
                continue
            try:
                after, key, needs = self._want_key(type_name, entry)
            except Unreachable:
                self.journal.take_back(mark)
                continue
            cost = (len(self.visits), max((steps_of(self, one) for one in after), default=0))
            changes = self.journal.take_back(mark)
            if best is None or cost < best[0]:
                best = cost, changes, Entered(entry, key), after, needs
        if best is None:
            raise Unreachable
        self.journal.do_again(best[1])
        return best[2:]

    def _want_key(
        self, type_name: str, entry: Entry
    ) -> tuple[frozenset[int], RepresentationParts, frozenset[ItemKey]]:
        if entry.key is None:
            if not self.homes:
                return frozenset(), (), frozenset()
            if not self.search.graph.is_query(type_name):
                raise Unreachable
            # The root below the root: every subgraph answers it anew, once an object is there.
            return self.place(type_name, TYPE_NAME), (), frozenset({item_key(type_name, TYPE_NAME)})
        after, parts, needs = self._want_set(type_name, entry.key, Purpose.KEY, entry.type_name, entry.service)
        if entry.type_name != self.blind.held_as.get(type_name, entry.type_name):
            after |= self.tell_type(type_name)
        return after, parts, needs

    def _doors(self, type_name: str, service: str, declared: str | None) -> Iterator[Entry]:
        graph = self.search.graph
        interface = self.blind.held_as.get(type_name)
        if interface is not None and service in graph.telling(interface):
            yield from graph.keyed(service, interface)
        for entry in graph.entries(service, type_name):
            if declared is None or declared == type_name or entry.type_name == declared:
                yield entry

    def _want_set(
        self, type_name: str, field_set: FieldSet, purpose: Purpose, declared: str | None, service: str
    ) -> tuple[frozenset[int], RepresentationParts, frozenset[ItemKey]]:
        """``declared`` is the type that the set is of: an interface's fields are asked alike of all its types."""
        types = (type_name,) if declared == type_name else self.blind.group(type_name)
        hidden = self.search.hidden.on(types, field_set.selections, self.selection, purpose)
        after: frozenset[int] = frozenset()
        for one in hidden.fields:
            after |= self.place(type_name, one)
            if any(
                left.response_name == one.response_name
                for left in self.leftover.get(type_name, ())
                if left.purpose is purpose
            ):
                raise Unreachable
        parts = self.search.hidden.sent_to(service, type_name, hidden.parts)
        return after, parts, frozenset(item_key(type_name, one) for one in hidden.fields)

    def _would_wait_for_itself(self, number: int, after: frozenset[int]) -> bool:
        return number in after or any(number in self._before(one) for one in after)


def _is_sent_alike(visit: OpenVisit, type_name: str, entered: Entered) -> bool:
    """Whether the objects are sent like all that a visit sends as the same interface object."""
    send_as = entered.entry.type_name
    return send_as == type_name or all(
        are_alike(entered.key, entered.required, one.key, one.required)
        for other, one in visit.entered.items()
        if other != type_name and one.entry.type_name == send_as
    )
