"""The list of identity documents to choose from, the resident card first."""

from __future__ import annotations

from collections.abc import Mapping

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


def document_input(fields: Mapping[str, str]) -> dict[str, str | None] | None:
    """The ``IdentityDocumentInput`` of a form's ``kind``, ``number`` and ``country``, if there is a number."""
    number, kind = fields.get("number", "").strip(), chosen_kind(fields.get("kind", ""))
    country = fields.get("country", "").strip() if kind is IdentityDocumentType.PASSPORT else ""
    return {"type": kind.value, "number": number, "issuingCountry": country or None} if number else None


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
