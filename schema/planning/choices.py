"""Plan, and tell what was considered on the way: at each place every set of subgraphs, with its cost.

For people who ask why a plan goes where it goes. The search is the same; it only takes notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import DocumentNode

from schema.planning.blind import Blind, blindness
from schema.planning.fetch_graph import build_fetch_graph
from schema.planning.hidden import HiddenFields
from schema.planning.normalize import normalize
from schema.planning.optimize import optimize
from schema.planning.paths import NO_ORDER, PathSearch, Types
from schema.planning.query_graph import Home, QueryGraph
from schema.planning.query_plan import QueryPlan
from schema.planning.root import find_paths
from schema.planning.schedule import schedule
from schema.planning.selection import ItemKey, Selection
from schema.planning.site import Cost, Site
from schema.supergraph import Supergraph


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to answer a place with everything below it. ``subgraphs`` are those visited at the place itself;
    not ``is_complete`` where it leaves a part for whoever led here."""

    subgraphs: tuple[str, ...]
    cost: Cost
    is_complete: bool

    def __str__(self) -> str:
        where = ", ".join(self.subgraphs) or "no more subgraph"
        price = f"{_count(self.cost.fetches, 'fetch', 'fetches')}, {_count(self.cost.steps, 'step', 'steps')}"
        return f"{where}: {price}{'' if self.is_complete else ', leaves a part'}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One place: what is selected, the subgraphs whose fetches brought its objects, what was taken, and what
    else there was, cheapest first."""

    type_name: str
    fields: tuple[str, ...]
    brought_by: tuple[str, ...]
    taken: Alternative
    others: tuple[Alternative, ...]

    def __str__(self) -> str:
        origin = f" brought by {', '.join(self.brought_by)}" if self.brought_by else ""
        lines = [f"{self.type_name} {{ {' '.join(self.fields)} }}{origin}", f"  taken    {self.taken}"]
        return "\n".join([*lines, *(f"  instead  {each}" for each in self.others)])


def explain_plan(
    supergraph: Supergraph, document: DocumentNode, operation_name: str | None = None
) -> tuple[QueryPlan, tuple[Choice, ...]]:
    """The plan that ``schema.planning.plan`` makes, and the choices behind it, the innermost places first.

    Raises :class:`schema.errors.PlanningError` as ``plan`` does.
    """
    operation = normalize(supergraph.api_schema, document, operation_name)
    graph = QueryGraph(supergraph)
    hidden = HiddenFields(graph, operation.response_names)
    search = NotingSearch(graph, hidden, may_split=operation.kind == "query")
    sites = find_paths(search, operation)
    fetches = optimize(build_fetch_graph(graph, hidden, operation.kind, sites, {}))
    return schedule(fetches, operation, hidden), tuple(dict.fromkeys(search.choices))


class NotingSearch(PathSearch):
    """A search that notes each place it solves."""

    def __init__(self, graph: QueryGraph, hidden: HiddenFields, *, may_split: bool) -> None:
        super().__init__(graph, hidden, may_split)
        self.choices: list[Choice] = []
        self._tried: list[list[Site]] = []

    def _cheapest(self, selection: Selection, homes: tuple[Home, ...], among: Types | None) -> Site:
        self._tried.append([])
        try:
            best = super()._cheapest(selection, homes, among)
            self._try_others(selection, homes, among)
        finally:
            tried = self._tried.pop()
        fields = tuple(dict.fromkeys(one.response_name for t in selection.by_type for one in selection.fields(t)))
        if fields:
            taken = _alternative(best)
            others = dict.fromkeys(_alternative(each) for each in sorted(tried, key=_price))
            brought = tuple(sorted({one.service for home in homes for one in home.standings}))
            remaining = tuple(each for each in others if each != taken)
            self.choices.append(Choice(selection.type_name, fields, brought, taken, remaining))
        return best

    def _try_others(self, selection: Selection, homes: tuple[Home, ...], among: Types | None) -> None:
        """What the search had no need to look at: no more subgraph, and each one alone. Costs it nothing."""
        if not homes:
            return
        types, spent = self._types(selection, homes, among), self.budget.steps
        blind = blindness(self.graph, selection, homes, types)
        for allowed in (frozenset[str](), *(frozenset({one}) for one in sorted(self._pool(types)))):
            self._arrange(selection, homes, types, blind, allowed)
        self.budget.steps = spent

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
        site = super()._arrange(selection, homes, types, blind, allowed, order, is_apart=is_apart)
        self._tried[-1].append(site)
        return site


def print_choices(choices: Sequence[Choice]) -> str:
    """Outermost place first, as the operation reads."""
    return "\n".join(str(each) for each in reversed(choices))


def _alternative(site: Site) -> Alternative:
    return Alternative(tuple(sorted(set(_visited(site)))), site.cost, site.leftover is None)


def _visited(site: Site) -> Iterator[str]:
    for visit in site.visits:
        if visit.service:
            yield visit.service
        if visit.gather is not None:
            yield from (service for service, _door in visit.gather.doors)


def _price(site: Site) -> tuple[object, ...]:
    return site.leftover is not None, site.cost.rank, sorted(_visited(site))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
