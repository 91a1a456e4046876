"""Identity documents: masked for their holder, typed by officers, and as departments are asked by them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Self

import strawberry

from hub.own_subgraph.scalars import IdentityKeys
from schema.domain import identity_document
from schema.domain.document_reading import DocumentProblem, read_document
from schema.domain.identity_document import IdentityDocumentType
from schema.errors import DomainError, RuntimeCode

strawberry.enum(IdentityDocumentType, description="Kinds of identity documents.")


@strawberry.type(description="A document by which a person proves who they are.")
class IdentityDocument:
    type: IdentityDocumentType = strawberry.field(description="What it is.")
    number: str = strawberry.field(description="Its number, masked.")
    issuing_country: str | None = strawberry.field(
        description="Who issued a passport, by three letters (ICAO 9303); null for other documents."
    )
    valid_until: date | None = strawberry.field(
        description="The last day on which it holds; null where the identity department names none."
    )

    @classmethod
    def of(cls, document: identity_document.IdentityDocument) -> Self:
        return cls(
            type=document.type,
            number=document.masked,
            issuing_country=document.issuing_country,
            valid_until=document.valid_until,
        )


@strawberry.input(description="A document that was seen. The number as it is printed; blanks do not matter.")
class IdentityDocumentInput:
    type: IdentityDocumentType = strawberry.field(description="What it is.")
    number: str = strawberry.field(description="Its number.")
    issuing_country: str | None = strawberry.field(
        default=None, description="Who issued a passport, by three letters (ICAO 9303); for passports only."
    )

    def key(self) -> str:
        """Raises :class:`DomainError` BAD_USER_INPUT with the mend in both languages."""
        try:
            return read_document(self.type, self.number, self.issuing_country).key
        except DocumentProblem as problem:
            field = "issuingCountry" if problem.is_of_country else "number"
            told = {"path": field, "rule": problem.fault.value, "text": problem.text, "textEn": problem.text_en}
            raise DomainError(RuntimeCode.BAD_USER_INPUT, problem.text_en, {"problems": [told]}) from None


def key_of_one(number: str | None, document: IdentityDocumentInput | None) -> str | None:
    """Whose document was seen, by whichever of two arguments says it. Raises :class:`DomainError` for both."""
    if number is not None and document is not None:
        wrong = "Give the number or the document, not both."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
    return document.key() if document is not None else number


def identity_keys(documents: Iterable[identity_document.IdentityDocument]) -> IdentityKeys:
    """As departments are asked by them: each with its key, and what that is made of."""
    return IdentityKeys(
        [
            {
                "key": each.key,
                "type": each.type.value,
                "number": each.number,
                "issuingCountry": each.issuing_country,
                "validUntil": each.valid_until.isoformat() if each.valid_until else None,
            }
            for each in documents
        ]
    )
