"""Drafts of real documents: each composes, covers its reads, and answers. They are not ours to ship.

``JIYI_OPENAPI_DOCUMENTS=folder .venv/bin/python -m pytest -m slow tests/drafting/test_public_documents.py -s``
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hub.cli.document_text import read_document
from schema.drafting import draft_openapi
from tests.drafting.answers import ask_everything

FOLDER = os.environ.get("JIYI_OPENAPI_DOCUMENTS", "")
DOCUMENTS = sorted(each for each in Path(FOLDER).iterdir() if each.is_file()) if FOLDER else []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not FOLDER, reason="set JIYI_OPENAPI_DOCUMENTS to a folder of OpenAPI documents")
@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
async def test_a_public_document_is_drafted_and_answers(file: Path) -> None:
    """At least nine of ten GET operations, in at most 20 seconds, and each of them without an error."""
    started = time.monotonic()
    document = read_document(file.read_text(encoding="utf-8"))
    draft = draft_openapi(document, {})
    seconds = time.monotonic() - started
    reads = draft.coverage[0]
    if not reads.found:
        pytest.skip("it reads nothing")
    figures = await ask_everything(draft, document)
    print(f"\n{file.name}: {seconds:.1f} s, {reads}, {figures.answered} of {figures.asked} answered")
    assert (figures.answered, figures.wrong) == (figures.asked, [])
    assert reads.drafted >= 0.9 * reads.found
    assert seconds < 20
