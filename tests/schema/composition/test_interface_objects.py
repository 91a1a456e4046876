"""Entity interfaces and ``@interfaceObject``: what composes, and with which code the rest is refused."""

from __future__ import annotations

import pytest

from schema.composition import compose
from schema.subgraph import Subgraph
from schema.supergraph import Composition

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@interfaceObject", "@shareable", "@external", "@requires", "@override"])\n'
)
CATALOGUE = """
interface Licence @key(fields: "number") { number: ID! name: String }
type Permit implements Licence @key(fields: "number") { number: ID! name: String scope: String }
type Certificate implements Licence @key(fields: "number") { number: ID! name: String grade: Int }
type Query { licences: [Licence!]! }
"""
RATINGS = 'type Licence @interfaceObject @key(fields: "number") { number: ID! stars: Int }'


def _compose(**subgraphs: str) -> Composition:
    return compose(Subgraph(name, LINK + sdl) for name, sdl in subgraphs.items())


def _codes(**subgraphs: str) -> list[str]:
    return sorted({error.code for error in _compose(**subgraphs).errors})


def test_what_an_interface_object_adds_is_a_field_of_every_implementation() -> None:
    """The subgraph that adds it need not know which implementations there are."""
    supergraph = _compose(catalogue=CATALOGUE, ratings=RATINGS).supergraph
    assert supergraph is not None
    for name in ("Licence", "Permit", "Certificate"):
        assert "stars" in supergraph.api_schema.type_map[name].fields  # type: ignore[attr-defined]  # has fields
    (source,) = supergraph.sources_of("Permit", "stars")
    assert (source.subgraph, source.interface_object) == ("ratings", "Licence")


@pytest.mark.parametrize(
    ("code", "subgraphs"),
    [
        ("INTERFACE_OBJECT_USAGE_ERROR", {"ratings": RATINGS.replace('@key(fields: "number")', "")}),
        (
            "INTERFACE_OBJECT_USAGE_ERROR",
            {"ratings": RATINGS + ' type Permit @key(fields: "number") { number: ID! holder: String }'},
        ),
        (
            "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
            {
                "catalogue": CATALOGUE.replace(
                    'Permit implements Licence @key(fields: "number")', "Permit implements Licence"
                )
            },
        ),
        (
            "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
            {
                "catalogue": CATALOGUE.replace(
                    'Permit implements Licence @key(fields: "number")',
                    'Permit implements Licence @key(fields: "number", resolvable: false)',
                )
            },
        ),
        (
            "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
            {
                "other": "interface Licence { number: ID! } type Query { one: Int } "
                'type Badge implements Licence @key(fields: "number") { number: ID! name: String }'
            },
        ),
        (
            "TYPE_KIND_MISMATCH",
            {"catalogue": 'type Query { l: Licence } type Licence @key(fields: "number") { number: ID! }'},
        ),
        ("INVALID_FIELD_SHARING", {"catalogue": CATALOGUE.replace("scope: String", "stars: Int")}),
        ("INVALID_FIELD_SHARING", {"other": RATINGS}),
        (
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            {
                "catalogue": CATALOGUE + " extend type Query { one: Int }",
                "ratings": RATINGS.replace("stars: Int", 'stars: Int @override(from: "nobody")'),
            },
        ),
        (
            "EXTERNAL_MISSING_ON_BASE",
            {"ratings": RATINGS.replace("stars: Int", 'no: Int @external stars: Int @requires(fields: "no")')},
        ),
        (
            "EXTERNAL_MISSING_ON_BASE",
            {
                "ratings": RATINGS.replace("stars", "rank"),
                "other": 'type Permit @key(fields: "number") { number: ID! stars: Int @external '
                'worth: Int @requires(fields: "stars") }',
            },
        ),
        ("SATISFIABILITY_ERROR", {"ratings": RATINGS.replace("number", "code")}),
        (
            "SATISFIABILITY_ERROR",
            {
                "catalogue": CATALOGUE.replace('Licence @key(fields: "number") {', "Licence {", 1),
                "ratings": RATINGS + " type Query { best: Licence }",
            },
        ),
    ],
)
def test_misuse_is_refused_with_its_code(code: str, subgraphs: dict[str, str]) -> None:
    """Each graph differs from the one that composes by the one mistake."""
    assert _codes(**{"catalogue": CATALOGUE, "ratings": RATINGS, **subgraphs}) == [code]


def test_an_interface_object_without_its_interface_is_refused() -> None:
    """Somebody has to say what the implementations are."""
    assert _codes(ratings=RATINGS, other="type Query { one: Int }") == ["INTERFACE_OBJECT_USAGE_ERROR"]


@pytest.mark.parametrize(
    "subgraphs",
    [
        {"catalogue": CATALOGUE.replace('Licence @key(fields: "number") {', "Licence {", 1)},
        {
            "catalogue": CATALOGUE.replace("scope: String", "stars: Int @shareable"),
            "ratings": RATINGS.replace("stars: Int", "stars: Int @shareable"),
        },
        {"ratings": RATINGS + " type Query { best: Licence }"},
        {"ratings": RATINGS.replace("stars: Int", 'name: String @external stars: Int @requires(fields: "name")')},
        {"other": 'type Permit @key(fields: "number") { number: ID! holder: String }'},
        {
            "other": 'type Permit @key(fields: "number") { number: ID! stars: Int @external '
            'worth: Int @requires(fields: "stars") }'
        },
    ],
)
def test_what_looks_like_misuse_and_is_none_composes(subgraphs: dict[str, str]) -> None:
    """Nobody is refused for what can be answered: only who starts at the interface object needs the interface's
    key, shared fields may be on both sides, and required fields may come from the implementations, or be required
    of the interface object."""
    assert _codes(**{"catalogue": CATALOGUE, "ratings": RATINGS, **subgraphs}) == []


def test_the_printed_supergraph_marks_the_interface_object() -> None:
    """Other routers read it from there."""
    supergraph = _compose(catalogue=CATALOGUE, ratings=RATINGS).supergraph
    assert supergraph is not None
    assert '@join__type(graph: RATINGS, key: "number", isInterfaceObject: true)' in supergraph.sdl
    assert "  stars: Int @join__field\n" in supergraph.sdl
