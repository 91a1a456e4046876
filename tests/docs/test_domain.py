"""The tests and files that docs/domain.md names are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "domain.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))
FILES = sorted(set(re.findall(r"`((?:hub|schema)/[\w/]+\.py)`", TEXT)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_a_rule_names_is_there(file: str, name: str) -> None:
    """A rule whose test was renamed or dropped would be held by nobody."""
    assert re.search(rf"^(?:async )?def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_named_is_there(file: str) -> None:
    """Whoever follows an article into the code arrives."""
    assert (ROOT / file).is_file()


@pytest.mark.parametrize("article", [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 22, 23])
def test_every_article_is_told(article: int) -> None:
    """Where it lives, or that it is yet to come."""
    table = TEXT.partition("## Where each article lives")[2].partition("\n## ")[0]
    told = {number for row in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for number in row.split(", ")}
    assert str(article) in told


@pytest.mark.parametrize("rule", ["4:", "5:", "6:", "8:", *(f"9.{number} " for number in range(1, 16))])
def test_every_section_of_rules_has_its_tests(rule: str) -> None:
    """Sections 4, 5, 6 and 8, and each lesson of section 9: a row with a test, whatever else is yet to come."""
    table = TEXT.partition("## Which test holds which rule")[2]
    assert re.search(rf"^\| {re.escape(rule)}.*`tests/[\w/]+\.py::\w+` \|$", table, re.MULTILINE)
