"""A draft that was checked, and what stands in it."""

from __future__ import annotations

from typing import Any

from schema.drafting import Draft, draft_openapi
from schema.mapping import check_connectors


def draft(document: dict[str, Any]) -> Draft:
    """Drafted, and right by our own check of connectors."""
    drafted = draft_openapi(document, {})
    assert check_connectors("registry", drafted.sdl, may_be_sql=False) == ()
    return drafted


def has(drafted: Draft, *texts: str) -> None:
    """Each text stands in the SDL, whatever its line breaks."""
    flat = " ".join(drafted.sdl.split())
    for text in texts:
        assert " ".join(text.split()) in flat, drafted.sdl
