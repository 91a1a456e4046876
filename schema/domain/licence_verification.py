"""Whether a licence that somebody shows is good, and what it says: from its claims and the status list alone.

Who signed it is checked before (:mod:`auth.signed_licences`); here stands what follows. A verdict always says how
old the revocation data is. Source: docs/licences.md; RFC 7519; IETF "Token Status List"; domain.md, 9.14.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from schema.domain.receipt_number import SHANGHAI
from schema.domain.status_list import Status

OLDEST_STATUS = timedelta(hours=24)
"""Older revocation data does not say that a licence is good."""
TOLD_FOR = timedelta(hours=24)
"""How long a document holds that says what a department's system told: the hub does not hear of its changes."""


class Reason(StrEnum):
    """Why a document is good or is not. The order is that of the checks."""

    VALID = "VALID"
    MALFORMED = "MALFORMED"
    """It is no signed licence at all, or one of its claims is missing."""
    WRONG_TYPE = "WRONG_TYPE"
    """It is signed for another use: an access token, a status list."""
    UNKNOWN_KEY = "UNKNOWN_KEY"
    """No published key has this id: another issuer, or older keys than the licence."""
    KEY_REVOKED = "KEY_REVOKED"
    """The key that signed it is believed no more: somebody else may have got hold of it. The licence may be good;
    its holder has a new document."""
    BAD_SIGNATURE = "BAD_SIGNATURE"
    """It was changed, or signed by somebody else."""
    REVOKED = "REVOKED"
    SUSPENDED = "SUSPENDED"
    SUPERSEDED = "SUPERSEDED"
    SHARE_WITHDRAWN = "SHARE_WITHDRAWN"
    """The holder took back what was shared."""
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    SHARE_ENDED = "SHARE_ENDED"
    """The time for which it was shared is over; the licence may be good."""
    STATUS_UNKNOWN = "STATUS_UNKNOWN"
    """Nothing is known of revocations: no status list, or not the one that it names."""
    STATUS_TOO_OLD = "STATUS_TOO_OLD"
    """The revocation data is older than the verifier accepts."""


class NotGood(Exception):
    """A document that cannot be believed; ``reason`` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that the holder shows beside what every licence says."""

    code: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFor:
    """That it was shared: with whom, for what."""

    id: str
    recipient: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLicence:
    """What a document says. ``holder`` is masked unless the holder chose to show the name.

    ``status`` is the address of the status list and the place in it; ``told_at`` when the department's system was
    asked, where that keeps the register.
    """

    number: str
    kind: str
    name: str
    name_en: str
    issuer: str
    issuer_name: str
    holder: str
    issued_at: datetime
    valid_from: date | None = None
    valid_until: date | None = None
    ends_at: datetime | None = None
    status: tuple[str, int] | None = None
    statements: tuple[Statement, ...] = ()
    share: SharedFor | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusReading:
    """What the status list says of one place, and when that was so."""

    value: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """``shown`` is ``None`` where the document cannot be believed at all; ``status_as_of`` is when the revocation
    data was so, ``None`` where there was none."""

    reason: Reason
    shown: ShownLicence | None = None
    status_as_of: datetime | None = None

    @property
    def is_valid(self) -> bool:
        return self.reason is Reason.VALID


_BY_STATUS: Mapping[int, Reason] = {
    Status.REVOKED: Reason.REVOKED,
    Status.SUSPENDED: Reason.SUSPENDED,
    Status.SUPERSEDED: Reason.SUPERSEDED,
    Status.WITHDRAWN: Reason.SHARE_WITHDRAWN,
}


def judge(
    shown: ShownLicence, now: datetime, status: StatusReading | None, oldest: timedelta = OLDEST_STATUS
) -> Verdict:
    """The first reason that holds, or VALID. A value of the list that is not known here is as good as revoked."""
    told = (shown.told_at,) if shown.told_at is not None else ()
    read = (status.as_of,) if status is not None and shown.status is not None else ()
    as_of = min((*told, *read), default=None)
    return Verdict(_reason(shown, now, status, as_of, oldest), shown, as_of)


def _reason(
    shown: ShownLicence, now: datetime, status: StatusReading | None, as_of: datetime | None, oldest: timedelta
) -> Reason:
    if status is not None and status.value != Status.VALID:
        return _BY_STATUS.get(status.value, Reason.REVOKED)
    day = now.astimezone(SHANGHAI).date()
    if (shown.valid_from is not None and day < shown.valid_from) or now < shown.issued_at - _SKEW:
        return Reason.NOT_YET_VALID
    if shown.valid_until is not None and day > shown.valid_until:
        return Reason.EXPIRED
    if shown.ends_at is not None and now >= shown.ends_at:
        return Reason.SHARE_ENDED if shown.share is not None else Reason.EXPIRED
    if as_of is None or (shown.status is not None and status is None):
        return Reason.STATUS_UNKNOWN
    return Reason.STATUS_TOO_OLD if now - as_of > oldest else Reason.VALID


