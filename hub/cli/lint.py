"""One SDL looked at alone: does it read, is it a valid subgraph, is its mapping right, what could be better."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hub.doors.problem_json import problem_json
from schema.composition import read_subgraph
from schema.errors import CompositionError
from schema.lint import LintFinding, lint
from schema.mapping import check_connectors, is_overlay
from schema.overlay import check_overlay
from schema.subgraph import Subgraph, ValidSubgraph


def lint_connector(name: str, sdl: str, kind: str, ignored: Collection[str] = ()) -> dict[str, Any]:
    """``errors`` and ``lint`` as a check's report has them."""
    read = read_subgraph(Subgraph(name, sdl))
    errors: tuple[CompositionError, ...] = () if isinstance(read, ValidSubgraph) else read
    is_mapped = kind in {"rest", "sql", "queue"}
    mapping = check_connectors(name, sdl, may_be_sql=kind in {"sql", "queue"}) if is_mapped else ()
    overlay = check_overlay(name, sdl) if is_overlay(sdl) else ()
    found = lint(read, ignored) if isinstance(read, ValidSubgraph) else ()
    return {
        "errors": [problem_json(error) for error in sorted({*errors, *mapping, *overlay})],
        "lint": [_finding_json(finding) for finding in found],
    }


def _finding_json(finding: LintFinding) -> dict[str, Any]:
    at = finding.location
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "path": finding.path,
        "message": finding.message,
        "location": {"subgraph": at.subgraph, "line": at.line, "column": at.column} if at else None,
    }
