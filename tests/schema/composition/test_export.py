"""Other routers get a supergraph that they answer completely, or a refusal; never a part for the whole."""

from __future__ import annotations

from schema.composition.export import export_supergraph
from tests.schema.composition.graphs import compose_ok

GATHERED = {
    "a": "type Query { l: [L!] @gather x: Int } type L @shareable { n: ID! }",
    "b": "type Query { l: [L!] @gather y: Int } type L @shareable { n: ID! }",
}


def test_a_gathered_field_is_refused() -> None:
    """Half a list that looks whole is worse than no list."""
    refused = export_supergraph(compose_ok(**GATHERED))
    assert not isinstance(refused, str)
    assert [(each.code, each.subgraphs) for each in refused] == [("GATHER_NOT_EXPORTABLE", ("a", "b"))]
    assert '"Query.l" is gathered from "a" and "b"' in refused[0].message


def test_a_fallback_owner_answers_alone() -> None:
    """Somebody said that this part may stand for the whole there."""
    sdl = export_supergraph(compose_ok(**GATHERED), {"Query.l": "b"})
    assert isinstance(sdl, str)
    assert "l: [L!] @join__field(graph: B)\n" in sdl
    assert "gather" not in sdl


def test_a_fallback_owner_must_hold_a_part() -> None:
    """A misspelt owner would leave the field without anybody."""
    refused = export_supergraph(compose_ok(**GATHERED), {"Query.l": "c"})
    assert not isinstance(refused, str)
    assert [each.code for each in refused] == ["GATHER_NOT_EXPORTABLE"]


def test_a_graph_without_gathered_fields_is_exported_as_it_prints() -> None:
    """Nothing else differs between routers."""
    supergraph = compose_ok(a="type Query { x: Int }")
    assert export_supergraph(supergraph) == supergraph.sdl


def test_a_durable_mutation_is_refused() -> None:
    """Another router has no tickets to give."""
    link = 'extend schema @link(url: "https://jiyi.dev/spec/durable/v0.1", import: ["@durable"])'
    refused = export_supergraph(
        compose_ok(a=f"{link} type Query {{ x: Int }} type Mutation {{ m: Int @durable }}")
    )
    assert not isinstance(refused, str)
    assert [(each.code, each.subgraphs) for each in refused] == [("DURABLE_NOT_EXPORTABLE", ("a.durable",))]
