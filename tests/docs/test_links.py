"""Links in the documents lead somewhere."""

from __future__ import annotations

from pathlib import Path

from tests.docs.links import ROOT, anchors, broken, documents


def test_every_link_in_the_documents_leads_somewhere() -> None:
    """A reader who follows a link arrives."""
    assert [line for document in documents() for line in broken(document)] == []


def test_a_link_to_a_missing_file_is_found(tmp_path: Path) -> None:
    """The check can fail."""
    document = ROOT / "docs" / "_probe.md"
    document.write_text("[nothing](missing.md) [here](#a-heading)\n\n# A heading\n", encoding="utf-8")
    try:
        assert broken(document) == ["docs/_probe.md: missing.md does not exist"]
    finally:
        document.unlink()


def test_headings_become_anchors() -> None:
    """As forges make them: lower case, dashes, no punctuation."""
    assert anchors("# Every department is a subgraph\n## What, `now`?") == {
        "every-department-is-a-subgraph",
        "what-now",
    }
