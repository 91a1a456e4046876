"""One SDL looked at alone: does it read, is it a valid subgraph, is its mapping right."""

from __future__ import annotations

from typing import Any

from hub.problem_json import problem_json
from schema.composition import read_subgraph
from schema.errors import CompositionError
from schema.mapping import check_connectors, is_overlay
from schema.overlay import check_overlay
from schema.subgraph import Subgraph, ValidSubgraph


def lint_connector(name: str, sdl: str, kind: str) -> list[dict[str, Any]]:
    """Every problem as the envelope's ``errors`` have it; empty when there is none."""
    read = read_subgraph(Subgraph(name, sdl))
    errors: tuple[CompositionError, ...] = () if isinstance(read, ValidSubgraph) else read
    is_mapped = kind in {"rest", "sql", "queue"}
    mapping = check_connectors(name, sdl, may_be_sql=kind in {"sql", "queue"}) if is_mapped else ()
    overlay = check_overlay(name, sdl) if is_overlay(sdl) else ()
    return [problem_json(error) for error in sorted({*errors, *mapping, *overlay})]
