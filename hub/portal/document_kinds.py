"""The list of identity documents to choose from, the resident card first."""

from __future__ import annotations

from hub.portal.language import Texts
from schema.domain.document_reading import NAMES
from schema.domain.identity_document import IdentityDocumentType


def chosen_kind(value: str) -> IdentityDocumentType:
    """Who chooses nothing has the card that most people have."""
    try:
        return IdentityDocumentType(value)
    except ValueError:
        return IdentityDocumentType.RESIDENT_CARD


def kinds_to_choose(texts: Texts, chosen: IdentityDocumentType) -> list[tuple[str, str, bool]]:
    """Value, name in the reader's language, and whether it is chosen."""
    return [(kind.value, _begun(texts.pick(*names)), kind is chosen) for kind, names in NAMES.items()]


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
