"""Find the cheapest paths to every field: which subgraphs to visit at each place of the answer.

A place is solved once per selection and homes (the subgraphs that bring its objects) and remembered, so the
search is a walk over states (type, subgraphs), not over routes. At one place the sets of subgraphs are tried
smallest first. A set that is larger than the best answer so far could save nothing but steps, since each visit
is a fetch; of those only the widest is tried. Where visits of a place wait for one another, it is arranged again,
the soonest first, and apart where the sooner would wait.
Source: Federation 2, "Query planning"; the cost model is fewest fetches and sequential steps together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, islice
from types import MappingProxyType

from schema.errors import PlanningError, RuntimeCode
from schema.field_set import FieldSet
from schema.planning.arrangement import Arrangement
from schema.planning.blind import TYPE_NAME, Blind, blindness
from schema.planning.finish import finish
from schema.planning.hidden import HiddenFields
from schema.planning.limits import MAX_ALTERNATIVES, MAX_SETS, Budget
from schema.planning.lower_bound import LowerBound
from schema.planning.open_visit import Unreachable
from schema.planning.option import Option, Place
from schema.planning.query_graph import Home, QueryGraph, Standing
from schema.planning.selection import ItemKey, Purpose, Selected, Selection, item_key
from schema.planning.site import Site
from schema.planning.timing import delay_of

Types = tuple[str, ...]
NO_ORDER: Mapping[ItemKey, int] = MappingProxyType({})


@dataclass(slots=True)
class PathSearch:
    """One search. Its memory lives as long as the planning of one operation."""

    graph: QueryGraph
    hidden: HiddenFields
    may_split: bool = True
    budget: Budget = field(default_factory=Budget)
    bound: LowerBound = field(init=False)
    _solved: dict[tuple[object, ...], tuple[Selection, Site]] = field(default_factory=dict)
    _at_home: dict[tuple[object, ...], tuple[tuple[Home, ...], Blind, tuple[int, ...]]] = field(
        default_factory=dict
    )
    _elements: dict[tuple[object, ...], tuple[object, Selection | None, tuple[str, ...]]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        self.bound = LowerBound(self.graph)

    def solve(self, selection: Selection, homes: tuple[Home, ...], among: Types | None = None) -> Site:
        """The cheapest site for a selection whose objects these homes bring. ``among`` narrows the types that
        may stand there."""
        key = (id(selection), homes, among)
        if key not in self._solved:
            self._solved[key] = selection, self._cheapest(selection, homes, among)
        return self._solved[key][1]

    def solve_root(self, selection: Selection) -> Site:
        """The site of a root type, which no fetch brought. Raises :class:`PlanningError`."""
        site = self.solve(selection, ())
        if site.leftover:
            raise no_plan(site.leftover)
        return site

    def _cheapest(self, selection: Selection, homes: tuple[Home, ...], among: Types | None) -> Site:
        types = self._types(selection, homes, among)
        blind = blindness(self.graph, selection, homes, types)
        best = self._cheapest_set(selection, homes, types, blind)
        if not best.is_chained:
            return best
        # Placed again, the soonest first: what was placed late may bring a key sooner than what led to it.
        services = frozenset(visit.service for visit in best.visits if visit.service)
        best = min(best, self._arrange(selection, homes, types, blind, services, best.order), key=_rank)
        for allowed in dict.fromkeys((services, self._pool(types))):
            apart = self._arrange(selection, homes, types, blind, allowed, best.order, is_apart=True)
            best = min(best, apart, key=_rank)
        return best

    def _cheapest_set(self, selection: Selection, homes: tuple[Home, ...], types: Types, blind: Blind) -> Site:
        pool = self._pool(types)
        needed = self._needed(selection, homes, types, blind)
        forced = frozenset(service for services in needed if len(services) == 1 for service in services)
        least = self.bound.cost(selection, types, homes)
        tried: dict[frozenset[str], Site] = {}

        def attempt(allowed: frozenset[str]) -> Site:
            if allowed not in tried:
                tried[allowed] = self._arrange(selection, homes, types, blind, allowed)
            return tried[allowed]

        best = attempt(_cover(forced, needed))
        gathered = best.gathered
        if not best.leftover and (self.budget.is_scarce or best.cost.fetches <= len(forced) + gathered):
            return best  # no set without the forced ones can do, and no other is smaller
        widest = attempt(pool)
        best = min(best, widest, key=_rank)
        if not best.leftover and best.cost.rank <= least.rank:
            return min(attempt(_visited(best)), best, key=_rank)  # alone they read as the client asks
        for allowed in islice(_sets(forced, pool, needed), MAX_ALTERNATIVES):
            if self.budget.is_scarce:
                break
            if len(allowed) + gathered > best.cost.fetches and _leftover(best) <= _leftover(widest):
                break
            best = min(best, attempt(allowed), key=_rank)
        return best

    def _arrange(
        self,
        selection: Selection,
        homes: tuple[Home, ...],
        types: Types,
        blind: Blind,
        allowed: frozenset[str],
        order: Mapping[ItemKey, int] = NO_ORDER,
        *,
        is_apart: bool = False,
    ) -> Site:
        arrangement = Arrangement(self, selection, homes, types, allowed, blind=blind, is_apart=is_apart)
        wanted = [(type_name, TYPE_NAME) for type_name in types if blind.held_as.get(type_name) in blind.distinct]
        wanted += [(type_name, one) for type_name in types for one in selection.fields(type_name)]

        def freedom(pair: tuple[str, Selected]) -> tuple[bool, int, int]:
            # What a home resolves comes first, since it costs nothing and the rest can lean on it; of that,
            # what has the least choice, so that the rest can join it.
            count = len(self.at_home(homes, pair[0], pair[1], blind))
            return not count, count, order.get(item_key(*pair), 0)

        for type_name, one in sorted(wanted, key=freedom):
            arrangement.want(type_name, one)
        return finish(arrangement)

    def _types(self, selection: Selection, homes: tuple[Home, ...], among: Types | None) -> Types:
        """The concrete types that may stand at the place: all homes promise the same objects."""
        if not homes:
            return tuple(selection.by_type)
        every = [
            {t for one in home.standings for t in self.graph.possible_types(one.service, one.type_name)}
            for home in homes
        ]
        possible = set.intersection(*every)
        return tuple(sorted(possible if among is None else possible & set(among)))

    def _pool(self, types: Types) -> frozenset[str]:
        """The subgraphs that objects of these types can be handed to."""
        return frozenset(s for s in self.graph.services for t in types if self.graph.entries(s, t))

    def _needed(
        self, selection: Selection, homes: tuple[Home, ...], types: Types, blind: Blind
    ) -> frozenset[frozenset[str]]:
        """For each field that no home can answer, the subgraphs of which one has to."""
        needed: set[frozenset[str]] = set()
        for type_name in types:
            if not blind.is_told_at_home(type_name) and blind.held_as[type_name] in blind.distinct:
                needed.add(self._candidates(type_name, TYPE_NAME, blind))
            for one in selection.fields(type_name):
                is_here = self.at_home(homes, type_name, one, blind)
                if not is_here and self.graph.gathering(type_name, one.name)[0] is None:
                    needed.add(self._candidates(type_name, one, blind))
        return frozenset(needed - {frozenset()})

    def _candidates(self, type_name: str, wanted: Selected, blind: Blind) -> frozenset[str]:
        """The subgraphs that answer a field once an object is handed to them."""
        if wanted.name == "__typename" and type_name in blind.held_as:
            return frozenset(self.graph.telling(blind.held_as[type_name]))
        if wanted.service is not None:
            return frozenset(self.graph.candidates(type_name, wanted.name)) & {wanted.service}
        return frozenset(self.graph.candidates(type_name, wanted.name))

    def at_home(self, homes: tuple[Home, ...], type_name: str, wanted: Selected, blind: Blind) -> tuple[int, ...]:
        """The homes that resolve the field for every object of the type that they bring."""
        key = (id(homes), id(blind), type_name, wanted.response_name, wanted.name, wanted.service)
        if key not in self._at_home:
            self._at_home[key] = homes, blind, self._resolving(homes, type_name, wanted, blind)
        return self._at_home[key][2]

    def _resolving(
        self, homes: tuple[Home, ...], type_name: str, wanted: Selected, blind: Blind
    ) -> tuple[int, ...]:
        if wanted.service is not None:
            return ()  # what a context fills is asked by key, object by object
        must_tell = wanted.name == "__typename" or blind.is_conflicting(type_name, wanted.response_name)
        return tuple(
            number
            for number, home in enumerate(homes)
            if self._is_at(home, type_name, wanted.name)
            and not (must_tell and any(self.graph.held_as(one, type_name) for one in home.standings))
        )

    def _is_at(self, home: Home, type_name: str, name: str) -> bool:
        if name == "__typename":
            return True
        sources = [self.graph.resolves(one, type_name, name) for one in self._bringing(home, type_name)]
        return bool(sources) and all(one is not None and one.requires is None for one in sources)

    def _bringing(self, home: Home, type_name: str) -> tuple[Standing, ...]:
        possible = self.graph.possible_types
        return tuple(one for one in home.standings if type_name in possible(one.service, one.type_name))

    def options(
        self,
        arrangement: Arrangement,
        type_name: str,
        wanted: Selected,
        below: Selection | None,
        closed: Collection[tuple[str, bool]],
    ) -> Iterator[Option]:
        """The ways to answer a field with ``below`` as its selection: by homes or allowed subgraphs that are
        not ``closed``, side by side where the field has a selection."""
        places: list[tuple[Place, tuple[Standing, ...]]] = []
        for number in self.at_home(arrangement.homes, type_name, wanted, arrangement.blind):
            places.append((number, self._bringing(arrangement.homes[number], type_name)))
        among = self._common_types(arrangement, type_name, wanted)
        for service in sorted(arrangement.allowed & self._candidates(type_name, wanted, arrangement.blind)):
            standing = Standing(service, self.graph.declared_as(service, type_name, wanted.name) or type_name)
            source = self.graph.resolves(standing, type_name, wanted.name)
            requires = source.requires if source else None
            if (service, requires is not None) in closed:
                continue
            if requires is None:
                places.append((service, (standing,)))
            else:
                yield self._option(
                    arrangement, type_name, wanted, below, among, [(service, (standing,))], requires
                )
        if below is None or not (arrangement.homes or self.may_split):
            for one in places:
                yield self._option(arrangement, type_name, wanted, below, among, [one])
        elif places:
            yield self._option(arrangement, type_name, wanted, below, among, places)

    def _option(
        self,
        arrangement: Arrangement,
        type_name: str,
        wanted: Selected,
        below: Selection | None,
        among: Types | None,
        places: list[tuple[Place, tuple[Standing, ...]]],
        requires: FieldSet | None = None,
    ) -> Option:
        if below is None:
            return Option(tuple(place for place, _ in places), None, requires)
        homes: dict[Place, Home] = {}
        for place, standings in places:
            under = (self.graph.below(one, type_name, wanted.name) for one in standings)
            home = Home(tuple(dict.fromkeys(one for one in under if one)), delay_of(arrangement, type_name, place))
            homes[place] = home
        kept = _not_outdone(homes)
        first = min(home.delay for home in kept.values())
        site = self.solve(below, tuple(Home(one.standings, one.delay - first) for one in kept.values()), among)
        return Option(tuple(kept), site, requires)

    def _common_types(self, arrangement: Arrangement, type_name: str, wanted: Selected) -> Types | None:
        """The types that all real candidates of a shared abstract field may answer.

        They promise the same value, so no other type can stand there. A subgraph that cannot be entered
        from here is no candidate.
        """
        if wanted.below is None or len(self.graph.visible_types(wanted.below.type_name)) == 1:
            return None
        name = wanted.name
        services = sorted(self.graph.candidates(type_name, name))
        places = [Standing(s, self.graph.declared_as(s, type_name, name) or type_name) for s in services]
        places = [one for one in places if self._is_enterable(arrangement, type_name, one.service)]
        for number in self.at_home(arrangement.homes, type_name, wanted, arrangement.blind):
            places += self._bringing(arrangement.homes[number], type_name)
        common: set[str] | None = None
        for place in places:
            below = self.graph.below(place, type_name, wanted.name)
            if below is not None:
                possible = set(self.graph.possible_types(below.service, below.type_name))
                common = possible if common is None else common & possible
        return None if common is None else tuple(sorted(common))

    def _is_enterable(self, arrangement: Arrangement, type_name: str, service: str) -> bool:
        if any(one.service == service for home in arrangement.homes for one in home.standings):
            return False
        attempt = Arrangement(
            self,
            arrangement.selection,
            arrangement.homes,
            arrangement.types,
            frozenset(),
            blind=arrangement.blind,
        )
        try:
            attempt.enter(type_name, service)
        except Unreachable:
            return False
        return True

    def elements(
        self, type_name: str, wanted: Selected, merge_by: FieldSet | None
    ) -> tuple[Selection | None, tuple[str, ...]]:
        """What is asked of a gathered list's elements, with the key that joins equal ones, and the key's
        response names."""
        if wanted.below is None or merge_by is None:
            return wanted.below, ()
        key = (id(wanted.below), str(merge_by))
        if key not in self._elements:
            below, names = self._with_key(wanted.below, merge_by)
            self._elements[key] = wanted.below, below, names
        return self._elements[key][1:]

    def _with_key(self, below: Selection, merge_by: FieldSet) -> tuple[Selection, tuple[str, ...]]:
        by_type: dict[str, tuple[Selected, ...]] = {}
        names: tuple[str, ...] = ()
        for type_name in self.graph.visible_types(below.type_name):
            hidden = self.hidden.on((type_name,), merge_by.selections, below, Purpose.KEY)
            by_type[type_name] = below.fields(type_name) + hidden.fields
            names = names or tuple(_dotted(hidden.fields))
        return Selection(below.type_name, by_type, below.origin or below), names


def _not_outdone(homes: dict[Place, Home]) -> dict[Place, Home]:
    """The homes, the soonest first, without those that bring nothing which one before them does not."""
    kept: dict[Place, Home] = {}
    for place, home in sorted(homes.items(), key=lambda pair: (pair[1].delay, isinstance(pair[0], str))):
        if not any(_outdoes(other, home) for other in kept.values()):
            kept[place] = home
    return kept


def _outdoes(one: Home, other: Home) -> bool:
    pairs = list(zip(one.standings, other.standings, strict=False))
    return len(one.standings) == len(other.standings) and all(
        (mine.service, mine.type_name) == (theirs.service, theirs.type_name)
        and set(mine.provided) >= set(theirs.provided)
        for mine, theirs in pairs
    )


def _cover(forced: frozenset[str], needed: frozenset[frozenset[str]]) -> frozenset[str]:
    """A small set of subgraphs that has one for each field: always the one that answers most of the rest."""
    chosen = forced
    while rest := [services for services in needed if not services & chosen]:
        counts = Counter(service for services in rest for service in services)
        chosen |= {min(counts, key=lambda service: (-counts[service], service))}
    return chosen


def _sets(
    forced: frozenset[str], pool: frozenset[str], needed: frozenset[frozenset[str]]
) -> Iterator[frozenset[str]]:
    """Sets of subgraphs, smallest first, that hold the forced ones and one for each field."""
    optional = sorted(pool - forced)
    sets = (
        forced | frozenset(chosen) for size in range(len(optional) + 1) for chosen in combinations(optional, size)
    )
    return (one for one in islice(sets, MAX_SETS) if all(one & services for services in needed))


def _dotted(fields: tuple[Selected, ...]) -> Iterator[str]:
    for one in fields:
        if one.below is None:
            yield one.response_name
            continue
        first = next(iter(one.below.by_type.values()))
        yield from (f"{one.response_name}.{name}" for name in _dotted(first))


def _leftover(site: Site) -> int:
    return site.leftover.size() if site.leftover else 0


def _rank(site: Site) -> tuple[object, ...]:
    used = len(site.used) if site.homes else 0
    return _leftover(site), site.cost.rank, used, tuple(sorted(visit.service for visit in site.visits))


def _visited(site: Site) -> frozenset[str]:
    return frozenset(visit.service for visit in site.visits if visit.service)


def no_plan(leftover: Selection) -> PlanningError:
    """The error for a selection that no chain of subgraphs answers."""
    path: list[str] = []
    selection: Selection | None = leftover
    while selection is not None:
        type_name, one = next((t, fields[0]) for t, fields in selection.by_type.items() if fields)
        path.append(one.response_name)
        selection = one.below if one.below and any(one.below.by_type.values()) else None
    message = (
        f'No chain of subgraphs answers "{".".join(path)}" (field "{type_name}.{one.name}") in this operation.'
    )
    return PlanningError(RuntimeCode.NO_PLAN, f"{message} Ask for less below it.")
