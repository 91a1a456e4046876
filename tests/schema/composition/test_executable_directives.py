"""Executable directives of subgraphs: an operation may carry them to any subgraph, so all must know them."""

from __future__ import annotations

import pytest

from tests.schema.composition.graphs import codes_of, compose_ok, hints_of


def _definition(*definitions: str) -> str | None:
    """The definition in the supergraph of what subgraphs define so."""
    sdl = compose_ok(**_subgraphs(*definitions)).sdl
    return next((line for line in sdl.splitlines() if line.startswith("directive @e")), None)


def _subgraphs(*definitions: str) -> dict[str, str]:
    return {"abc"[index]: f"{each} type Query {{ a: Int @shareable }}" for index, each in enumerate(definitions)}


@pytest.mark.parametrize(
    ("definitions", "merged", "hints"),
    [
        (["directive @e(x: Int) on FIELD"] * 2, "directive @e(x: Int) on FIELD", []),
        (
            ["directive @e on FIELD | QUERY | OBJECT", "directive @e on FIELD | MUTATION"],
            "directive @e on FIELD",
            ["INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS"],
        ),
        (["directive @e on FIELD | OBJECT", "directive @e on FIELD"], "directive @e on FIELD", []),
        (
            ["directive @e repeatable on FIELD", "directive @e on FIELD"],
            "directive @e on FIELD",
            ["INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE"],
        ),
        (["directive @e on QUERY", "directive @e on FIELD"], None, ["NO_EXECUTABLE_DIRECTIVE_INTERSECTION"]),
        (["directive @e on QUERY", "directive @e on OBJECT"], None, ["NO_EXECUTABLE_DIRECTIVE_INTERSECTION"]),
        (["directive @e on QUERY", ""], None, ["INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE"]),
        (["directive @e on OBJECT"] * 2, None, []),
        (
            ["directive @e(x: Int, y: Int) on FIELD", "directive @e(x: Int!) on FIELD"],
            "directive @e(x: Int!) on FIELD",
            ["INCONSISTENT_ARGUMENT_PRESENCE", "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE"],
        ),
    ],
)
def test_the_intersection_is_kept(definitions: list[str], merged: str | None, hints: list[str]) -> None:
    """Arguments, locations and repeatability that some subgraph does not know are left out, and told."""
    assert _definition(*definitions) == merged
    assert [hint.code for hint in hints_of(**_subgraphs(*definitions))] == hints


def test_an_argument_that_one_demands_must_be_known_to_all() -> None:
    """Else an operation could satisfy only some."""
    required = _subgraphs("directive @e(x: Int!) on FIELD", "directive @e on FIELD")
    assert codes_of(**required) == ["REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH"]
