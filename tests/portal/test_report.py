"""The report of a check as a page reads it."""

from __future__ import annotations

from typing import Any

from hub.portal.report import Place, report_of

SDL = "type Query {\n  road: Road\n}"


def _check(*locations: dict[str, Any], changes: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    error = {"code": "NO_QUERIES", "message": "no", "subgraphs": ["roads"], "locations": [*locations]}
    return {"ok": False, "errors": [error], "hints": [], "changes": [*changes]}


def test_a_place_shows_its_line_where_it_is_ours() -> None:
    """The line of another department's SDL is not ours to show, and one past the end is no line."""
    check = _check(
        {"subgraph": "roads", "line": 2, "column": 9},
        {"subgraph": "roads", "line": 4, "column": 1},
        {"subgraph": "finance", "line": 2, "column": 9},
    )
    assert report_of(check, "roads", SDL).errors[0].places == (
        Place("roads", 2, 9, "road: Road", True),
        Place("roads", 4, 1, "", False),
        Place("finance", 2, 9, "", False),
    )


def test_changes_stand_by_what_they_break_the_worst_first() -> None:
    """Whoever reads only the first lines has read what matters."""
    changes = tuple(
        {"kind": "K", "criticality": each, "path": f"Road.{number}", "description": ""}
        for number, each in enumerate(("SAFE", "BREAKING", "SAFE"))
    )
    report = report_of(_check(changes=changes), "roads", SDL)
    assert [(name, len(found)) for name, found in report.changes.items()] == [("BREAKING", 1), ("SAFE", 2)]


def test_a_code_is_explained_and_an_unknown_one_stands_for_itself() -> None:
    """A code of another version of the hub is no error of the page."""
    known = _check()
    assert report_of(known, "roads", SDL).errors[0].meaning
    known["errors"][0]["code"] = "OF_ANOTHER_VERSION"
    assert report_of(known, "roads", SDL).errors[0].meaning == ""
