"""Which fields of an operation no chain of subgraphs leads to, told without the planner.

Composition proves an object type once for each set of subgraphs that may hold it, as the reference composer does.
So it accepts a graph where a field is provided along one path and lost along another, and an operation along
the other has no plan: the right answer is an error. Here every path of the operation is followed for itself.
Source: Federation 2, "Composition", satisfiability; docs/spec/gather.md for gathered fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DocumentNode

from schema.planning.normalize import normalize
from schema.planning.selection import Selected, Selection
from schema.reachability import NO_CONTEXTS, Contexts, Reachability, Standing, Standings
from schema.supergraph import Supergraph


def lost_fields(
    supergraph: Supergraph, document: DocumentNode, labels: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The coordinates of fields that the operation asks for where nothing can resolve them."""
    operation = normalize(supergraph.api_schema, document, None)
    root = operation.selection
    holding = (each for each in supergraph.subgraphs.values() if root.type_name in each.schema.type_map)
    standings = frozenset(Standing(each.name) for each in holding)
    follow = _Follow(supergraph, Reachability(supergraph, labels), is_mutation=operation.kind == "mutation")
    return tuple(follow.lost(root.type_name, root, standings, NO_CONTEXTS))


class _Follow:
    def __init__(self, supergraph: Supergraph, reachability: Reachability, *, is_mutation: bool) -> None:
        self.supergraph = supergraph
        self.reachability = reachability
        self.is_mutation = is_mutation

    def lost(
        self, type_name: str, selection: Selection, standings: Standings, contexts: Contexts
    ) -> Iterator[str]:
        for wanted in selection.fields(type_name):
            if wanted.name != "__typename":
                yield from self._lost_at(type_name, wanted, standings, contexts)

    def _lost_at(
        self, type_name: str, wanted: Selected, standings: Standings, contexts: Contexts
    ) -> Iterator[str]:
        coordinate = f"{type_name}.{wanted.name}"
        around = [self.reachability.reachable(type_name, each) for each in standings]
        by_start = [self.reachability.resolving(type_name, wanted.name, each, contexts) for each in around]
        ends: Standings = frozenset().union(*by_start)
        is_gathered = self.supergraph.gather_of(type_name, wanted.name) is not None
        holders = [frozenset(one for one in ends if one.subgraph == s) for s in sorted({e.subgraph for e in ends})]
        if is_gathered:
            sources = self.supergraph.sources_of(type_name, wanted.name)
            gatherers = {each.subgraph for each in sources if each.gather}
            # Every part has to be reached, from wherever the object is held.
            if any(gatherers - {one.subgraph for one in each} for each in by_start):
                yield coordinate
        elif not ends:
            yield coordinate
        if wanted.below is None:
            return
        below = wanted.below
        contexts = contexts | self._set_by(type_name)
        if is_gathered:
            for part in holders:
                yield from self._lost_below(type_name, wanted.name, below, part, contexts)
        elif self.is_mutation and type_name == "Mutation":
            # It is executed once: one of the subgraphs has to lead to all of its result.
            found = [list(self._lost_below(type_name, wanted.name, below, each, contexts)) for each in holders]
            yield from min(found, key=len, default=[])
        else:
            yield from self._lost_below(type_name, wanted.name, below, ends, contexts)

    def _lost_below(
        self, type_name: str, name: str, below: Selection, ends: Standings, contexts: Contexts
    ) -> Iterator[str]:
        for runtime in below.by_type:
            able = (e for e in ends if runtime in self.reachability.runtime_types(e.subgraph, type_name, name))
            if holding := frozenset(able):
                yield from self.lost(runtime, below, holding, contexts)

    def _set_by(self, type_name: str) -> Contexts:
        return frozenset(
            (subgraph, context)
            for subgraph, contexts in self.supergraph.contexts.items()
            for context, types in contexts.items()
            if type_name in types
        )
