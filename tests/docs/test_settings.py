"""The document of settings is what the code says."""

from __future__ import annotations

from hub.settings import Settings
from tests.docs.settings import FILE, render


def test_the_document_is_generated_from_the_settings() -> None:
    """Run `python -m tests.docs.settings` after a change."""
    assert FILE.read_text(encoding="utf-8") == render()


def test_every_setting_says_what_it_means() -> None:
    """A name alone helps nobody."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
