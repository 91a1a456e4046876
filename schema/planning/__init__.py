"""Plan an operation over the supergraph: what is fetched from which subgraph, in what order.

Pure and deterministic. The stages are files of the same names; each gives the next a value.
Source: Federation 2, "Query plans".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from graphql import DocumentNode

from schema.planning.contextualize import contextualize
from schema.planning.fetch_graph import build_fetch_graph
from schema.planning.hidden import HiddenFields
from schema.planning.normalize import normalize
from schema.planning.optimize import optimize
from schema.planning.paths import PathSearch
from schema.planning.query_graph import QueryGraph
from schema.planning.query_plan import QueryPlan
from schema.planning.root import find_paths
from schema.planning.schedule import schedule
from schema.supergraph import Supergraph

__all__ = ["plan"]

NO_IDENTITIES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def plan(
    supergraph: Supergraph,
    document: DocumentNode,
    operation_name: str | None = None,
    *,
    identities: Mapping[str, tuple[str, ...]] = NO_IDENTITIES,
    labels: frozenset[str] = frozenset(),
) -> QueryPlan:
    """The cheapest plan that is found for an operation that is valid against ``supergraph.api_schema``.

    ``identities`` are the fields that tell whose an object of a guarded type is, the first preferred;
    ``labels`` those of progressive ``@override`` that are on (``Supergraph.labels`` are all there are).
    Raises :class:`schema.errors.PlanningError`: ``NO_PLAN`` or ``OPERATION_TOO_COMPLEX``.
    """
    operation = normalize(supergraph.api_schema, document, operation_name)
    graph = QueryGraph(supergraph, labels)
    hidden = HiddenFields(graph, operation.response_names)
    operation = contextualize(graph, hidden, operation)
    sites = find_paths(PathSearch(graph, hidden, may_split=operation.kind == "query"), operation)
    fetches = optimize(build_fetch_graph(graph, hidden, operation.kind, sites, identities))
    return schedule(fetches, operation, hidden)
