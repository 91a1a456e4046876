"""A composition error or hint as every door tells it: code, message, subgraphs, places."""

from __future__ import annotations

from typing import Any

from schema.errors import CompositionError, CompositionHint


def problem_json(problem: CompositionError | CompositionHint) -> dict[str, Any]:
    """Lines and columns count from 1, in the SDL of the subgraph that is named."""
    return {
        "code": problem.code,
        "message": problem.message,
        "subgraphs": list(problem.subgraphs),
        "locations": [
            {"subgraph": place.subgraph, "line": place.line, "column": place.column} for place in problem.locations
        ],
    }
