"""``@tag`` and ``@cacheTag``: for those who come after; tags add up, cache tags stay with their subgraph."""

from __future__ import annotations

from schema.composition import compose
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", '
    'import: ["@key", "@shareable", "@tag", "@cacheTag", "@external", "@requires"])\n'
)


def _supergraph(**sdls: str) -> Supergraph:
    composition = compose([Subgraph(name, _LINK + sdl) for name, sdl in sdls.items()])
    assert composition.supergraph is not None, composition.errors
    return composition.supergraph


def test_a_tag_stands_wherever_it_may_any_number_of_times() -> None:
    """What a name means is the business of whoever reads it: any text is one."""
    sdl = _supergraph(
        a="""
        extend schema @tag(name: "0")
        type Query @tag(name: "1") @tag(name: "a b") { a(i: I @tag(name: "2")): U @tag(name: "3") e: E s: S n: N }
        input I @tag(name: "4") { f: Int @tag(name: "5") }
        union U @tag(name: "6") = T
        type T implements N @tag(name: "") { x: Int }
        interface N @tag(name: "7") { x: Int }
        enum E @tag(name: "8") { A @tag(name: "9") }
        scalar S @tag(name: "10")
        """
    ).sdl
    for name in (*map(str, range(11)), "a b", ""):
        assert sdl.count(f'@tag(name: "{name}")') == 1


def test_tags_of_all_subgraphs_add_up() -> None:
    """Each once; on the schema too."""
    sdl = _supergraph(
        a='extend schema @tag(name: "s") @tag(name: "t") type Query { a: Int @shareable @tag(name: "x") }',
        b='extend schema @tag(name: "t") type Query { a: Int @shareable @tag(name: "y") @tag(name: "x") }',
    ).sdl
    assert '  a: Int @tag(name: "x") @tag(name: "y")\n' in sdl
    assert '  @tag(name: "s")\n  @tag(name: "t")\n{\n  query: Query\n}' in sdl


def test_a_cache_tag_is_carried_for_each_subgraph() -> None:
    """Equal ones together; by a name that needs no import."""
    sdl = _supergraph(
        a='type Query { a: Int @shareable @cacheTag(format: "x") t: T } '
        'type T @key(fields: "id") @cacheTag(format: "t-{$key.id}") { id: ID! n: Int @external '
        'm: Int @requires(fields: "n") }',
        b='type Query { a: Int @shareable @cacheTag(format: "x") @cacheTag(format: "y") } '
        'type T @key(fields: "id") { id: ID! n: Int }',
    ).sdl
    for text in (
        '  @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)\n'
        '  @link(url: "https://specs.apollo.dev/cacheTag/v0.1", for: EXECUTION)\n',
        '  a: Int @join__directive(graphs: [A, B], name: "federation__cacheTag", args: {format: "x"}) '
        '@join__directive(graphs: [B], name: "federation__cacheTag", args: {format: "y"})\n',
        '  @join__directive(graphs: [A], name: "federation__cacheTag", args: {format: "t-{$key.id}"})\n{\n  id',
    ):
        assert text in sdl


def test_a_graph_without_cache_tags_needs_no_newer_join() -> None:
    """Older routers go on reading it."""
    sdl = _supergraph(a="type Query { a: Int }").sdl
    assert "join/v0.3" in sdl
    assert "join__directive" not in sdl
