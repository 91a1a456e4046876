"""Composers of others print what we print, and what they print loads here as what we compose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

import pytest

from schema.composition import compose
from schema.composition.supergraph_sdl import read_supergraph
from schema.subgraph import Subgraph
from tests.engine.generate import make_graph
from tests.gateways.conftest import RunNode
from tests.gateways.joins import table

pytestmark = pytest.mark.node

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@tag", "@override",
  "@interfaceObject", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize", "@context",
  "@fromContext"
])
"""

FIXED: Mapping[str, Mapping[str, str]] = {
    "overrides, differing types, inputs and enums": {
        "a": LINK
        + """
        directive @loud(level: Int = 3) on FIELD
        "What can be asked"
        type Query {
          me: User any: [Result] kind(of: Kind = A): Kind filtered(by: Filter): Int shared: Int @shareable
        }
        type User implements Named @key(fields: "id") @key(fields: "name", resolvable: false) {
          id: ID! name: String @shareable moved: Int kept: Int born: Date @authenticated
        }
        interface Named { name: String }
        type Book @key(fields: "isbn") { isbn: ID! title: String! @shareable hidden: Int @inaccessible }
        union Result = User | Book
        enum Kind { A B }
        enum Colour { RED BLUE }
        type Paint @shareable { colour: Colour }
        input Filter { word: String = "x" size: Int @inaccessible only: Int }
        scalar Date @specifiedBy(url: "https://example.com/date")
        """,
        "b": LINK
        + """
        directive @loud(level: Int = 3) on FIELD
        type Query { shared: Int @shareable best: User @provides(fields: "name") again(by: Filter): Int }
        type User @key(fields: "id") {
          id: ID! name: String @external moved: Int @override(from: "a")
          greeting: String @requires(fields: "kept") kept: Int @external
        }
        extend type Book @key(fields: "isbn") {
          isbn: ID! title: String @shareable pages: Int @deprecated(reason: "r") @tag(name: "paper")
        }
        union Result = User
        enum Kind { A B }
        enum Colour { RED GREEN }
        type Paint @shareable { colour: Colour }
        input Filter { word: String! = "x" size: Int @inaccessible }
        """,
    },
    "an interface object": {
        "a": LINK
        + """
        type Query { media: [Media!]! }
        interface Media @key(fields: "id") { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String }
        type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
        """,
        "b": LINK + 'type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }',
    },
    "labels, contexts, demands, costs": {
        "a": LINK
        + """
        type Query { me: User media: [Media!]! all: [Book] @listSize(assumedSize: 10) @cost(weight: 3) }
        type User @key(fields: "id") @context(name: "user") {
          id: ID! name: String @shareable moving: Int pages: Pages @authenticated
        }
        type Pages @key(fields: "k") {
          k: ID! first(name: String @fromContext(field: "$user { name }") count: Int): Int
        }
        interface Media @key(fields: "id") { id: ID! title: String }
        type Book implements Media @key(fields: "id") {
          id: ID! title: String
          isbn: String @requiresScopes(scopes: [["a", "b"], ["c"]]) @policy(policies: [["p"]])
        }
        """,
        "b": LINK
        + """
        type User @key(fields: "id") { id: ID! moving: Int @override(from: "a", label: "percent(20)") }
        type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }
        """,
    },
    "Federation 1": {
        "a": 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String } type V { x: Int }',
        "b": """
        extend type User @key(fields: "id") { id: ID! @external name: String @external v: V
          hello: String @requires(fields: "name") }
        type V { x: Int }
        extend type Query { b: V }
        """,
    },
}


def drawn() -> Iterator[Mapping[str, str]]:
    """Made-up graphs of sound make."""
    for seed in range(24):
        model = make_graph(Random(seed), may_gather=False)
        if model.is_sound:
            yield {name: model.subgraph_sdl(name) for name in model.subgraphs}


async def test_the_reference_prints_the_same_joins(node: RunNode) -> None:
    """Keys, resolvers, external and overridden fields, types where they differ: argument by argument."""
    sets = [*FIXED.values(), *drawn()]
    compared = 0
    for given, theirs in zip(sets, await node("compose.mjs", sets), strict=True):
        ours = compose(Subgraph(name, sdl, f"http://{name}") for name, sdl in given.items()).supergraph
        if ours and theirs["apollo"]:
            assert table(ours.sdl) == table(theirs["apollo"])
            compared += 1
    assert compared > len(FIXED) + 5


@pytest.mark.parametrize("composer", ["apollo", "hive"])
async def test_what_others_composed_reads_as_what_we_compose(composer: str, node: RunNode) -> None:
    """The same sources and keys, hence the same plans."""
    sets = [*FIXED.values(), *drawn()]
    compared = 0
    for given, theirs in zip(sets, await node("compose.mjs", sets), strict=True):
        ours = compose(Subgraph(name, sdl, f"http://{name}") for name, sdl in given.items()).supergraph
        if ours and theirs[composer]:
            read = read_supergraph(theirs[composer])
            assert read.supergraph, read.errors
            assert read.supergraph.sources == ours.sources
            assert read.supergraph.keys == ours.keys
            compared += 1
    assert compared > len(FIXED) + 5
