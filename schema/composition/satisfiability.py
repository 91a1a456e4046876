"""Prove that every field of the API schema can be resolved along each path that leads to it.

The walk goes over states: an object type and the standings in which an object of it may be held. A state
that was proven for fewer standings needs no second proof. As strict as the reference, not stricter: each
field is proven for itself, and a type condition that one holder can never meet ends the path.
Source: Federation 2, "Composition", satisfiability; docs/spec/gather.md for gathered fields.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type, is_abstract_type, is_leaf_type

from schema.composition.problems import Place, Problems, in_subgraphs
from schema.composition.unsatisfied import explain
from schema.reachability import Reachability, Standing, Standings
from schema.supergraph import Supergraph

MAX_STATES = 200_000


@dataclass(frozen=True, slots=True)
class Step:
    """One field of the path from an operation's root, with the type condition that follows it."""

    field: str
    condition: str | None
    before: Step | None


@dataclass(frozen=True, slots=True)
class State:
    type: GraphQLObjectType
    standings: Standings
    path: Step | None
    operation: str


def check_satisfiability(supergraph: Supergraph, problems: Problems) -> None:
    """Tell each field that some path cannot resolve, once, with the operation that would need it."""
    walk = _Walk(supergraph, Reachability(supergraph), problems)
    waiting = deque(_roots(supergraph))
    visited = 0
    while waiting:
        state = waiting.popleft()
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


def _roots(supergraph: Supergraph) -> Iterator[State]:
    schema = supergraph.api_schema
    kinds = (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
        ("subscription", schema.subscription_type),
    )
    for operation, root in kinds:
        if root is not None:
            holders = (each for each in supergraph.subgraphs.values() if root.name in each.schema.type_map)
            yield State(root, frozenset(Standing(each.name) for each in holders), None, operation)


class _Walk:
    """What was proven so far, and the one step of the proof."""

    def __init__(self, supergraph: Supergraph, reachability: Reachability, problems: Problems) -> None:
        self.supergraph = supergraph
        self.reachability = reachability
        self.problems = problems
        self._proven: dict[str, list[Standings]] = {}
        self._told: set[str] = set()
        self._gathering = {coordinate.split(".")[0] for coordinate in _gathered(supergraph)}

    def is_new(self, state: State) -> bool:
        """Whether nothing proven so far covers it. More holders only make more possible, but for gathering,
        where each holder must reach every part."""
        proven = self._proven.setdefault(state.type.name, [])
        exact = state.type.name in self._gathering
        if any(each == state.standings if exact else each <= state.standings for each in proven):
            return False
        proven.append(state.standings)
        return True

    def advance(self, state: State) -> Iterator[State]:
        reached = {each: self.reachability.reachable(state.type.name, each) for each in state.standings}
        for name, field in state.type.fields.items():
            ends_of = {
                each: self.reachability.resolving(state.type.name, name, around)
                for each, around in reached.items()
            }
            ends = frozenset[Standing]().union(*ends_of.values())
            if self.supergraph.gather_of(state.type.name, name):
                groups = self._gather(state, name, ends_of)
            else:
                groups = (ends,)
                if not ends:
                    self._tell(state, name)
            named = get_named_type(field.type)
            if not is_leaf_type(named):
                for group in groups:
                    yield from self._below(state, name, named, group)

    def _gather(self, state: State, name: str, ends_of: dict[Standing, Standings]) -> tuple[Standings, ...]:
        """Each part is a list of its own: what one holds, another need not know."""
        gatherers = [each.subgraph for each in self.supergraph.sources_of(state.type.name, name) if each.gather]
        for start, ends in ends_of.items():
            missing = set(gatherers) - {each.subgraph for each in ends}
            if missing:
                self._tell(state, name, start, missing)
        every = frozenset[Standing]().union(*ends_of.values())
        return tuple(frozenset(each for each in every if each.subgraph == gatherer) for gatherer in gatherers)

    def _below(self, state: State, name: str, named: GraphQLNamedType, ends: Standings) -> Iterator[State]:
        if not ends:
            return
        if isinstance(named, GraphQLObjectType):
            yield State(named, ends, Step(name, None, state.path), state.operation)
            return
        if not is_abstract_type(named):
            return
        local = {
            each.subgraph: self.reachability.runtime_types(each.subgraph, state.type.name, name) for each in ends
        }
        self._check_runtime_types(state.type.name, name, local)
        for runtime in self.supergraph.api_schema.get_possible_types(named):
            if all(runtime.name in types for types in local.values()):
                yield State(runtime, ends, Step(name, runtime.name, state.path), state.operation)

    def _check_runtime_types(self, type_name: str, name: str, local: dict[str, frozenset[str]]) -> None:
        coordinate = f"{type_name}.{name}"
        if len(set(local.values())) < 2 or coordinate in self._told:
            return
        self._told.add(coordinate)
        shown = "; ".join(
            f"{', '.join(sorted(types))} in {in_subgraphs([each])}" for each, types in sorted(local.items())
        )
        places = [self._place(each, type_name, name) for each in local]
        if not frozenset.intersection(*local.values()):
            self.problems.error(
                "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
                f'Shared field "{coordinate}" can never be the same object in all its subgraphs: it is {shown}. '
                "Let "
                "them have a type in common, or leave the field to one.",
                *places,
            )
        else:
            self.problems.hint(
                "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
                f'Shared field "{coordinate}" has different types in different subgraphs: it is {shown}.',
                *places,
            )

    def _tell(
        self, state: State, name: str, start: Standing | None = None, missing: set[str] | None = None
    ) -> None:
        coordinate = f"{state.type.name}.{name}"
        if coordinate in self._told:
            return
        self._told.add(coordinate)
        starts = frozenset({start}) if start else state.standings
        operation = _print_operation(state, name, not is_leaf_type(get_named_type(state.type.fields[name].type)))
        reasons = explain(self.reachability, state.type.name, name, starts, missing)
        self.problems.error(
            "SATISFIABILITY_ERROR",
            f"The operation\n{operation}\ncannot be answered by the subgraphs:\n{reasons}",
            *(self._place(each.subgraph, state.type.name, name)
              for each in self.supergraph.sources_of(state.type.name, name)),
        )  # fmt: skip

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


def _print_operation(state: State, last: str, has_fields: bool) -> str:
    lines = [f"{last} {{ ... }}" if has_fields else last]
    step = state.path
    while step:
        if step.condition:
            lines = [f"... on {step.condition} {{", *(f"  {line}" for line in lines), "}"]
        lines = [f"{step.field} {{", *(f"  {line}" for line in lines), "}"]
        step = step.before
    return "\n".join([f"{state.operation} {{", *(f"  {line}" for line in lines), "}"])
