"""The map from what federation promises to its tests has every line, and every test is on it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "federation.md"
LINES = [*(f"2.{number}" for number in range(1, 14)), *(f"3.{number}" for number in range(1, 7))]


def _rows() -> dict[str, list[Path]]:
    """The tests that each line names."""
    rows: dict[str, list[Path]] = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if number := re.match(r"\| (\d+\.\d+) \|", line):
            links = re.findall(r"\]\(([^)]+)\)", line)
            rows[number[1]] = [(DOCUMENT.parent / link).resolve() for link in links]
    return rows


def test_every_line_names_tests_that_are_there() -> None:
    rows = _rows()
    assert list(rows) == LINES
    for number, tests in rows.items():
        assert tests, number
        assert [str(test) for test in tests if "\ndef test_" not in _text(test)] == [], number


def test_every_page_of_whole_answers_is_named() -> None:
    named = {test for tests in _rows().values() for test in tests}
    pages = set((ROOT / "tests" / "federation").glob("test_*.py"))
    assert pages - named == set()


def _text(test: Path) -> str:
    text = test.read_text(encoding="utf-8")
    return text.replace("\nasync def test_", "\ndef test_")
