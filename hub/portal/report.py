"""What a version would add and break, as one page: the report of a check, ready to be read.

A new section is its fields in :data:`REPORT` and a block in ``templates/report.html``, which has the check as the
graph gave it in ``report.check``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schema.explanations import explanation

REPORT = """ok
  errors { code message subgraphs locations { subgraph line column } }
  hints { code message subgraphs locations { subgraph line column } }
  changes { kind criticality path description }
  needsApproval compared
  affected { name count lastSeen clients { name version count } because { path message } }
  probe { what outcome message milliseconds }
  shadow { operation path message }
  lint { code severity path message location { subgraph line column } }"""
CHECK = f"mutation Check($input: ConnectorInput!) {{ checkConnector(input: $input) {{ {REPORT} }} }}"
CRITICALITIES = ("BREAKING", "DANGEROUS", "SAFE")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look. ``source`` is the line itself where the SDL at hand has it."""

    subgraph: str
    line: int
    column: int
    source: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a hint; ``meaning`` is what its code says in general, empty for codes without a line."""

    code: str
    message: str
    meaning: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """``check`` is the check itself, for sections that need no more than it says."""

    is_ok: bool
    errors: tuple[Problem, ...]
    hints: tuple[Problem, ...]
    changes: Mapping[str, Sequence[Mapping[str, Any]]]
    check: Mapping[str, Any]


def report_of(check: Mapping[str, Any], name: str, sdl: str) -> Report:
    """The report of a check of the connector ``name`` with this SDL, empty where the hub read it itself."""
    lines = sdl.splitlines()
    return Report(
        check["ok"],
        tuple(_problem(each, name, lines) for each in check["errors"]),
        tuple(_problem(each, name, lines) for each in check["hints"]),
        {
            criticality: found
            for criticality in CRITICALITIES
            if (found := [each for each in check["changes"] if each["criticality"] == criticality])
        },
        check,
    )


def _problem(found: Mapping[str, Any], name: str, lines: Sequence[str]) -> Problem:
    places = tuple(_place(each, name, lines) for each in found["locations"])
    return Problem(found["code"], found["message"], explanation(found["code"]) or "", places)


def _place(found: Mapping[str, Any], name: str, lines: Sequence[str]) -> Place:
    line = found["line"]
    is_here = found["subgraph"] == name and 1 <= line <= len(lines)
    return Place(found["subgraph"], line, found["column"], lines[line - 1].strip() if is_here else "", is_here)
