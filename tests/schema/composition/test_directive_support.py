"""Every directive of Federation is supported: none is ignored and planned wrongly."""

from __future__ import annotations

import pytest

from schema.composition import compose
from schema.directives import FEDERATION, SPECIFICATIONS
from schema.subgraph import Subgraph
from schema.supergraph import Composition

_LINK = (
    f'extend schema @link(url: "{FEDERATION}/v2.13", import: ['
    + ", ".join(f'"{name}"' for name in sorted(SPECIFICATIONS[FEDERATION].elements))
    + "])\n"
)

SUPPORTED = {
    "@key": 'type Query { a: A } type A @key(fields: "id") { id: ID! }',
    "@requires": (
        'type Query { a: A } type A @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e") }'
    ),
    "@provides": (
        'type Query { a: A @provides(fields: "e") } type A @key(fields: "id") { id: ID! e: Int @external }'
    ),
    "@external": (
        'type Query { a: A } type A @key(fields: "id") { id: ID! e: Int @external r: Int @requires(fields: "e") }'
    ),
    "@extends": 'type Query { a: A } type A @extends @key(fields: "id") { id: ID! }',
    "@shareable": "type Query { a: Int @shareable }",
    "@tag": 'type Query { a: Int @tag(name: "x") }',
    "@inaccessible": "type Query { a: Int b: Int @inaccessible }",
    "@interfaceObject": 'type Query { a: Int } type I @interfaceObject @key(fields: "id") { id: ID! more: Int }',
    "@context": 'type Query { a: Int } type C @context(name: "c") { b: Int @shareable }',
    "@fromContext": (
        'type Query { c: C } type C @context(name: "c") { x: Int k: K } '
        'type K @key(fields: "id") { id: ID! f(g: Int @fromContext(field: "$c { x }")): Int }'
    ),
    "@override": 'type Query { a: A } type A @key(fields: "id") { id: ID! moved: Int @override(from: "b") }',
    "@authenticated": "type Query { a: Int @authenticated }",
    "@requiresScopes": 'type Query { a: Int @requiresScopes(scopes: [["x"]]) }',
    "@policy": 'type Query { a: Int @policy(policies: [["x"]]) }',
    "@cost": "type Query { a: Int @cost(weight: 3) }",
    "@listSize": "type Query { a: [Int] @listSize(assumedSize: 3) }",
    "@composeDirective": (
        'extend schema @link(url: "https://example.com/own/v1.0", import: ["@mine"]) '
        '@composeDirective(name: "@mine") '
        "directive @mine on OBJECT type Query { a: Int }"
    ),
    "@cacheTag": 'type Query { a: Int @cacheTag(format: "x") }',
}
_OTHER = (
    'type A @key(fields: "id") { id: ID! e: Int @shareable moved: Int } '
    'interface I @key(fields: "id") { id: ID! } type T implements I @key(fields: "id") { id: ID! }'
)


def _compose(sdl: str) -> Composition:
    return compose([Subgraph("a", _LINK + sdl), Subgraph("b", _LINK + _OTHER)])


def test_every_directive_of_federation_is_in_the_table() -> None:
    """A version that brings a directive fails this test until somebody decides."""
    directives = {name for name in SPECIFICATIONS[FEDERATION].elements if name.startswith("@")}
    assert directives == SUPPORTED.keys()


@pytest.mark.parametrize("directive", SUPPORTED)
def test_a_supported_directive_composes(directive: str) -> None:
    """What is in the table works."""
    assert _compose(SUPPORTED[directive]).errors == ()


def test_a_directive_may_be_imported_and_not_used() -> None:
    """Import lists are often copied whole."""
    assert _compose("type Query { a: Int }").errors == ()


def test_the_directives_of_connect_are_accepted_and_ignored() -> None:
    """They say how a department is reached, which is no business of composition."""
    composition = compose(
        [
            Subgraph(
                "rest",
                """
                extend schema
                  @link(url: "https://specs.apollo.dev/federation/v2.10", import: ["@key"])
                  @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@source", "@connect"])
                  @source(name: "r", http: { baseURL: "http://r", headers: [{ name: "X", value: "y" }] })
                type Query {
                  a: Int @connect(source: "r", http: { GET: "/a" }, selection: "$.a")
                }
                """,
            )
        ]
    )
    assert composition.errors == ()
    assert composition.supergraph is not None
    assert "connect" not in composition.supergraph.sdl
