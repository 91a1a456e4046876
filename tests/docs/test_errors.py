"""Every code that the sources tell is explained, and the document is what the code says."""

from __future__ import annotations

import re

import pytest

from schema.errors import RUNTIME_CODES, RuntimeCode
from schema.explanations import SECTIONS, explanation
from tests.docs.errors import FILE, render
from tests.docs.links import ROOT

_RAISED = re.compile(
    r'(?:CompositionError|CompositionHint|problem|tell|Problem|hint|fail|CannotStart|SubgraphUnreadable)\(\s*"([A-Z][A-Z_]{6,})"'
)


def told_codes() -> set[str]:
    folders = ("schema/composition", "schema/mapping", "hub")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return {code for file in files for code in _RAISED.findall(file.read_text(encoding="utf-8"))}


def is_explained(code: str) -> bool:
    """Codes of field sets are told by their second half; the directive's name goes before it."""
    return any(explanation(prefix + code) for prefix in ("", "KEY_", "PROVIDES_", "REQUIRES_"))


def test_the_document_is_generated_from_the_code() -> None:
    """Run `python -m tests.docs.errors` after a change."""
    assert FILE.read_text(encoding="utf-8") == render()


def test_every_told_code_is_explained() -> None:
    """Whoever meets a code can look it up."""
    codes = told_codes()
    assert len(codes) > 20
    assert sorted(code for code in codes if not is_explained(code)) == []


def test_every_run_time_code_has_its_line() -> None:
    """One table, complete."""
    assert set(RUNTIME_CODES) == set(RuntimeCode)


@pytest.mark.parametrize("section", SECTIONS)
def test_explanations_are_sentences(section: str) -> None:
    """A line that says nothing helps nobody."""
    assert [code for code, text in SECTIONS[section].items() if len(text) < 20] == []
