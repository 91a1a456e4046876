"""Identity documents as their holder sees them: masked, since whoever looks on needs no number."""

from __future__ import annotations

from datetime import date
from typing import Self

import strawberry

from schema.domain import identity_document
from schema.domain.identity_document import IdentityDocumentType

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
