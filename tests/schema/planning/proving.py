"""A planning test is a page: subgraphs, operation, plan; then the checker proves the plan."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from graphql import parse, validate

from schema.composition import compose
from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.query_plan import QueryPlan
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph

LINKS = """
extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.9"
    import: [
      "@key", "@external", "@requires", "@provides", "@shareable", "@override", "@inaccessible",
      "@interfaceObject", "@context", "@fromContext"
    ]
  )
"""
GATHER_LINK = '@link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])\n'


def compose_ok(subgraphs: Mapping[str, str]) -> Supergraph:
    """The supergraph of these subgraphs; their links to Federation and to @gather are added."""
    composition = compose(
        Subgraph(name, LINKS + (GATHER_LINK if "@gather" in sdl else "") + sdl) for name, sdl in subgraphs.items()
    )
    assert composition.supergraph, "\n".join(str(error) for error in composition.errors)
    return composition.supergraph


def plan_ok(
    supergraph: Supergraph, operation: str, identities: Mapping[str, tuple[str, ...]] | None = None
) -> QueryPlan:
    """The proven plan of an operation that the API schema accepts."""
    document = parse(operation)
    assert not validate(supergraph.api_schema, document)
    found = plan(supergraph, document, identities=identities or {})
    assert check_plan(supergraph, document, None, found) == (), str(found)
    return found


def assert_plan(
    supergraph: Supergraph,
    operation: str,
    expected: str,
    identities: Mapping[str, tuple[str, ...]] | None = None,
) -> QueryPlan:
    """The plan's text is the expected one, and the checker proves it."""
    found = plan_ok(supergraph, operation, identities)
    assert str(found) == dedent(expected).strip()
    return found