_SKEW = timedelta(minutes=5)
"""How far a verifier's clock may be behind the hub's."""


def end_of(day: date) -> datetime:
    """24:00 of a day at Beijing."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def claims_of(shown: ShownLicence, issuer_url: str) -> dict[str, Any]:
    """What is signed, in the names of RFC 7519 and the status list's draft; what is empty is left out."""
    licence = {
        "number": shown.number,
        "kind": shown.kind,
        "name": shown.name,
        "nameEn": shown.name_en,
        "issuer": shown.issuer,
        "issuerName": shown.issuer_name,
        "holder": shown.holder,
        "from": shown.valid_from.isoformat() if shown.valid_from else None,
        "until": shown.valid_until.isoformat() if shown.valid_until else None,
        "says": [[each.code, each.name, each.value] for each in shown.statements],
    }
    share = shown.share
    claims: dict[str, Any] = {
        "iss": issuer_url,
        "iat": int(shown.issued_at.timestamp()),
        "licence": {name: value for name, value in licence.items() if value},
    }
    if shown.ends_at is not None:
        claims["exp"] = int(shown.ends_at.timestamp())
    if shown.status is not None:
        claims["status"] = {"status_list": {"uri": shown.status[0], "idx": shown.status[1]}}
    if share is not None:
        claims["share"] = {"id": share.id, "to": share.recipient, "for": share.purpose}
    if shown.told_at is not None:
        claims["told"] = int(shown.told_at.timestamp())
    return claims


def read_claims(claims: Mapping[str, Any]) -> ShownLicence:
    """The licence in signed claims. Raises :class:`NotGood` MALFORMED."""
    try:
        licence, share = claims["licence"], claims.get("share")
        status = claims.get("status")
        place = (str(status["status_list"]["uri"]), int(status["status_list"]["idx"])) if status else None
        return ShownLicence(
            number=str(licence["number"]),
            kind=str(licence["kind"]),
            name=str(licence["name"]),
            name_en=str(licence.get("nameEn", "")),
            issuer=str(licence["issuer"]),
            issuer_name=str(licence.get("issuerName", "")),
            holder=str(licence.get("holder", "")),
            issued_at=_moment(claims["iat"]),
            valid_from=_day(licence.get("from")),
            valid_until=_day(licence.get("until")),
            ends_at=_moment(claims["exp"]) if "exp" in claims else None,
            status=place,
            statements=tuple(
                Statement(code=str(code), name=str(name), value=str(value))
                for code, name, value in licence.get("says", ())
            ),
            share=SharedFor(id=str(share["id"]), recipient=str(share["to"]), purpose=str(share["for"]))
            if share
            else None,
            told_at=_moment(claims["told"]) if "told" in claims else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        raise NotGood(Reason.MALFORMED) from None


def _day(written: Any) -> date | None:
    return date.fromisoformat(written) if written is not None else None


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def summary(verdict: Verdict, now: datetime) -> dict[str, Any]:
    """A verdict as JSON: what the HTTP door answers and the command prints."""
    shown, as_of = verdict.shown, verdict.status_as_of
    told: dict[str, Any] = {
        "valid": verdict.is_valid,
        "reason": verdict.reason.value,
        "statusAsOf": as_of.isoformat() if as_of else None,
        "statusAgeSeconds": max(0, int((now - as_of).total_seconds())) if as_of else None,
        "licence": None,
    }
    if shown is not None:
        told["licence"] = {
            "number": shown.number,
            "kind": shown.kind,
            "name": shown.name,
            "nameEn": shown.name_en,
            "issuer": shown.issuer,
            "issuerName": shown.issuer_name,
            "holder": shown.holder,
            "validFrom": shown.valid_from.isoformat() if shown.valid_from else None,
            "validUntil": shown.valid_until.isoformat() if shown.valid_until else None,
            "statements": [
                {"code": each.code, "name": each.name, "value": each.value} for each in shown.statements
            ],
            "sharedWith": shown.share.recipient if shown.share else None,
            "purpose": shown.share.purpose if shown.share else None,
            "toldByDepartmentAt": shown.told_at.isoformat() if shown.told_at else None,
        }
    return told
