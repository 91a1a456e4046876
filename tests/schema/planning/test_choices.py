"""Why a plan goes where it goes: what was taken at each place, what else there was, and what each costs."""

from __future__ import annotations

from graphql import parse

from schema.composition import compose
from schema.planning import plan
from schema.planning.choices import explain_plan, print_choices
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n'
SHOP = {
    "catalogue": """
type Query { products: [Product!]! }
type Product @key(fields: "upc") { upc: ID! }
""",
    "details": """
type Product @key(fields: "upc") { upc: ID! name: String @shareable weight: Int @shareable }
""",
    "labels": """
type Product @key(fields: "upc") { upc: ID! name: String @shareable }
""",
    "weights": """
type Product @key(fields: "upc") { upc: ID! weight: Int @shareable }
""",
}


def shop() -> Supergraph:
    supergraph = compose(Subgraph(name, LINK + sdl) for name, sdl in SHOP.items()).supergraph
    assert supergraph is not None
    return supergraph


def test_each_place_tells_what_was_taken_and_what_else_there_was() -> None:
    """Two subgraphs could give a half each; one gives both, for one fetch less."""
    _plan, choices = explain_plan(shop(), parse("{ products { name weight } }"))
    assert print_choices(choices) == (
        """Query { products }
  taken    catalogue: 2 fetches, 2 steps
Product { name weight } brought by catalogue
  taken    details: 1 fetch, 1 step
  instead  no more subgraph: 0 fetches, 0 steps, leaves a part
  instead  labels: 1 fetch, 1 step, leaves a part
  instead  weights: 1 fetch, 1 step, leaves a part"""
    )


def test_the_plan_is_the_one_that_is_run() -> None:
    """Taking notes changes nothing, for mutations neither."""
    supergraph, document = shop(), parse("{ products { name weight } a: products { upc } }")
    assert str(explain_plan(supergraph, document)[0]) == str(plan(supergraph, document))
