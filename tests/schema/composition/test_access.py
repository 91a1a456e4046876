"""``@authenticated``, ``@requiresScopes`` and ``@policy``: they add up over subgraphs and leave no side door."""

from __future__ import annotations

import pytest

from schema.composition import compose
from schema.composition.supergraph_sdl import read_supergraph
from schema.errors import CompositionError, CompositionHint
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph

_URL = "https://specs.apollo.dev/federation/v2.13"
_LINK = (
    f'extend schema @link(url: "{_URL}", import: ["@key", "@shareable", "@external", "@requires", '
    '"@authenticated", "@requiresScopes", "@policy", "@interfaceObject"])\n'
)


def _supergraph(**sdls: str) -> Supergraph:
    composition = compose([Subgraph(name, _LINK + sdl) for name, sdl in sdls.items()])
    assert composition.supergraph is not None, composition.errors
    return composition.supergraph


def _errors(**sdls: str) -> tuple[CompositionError, ...]:
    return compose([Subgraph(name, _LINK + sdl) for name, sdl in sdls.items()]).errors


def _hints(**sdls: str) -> tuple[CompositionHint, ...]:
    return compose([Subgraph(name, _LINK + sdl) for name, sdl in sdls.items()]).hints


def _access(**sdls: str) -> dict[str, str]:
    return {coordinate: str(rule) for coordinate, rule in _supergraph(**sdls).access.items()}


def test_what_one_subgraph_demands_holds_for_the_whole_graph() -> None:
    """Another subgraph that resolves the field too is no way around it."""
    assert _access(a="type Query { a: Int @shareable @authenticated }", b="type Query { a: Int @shareable }") == {
        "Query.a": "authenticated"
    }


def test_the_demands_of_two_subgraphs_add_up() -> None:
    """Who may pass here must have been let pass there."""
    sdls = {
        "a": 'type Query { a: S } scalar S @requiresScopes(scopes: [["x"], ["y"]]) @policy(policies: [["p"]])',
        "b": 'type Query { b: S } scalar S @requiresScopes(scopes: [["x"], ["z"]]) @policy(policies: [["p"]])',
    }
    assert _access(**sdls)["S"] == "scopes x or y and z, policies p"
    assert [hint.code for hint in _hints(**sdls)] == ["MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"]
    assert '"@requiresScopes" is applied to "S"' in _hints(**sdls)[0].message


def test_a_namespaced_or_renamed_directive_says_the_same() -> None:
    """A rule must not be lost by how it was imported."""
    sdl = (
        f'extend schema @link(url: "{_URL}", import: [{{ name: "@authenticated", as: "@signedIn" }}]) '
        'type Query { a: Int @signedIn b: Int @federation__requiresScopes(scopes: [["s"]]) }'
    )
    supergraph = compose([Subgraph("a", sdl)]).supergraph
    assert supergraph is not None
    assert str(supergraph.access_to("Query", "a")) == "authenticated"
    assert str(supergraph.access_to("Query", "b")) == "scopes s"


def test_an_interface_takes_over_what_its_implementations_demand() -> None:
    """The supergraph says so on the interface, for routers that look there."""
    supergraph = _supergraph(
        a="""
        type Query { i: I }
        interface I { x: Int y: Int }
        type T implements I @requiresScopes(scopes: [["t"]]) { x: Int @authenticated y: Int }
        type U implements I @requiresScopes(scopes: [["u"]]) { x: Int y: Int }
        """
    )
    assert str(supergraph.access_to("I", "y")) == "scopes t and u"
    assert str(supergraph.access_to("I", "x")) == "authenticated, scopes t and u"
    assert str(supergraph.access_to("U", "x")) == "scopes u"
    assert 'interface I\n  @join__type(graph: A)\n  @requiresScopes(scopes: [["t", "u"]])\n{\n  x: Int @auth' in (
        supergraph.sdl
    )


def test_typename_demands_what_its_type_demands() -> None:
    """That there is one is already something to know."""
    supergraph = _supergraph(a="type Query { t: U } union U = T type T @authenticated { x: Int }")
    assert str(supergraph.access_to("T", "__typename")) == "authenticated"
    assert str(supergraph.access_to("Query", "t")) == "nothing"


def test_the_printed_supergraph_links_and_defines_what_it_carries() -> None:
    """Security features are linked so that a router that does not know them refuses the graph."""
    sdl = _supergraph(
        a='type Query { a: Int @authenticated b: Int @requiresScopes(scopes: [["x", "y"]]) c: E } '
        'enum E @policy(policies: [["p"]]) { V }'
    ).sdl
    for line in (
        '  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)',
        '  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)',
        '  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)',
        "scalar requiresScopes__Scope",
        "scalar policy__Policy",
        "  a: Int @authenticated",
        '  b: Int @requiresScopes(scopes: [["x", "y"]])',
        'enum E\n  @join__type(graph: A)\n  @policy(policies: [["p"]])\n{',
    ):
        assert f"{line}\n" in sdl or line in sdl
    assert sdl.count("scalar policy__Policy") == 1


