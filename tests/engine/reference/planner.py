"""The reference planner from npm, and its plans read as ours, so that they can be counted and proven."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schema.planning.query_plan import (
    Condition,
    Each,
    Fetch,
    Flatten,
    OperationKind,
    Parallel,
    PlanNode,
    Representation,
    RepresentationField,
    RepresentationFragment,
)
from schema.planning.query_plan import Sequence as Serial

MINUTES = 5
Parts = tuple[RepresentationField | RepresentationFragment, ...]


@dataclass(frozen=True)
class Question:
    """Subgraphs by name, and operations over them."""

    subgraphs: Mapping[str, str]
    operations: Sequence[str]


def ask(folder: Path, questions: Sequence[Question]) -> list[dict[str, Any]]:
    """What the reference says to each, in one process."""
    lines = "\n".join(json.dumps({"subgraphs": q.subgraphs, "operations": q.operations}) for q in questions)
    command = ["node", "plan.mjs"]
    done = subprocess.run(
        command, cwd=folder, input=lines, capture_output=True, text=True, check=True, timeout=MINUTES * 60
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def read_plan(node: Mapping[str, Any], kind: OperationKind) -> PlanNode:
    """A plan of the reference as one of ours."""
    match node["kind"]:
        case "Fetch":
            return _fetch(node, kind)
        case "Flatten":
            path = tuple(Each() if step == "@" else str(step) for step in node["path"])
            inner = read_plan(node["node"], kind)
            assert isinstance(inner, Fetch)
            return Flatten(path, inner)
        case "Condition":
            clauses = ((True, node.get("ifClause")), (False, node.get("elseClause")))
            found = [Condition(node["condition"], value, read_plan(c, kind)) for value, c in clauses if c]
            return found[0] if len(found) == 1 else Parallel(tuple(found))
        case "Parallel":
            return Parallel(tuple(read_plan(one, kind) for one in node["nodes"]))
        case _:
            return Serial(tuple(read_plan(one, kind) for one in node["nodes"]))


def _fetch(node: Mapping[str, Any], kind: OperationKind) -> Fetch:
    by_type: dict[str, Parts] = {}
    for one in node.get("requires") or ():
        known = by_type.get(one["typeCondition"], ())
        by_type[one["typeCondition"]] = tuple(dict.fromkeys(known + _parts(one["selections"])))
    renames = tuple(
        (tuple(Each() if step == "@" else step for step in one["path"][:-1]), one["path"][-1], one["renameKeyTo"])
        for one in node.get("outputRewrites") or ()
        if one["kind"] == "KeyRenamer"
    )
    return Fetch(
        node["serviceName"],
        node["operation"],
        "query" if by_type else kind,
        tuple(sorted(node.get("variableUsages") or ())),
        tuple(Representation(name, parts, name, len(parts)) for name, parts in by_type.items()),
        renames=renames,
    )


def _parts(selections: Sequence[Mapping[str, Any]]) -> Parts:
    parts: list[RepresentationField | RepresentationFragment] = []
    for one in selections:
        below = _parts(one.get("selections") or ())
        if one["kind"] != "Field":
            condition = one.get("typeCondition")
            parts += [RepresentationFragment((condition,), below)] if condition else below
        elif one["name"] != "__typename":
            parts.append(RepresentationField(one["name"], one.get("alias") or one["name"], below))
    return tuple(parts)
