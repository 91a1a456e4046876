"""Licences and status lists as compact JWS: signed with ES256, read with the keys that the hub publishes.

Needs no hub: the published keys (a JWK Set) and, for revocations, a signed status list are enough.
Sources: RFC 7515; RFC 8725, section 3.11 (a type for each use); IETF "Token Status List", section 5.1.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet

from auth.keys import SIGNING_ALGORITHM
from schema.domain.licence_verification import NotGood, Reason, ShownLicence, StatusReading, read_claims
from schema.domain.status_list import BITS, BadStatusList, unpack, value_at

LICENCE_TYPE = "licence+jwt"
STATUS_LIST_TYPE = "statuslist+jwt"
MOST_CHARACTERS = 16_384
MOST_LIST_CHARACTERS = 1_048_576
_ALGORITHMS = [SIGNING_ALGORITHM]


def sign(key: ECKey, type: str, claims: Mapping[str, Any]) -> str:
    """A compact JWS. Chinese stays as it is, which makes half the length and a QR code that can be read."""
    header = {"alg": SIGNING_ALGORITHM, "typ": type, "kid": str(key.kid)}
    text = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    return jws.serialize_compact(header, text, key, algorithms=_ALGORITHMS)


def document_in(text: str) -> str:
    """The document itself, where somebody gives the address that a QR code holds."""
    given = text.strip()
    if "://" not in given:
        return given
    return (parse_qs(urlsplit(given).query).get("licence") or [""])[0]


def beginning_of(type: str, key_id: str) -> str:
    """How every JWS of this type begins that this key signed."""
    header = {"alg": SIGNING_ALGORITHM, "typ": type, "kid": key_id}
    return f"{_encoded(json.dumps(header, separators=(',', ':')).encode())}."


def unverified_claims(document: str) -> dict[str, Any]:
    """What a JWS says that the hub itself signed and kept; nothing that came from elsewhere."""
    claims: dict[str, Any] = json.loads(jws.extract_compact(document.encode("ascii")).payload)
    return claims


def read_licence(document: str, keys: Mapping[str, Key], revoked: frozenset[str] = frozenset()) -> ShownLicence:
    """What a signed licence says. ``revoked`` are ids of keys that are believed no more. Raises :class:`NotGood`;
    the status is another question."""
    return read_claims(_claims(document, LICENCE_TYPE, keys, revoked, MOST_CHARACTERS))


@dataclass(frozen=True, slots=True)
class StatusList:
    """A signed list: its address, when it was made, until when it holds, its bits, and the keys that are believed
    no more."""

    address: str
    made_at: datetime
    ends_at: datetime | None
    bits: int
    unpacked: bytes
    revoked_keys: frozenset[str] = frozenset()

    def reading(self, shown: ShownLicence) -> StatusReading | None:
        """What it says of a licence; ``None`` where the licence names another list, or a place beyond the end."""
        if shown.status is None or shown.status[0] != self.address:
            return None
        try:
            return StatusReading(value_at(self.unpacked, shown.status[1], self.bits), self.made_at)
        except BadStatusList:
            return None


def read_status_list(document: str, keys: Mapping[str, Key], revoked: frozenset[str] = frozenset()) -> StatusList:
    """Raises :class:`NotGood` for a list that is not signed by one of the keys, or is none."""
    claims = _claims(document.strip(), STATUS_LIST_TYPE, keys, revoked, MOST_LIST_CHARACTERS)
    try:
        packed, ends = claims["status_list"], claims.get("exp")
        bits = int(packed.get("bits", BITS))
        return StatusList(
            str(claims["sub"]),
            datetime.fromtimestamp(int(claims["iat"]), UTC),
            datetime.fromtimestamp(int(ends), UTC) if ends is not None else None,
            bits,
            unpack(str(packed["lst"]), bits),
            frozenset(str(each) for each in claims.get("revoked_keys", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError, BadStatusList):
        raise NotGood(Reason.MALFORMED) from None


def published_keys(jwks: Any) -> dict[str, Key]:
    """The keys of a JWK Set by their ids. Raises ``ValueError`` where it is none."""
    try:
        keys = KeySet.import_key_set(jwks).keys
    except (JoseError, KeyError, TypeError, ValueError, AttributeError):
        raise ValueError("This is no JWK Set.") from None
    return {str(key.kid): key for key in keys if key.kid}


def revoked_key_ids(jwks: Any) -> frozenset[str]:
    """The keys that a JWK Set of the hub says are believed no more; none where it says nothing of it."""
    told = jwks.get("revoked_keys") if isinstance(jwks, dict) else None
    return frozenset(str(each["kid"]) for each in told or () if isinstance(each, dict) and "kid" in each)


def _claims(
    document: str, type: str, keys: Mapping[str, Key], revoked: frozenset[str], most: int
) -> Mapping[str, Any]:
    """The claims, once everything about the signature holds. Raises :class:`NotGood`."""
    if not 0 < len(document) <= most or not document.isascii():
        raise NotGood(Reason.MALFORMED)
    if not all(map(_is_canonical, document.split("."))):
        # Bits of the last character that no decoder reads could be flipped otherwise.
        raise NotGood(Reason.MALFORMED)
    try:
        header = jws.extract_compact(document.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError):
        raise NotGood(Reason.MALFORMED) from None
    if str(header.get("typ", "")).lower() != type or header.get("alg") != SIGNING_ALGORITHM:
        raise NotGood(Reason.WRONG_TYPE)
    key_id = str(header.get("kid"))
    if key_id in revoked:
        raise NotGood(Reason.KEY_REVOKED)
    key = keys.get(key_id)
    if key is None:
        raise NotGood(Reason.UNKNOWN_KEY)
    try:
        claims = json.loads(jws.deserialize_compact(document, key, algorithms=_ALGORITHMS).payload)
    except (JoseError, ValueError, TypeError):
        raise NotGood(Reason.BAD_SIGNATURE) from None
    if not isinstance(claims, dict):
        raise NotGood(Reason.MALFORMED)
    return claims


def _is_canonical(part: str) -> bool:
    """Whether the text is the one that base64url gives for what it decodes to."""
    try:
        decoded = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return False
    return _encoded(decoded) == part


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
