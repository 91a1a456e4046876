"""The documents by which a person proves who they are: kinds, numbers, and how a number is shown.

Several documents may lead to one person. A document's :attr:`~IdentityDocument.key` is how departments are asked
and how a person is found again; it never stands in plans, logs, cache keys or routing keys.
Sources: domain.md, section 2; GB 11643; the State Council's Measures for residence permits of Hong Kong, Macao and
Taiwan residents, 2018 (region codes 810000, 820000, 830000); the National Immigration Administration's rules for
permanent resident cards, 2023 (a 9 in front; three letters and twelve digits before); ICAO Doc 9303-4.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from schema.domain.issuing_country import issuing_country


class IdentityDocumentType(StrEnum):
    """The first is the one that most people have, and by which departments know whoever has it."""

    RESIDENT_CARD = "RESIDENT_CARD"
    HONG_KONG_MACAO_PERMIT = "HONG_KONG_MACAO_PERMIT"
    TAIWAN_PERMIT = "TAIWAN_PERMIT"
    PERMANENT_RESIDENT_CARD = "PERMANENT_RESIDENT_CARD"
    PASSPORT = "PASSPORT"


LONG_NUMBER = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
"""Of 18 characters, whoever it is given to."""
PASSPORT_NUMBER = re.compile(r"(?=.*\d)[0-9A-Z]{5,9}", re.ASCII)
_OLD_CARD = re.compile(r"(?P<country>[A-Z]{3})\d{12}", re.ASCII)
_PASSPORT_KEY = re.compile(r"(?P<country>[A-Z]{3})-(?P<number>(?=.*\d)[0-9A-Z]{5,9})", re.ASCII)
_SHOWN_FIRST, _SHOWN_LAST = 6, 4
_SHOWN_FIRST_OF_OLD_CARD, _SHOWN_LAST_OF_PASSPORT = 3, 3


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """One document of a person. ``valid_until`` is the last day; a passport that was renewed stays as history."""

    type: IdentityDocumentType
    number: str = field(repr=False)
    issuing_country: str | None = None
    valid_until: date | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """The number, which no other document has; of a passport with its issuer in front: ``GBR-123456789``."""
        return f"{self.issuing_country}-{self.number}" if self.issuing_country else self.number

    @property
    def masked(self) -> str:
        """``110102********001X``; of a passport no more than the last three characters."""
        if self.type is IdentityDocumentType.PASSPORT:
            shown = self.number[-_SHOWN_LAST_OF_PASSPORT:]
            return "*" * (len(self.number) - len(shown)) + shown
        first = _SHOWN_FIRST if LONG_NUMBER.fullmatch(self.number) else _SHOWN_FIRST_OF_OLD_CARD
        hidden = len(self.number) - first - _SHOWN_LAST
        return f"{self.number[:first]}{'*' * hidden}{self.number[-_SHOWN_LAST:]}"


def normalised(text: str) -> str:
    """As people type a number, in full width, with blanks and a small x, to as it is kept."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def document_of_key(key: str) -> IdentityDocument | None:
    """The document that is meant by a key, told by its form alone; ``None`` where it can be none's."""
    if passport := _PASSPORT_KEY.fullmatch(key):
        country = issuing_country(passport["country"])
        return IdentityDocument(IdentityDocumentType.PASSPORT, passport["number"], country) if country else None
    if card := _OLD_CARD.fullmatch(key):
        is_known = issuing_country(card["country"]) is not None
        return IdentityDocument(IdentityDocumentType.PERMANENT_RESIDENT_CARD, key) if is_known else None
    return IdentityDocument(_type_of_long(key), key) if LONG_NUMBER.fullmatch(key) else None


def _type_of_long(number: str) -> IdentityDocumentType:
    if number.startswith("9"):
        return IdentityDocumentType.PERMANENT_RESIDENT_CARD
    if number.startswith(("810000", "820000")):
        return IdentityDocumentType.HONG_KONG_MACAO_PERMIT
    is_of_taiwan = number.startswith("830000")
    return IdentityDocumentType.TAIWAN_PERMIT if is_of_taiwan else IdentityDocumentType.RESIDENT_CARD
