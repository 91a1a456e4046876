"""What a new version breaks is told before it is live; a wrong verdict stops a department or a citizen."""

from __future__ import annotations

import pytest
from graphql import build_schema

from schema.changes import Criticality, changes

OLD = """
directive @shout(loud: Boolean) on FIELD
type Query { me: Citizen item(code: ID!, year: Int = 2025): Item kind: Kind }
interface Named { name: String }
type Citizen implements Named { name: String age: Int }
type Item { code: ID! }
enum Kind { A B }
union Holder = Citizen | Item
input Filter { word: String }
type Mutation { find(filter: Filter): Holder }
"""


def _changed(new_sdl: str) -> list[tuple[str, str, str]]:
    found = changes(build_schema(OLD), build_schema(new_sdl))
    return [(change.kind, change.criticality.value, change.path) for change in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("age: Int }", "}", ("FIELD_REMOVED", "BREAKING", "Citizen.age")),
        ("age: Int", "age: String", ("FIELD_CHANGED_KIND", "BREAKING", "Citizen.age")),
        ("age: Int", "age: Int!", ("FIELD_CHANGED_KIND_SAFE", "SAFE", "Citizen.age")),
        ("age: Int", "age: Int size: Int", ("FIELD_ADDED", "SAFE", "Citizen.size")),
        ("code: ID!,", "code: ID!, region: ID!,", ("REQUIRED_ARG_ADDED", "BREAKING", "Query.item(region:)")),
        ("code: ID!,", "code: ID!, region: ID,", ("OPTIONAL_ARG_ADDED", "DANGEROUS", "Query.item(region:)")),
        (", year: Int = 2025", "", ("ARG_REMOVED", "BREAKING", "Query.item(year:)")),
        ("= 2025", "= 2026", ("ARG_DEFAULT_VALUE_CHANGE", "DANGEROUS", "Query.item(year:)")),
        ("{ A B }", "{ A }", ("VALUE_REMOVED_FROM_ENUM", "BREAKING", "Kind.B")),
        ("{ A B }", "{ A B C }", ("VALUE_ADDED_TO_ENUM", "DANGEROUS", "Kind.C")),
        ("Citizen | Item", "Citizen", ("TYPE_REMOVED_FROM_UNION", "BREAKING", "Holder")),
        (
            "= Citizen | Item",
            "= Citizen | Item | Q\ntype Q { a: Int }",
            ("TYPE_ADDED_TO_UNION", "DANGEROUS", "Holder"),
        ),
        ("word: String", "word: String w: Int!", ("REQUIRED_INPUT_FIELD_ADDED", "BREAKING", "Filter.w")),
        ("Citizen implements Named", "Citizen", ("IMPLEMENTED_INTERFACE_REMOVED", "BREAKING", "Citizen")),
        ("directive @shout(loud: Boolean) on FIELD", "", ("DIRECTIVE_REMOVED", "BREAKING", "@shout")),
        ("(loud: Boolean) on", " on", ("DIRECTIVE_ARG_REMOVED", "BREAKING", "@shout(loud:)")),
        ("on FIELD", "on QUERY", ("DIRECTIVE_LOCATION_REMOVED", "BREAKING", "@shout")),
        ("type Item {", '"A thing"\ntype Item {', ("DESCRIPTION_CHANGED", "SAFE", "Item")),
    ],
)
def test_each_change_is_told_with_its_place_and_weight(
    before: str, after: str, expected: tuple[str, str, str]
) -> None:
    """Tools and people act on kind, criticality and path."""
    assert before in OLD
    assert expected in _changed(OLD.replace(before, after))


def test_a_removed_type_is_breaking() -> None:
    """Its fragments stop to be valid."""
    assert ("TYPE_REMOVED", "BREAKING", "Kind") in _changed(
        OLD.replace("kind: Kind", "").replace("enum Kind { A B }", "")
    )


def test_the_last_use_of_a_built_in_scalar_is_told_once() -> None:
    """Float itself cannot be taken away from anybody."""
    found = changes(build_schema("type Query { a: Float b: Int }"), build_schema("type Query { b: Int }"))
    assert [change.path for change in found] == ["Query.a"]


def test_nothing_changed_is_no_change() -> None:
    """A republished connector must not ask for an approval."""
    assert _changed(OLD) == []


def test_without_an_old_schema_every_type_is_new() -> None:
    """The first publication breaks nothing."""
    found = changes(None, build_schema("type Query { a: A } type A { b: Int }"))
    assert [(change.path, change.criticality) for change in found] == [
        ("A", Criticality.SAFE),
        ("Query", Criticality.SAFE),
    ]


def test_breaking_changes_come_first() -> None:
    """Who reads only the first line reads the worst."""
    found = changes(build_schema(OLD), build_schema(OLD.replace("age: Int", "size: Int")))
    assert [change.criticality for change in found] == [Criticality.BREAKING, Criticality.SAFE]
