"""Prove that every field of the API schema can be resolved along each path that leads to it.

The walk goes over states: an object type and the standings in which an object of it may be held. A state
that was proven for fewer standings needs no second proof. As strict as the reference, not stricter: each
field is proven for itself, and a type condition that one holder can never meet ends the path.
A mutation is executed once, so each subgraph that could is followed for itself, and one has to succeed.
Source: Federation 2, "Composition", satisfiability; docs/spec/gather.md for gathered fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type, is_abstract_type, is_leaf_type

from schema.circles import TooManySearches
from schema.composition.problems import Place, Problems
from schema.composition.runtime_types import RuntimeTypes
from schema.composition.unsatisfied import Step, explain, print_operation
from schema.reachability import NO_CONTEXTS, Contexts, Reachability, Standing, Standings
from schema.supergraph import Supergraph

MAX_STATES = 200_000
_ANY = ""
"""The holders' key where no mutation tells the subgraphs that could answer it apart."""
_LABELS_IN_EVERY_WAY = 3

Holders = Mapping[str, Standings]


@dataclass(frozen=True, slots=True)
class State:
    """Where an object of a type may be held. Below a ``mutation`` that several subgraphs could answer,
    ``holders`` has the standings for each of them."""

    type: GraphQLObjectType
    holders: Holders
    path: Step | None
    operation: str
    mutation: str | None = None
    contexts: Contexts = NO_CONTEXTS

    @property
    def is_mutation_root(self) -> bool:
        return self.operation == "mutation" and self.path is None


def check_satisfiability(supergraph: Supergraph, problems: Problems) -> None:
    """Tell each field that cannot be resolved from some place where its object may be held, each place once, with
    an operation that leads there."""
    told: set[str] = set()
    try:
        for labels in _label_sets(supergraph.labels):
            _prove(_Walk(supergraph, Reachability(supergraph, labels), problems, told), problems)
    except TooManySearches:
        problems.error(
            "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
            "Keys and requirements lead through each other in more ways than can be followed. Give the types "
            "keys of plain fields.",
        )


def _label_sets(labels: tuple[str, ...]) -> Iterator[frozenset[str]]:
    """Which labels of progressive overrides may be on at once: every way where they are few."""
    if len(labels) <= _LABELS_IN_EVERY_WAY:
        for size in range(len(labels) + 1):
            yield from map(frozenset, combinations(labels, size))
        return
    yield frozenset()
    yield frozenset(labels)
    yield from (frozenset({label}) for label in labels)


def _prove(walk: _Walk, problems: Problems) -> None:
    waiting = list(_roots(walk.supergraph))
    visited = 0
    while waiting:
        state = waiting.pop()
        if not walk.is_new(state):
            continue
        visited += 1
        if visited > MAX_STATES:
            problems.error(
                "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
                f"The graph has more than {MAX_STATES} ways through its subgraphs. Share fewer fields.",
            )
            return
        waiting.extend(walk.advance(state))
    walk.tell_mutations()


def _roots(supergraph: Supergraph) -> Iterator[State]:
    schema = supergraph.api_schema
    kinds = (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
        ("subscription", schema.subscription_type),
    )
    for operation, root in kinds:
        if root is not None:
            holding = (each for each in supergraph.subgraphs.values() if root.name in each.schema.type_map)
            yield State(root, {_ANY: frozenset(Standing(each.name) for each in holding)}, None, operation)


