"""What an SDL's ``@cacheControl`` says of an answer: how long it may be kept, and for whom."""

from __future__ import annotations

import pytest

from schema.cache_control import CachePolicy, CacheRules
from schema.composition import compose
from schema.subgraph import Subgraph

DEFINITION = """
enum CacheControlScope { PUBLIC PRIVATE }
directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean)
  on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
"""
SDL = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])'
    + DEFINITION
    + """
type Query {
  weather: String @cacheControl(maxAge: 60, scope: PUBLIC)
  offices: [Office!]! @cacheControl(maxAge: 300, scope: PUBLIC)
  me: Person @cacheControl(maxAge: 30)
  now: String
  parks: [Park!]
  never: String @cacheControl(maxAge: 0)
}
type Office {
  name: String
  queue: Int @cacheControl(maxAge: 5)
  clerk: Person
  boss: Person @cacheControl(inheritMaxAge: true)
  secret: String @cacheControl(scope: PRIVATE)
}
type Person { name: String }
type Park @key(fields: "id") @cacheControl(maxAge: 100, scope: PUBLIC) {
  id: ID! name: String visits: Int @cacheControl(maxAge: 10)
}
type Lake @key(fields: "id") { id: ID! name: String }
"""
)


def entities(selection: str) -> str:
    return f"query($r: [_Any!]!) {{ _entities(representations: $r) {selection} }}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ weather }", CachePolicy(60, True)),
        ("{ offices { name } }", CachePolicy(300, True)),
        ("{ offices { name queue } weather }", CachePolicy(5, True)),
        ("{ offices { boss { name } } }", CachePolicy(300, True)),
        ("{ offices { secret } }", CachePolicy(300, False)),
        ("{ me { name } }", CachePolicy(30, False)),
        ("{ me { name } weather }", CachePolicy(30, False)),
        ("{ parks { name } }", CachePolicy(100, True)),
        ("{ offices { clerk { name } } }", None),
        ("{ now }", None),
        ("{ weather now }", None),
        ("{ never }", None),
        ("{ ...F } fragment F on Query { weather }", CachePolicy(60, True)),
        (
            entities("{ ... on Park { name } }"),
            CachePolicy(100, True),
        ),
        (
            entities("{ ... on Park { visits } }"),
            CachePolicy(10, True),
        ),
        (entities("{ ... on Lake { name } }"), None),
        (entities("{ ... on Lake { id } ... on Park { id } }"), None),
        ("mutation { weather }", None),
        ("{ unknown }", None),
        ("{", None),
    ],
)
def test_the_most_careful_of_all_that_is_selected_holds(query: str, expected: CachePolicy | None) -> None:
    """What nobody marked is not kept, and what nobody said is for all is for one."""
    rules = CacheRules.of(SDL)
    assert rules is not None
    assert rules.policy(query) == expected


def test_an_sdl_without_marks_keeps_nothing() -> None:
    """Nor one that only defines the directive, or is none."""
    assert CacheRules.of("type Query { a: Int }") is None
    assert CacheRules.of(DEFINITION + "type Query { a: Int }") is None
    assert CacheRules.of("type Query { a: Int @cacheControl(maxAge: 1)") is None


def test_two_subgraphs_with_the_well_known_definition_compose() -> None:
    """Each brings the directive and its enum."""
    other = DEFINITION + "type Query { other: Int @cacheControl(maxAge: 1) }"
    composition = compose((Subgraph("a", SDL), Subgraph("b", other)))
    assert composition.errors == ()
