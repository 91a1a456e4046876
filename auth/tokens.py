"""Access tokens: short-lived JWTs that any part verifies without asking the authorization server.

Issued and verified by joserfc; here stand only the claims and what is demanded of them.
Sources: RFC 9068 (profile for access tokens), RFC 8725 (best current practices), RFC 6750 section 2.1.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

from auth.actor import Actor
from auth.keys import SIGNING_ALGORITHM, KeyRing, KeySource, signing_set

if TYPE_CHECKING:
    from auth.agency import Agency

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105  a media type
MAXIMUM_TOKEN_BYTES = 8192
REMEMBERED_TOKENS = 10_000


class InvalidToken(Exception):
    """The bearer token is not one of ours, or not any more. The text says which, and holds no part of it."""


class TokenIssuer:
    """Signs access tokens for ``<issuer>/graphql``."""

    def __init__(
        self,
        issuer: str,
        keys: KeyRing,
        now: Callable[[], datetime],
        lifetime: timedelta = timedelta(minutes=15),
    ) -> None:
        self.issuer = issuer
        self.keys = keys
        self.lifetime = lifetime
        self._now = now

    @property
    def audience(self) -> str:
        return audience_of(self.issuer)

    def seconds_until(self, ends_at: datetime | None) -> int:
        """For how long a token is good that is issued now."""
        lifetime = int(self.lifetime.total_seconds())
        if ends_at is None:
            return lifetime
        return min(lifetime, max(0, int((ends_at - self._now()).total_seconds())))

    def issue(
        self,
        subject: str,
        client_id: str,
        scopes: Iterable[str],
        roles: Iterable[str],
        department: str | None = None,
        *,
        agency: Agency | None = None,
        ends_at: datetime | None = None,
    ) -> str:
        """A signed token; sets are sorted so that equal grants read equal.

        With ``agency`` it is for the party ``subject`` and names who acts (RFC 8693, section 4.1). It ends after
        :attr:`lifetime`, and before ``ends_at``.
        """
        issued_at = int(self._now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject,
            "client_id": client_id,
            "scope": " ".join(sorted(scopes)),
            "roles": sorted(roles),
            "jti": secrets.token_urlsafe(16),
            "iat": issued_at,
            "exp": issued_at + self.seconds_until(ends_at),
        }
        if agency is not None:
            claims |= {"act": {"sub": agency.agent}, "mandate": agency.mandate}
        if department is not None:
            claims["department"] = department
        header = {"alg": SIGNING_ALGORITHM, "typ": ACCESS_TOKEN_TYPE}
        return jwt.encode(header, claims, signing_set(self.keys.current), algorithms=[SIGNING_ALGORITHM])


@dataclass(frozen=True, slots=True)
class _Verified:
    """``ends`` is when it is no longer taken, a little after it expires."""

    actor: Actor
    key_id: str | None
    ends: datetime


class TokenVerifier:
    """Turns a bearer token into an :class:`Actor`.

    With ``issuer`` or ``audience`` as ``None`` that claim is not demanded (the engine alone, in front of
    somebody else's authorization server); ``demands_profile`` false takes tokens there that lack other claims
    of RFC 9068. Only the ``algorithms`` named here are tried, never the token's wish; all are asymmetric. A
    verified token is remembered until it expires or its key is gone.
    """

    def __init__(
        self,
        keys: KeySource,
        now: Callable[[], datetime],
        *,
        issuer: str | None,
        audience: str | None,
        algorithms: Sequence[str] = (SIGNING_ALGORITHM,),
        types: Sequence[str] = (ACCESS_TOKEN_TYPE, "application/at+jwt"),
        leeway: timedelta = timedelta(seconds=5),
        demands_profile: bool = True,
    ) -> None:
        if any(name.startswith("HS") or name == "none" for name in algorithms):
            raise ValueError("A verifier takes asymmetric algorithms only. Name ES256, RS256, PS256 or EdDSA.")
        self._keys = keys
        self._now = now
        self._algorithms = tuple(algorithms)
        self._types = frozenset(types)
        self._leeway = leeway
        self._demands = _demands(issuer, audience, demands_profile=demands_profile)
        self._demands_profile = demands_profile
        self._remembered: dict[str, _Verified] = {}

    @classmethod
    def for_hub(cls, issuer: str, keys: KeySource, now: Callable[[], datetime]) -> TokenVerifier:
        """The verifier of tokens that this hub, or another process of it, has issued."""
        return cls(keys, now, issuer=issuer, audience=audience_of(issuer))

    async def verify(self, token: str) -> Actor:
        """Raises :class:`InvalidToken`; :class:`auth.remote_jwks.KeysUnavailable` where keys are remote."""
        remembered = self._remembered.get(token)
        if remembered is not None and self._keys.holds(remembered.key_id):
            if remembered.ends > self._now():
                return remembered.actor
            raise InvalidToken("The access token has expired. Renew it.")
        verified = await self._verify(token)
        while len(self._remembered) >= REMEMBERED_TOKENS:
            del self._remembered[next(iter(self._remembered))]  # the oldest, which ends first
        self._remembered[token] = verified
        return verified.actor

    async def _verify(self, token: str) -> _Verified:
        if len(token) > MAXIMUM_TOKEN_BYTES or not token.isascii():
            raise InvalidToken("The access token is not a signed token.")
        header = _header(token)
        if self._types and str(header.get("typ", "")).lower() not in self._types:
            raise InvalidToken(f'The token is not an access token. Its type must be "{ACCESS_TOKEN_TYPE}".')
        if header.get("alg") not in self._algorithms:
            raise InvalidToken("The access token is signed with an algorithm that is not accepted here.")
        key_id = header.get("kid")
        key = await self._keys.find(key_id) if key_id is None or isinstance(key_id, str) else None
        if key is None:
            raise InvalidToken("The access token is signed with a key that is not known here.")
        try:
            claims = jwt.decode(token, key, algorithms=self._algorithms).claims
            JWTClaimsRegistry(int(self._now().timestamp()), self._leeway_seconds, **self._demands).validate(claims)
        except ExpiredTokenError:
            raise InvalidToken("The access token has expired. Renew it.") from None
        except (JoseError, ValueError) as error:
            raise InvalidToken(f"The access token was refused: {_reason(error)}.") from None
        actor = _actor(claims, demands_profile=self._demands_profile)
        return _Verified(actor, key_id, _later(actor.expires_at, self._leeway))

    @property
    def _leeway_seconds(self) -> int:
        return int(self._leeway.total_seconds())


def _later(moment: datetime, by: timedelta) -> datetime:
    """Never past the last moment that there is."""
    try:
        return moment + by
    except OverflowError:
        return moment


def audience_of(issuer: str) -> str:
    """The resource that the hub's tokens are for."""
    return f"{issuer}/graphql"


def bearer_token(authorization: Sequence[str]) -> str | None:
    """The token among the values of the ``Authorization`` header, ``None`` where there is none.

    Raises :class:`InvalidToken` when the header is doubled or is not a bearer token: a broken credential is
    never read as no credential.
    """
    if not authorization:
        return None
    if len(authorization) > 1:
        raise InvalidToken("There is more than one Authorization header. Send one.")
    scheme, _, token = authorization[0].strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise InvalidToken('The Authorization header is not a bearer token. Send "Bearer <token>".')
    return token


def _demands(issuer: str | None, audience: str | None, *, demands_profile: bool) -> dict[str, ClaimsOption]:
    demands: dict[str, ClaimsOption] = {"exp": {"essential": True}}
    if demands_profile:
        essential = ("sub",) if audience is None else ("sub", "client_id", "iat", "jti")
        demands |= {name: {"essential": True} for name in essential}
    if issuer is not None:
        demands["iss"] = {"essential": True, "value": issuer}
    if audience is not None:
        demands["aud"] = {"essential": True, "value": audience}
    return demands


def _header(token: str) -> dict[str, Any]:
    try:
        return dict(jws.extract_compact(token.encode("ascii")).headers())
    except (JoseError, ValueError, TypeError):
        raise InvalidToken("The access token is not a signed token.") from None


def _reason(error: Exception) -> str:
    claim = getattr(error, "claim", None)
    return f'the claim "{claim}" is missing or not as it must be' if claim else "its signature is not valid"


def _actor(claims: dict[str, Any], *, demands_profile: bool) -> Actor:
    scope = claims.get("scope") if demands_profile else claims.get("scope", claims.get("scp"))
    if demands_profile and not isinstance(scope, str | None):
        raise _wrong_type()  # RFC 9068 has it as one string; other servers write lists
    scopes, policies = _names(scope), _names(claims.get("policies"))
    roles, department, subject = claims.get("roles", []), claims.get("department"), claims.get("sub", "")
    client_id = claims.get("client_id", claims.get("azp", subject))
    if not _is_strings(roles) or not _is_strings([client_id, department or "", subject]):
        raise _wrong_type()
    try:
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    except (OverflowError, OSError, ValueError):
        raise InvalidToken("The access token was refused: its expiry is not a time.") from None
    return Actor(
        subject=subject,
        client_id=client_id,
        scopes=scopes,
        roles=frozenset(roles),
        expires_at=expires_at,
        department=department,
        policies=policies,
        agency=_agency(claims) if demands_profile else None,
    )


def _agency(claims: dict[str, Any]) -> Agency | None:
    """Who acts for the subject. A mandate of ours is looked at anew at each request; without one there is nothing
    that the agent may."""
    act, mandate = claims.get("act"), claims.get("mandate")
    if act is None and mandate is None:
        return None
    if not isinstance(act, dict) or not _is_strings([act.get("sub"), mandate]):
        raise _wrong_type()
    from auth.agency import Agency  # the engine alone verifies others' tokens, and loads nothing of the domain

    return Agency(str(act["sub"]), str(mandate))


def _names(claim: object) -> frozenset[str]:
    """Names in one string with spaces between (RFC 8693, section 4.2), or in a list, as others write them."""
    if claim is None:
        return frozenset()
    if isinstance(claim, str):
        return frozenset(claim.split())
    if not _is_strings(claim):
        raise _wrong_type()
    return frozenset(cast(list[str], claim))


def _wrong_type() -> InvalidToken:
    return InvalidToken("The access token was refused: a claim has a type that it must not have.")


def _is_strings(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