class _Walk:
    """What was proven so far, and the one step of the proof."""

    def __init__(
        self, supergraph: Supergraph, reachability: Reachability, problems: Problems, told: set[str]
    ) -> None:
        self.supergraph = supergraph
        self.reachability = reachability
        self.problems = problems
        self._types = RuntimeTypes(supergraph, self.reachability, problems)
        self._proven: dict[tuple[str, Contexts], list[frozenset[str]]] = {}
        self._told = told
        self._mutations: dict[str, dict[str, list[str]]] = {}
        self._gathering = {coordinate.split(".")[0] for coordinate in _gathered(supergraph)}

    def is_new(self, state: State) -> bool:
        """Whether nothing proven so far covers it. More holders only make more possible, but for gathering,
        where each holder must reach every part."""
        new = [each for each in state.holders.values() if self._is_new(state, each)]
        return bool(new)

    def _is_new(self, state: State, standings: Standings) -> bool:
        proven = self._proven.setdefault((state.type.name, state.contexts), [])
        subgraphs = frozenset(each.subgraph for each in standings)
        exact = state.type.name in self._gathering
        if any(each == subgraphs if exact else each <= subgraphs for each in proven):
            return False
        proven.append(subgraphs)
        return True

    def advance(self, state: State) -> Iterator[State]:
        # Starts that lead to the same places end in the same places: each of these is asked once.
        arounds = {
            answering: frozenset(self.reachability.reachable(state.type.name, each) for each in standings)
            for answering, standings in state.holders.items()
        }
        for name, field in state.type.fields.items():
            is_gathered = self.supergraph.gather_of(state.type.name, name)
            named = get_named_type(field.type)
            for holders in self._gather(state, name) if is_gathered else self._follow(state, name, arounds):
                if holders and not is_leaf_type(named):
                    yield from self._below(state, name, named, holders)

    def _ends(self, state: State, name: str, start: Standing) -> Standings:
        around = self.reachability.reachable(state.type.name, start)
        return self.reachability.resolving(state.type.name, name, around, state.contexts)

    def _follow(self, state: State, name: str, arounds: Mapping[str, frozenset[Standings]]) -> Iterator[Holders]:
        """The field, from wherever one of its holders leads."""
        holders: dict[str, Standings] = {}
        for answering, standings in state.holders.items():
            ends = frozenset[Standing]().union(
                *(
                    self.reachability.resolving(state.type.name, name, around, state.contexts)
                    for around in arounds[answering]
                )
            )
            if ends:
                holders[answering] = ends
            else:
                self._tell(state, name, answering, standings)
        if state.is_mutation_root:
            every = holders.get(_ANY, frozenset())
            by_subgraph = {each.subgraph: frozenset({each}) for each in sorted(every, key=str)}
            yield by_subgraph if len(by_subgraph) > 1 else holders
        else:
            yield holders

    def _gather(self, state: State, name: str) -> Iterator[Holders]:
        """Each part is a list of its own: what one holds, another need not know."""
        gatherers = [each.subgraph for each in self.supergraph.sources_of(state.type.name, name) if each.gather]
        for answering, standings in state.holders.items():
            every: set[Standing] = set()
            for start in sorted(standings, key=str):
                ends = self._ends(state, name, start)
                every |= ends
                if missing := set(gatherers) - {each.subgraph for each in ends}:
                    self._tell(state, name, answering, frozenset({start}), missing)
            for gatherer in gatherers:
                part = frozenset(each for each in every if each.subgraph == gatherer)
                yield {answering: part} if part else {}

    def _below(self, state: State, name: str, named: GraphQLNamedType, holders: Holders) -> Iterator[State]:
        mutation, contexts = state.mutation, self._contexts_below(state)
        if state.is_mutation_root and len(holders) > 1:
            mutation = f"{state.type.name}.{name}"
            self._mutations.setdefault(mutation, {answering: [] for answering in holders})
        if isinstance(named, GraphQLObjectType):
            yield State(named, holders, Step(name, None, state.path), state.operation, mutation, contexts)
            return
        if not is_abstract_type(named):
            return
        ends = [end for each in holders.values() for end in each]
        if not self._types.agree(state.type.name, name, named, ends):
            return
        for runtime in self.supergraph.api_schema.get_possible_types(named):
            narrowed = self._types.narrowed(state.type.name, name, named, runtime.name, holders)
            if narrowed is None:
                continue
            narrowed = self._told_apart(runtime.name, narrowed)
            step = Step(name, runtime.name, state.path)
            below = State(runtime, narrowed, step, state.operation, mutation, contexts)
            for answering in holders.keys() - narrowed.keys():
                self._tell_type(below, answering, holders[answering])
            if narrowed:
                yield below

    def _told_apart(self, runtime: str, holders: Holders) -> Holders:
        """The holders without those that know only an interface object, and lead to nobody who tells its
        implementations apart."""
        told = {
            answering: frozenset(each for each in standings if self.reachability.is_told(runtime, each))
            for answering, standings in holders.items()
        }
        return {answering: standings for answering, standings in told.items() if standings}

    def _contexts_below(self, state: State) -> Contexts:
        """What the objects above a field of this state's object set, this object included."""
        own = (
            (subgraph, context)
            for subgraph, contexts in self.supergraph.contexts.items()
            for context, types in contexts.items()
            if state.type.name in types
        )
        return state.contexts.union(own)

    def _tell(
        self, state: State, name: str, answering: str, starts: Standings, missing: set[str] | None = None
    ) -> None:
        has_fields = not is_leaf_type(get_named_type(state.type.fields[name].type))
        operation = print_operation(state.operation, state.path, name, has_fields)
        reasons = explain(self.reachability, state.type.name, name, starts, missing)
        places = [
            self._place(each.subgraph, state.type.name, name)
            for each in self.supergraph.sources_of(state.type.name, name)
        ]
        text = f"{operation}\ncannot be answered by the subgraphs:\n{reasons}"
        self._refuse(state, answering, operation, text, places)

    def _tell_type(self, state: State, answering: str, starts: Standings) -> None:
        operation = print_operation(state.operation, state.path, "...", False)
        reasons = "\n".join(
            f'- from subgraph "{name}": cannot find type "{state.type.name}".'
            for name in sorted({each.subgraph for each in starts})
        )
        places = [Place(name) for name in sorted({each.subgraph for each in starts})]
        text = f"{operation}\ncannot be answered by the subgraphs:\n{reasons}"
        self._refuse(state, answering, operation, text, places)

    def _refuse(self, state: State, answering: str, operation: str, text: str, places: list[Place]) -> None:
        if state.mutation:
            self._mutations[state.mutation][answering].append(text)
        elif operation not in self._told:
            # With other labels on, the same operation fails for other reasons.
            self._told.add(operation)
            self.problems.error("SATISFIABILITY_ERROR", f"The operation\n{text}", *places)

    def tell_mutations(self) -> None:
        """A mutation that no subgraph could answer in one call."""
        for coordinate, by_subgraph in self._mutations.items():
            if all(by_subgraph.values()):
                shown = "\n".join(
                    f'When subgraph "{name}" answers, the operation\n{text}'
                    for name, texts in by_subgraph.items()
                    for text in texts
                )
                self.problems.error(
                    "SATISFIABILITY_ERROR",
                    f'Mutation field "{coordinate}" is executed by one subgraph, and none of them leads to all of '
                    f"its result.\n{shown}",
                    *(self._place(each, *coordinate.split(".")) for each in by_subgraph),
                )

    def _place(self, subgraph: str, type_name: str, name: str) -> Place:
        own = self.supergraph.subgraphs[subgraph]
        as_interface = self.supergraph.interface_objects[subgraph].get(type_name, ())
        parents = [own.schema.type_map[each] for each in (type_name, *as_interface) if each in own.schema.type_map]
        for parent in parents:
            fields = parent.fields if isinstance(parent, GraphQLObjectType) else {}
            if name in fields:
                return Place(subgraph, fields[name].ast_node)
        return Place(subgraph, parents[0].ast_node if parents else None)


def _gathered(supergraph: Supergraph) -> Iterator[str]:
    return (name for name, sources in supergraph.sources.items() if any(each.gather for each in sources))
