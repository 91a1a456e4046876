"""Turn sites into fetches, one per visit to a subgraph.

A visit starts a new fetch; everything reachable without a visit joins the fetch it stands in. Each fetch
knows the fetches it waits for. A gathered list is one node that holds a fetch per part, and what follows on
its elements waits for the whole list. Source: Federation 2, "Entities"; the specification of ``@gather``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from schema.errors import PlanningError, RuntimeCode
from schema.field_set import FieldSelection
from schema.planning.blind import SEEING, TYPE_NAME, Blind
from schema.planning.document import ENTITIES, DocumentSelection
from schema.planning.hidden import HiddenFields
from schema.planning.query_graph import QueryGraph, Standing
from schema.planning.query_plan import ContextVariable, Each, Guard, OnTypes, OperationKind, Path, Representation
from schema.planning.selection import (
    ALWAYS,
    NO_LITERALS,
    Conditions,
    ItemKey,
    Literals,
    Purpose,
    Selected,
    SelectedKey,
    common_literals,
)
from schema.planning.site import Branch, Entered, Placed, Site, Visit
from schema.planning.untold import leaves_untold, may_tell

Identities = Mapping[str, tuple[str, ...]]


@dataclass(slots=True, eq=False)
class Step:
    """A fetch to be. ``literals`` are the conditions without which it is not made, ``wanted`` the alternatives of
    which one has to hold, those literals included."""

    service: str
    kind: OperationKind
    path: Path
    document: DocumentSelection
    after: tuple[Node, ...]
    literals: Literals
    wanted: Conditions = ALWAYS
    representations: dict[str, Representation] = field(default_factory=dict)
    guards: list[Guard] = field(default_factory=list)
    reveals: set[str] = field(default_factory=set)
    contexts: dict[str, ContextVariable] = field(default_factory=dict)
    read_from: list[SelectedKey] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Join:
    """A gathered list to be; the fetches of its parts are made inside it."""

    path: Path
    response_name: str
    type_name: str
    field_name: str
    key: tuple[str, ...]
    parts: tuple[tuple[str, Step | None], ...]
    after: tuple[Node, ...]
    literals: Literals


@dataclass(slots=True, eq=False)
class Bundle:
    """Fetches of entities of one subgraph that are made in one request."""

    service: str
    steps: tuple[Step, ...]
    after: tuple[Node, ...]
    literals: Literals

    @property
    def path(self) -> Path:
        return self.steps[0].path


Node = Step | Join | Bundle


@dataclass(frozen=True, slots=True)
class FetchGraph:
    """Nodes by stage; the stages run one after another (a mutation may have several)."""

    stages: tuple[tuple[Node, ...], ...]


def build_fetch_graph(
    graph: QueryGraph,
    hidden: HiddenFields,
    kind: OperationKind,
    sites: tuple[Site, ...],
    identities: Identities,
) -> FetchGraph:
    """The fetches of each stage's root site."""
    return FetchGraph(tuple(_Builder(graph, hidden, kind, identities).stage(site) for site in sites))


Carrier = tuple[Step, DocumentSelection]
"""A fetch that brings an object, and the selection in it that stands at the object."""


@dataclass(slots=True)
class Arrival:
    """What brings the objects of a place from one home: the fetches, and what is there once they are."""

    carriers: list[Carrier]
    ready: tuple[Node, ...] = ()


Whole = dict[ItemKey, list[Node]]
"""The fetches that complete what is asked below a field of a site."""

Below = dict[tuple[int, int], Arrival]
"""What brings the objects below a field, by the field's branch and the visit that is their home."""


