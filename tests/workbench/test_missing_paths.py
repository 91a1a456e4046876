"""What a mapping reads and the answer does not have is told with what there is instead."""

from __future__ import annotations

from typing import Any

import pytest

from hub.workbench.missing_paths import missing_paths
from schema.mapping import parse_selection


@pytest.mark.parametrize(
    ("selection", "answer", "told"),
    [
        (
            "id name: titel",
            {"id": 1, "title": "a"},
            '"name" finds nothing at titel: there is no "titel"; there is "id", "title".',
        ),
        (
            "$.results { id }",
            {"result": []},
            'the selection finds nothing at $.results: there is no "results"; there is "result".',
        ),
        (
            "owner { id: no }",
            {"owner": {"nr": 1}},
            '"owner.id" finds nothing at no: there is no "no"; there is "nr".',
        ),
        ("id", [{"id": 1}, {}], '"id" finds nothing at id: there is no "id"; there is nothing.'),
        (
            "name: title.zh",
            {"title": "a"},
            '"name" finds nothing at title.zh: "zh" is read from a string, which is no object.',
        ),
        (
            "names: list.name",
            {"list": [{"nom": 1}]},
            '"names" finds nothing at list.name: there is no "name"; there is "nom".',
        ),
        ("a: $(b ?? c)", {"d": 1}, '"a" finds nothing at c: there is no "c"; there is "d".'),
    ],
)
def test_a_path_that_finds_nothing_is_told(selection: str, answer: Any, told: str) -> None:
    """The property, the path as it is written, and the names that are there."""
    assert missing_paths(parse_selection(selection), answer, {}) == (told,)


@pytest.mark.parametrize(
    ("selection", "answer"),
    [
        ("id name: title", {"id": 1, "title": None}),
        ("name: title?.zh", {}),
        ("$.results { id }", {"results": []}),
        ("first: list->first.id", {"list": [{"id": 1}]}),
        ("a: $(b ?? c)", {"c": 1}),
        ("owner { id }", {"owner": None}),
        ('kind: $("a")', {}),
        ("code: $this.code", {}),
    ],
)
def test_what_is_there_or_may_be_missing_is_not_told(selection: str, answer: Any) -> None:
    """Null is a value, `?` says that it may be missing, and a fallback is one."""
    assert missing_paths(parse_selection(selection), answer, {"$this": {"code": 1}}) == ()


def test_what_many_elements_lack_is_told_once() -> None:
    """A list of a thousand with one mistake has one mistake."""
    answer = {"results": [{"no": number} for number in range(1000)]}
    assert len(missing_paths(parse_selection("$.results { id: nr }"), answer, {})) == 1
