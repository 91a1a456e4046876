"""GraphQL types of a licence that somebody shows: the document, and whether it is good."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

import strawberry

from hub.licences.licence_documents import Presentation
from hub.licences.licence_picture import qr_code
from schema.domain import licence_verification as rules
from schema.domain.licence_verification import Reason

strawberry.enum(Reason, name="VerificationReason", description="Why a licence is good, or is not.")


@strawberry.type(description="A signed licence to show.")
class LicencePresentation:
    document: str = strawberry.field(description="Compact JWS; verifies offline with the keys at /oauth/jwks.")
    address: str = strawberry.field(description="Opens it on the verify page.")
    qr: str = strawberry.field(description="The address as a QR code: SVG.")
    ends_at: datetime | None = strawberry.field(description="Until when it holds; null where it has no end.")

    @classmethod
    def of(cls, presentation: Presentation) -> Self:
        return cls(
            document=presentation.document,
            address=presentation.address,
            qr=qr_code(presentation.address),
            ends_at=presentation.shown.ends_at,
        )


@strawberry.type(description="One thing that the holder shows.")
class ShownStatement:
    code: str = strawberry.field(description="Which it is.")
    name: str = strawberry.field(description="What it is called.")
    value: str = strawberry.field(description="What the licence says.")


@strawberry.type(description="What a shown licence says: no more than its holder chose.")
class ShownLicence:
    number: str = strawberry.field(description="Its number.")
    kind: str = strawberry.field(description="Its kind.")
    name: str = strawberry.field(description="Its name in Chinese.")
    name_en: str = strawberry.field(description="Its name in English.")
    issuer: str = strawberry.field(description="Code of the organisation that issued it.")
    issuer_name: str = strawberry.field(description="Name of that organisation.")
    holder: str = strawberry.field(description="The holder: masked, unless they chose to show the name.")
    valid_from: date | None = strawberry.field(description="The first day.")
    valid_until: date | None = strawberry.field(description="The last day.")
    ends_at: datetime | None = strawberry.field(description="Until when the document holds.")
    statements: list[ShownStatement] = strawberry.field(description="What else the holder shows.")
    shared_with: str | None = strawberry.field(description="For whom it is, where it was shared.")
    purpose: str | None = strawberry.field(description="For what it was shared.")
    told_at: datetime | None = strawberry.field(description="When its department's register said so.")

    @classmethod
    def of(cls, shown: rules.ShownLicence) -> Self:
        return cls(
            number=shown.number,
            kind=shown.kind,
            name=shown.name,
            name_en=shown.name_en,
            issuer=shown.issuer,
            issuer_name=shown.issuer_name,
            holder=shown.holder,
            valid_from=shown.valid_from,
            valid_until=shown.valid_until,
            ends_at=shown.ends_at,
            statements=[
                ShownStatement(code=each.code, name=each.name, value=each.value) for each in shown.statements
            ],
            shared_with=shown.share.recipient if shown.share else None,
            purpose=shown.share.purpose if shown.share else None,
            told_at=shown.told_at,
        )


@strawberry.type(description="Whether a licence that somebody shows is good.")
class LicenceVerification:
    is_valid: bool = strawberry.field(description="Whether it is.")
    reason: Reason = strawberry.field(description="Why, or why not.")
    status_as_of: datetime | None = strawberry.field(description="When the revocation data was so.")
    status_age_seconds: int | None = strawberry.field(description="How old that is.")
    licence: ShownLicence | None = strawberry.field(description="What it says; null where it cannot be believed.")

    @classmethod
    def of(cls, verdict: rules.Verdict, now: datetime) -> Self:
        as_of = verdict.status_as_of
        return cls(
            is_valid=verdict.is_valid,
            reason=verdict.reason,
            status_as_of=as_of,
            status_age_seconds=max(0, int((now - as_of).total_seconds())) if as_of else None,
            licence=ShownLicence.of(verdict.shown) if verdict.shown else None,
        )