def test_the_api_schema_does_not_show_who_may_what() -> None:
    """Requirements are nobody's business but the gateway's."""
    api = _supergraph(a="type Query { a: Int @authenticated }").api_schema
    assert api.query_type is not None
    node = api.query_type.fields["a"].ast_node
    assert node is not None
    assert not node.directives


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            "type Query { i: I } interface I { x: Int } type T implements I @authenticated { x: Int }",
            "type Query { i: I } interface I @authenticated { x: Int } type T implements I { x: Int }",
        ),
        (
            'type Query { i: I } interface I { x: Int } type T implements I { x: Int @policy(policies: [["p"]]) }',
            'type Query { i: I } interface I { x: Int @policy(policies: [["p"]]) } type T implements I { x: Int }',
        ),
    ],
)
def test_interfaces_demand_nothing_of_their_own(right: str, wrong: str) -> None:
    """A demand on the interface alone would leave the implementations open."""
    assert _errors(a=right) == ()
    assert [error.code for error in _errors(a=wrong)] == ["AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE"]
    assert _errors(a=wrong)[0].locations


_OWNER = (
    'type T @key(fields: "id") { id: ID! x: X @requiresScopes(scopes: [["x"]]) } type X @authenticated { z: Int }'
)


@pytest.mark.parametrize(
    ("demands", "codes"),
    [
        ('@authenticated @requiresScopes(scopes: [["x"]])', []),
        ('@authenticated @requiresScopes(scopes: [["x", "more"]])', []),
        ('@authenticated @requiresScopes(scopes: [["x"], ["other"]])', ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]),
        ('@requiresScopes(scopes: [["x"]])', ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]),
        ("@authenticated", ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]),
        ("", ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]),
    ],
)
def test_a_field_demands_at_least_what_it_requires(demands: str, codes: list[str]) -> None:
    """Else the required value leaks through the field that is computed from it."""
    needing = (
        'type Query { t: T } type T @key(fields: "id") { id: ID! x: X @external '
        f'y: Int @requires(fields: "x {{ z }}") {demands} }} type X {{ z: Int @external }}'
    )
    assert [error.code for error in _errors(a=needing, b=_OWNER)] == codes


def test_the_demands_of_the_type_guard_its_fields() -> None:
    """Nobody gets to the field who has not passed the type."""
    needing = (
        'type Query { t: T } type T @key(fields: "id") @authenticated @requiresScopes(scopes: [["x"]]) '
        '{ id: ID! x: X @external y: Int @requires(fields: "x { z }") } type X { z: Int @external }'
    )
    assert _errors(a=needing, b=_OWNER) == ()


def test_a_type_condition_in_requires_is_guarded_too() -> None:
    """Only objects of the guarded type answer it."""
    owner = (
        'type T @key(fields: "id") { id: ID! x: U } union U = X | Y '
        'type X @policy(policies: ["p"]) { z: Int } type Y { id: ID @shareable }'
    )
    needing = (
        'type Query { t: T } type T @key(fields: "id") { id: ID! x: U @external '
        'y: Int @requires(fields: "x { ... on X { z } }") } '
        "union U = X | Y type X { z: Int @external } type Y { id: ID @shareable }"
    )
    assert [error.code for error in _errors(a=needing, b=owner)] == ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]
    guarded = needing.replace('z } }")', 'z } }") @policy(policies: ["p"])')
    assert _errors(a=guarded, b=owner) == ()


def test_an_external_field_demands_nothing() -> None:
    """Its owner says who may see it."""
    needing = (
        'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @external @authenticated '
        'y: Int @requires(fields: "x") @authenticated }'
    )
    errors = _errors(a=needing, b='type T @key(fields: "id") { id: ID! x: Int }')
    assert [error.code for error in errors] == ["MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"]


def test_one_directive_goes_by_one_name() -> None:
    """The supergraph has one name for it; a subgraph that does not use it may import it as it likes."""
    renamed = (
        f'extend schema @link(url: "{_URL}", import: ["@shareable", {{ name: "@authenticated", as: "@auth" }}])'
    )
    one = Subgraph("a", renamed + "type Query { a: Int @shareable @auth }")
    assert [
        error.code
        for error in compose(
            [one, Subgraph("b", _LINK + "type Query { a: Int @shareable @authenticated }")]
        ).errors
    ] == ["LINK_IMPORT_NAME_MISMATCH"]
    assert compose([one, Subgraph("b", _LINK + "type Query { a: Int @shareable }")]).errors == ()


def test_a_supergraph_of_another_composer_demands_the_same() -> None:
    """Who composed the graph is no matter to who may see what."""
    supergraph = _supergraph(
        a='type Query { a: E @authenticated } enum E @requiresScopes(scopes: [["s", "t"]]) { V }',
        b='type Query { b: E @policy(policies: ["p"]) } enum E { V }',
    )
    read = read_supergraph(supergraph.sdl).supergraph
    assert read is not None
    assert read.access == supergraph.access
    assert str(read.access_to("Query", "b")) == "scopes s and t, policies p"
    assert read.sdl == supergraph.sdl
