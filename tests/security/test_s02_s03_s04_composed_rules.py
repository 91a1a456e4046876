"""S2, S3, S4: composition loses no rule by its spelling, by who reads the value, or by who else says one.

Each case alone: tests/schema/composition/test_access.py; rules that add up, drawn: tests/schema/test_access.py.
Precedents: GHSA-g8jh (renamed directives), GHSA-m8jr (``@requires`` and ``@fromContext``), Federation 2.12 (AND).
"""

from __future__ import annotations

import pytest

from schema.composition import compose
from schema.subgraph import Subgraph

FED = "https://specs.apollo.dev/federation/v2.9"
LINK = (
    f'extend schema @link(url: "{FED}", import: ["@key", "@requires", "@external", "@requiresScopes", '
    '"@authenticated", "@context", "@fromContext"])\n'
)
USER = (
    'type Query { me: User } type User @key(fields: "id") '
    '{ id: ID! secret: String @requiresScopes(scopes: [["s"]]) address: Address } '
    'type Address @key(fields: "id") { id: ID! street: String @requiresScopes(scopes: [["s"]]) }'
)
SCOPE = '@requiresScopes(scopes: [["s"]])'


def _codes(*sdls: str) -> set[str]:
    return {error.code for error in compose([Subgraph(f"g{n}", sdl) for n, sdl in enumerate(sdls)]).errors}


SPELLINGS = {
    "imported": (f'@link(url: "{FED}", import: ["@requiresScopes"])', "@requiresScopes"),
    "renamed": (f'@link(url: "{FED}", import: [{{ name: "@requiresScopes", as: "@for" }}])', "@for"),
    "namespaced": (f'@link(url: "{FED}")', "@federation__requiresScopes"),
    "another namespace": (f'@link(url: "{FED}", as: "fed")', "@fed__requiresScopes"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_rule_is_the_same_however_it_is_spelled(spelling: str) -> None:
    """One schema in four spellings."""
    link, directive = SPELLINGS[spelling]
    sdl = f'extend schema {link} type Query {{ a: Int {directive}(scopes: [["x", "y"], ["z"]]) b: Int }}'
    supergraph = compose([Subgraph("a", sdl)]).supergraph
    assert supergraph is not None
    assert str(supergraph.access_to("Query", "a")) == "scopes z or x and y"
    assert not supergraph.access_to("Query", "b")


@pytest.mark.parametrize("version", ["v0.1", "v1.0"])
def test_rules_that_are_not_known_here_are_not_left_out(version: str) -> None:
    """A link for SECURITY that is not understood stops composition; any other is somebody else's business."""
    link = f'@link(url: "https://guards.example/guard/{version}", import: ["@guard"]'
    body = "directive @guard on FIELD_DEFINITION type Query { a: Int @guard }"
    for_security, for_nothing = (
        f'extend schema @link(url: "{FED}") {link}{purpose}) {body}' for purpose in (", for: SECURITY", "")
    )
    assert _codes(for_security) == {"INVALID_LINK_DIRECTIVE_USAGE"}
    assert _codes(for_nothing) == set()


_SECOND = 'type User @key(fields: "id") { id: ID! '
_CHILD = 'type Child @key(fields: "id") { id: ID! '
READERS = {
    "requires": _SECOND + 'secret: String @external read: String @requires(fields: "secret") RULE }',
    "requires what is nested": _SECOND
    + 'address: Address @external read: String @requires(fields: "address { street }") RULE } '
    + 'type Address @key(fields: "id") { id: ID! street: String @external }',
    "from context": 'type User @key(fields: "id") @context(name: "u") '
    + "{ id: ID! secret: String @external child: Child } "
    + _CHILD
    + 'read(of: String @fromContext(field: "$u { secret }")): String RULE }',
}


@pytest.mark.parametrize("reader", READERS)
def test_who_reads_a_guarded_field_is_guarded_too(reader: str) -> None:
    """Else its value leaves by the field that is computed of it."""
    codes = {rule: _codes(LINK + USER, LINK + READERS[reader].replace("RULE", rule)) for rule in ("", SCOPE)}
    assert codes[""] == {"MISSING_TRANSITIVE_AUTH_REQUIREMENTS"}
    assert codes[SCOPE] == set()


def test_a_chain_of_readers_is_guarded_to_its_end() -> None:
    """The middle one is guarded, so what reads the middle one has to be."""
    middle = _SECOND + f'secret: String @external read: String @requires(fields: "secret") {SCOPE} }}'
    last = _SECOND + 'read: String @external further: String @requires(fields: "read") @authenticated }'
    assert _codes(LINK + USER, LINK + middle, LINK + last) == {"MISSING_TRANSITIVE_AUTH_REQUIREMENTS"}
