"""A check's report on one page: grouped, the gravest first, each line beginning with its group."""

from __future__ import annotations

from typing import Any

import pytest

from hub.cli.check_report import error_lines, has_doubts, report_lines, verdict

GREEN: dict[str, Any] = {
    "ok": True, "needsApproval": False, "compared": 0, "errors": [], "hints": [], "changes": [], "affected": [],
    "lint": [], "probe": [], "shadow": [],
}  # fmt: skip
PLACE = {"subgraph": "parks", "line": 3, "column": 5}
FULL = {
    **GREEN,
    "needsApproval": True,
    "errors": [{"code": "BREAKS_OPERATIONS", "message": "It breaks.", "locations": [PLACE]}],
    "hints": [{"code": "UNUSED_ENUM_TYPE", "message": "Nobody uses it.", "locations": []}],
    "changes": [
        {"criticality": "BREAKING", "path": "A.b", "description": "A.b was removed.", "operations": 2},
        {"criticality": "SAFE", "path": "A.c", "description": "", "operations": None},
    ],
    "affected": [
        {
            "kind": "query", "name": "Mine", "count": 12, "lastSeen": "2026-11-20T09:00:00+00:00",
            "clients": [{"name": "portal", "version": "3"}, {"name": "tv", "version": ""}],
            "because": [{"path": "A.b", "message": "A.b was removed."}],
        }
    ],
    "lint": [
        {"code": "FIELD_NAME_CASE", "severity": "WARNING", "message": "Call it so.", "location": PLACE},
        {"code": "TYPE_DESCRIPTION_MISSING", "severity": "INFO", "message": "Say it.", "location": None},
    ],
    "probe": [
        {"what": "schema", "outcome": "pass", "message": "As declared.", "milliseconds": 4.0},
        {"what": "{ a }", "outcome": "fail", "message": "Away.", "milliseconds": None},
    ],
    "shadow": [{"operation": "Mine", "path": "a[].b", "message": "null, and a text before"}],
    "compared": 1,
}  # fmt: skip


def test_a_report_reads_from_the_gravest_down() -> None:
    """Whom it breaks, what changes, what the system says, what could be better; errors stand apart."""
    assert (
        "\n".join(report_lines(FULL))
        == """\
affected   query Mine: portal 3, tv; 12 times, last 2026-11-20
           A.b was removed.

breaking   A.b was removed. (used by 2 recorded operations)
safe       A.c

hint       UNUSED_ENUM_TYPE: Nobody uses it.

probe      pass schema: As declared. (4 ms)
probe      fail { a }: Away.

shadow     Mine at a[].b: null, and a text before

lint       FIELD_NAME_CASE: Call it so. (parks:3:5)
lint       1 more for information: `jiyi connector lint` tells them"""
    )
    assert list(error_lines(FULL)) == ["BREAKS_OPERATIONS: It breaks. (parks:3:5)"]
    assert list(report_lines(FULL, whole_lint=True))[-1] == "lint info  TYPE_DESCRIPTION_MISSING: Say it."
    assert list(report_lines(GREEN)) == []
    assert list(report_lines({**GREEN, "compared": 3})) == [
        "shadow     3 recorded operations are answered as by the live version"
    ]


def test_the_verdict_is_one_sentence() -> None:
    """The last line, for whoever reads no more."""
    assert verdict("parks", GREEN) == "parks can be published; clients would see no change"
    assert verdict("parks", {**GREEN, "changes": FULL["changes"]}) == "parks can be published"
    assert verdict("parks", FULL) == "parks cannot be published"
    waiting = {**GREEN, "needsApproval": True}
    assert (
        verdict("parks", waiting) == "parks can be published once an operator agrees: it breaks the published API"
    )


@pytest.mark.parametrize("part", ["needsApproval", "lint", "probe", "shadow"])
def test_each_kind_of_doubt_counts(part: str) -> None:
    """What is for information alone does not."""
    assert has_doubts({**GREEN, part: FULL[part]})
    assert not has_doubts({**GREEN, "lint": FULL["lint"][1:], "probe": FULL["probe"][:1]})