@dataclass(slots=True)
class _Builder:
    graph: QueryGraph
    hidden: HiddenFields
    kind: OperationKind
    identities: Identities
    nodes: list[Node] = field(default_factory=list)
    guarded: set[tuple[Path, str]] = field(default_factory=set)
    trail: list[Path] = field(default_factory=list)
    bringing: dict[SelectedKey, list[Node]] = field(default_factory=dict)

    def stage(self, site: Site) -> tuple[Node, ...]:
        self._visits(site, (), [Arrival([])], NO_LITERALS)
        for node in self.nodes:
            if isinstance(node, Step) and node.read_from:
                brought = (one for each in node.read_from for one in self.bringing.get(each, ()))
                node.after = tuple(dict.fromkeys((*node.after, *(one for one in brought if one is not node))))
        return tuple(self.nodes)

    def _fill(self, step: Step, path: Path, selected: Selected) -> None:
        """Note what objects above the fetch's entities have to give."""
        above = (*self.trail, path)
        for one in selected.filled:
            at = above[len(above) - 1 - one.levels]
            step.contexts[one.variable] = ContextVariable(one.variable, at, one.parts)
            step.read_from.extend(one.fields)

    def _place(self, site: Site, path: Path, homes: list[Arrival], literals: Literals) -> None:
        """A new object at ``path``: its identity, what the homes bring, and the visits from there."""
        carriers = [carrier for home in homes for carrier in home.carriers]
        self._guard(site, path, carriers)
        for _, document in carriers:
            if document.type_name in site.blind.interfaces():
                if not site.is_told:  # else the name that the subgraph has for it would stand in the way
                    document.ask_typename()
            elif len(site.visits) > len(homes) or self.graph.is_abstract(document.service, document.type_name):
                document.ask_typename()
        self._visits(site, path, homes, literals)

    def _visits(self, site: Site, path: Path, homes: list[Arrival], literals: Literals) -> None:
        done: list[Arrival] = []
        below: Below = {}
        whole: Whole = {}
        for number, visit in enumerate(site.visits):
            waits = [node for one in sorted(visit.after) for node in done[one].ready]
            waits += [node for key in visit.needs for node in whole.get(key, ())]
            after = tuple(dict.fromkeys(waits))
            known = literals | common_literals(visit.conditions)
            if visit.gather is not None:
                made = len(self.nodes)
                done.append(Arrival([], (self._join(site, visit, path, homes[0].carriers, after, known),)))
                ((_, (gathered, *_)),) = visit.placed
                whole.setdefault(gathered.key, []).extend(self.nodes[made:])
                continue
            if visit.service:
                step = self._step(visit.service, visit.entered, path, after, known, site.blind, visit.is_blind)
                step.wanted = frozenset(one | literals for one in visit.conditions)
                self._note_needs(step, visit, site.blind)
                done.append(Arrival([(step, step.document)], (step,)))
            else:
                done.append(homes[number])
            self._fields(site, number, path, done[number], literals, below, whole)

    def _step(
        self,
        service: str,
        entered: tuple[tuple[str, Entered], ...],
        path: Path,
        after: tuple[Node, ...],
        literals: Literals,
        blind: Blind = SEEING,
        is_blind: bool = False,
        is_part: bool = False,
    ) -> Step:
        roots = [door.entry.type_name for _, door in entered if door.entry.key is None]
        document = DocumentSelection(self.graph, service, roots[0] if roots else ENTITIES)
        step = Step(service, self.kind if roots and not path else "query", path, document, after, literals)
        if not roots:
            document.entered = {type_name: door.entry.type_name for type_name, door in entered}
            for type_name, door in entered:
                parts, send_as = door.key + door.required, door.entry.type_name
                interface = blind.held_as.get(type_name)
                if is_blind and interface is not None:
                    of_any = Representation(interface, parts, send_as, len(door.key), is_blind=True)
                    step.representations.setdefault(interface, of_any)
                step.representations[type_name] = Representation(type_name, parts, send_as, len(door.key))
        if not is_part:
            self.nodes.append(step)
        return step

    def _note_needs(self, step: Step, visit: Visit, blind: Blind) -> None:
        """Which of the fields need what is required, where anything is."""
        for type_name, fields in visit.placed:
            needs = tuple((one.selected.response_name, self._required(step, type_name, one)) for one in fields)
            for name in {type_name, blind.held_as.get(type_name, type_name)} & step.representations.keys():
                known = step.representations[name]
                if len(known.selections) > known.key_count:
                    step.representations[name] = replace(known, needs=tuple(dict.fromkeys(known.needs + needs)))

    def _required(self, step: Step, type_name: str, placed: Placed) -> frozenset[str]:
        source = self.graph.source(step.service, type_name, placed.selected.name)
        parts = list(source.requires.selections) if source and source.requires else []
        names: set[str] = set()
        while parts:
            part = parts.pop()
            if isinstance(part, FieldSelection):
                names.add(part.name)
            else:
                parts.extend(part.selections)
        return frozenset(names)

    def _fields(
        self, site: Site, number: int, path: Path, arrival: Arrival, literals: Literals, below: Below, whole: Whole
    ) -> None:
        for types, keys, placed in _grouped(site.visits[number]):
            brought: list[Carrier] = []
            for step, document in arrival.carriers:
                if placed.selected.name == "__typename":
                    step.reveals.update(site.blind.held_as[t] for t in types if t in site.blind.held_as)
                possible = self._possible(document, types)
                if possible:
                    self._fill(step, path, placed.selected)
                    conditions = ALWAYS if placed.is_always_asked else placed.conditions
                    fields = document.add(possible, placed.selected, conditions)
                    brought += [(step, one.below) for one in fields if one.below]
            for key in keys:
                self.bringing.setdefault(site.selection.key(key), []).extend(arrival.ready)
            branch = placed.below
            if branch is None:
                continue
            below[id(branch), number] = Arrival(brought, arrival.ready)
            if branch.last != number:
                continue
            untold = [n for n in branch.homes if n is not None and leaves_untold(site, site.visits[n])]
            is_blind = bool(untold) and not self._tell(site, types, branch, untold, below)
            onward = self._onward(site, path, types, placed.selected, is_blind)
            homes = [Arrival([]) if one is None else below[id(branch), one] for one in branch.homes]
            made = len(self.nodes)
            self.trail.append(path)
            self._place(branch.site, onward, homes, literals | common_literals(placed.conditions))
            self.trail.pop()
            for key in keys:
                whole.setdefault(key, []).extend(self.nodes[made:])
                self.bringing[site.selection.key(key)].extend(self.nodes[made:])

    def _tell(self, site: Site, types: tuple[str, ...], branch: Branch, untold: list[int], below: Below) -> bool:
        """Have visits that can do so tell the types of their objects, where only some of those that they bring
        have the field and more is fetched below it. Whether they do."""
        group = tuple(dict.fromkeys(other for one in types for other in site.blind.group(one)))
        if set(group) <= set(types) or not branch.site.cost.fetches:
            return False
        if not all(may_tell(self.graph, site.visits[number]) for number in untold):
            return False
        for number in untold:
            for step in below[id(branch), number].ready:
                if isinstance(step, Step):
                    entered = tuple(one for one in group if one in step.document.entered)
                    step.document.add(entered, TYPE_NAME, ALWAYS)
                    step.reveals.update(site.blind.held_as[one] for one in entered if one in site.blind.held_as)
        return True

    def _possible(self, document: DocumentSelection, types: tuple[str, ...]) -> tuple[str, ...]:
        if document.type_name == ENTITIES or self.graph.is_root(types[0]):
            return types
        possible = self.graph.possible_types(document.service, document.type_name)
        return tuple(t for t in types if t in possible)

    def _onward(
        self, site: Site, path: Path, types: tuple[str, ...], selected: Selected, is_blind: bool = False
    ) -> Path:
        """The path to the field's objects; narrowed where not every object at the site has the field. Types
        that cannot be told apart yet all have it."""
        through = set(types)
        if is_blind:
            for one in types:
                through.update(site.blind.group(one))
        narrowed: Path = ()
        if not through >= set(site.types):
            held_as = {site.blind.held_as[one] for one in through if is_blind and one in site.blind.held_as}
            narrowed = (OnTypes(tuple(sorted(through | held_as))),)
        lists: Path = (Each(),) * self.graph.list_levels(types[0], selected.name)
        return (*path, *narrowed, selected.response_name, *lists)

    def _join(
        self,
        site: Site,
        visit: Visit,
        path: Path,
        home: list[Carrier],
        after: tuple[Node, ...],
        literals: Literals,
    ) -> Join:
        ((type_name, every),) = visit.placed
        placed = every[0]
        parts: list[tuple[str, Step | None]] = []
        below: dict[str, list[Carrier]] = {}
        for service, door in visit.gather.doors if visit.gather else ():
            if door is None:
                carriers = home
            else:
                step = self._step(service, ((type_name, door),), path, (), literals, is_part=True)
                carriers = [(step, step.document)]
            parts.append((service, None if door is None else carriers[0][0]))
            for carrier, document in carriers:
                if self._possible(document, (type_name,)):
                    fields = document.add((type_name,), placed.selected, placed.conditions)
                    below[service] = [(carrier, one.below) for one in fields if one.below]
        onward = self._onward(site, path, (type_name,), placed.selected)
        lists = self.graph.list_levels(type_name, placed.selected.name)
        at = len(onward) - lists
        join = Join(
            path=onward[: at - 1],
            response_name=placed.selected.response_name,
            type_name=type_name,
            field_name=placed.selected.name,
            key=visit.gather.key if visit.gather else (),
            parts=tuple(parts),
            after=after,
            literals=literals,
        )
        self.nodes.append(join)
        sites = [one.below.site for one in every if one.below]
        self.trail.append(path)
        for each in sites:
            services = tuple(standing.service for home in each.homes for standing in home.standings)
            carriers = [carrier for service in services for carrier in below.get(service, ())]
            elements = Each(services if len(sites) > 1 else ())
            self._place(each, (*onward[:at], elements, *onward[at + 1 :]), [Arrival(carriers, (join,))], literals)
        self.trail.pop()
        return join

    def _guard(self, site: Site, path: Path, carriers: list[Carrier]) -> None:
        """Have each fetch that brings an object of a guarded type say whose it is."""
        for step, document in carriers:
            possible = self.graph.possible_types(document.service, document.type_name)
            for type_name in sorted(set(possible) & set(site.types) & set(self.identities)):
                selected = self._identity(site, document, type_name)
                if selected is not None:
                    document.add((type_name,), selected, ALWAYS)
                    step.guards.append(Guard(path, type_name, ((selected.name, selected.response_name),)))
                elif (path, type_name) not in self.guarded:
                    raise self._unguarded(document.service, type_name, path)
                self.guarded.add((path, type_name))

    def _identity(self, site: Site, document: DocumentSelection, type_name: str) -> Selected | None:
        """The first identity that the subgraph resolves for an object that stands here."""
        standings = (one for home in site.homes for one in home.standings)
        provided = next((one.provided for one in standings if one.service == document.service), ())
        standing = Standing(document.service, document.type_name, provided)
        for name in self.identities[type_name]:
            source = self.graph.resolves(standing, type_name, name)
            if source is not None and source.requires is None:
                parts = (FieldSelection(name),)
                return self.hidden.on((type_name,), parts, site.selection, Purpose.KEY).fields[0]
        return None

    def _unguarded(self, service: str, type_name: str, path: Path) -> PlanningError:
        place = ".".join(str(one) for one in path)
        names = " or ".join(f'"{name}"' for name in self.identities[type_name])
        message = f'"{service}" cannot say whose {type_name} stands at "{place}": it resolves no {names} there.'
        return PlanningError(RuntimeCode.NO_PLAN, f"{message} Ask for this field in no operation until it does.")


def _grouped(visit: Visit) -> Iterator[tuple[tuple[str, ...], tuple[ItemKey, ...], Placed]]:
    """A visit's fields, each with all the types for which it is asked and answered alike."""
    groups: dict[tuple[int, int, Conditions, bool], tuple[list[str], list[ItemKey], Placed]] = {}
    for type_name, fields in visit.placed:
        for one in fields:
            alike = (id(one.selected), id(one.below), one.conditions, one.is_always_asked)
            types, keys, _ = groups.setdefault(alike, ([], [], one))
            types.append(type_name)
            keys.append(one.key)
    for types, keys, placed in groups.values():
        yield tuple(types), tuple(keys), placed
