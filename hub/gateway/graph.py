"""The graph in service: a state swapped as a whole, kept as long as somebody works on it.

What depends on the state alone (parsed and checked operations, plans) is cached with it, so that no cache
outlives the supergraph it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from types import TracebackType
from typing import Protocol

from graphql import DocumentNode

from connectors.connector import Connector
from connectors.recent import Recent
from hub.execution import Operation, Programs
from hub.gateway.access import NO_NEEDS, AccessNeeds
from hub.gateway.policy import Requirements
from schema.planning.query_plan import QueryPlan, Subscription
from schema.supergraph import Supergraph


@dataclass(frozen=True, slots=True)
class GraphState:
    """One version of the graph: what is true, how each subgraph is reached, and which belong to departments."""

    supergraph: Supergraph
    connectors: Mapping[str, Connector]
    departments: Mapping[str, str]
    version: int


class Planner(Protocol):
    """``schema.planning.plan``."""

    def __call__(
        self,
        supergraph: Supergraph,
        document: DocumentNode,
        operation_name: str | None,
        *,
        identities: Mapping[str, tuple[str, ...]],
        labels: frozenset[str],
    ) -> QueryPlan: ...


@dataclass(frozen=True, slots=True)
class CheckedOperation:
    """Valid against the API schema and within the limits, with what it needs of an actor: by the
    hub's policy, and by the directives of the schema itself."""

    operation: Operation
    requirements: Requirements
    access: AccessNeeds = NO_NEEDS


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """``programs`` are the plan as the fast path runs it. ``has_guards``: a personal object is looked at."""

    plan: QueryPlan
    programs: Programs
    has_guards: bool

    @property
    def stream(self) -> tuple[str, str] | None:
        """What a subscription asks of which subgraph."""
        node = self.plan.node
        return (node.primary.service, node.primary.document) if isinstance(node, Subscription) else None


_LABEL_SETS = 32


class KnownOperation:
    """What is known of one text and operation name: that it is valid, its plans, and how often it was asked."""

    __slots__ = ("_plans", "checked", "uses")

    def __init__(self, checked: CheckedOperation, uses: int = 0) -> None:
        self.checked = checked
        self.uses = uses
        self._plans: dict[frozenset[str], PlannedOperation] = {}

    def plan(self, labels: frozenset[str]) -> PlannedOperation | None:
        """The plan where these labels of progressive ``@override`` are on."""
        return self._plans.get(labels)

    def keep(self, labels: frozenset[str], planned: PlannedOperation) -> None:
        if len(self._plans) >= _LABEL_SETS:
            self._plans.clear()
        self._plans[labels] = planned


MOST_CHARACTERS = 1_000_000
"""So long the texts of all known operations may be together: what is known of one takes about sixty times as many
bytes as its text, and whoever may ask anything at all can have any valid text kept."""

OperationKey = tuple[str, str | None]
"""Text and operation name."""


class Graph:
    """A state with its caches and the number of those who work on it."""

    def __init__(self, state: GraphState, *, cached_operations: int) -> None:
        self.state = state
        self.labels = state.supergraph.labels
        self.users = 0
        self.operations: Recent[OperationKey, KnownOperation] = Recent(cached_operations, MOST_CHARACTERS)

    def remember(self, key: OperationKey, known: KnownOperation) -> None:
        self.operations.keep(key, known, len(key[0]))

    def most_used(self, maximum: int) -> list[tuple[OperationKey, int]]:
        """The operations that were asked most often, and how often; the most used first."""
        used = [(key, known.uses) for key, known in self.operations.items()]
        return nlargest(maximum, used, key=lambda each: each[1])

    def service_of(self, type_name: str, field_name: str) -> str | None:
        """The subgraph that a value is from, when only one resolves the field."""
        sources = self.state.supergraph.sources_of(type_name, field_name)
        names = {source.subgraph for source in sources if not source.external}
        return names.pop() if len(names) == 1 else None


class Graphs:
    """The newest graph, and the older ones that are still worked on.

    ``leave`` is called with each connector that no graph holds any more.
    """

    def __init__(self, leave: Callable[[Connector], None]) -> None:
        self._newest: Graph | None = None
        self._living: list[Graph] = []
        self._leave = leave

    @property
    def newest(self) -> Graph | None:
        return self._newest

    def publish(self, graph: Graph) -> None:
        """Make ``graph`` the newest one. Whoever works on an older one finishes there."""
        self._newest = graph
        self._living.append(graph)
        self._bury()

    def enter(self, graph: Graph) -> None:
        graph.users += 1

    def exit(self, graph: Graph) -> None:
        graph.users -= 1
        if graph is not self._newest:
            self._bury()

    def retire_all(self) -> None:
        """Let go of everything, also of what is worked on: the process ends."""
        everything, self._living, self._newest = self._living, [], None
        self._leave_all(everything, ())

    def _bury(self) -> None:
        dead = [graph for graph in self._living if graph is not self._newest and graph.users == 0]
        if dead:
            self._living = [graph for graph in self._living if graph not in dead]
            self._leave_all(dead, self._living)

    def _leave_all(self, dead: Iterable[Graph], living: Iterable[Graph]) -> None:
        kept = {id(connector) for graph in living for connector in graph.state.connectors.values()}
        for graph in dead:
            for connector in graph.state.connectors.values():
                if id(connector) not in kept:
                    kept.add(id(connector))
                    self._leave(connector)


class InUse:
    """``with`` it a graph is kept as long as the block works on it."""

    __slots__ = ("_graph", "_graphs")

    def __init__(self, graphs: Graphs, graph: Graph) -> None:
        self._graphs = graphs
        self._graph = graph

    def __enter__(self) -> Graph:
        self._graphs.enter(self._graph)
        return self._graph

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._graphs.exit(self._graph)
