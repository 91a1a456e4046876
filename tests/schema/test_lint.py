"""Advice to a department about its own schema: what it names, and what it leaves alone."""

from __future__ import annotations

import pytest

from schema.composition import read_subgraph
from schema.explanations import explanation
from schema.lint import Severity, lint
from schema.subgraph import Subgraph, ValidSubgraph

HEAD = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external"])
  @link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])
"""
GOOD = """
type Query {
  "Parks near a place, nearest first."
  parks(first: Int, after: String): [Park!]!
  "Parks by their ids."
  parksById(ids: [ID!]!): [Park!]!
}
"A public park."
type Park @key(fields: "id") {
  "Its id."
  id: ID!
  "Since when it is open."
  openSince: Date
  "Entry fee in fen."
  feeFen: Int
  "How it is kept."
  state: ParkState
}
"How a park is kept."
enum ParkState { OPEN IN_REPAIR CLOSED_2 }
"A day, as 2026-11-26."
scalar Date
type Citizen @key(fields: "idNumber") {
  "The number."
  idNumber: ID! @external
  "Parks that it adopted."
  parks: [Park!]! @gather
}
type Organisation @key(fields: "code", resolvable: false) { code: String }
"""


def read(sdl: str) -> ValidSubgraph:
    subgraph = read_subgraph(Subgraph("parks", HEAD + sdl))
    assert isinstance(subgraph, ValidSubgraph), subgraph
    return subgraph


def found(sdl: str) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in lint(read(sdl))]


def test_a_schema_by_the_habits_is_left_alone() -> None:
    """Advice that is always there is read by nobody. Stubs and machinery are not the department's."""
    assert [each for each in found(GOOD) if each != ("TYPE_DESCRIPTION_MISSING", "Citizen")] == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("ParkState", "Park_state", ("TYPE_NAME_CASE", "Park_state")),
        ("openSince", "open_since", ("FIELD_NAME_CASE", "Park.open_since")),
        ("first: Int", "First: Int", ("ARGUMENT_NAME_CASE", "Query.parks(First:)")),
        ("IN_REPAIR", "inRepair", ("ENUM_VALUE_CASE", "ParkState.inRepair")),
        ('"A public park."', "", ("TYPE_DESCRIPTION_MISSING", "Park")),
        ('"Entry fee in fen."', "", ("FIELD_DESCRIPTION_MISSING", "Park.feeFen")),
        ("feeFen: Int", "feeFen: Int @deprecated", ("DEPRECATION_REASON_MISSING", "Park.feeFen")),
        ("CLOSED_2", 'CLOSED_2 @deprecated(reason: "")', ("DEPRECATION_REASON_MISSING", "ParkState.CLOSED_2")),
        ("after: String): [Park!]!", "after: String): [Park]!", ("LIST_ITEM_NULLABLE", "Query.parks")),
        ("parks(first: Int, after: String)", "parks(near: String)", ("LIST_WITHOUT_PAGES", "Query.parks")),
        ("ids: [ID!]!", "region: String", ("LIST_WITHOUT_PAGES", "Query.parksById")),
        ("id: ID!\n", "id: ID\n", ("KEY_FIELD_NULLABLE", "Park.id")),
        ("id: ID!\n", "id: Int!\n", ("IDENTIFIER_NOT_ID", "Park.id")),
        ("feeFen: Int", "ownerId: String", ("IDENTIFIER_NOT_ID", "Park.ownerId")),
        ("openSince: Date", "openedAt: String", ("TIME_AS_STRING", "Park.openedAt")),
        ("feeFen: Int", "entryFee: Float", ("MONEY_AS_FLOAT", "Park.entryFee")),
    ],
)
def test_each_rule_names_the_thing(before: str, after: str, expected: tuple[str, str]) -> None:
    """By coordinate, with a code that can be looked up and left out."""
    assert before in GOOD
    assert expected in found(GOOD.replace(before, after))
    assert explanation(expected[0]) is not None


@pytest.mark.parametrize("name", ["paid", "valid", "grid", "candidate", "format", "update", "latest"])
def test_words_that_only_end_alike_are_no_identifiers_and_no_times(name: str) -> None:
    """A wrong hint costs more trust than a missing one."""
    assert not found(GOOD.replace("feeFen: Int", f"{name}: String"))[1:]


def test_a_finding_says_where_it_is_and_how_to_mend_it() -> None:
    """Line and column in the department's own file; warnings stand first."""
    findings = lint(read(GOOD.replace("openSince", "open_since").replace('"A public park."', "")))
    assert findings[0].message == 'Field "Park.open_since" is not in camelCase. Call it "openSince".'
    assert findings[0].location is not None
    line = (HEAD + GOOD.replace("openSince", "open_since").replace('"A public park."', "")).splitlines()
    assert line[findings[0].location.line - 1].strip() == "open_since: Date"
    assert [finding.severity for finding in findings] == [Severity.WARNING, Severity.INFO, Severity.INFO]


def test_a_department_leaves_out_what_it_decided_otherwise() -> None:
    """By code."""
    subgraph = read(GOOD.replace("openSince", "open_since"))
    assert "FIELD_NAME_CASE" not in {each.code for each in lint(subgraph, {"FIELD_NAME_CASE"})}
