"""``@override(label:)``: a field moves from one subgraph to another while both still have it."""

from __future__ import annotations

import pytest

from schema.composition import compose
from schema.subgraph import Subgraph
from schema.supergraph import Composition

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", '
    'import: ["@key", "@shareable", "@override"])\n'
)
OLD = 'type Query { me: Person } type Person @key(fields: "id") { id: ID! phone: String }'
NEW = 'type Person @key(fields: "id") { id: ID! phone: String @override(from: "old", label: "LABEL") }'


def _compose(label: str = "percent(5)", **subgraphs: str) -> Composition:
    every = {"old": OLD, "new": NEW.replace("LABEL", label), **subgraphs}
    return compose(Subgraph(name, LINK + sdl) for name, sdl in every.items())


def _codes(composition: Composition) -> list[str]:
    return sorted({error.code for error in composition.errors})


@pytest.mark.parametrize("label", ["percent(5)", "percent(0.00000001)", "percent(100)", "my-label:x.y/z"])
def test_a_label_is_a_name_or_a_percentage(label: str) -> None:
    """Each of these is one that other routers know."""
    composition = _compose(label)
    assert composition.errors == ()
    assert composition.supergraph is not None
    assert composition.supergraph.labels == (label,)
    assert "OVERRIDE_MIGRATION_IN_PROGRESS" in {hint.code for hint in composition.hints}


@pytest.mark.parametrize("label", ["percent(101)", "percent(0.000000001)", "1abc", "with space"])
def test_any_other_label_is_refused(label: str) -> None:
    """A label that no router understands would never be on."""
    assert _codes(_compose(label)) == ["OVERRIDE_LABEL_INVALID"]


def test_both_ways_have_to_be_answerable() -> None:
    """A subgraph without a key can give the field up at once, but not progressively."""
    old = "type Query { me: Person } type Person { id: ID! @shareable phone: String }"
    new = 'type Person { id: ID! @shareable phone: String @override(from: "old", label: "x") }'
    composition = _compose(old=old, new=f"{new} type Query {{ other: Person }}")
    assert _codes(composition) == ["SATISFIABILITY_ERROR"]
    assert any('while label "x" of @override is' in error.message for error in composition.errors)


def test_a_third_subgraph_shares_the_field_by_the_usual_rules() -> None:
    """Only the place that the field leaves does not count."""
    third = 'type Person @key(fields: "id") { id: ID! phone: String }'
    assert _codes(_compose(third=third)) == ["INVALID_FIELD_SHARING"]


def test_the_printed_supergraph_tells_other_routers_of_the_label() -> None:
    """Both subgraphs carry it, as the join specification has it since v0.4."""
    supergraph = _compose().supergraph
    assert supergraph is not None
    assert "https://specs.apollo.dev/join/v0.4" in supergraph.sdl
    assert '@join__field(graph: NEW, override: "old", overrideLabel: "percent(5)")' in supergraph.sdl
    assert '@join__field(graph: OLD, overrideLabel: "percent(5)")' in supergraph.sdl


INTERFACES = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@external", "@requires", "@override", "@interfaceObject"])\n'
)
MOVED = """
type Query { h: House }
type House @key(fields: "id") { id: ID! size: Int! @override(from: "land", label: "x") }
"""
OWNED = """
interface Estate @key(fields: "id") { id: ID! size: Int! }
type House implements Estate @key(fields: "id") { id: ID! size: Int! }
"""
STANDS_FOR = """type Query { d: [Estate] }
type Estate @key(fields: "id") @interfaceObject {
  id: ID! size: Int! @external tax: String @requires(fields: "size")
}"""
HAS = """
type Query { d: Case }
type Case @key(fields: "id") { id: ID! about: Estate @external tax: Int @requires(fields: "about { SELECTED }") }
interface Estate { size: Int! }
type House implements Estate { size: Int! @external }
"""
OF_CASE = 'type Case @key(fields: "id") { id: ID! about: Estate }'


@pytest.mark.parametrize(
    ("why", "tax", "land", "is_refused"),
    [
        ("the interface object's requirement", STANDS_FOR, OWNED, False),
        ("an interface field's", HAS.replace("SELECTED", "size"), OWNED + OF_CASE, False),
        (
            "each implementation is the subgraph's own",
            STANDS_FOR,
            OWNED + 'type Flat implements Estate @key(fields: "id") { id: ID! size: Int! }',
            False,
        ),
        ("asked of the object itself", HAS.replace("SELECTED", "... on House { size }"), OWNED + OF_CASE, True),
        (
            "one implementation is not its own",
            STANDS_FOR,
            OWNED + 'type Flat implements Estate @key(fields: "id") { id: ID! size: Int! @external }',
            True,
        ),
    ],
)
def test_what_is_required_may_move_where_an_interface_answers_for_all(
    why: str, tax: str, land: str, is_refused: bool
) -> None:
    """As the reference has it: a requirement depends on no label, but for a field of an interface."""
    flat = 'type Flat @key(fields: "id") { id: ID! size: Int! } ' if "@external" in land else ""
    every = {"tax": tax, "land": land, "registry": MOVED + flat}
    codes = _codes(compose(Subgraph(name, INTERFACES + sdl) for name, sdl in every.items()))

    assert codes == (["SATISFIABILITY_ERROR"] if is_refused else []), why
