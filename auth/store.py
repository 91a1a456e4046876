"""What ``auth`` keeps, as values and protocols. The hub fulfils them over its database.

Codes and tokens come here hashed (:func:`digest`); whoever reads the store can redeem none of them. What
may happen once (redeeming, rotating, consuming) is one atomic step of the store that says who was first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from auth.access_log import AccessLog
from auth.clients import Client
from auth.keys import KeyStore
from schema.domain.identity_document import IdentityDocument


def digest(secret: str) -> str:
    """How a random code or token is kept. Not for what people choose or can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """``grant_id`` ties the code to the refresh tokens that come of it."""

    code_hash: str
    grant_id: str
    client_id: str
    subject: str
    scope: str
    redirect_uri: str | None
    code_challenge: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """``rotated_at`` is when it was exchanged for its successor, ``revoked_at`` when its grant was ended."""

    token_hash: str
    grant_id: str
    client_id: str
    subject: str
    scope: str
    expires_at: datetime
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None


class DeviceState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    CONSUMED = "consumed"


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """One device waiting for a person. ``user_code`` is without its hyphen."""

    device_code_hash: str
    user_code: str
    client_id: str
    scope: str
    expires_at: datetime
    interval: timedelta
    state: DeviceState = DeviceState.PENDING
    subject: str | None = None
    polled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person who has signed in at least once. ``id`` is opaque, the ``sub`` of their tokens; ``id_number`` is
    the key of the document by which departments know them."""

    id: str
    id_number: str
    name: str | None
    roles: frozenset[str] = frozenset({"citizen"})
    department: str | None = None
    """Whom they work for: whose connectors they look after."""

    def __repr__(self) -> str:
        # No name and no number: a repr ends up in logs.
        return f"<Person {self.id}>"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One browser that is signed in."""

    token_hash: str
    subject: str
    begun_at: datetime
    seen_at: datetime


class IdentityConflict(Exception):
    """The identity department gave a document a second person, or a person documents of nobody that is known."""


class ClientStore(Protocol):
    async def client(self, client_id: str) -> Client | None: ...

    async def save_client(self, client: Client) -> None:
        """Insert or replace."""
        ...

    async def remove_client(self, client_id: str) -> None:
        """Harmless when there is none."""
        ...


class GrantStore(Protocol):
    async def save_authorization_code(self, code: AuthorizationCode) -> None: ...

    async def take_authorization_code(
        self, code_hash: str, client_id: str, at: datetime
    ) -> tuple[AuthorizationCode, bool] | None:
        """The code of that client, and whether this call was the first to take it."""
        ...

    async def save_refresh_token(self, token: RefreshToken) -> None: ...

    async def refresh_token(self, token_hash: str) -> RefreshToken | None: ...

    async def rotate_refresh_token(self, token_hash: str, at: datetime) -> bool:
        """Whether this call was the first to exchange it, and its grant stands."""
        ...

    async def revoke_grant(self, grant_id: str, at: datetime) -> None:
        """End every refresh token that came of one sign-in."""
        ...


class DeviceStore(Protocol):
    async def save_device_request(self, request: DeviceRequest) -> bool:
        """Whether it was kept; not so when its user code is waiting already."""
        ...

    async def device_request(self, device_code_hash: str) -> DeviceRequest | None: ...

    async def device_request_of_user(self, user_code: str) -> DeviceRequest | None: ...

    async def poll_device_request(self, device_code_hash: str, at: datetime) -> bool:
        """Note the poll. Whether it came too soon; if so the interval has grown by five seconds."""
        ...

    async def decide_device_request(
        self, user_code: str, state: DeviceState, subject: str | None, at: datetime
    ) -> bool:
        """Whether this call decided it: only a pending request that has not expired."""
        ...

    async def consume_device_request(self, device_code_hash: str) -> bool:
        """Whether this call was the first to redeem the approved request."""
        ...


class PersonStore(Protocol):
    async def save_person(self, person: Person, at: datetime, documents: Iterable[IdentityDocument] = ()) -> None:
        """Insert, or update name and documents; none that was known is forgotten. Roles are kept apart.

        Raises :class:`IdentityConflict`.
        """
        ...

    async def person(self, subject: str) -> Person | None: ...

    async def person_of_number(self, key: str) -> Person | None:
        """Who has the document of this key, which may be over."""
        ...

    async def documents_of(self, subject: str) -> tuple[IdentityDocument, ...]:
        """In the order of their kinds, the newest of a kind first."""
        ...

    async def grant_role(self, subject: str, role: str) -> None: ...

    async def withdraw_role(self, subject: str, role: str) -> None: ...

    async def employ(self, subject: str, department: str) -> None:
        """In place of any other department."""
        ...

    async def dismiss(self, subject: str, department: str) -> None: ...


class SessionStore(Protocol):
    async def save_session(self, session: SignedIn) -> None: ...

    async def session(self, token_hash: str) -> SignedIn | None: ...

    async def touch_session(self, token_hash: str, at: datetime) -> None: ...

    async def end_session(self, token_hash: str) -> None: ...


class AttemptStore(Protocol):
    async def count_attempt(self, key: str, window_began_at: datetime, ends_at: datetime) -> int:
        """Add one and return how many there are in that window."""
        ...

    async def attempts(self, key: str, window_began_at: datetime) -> int: ...


class AuthStore(
    ClientStore,
    GrantStore,
    DeviceStore,
    PersonStore,
    SessionStore,
    AttemptStore,
    KeyStore,
    AccessLog,
    Protocol,
):
    """All of it; ``hub.people.auth_store.HubAuthStore`` is the one that runs."""

    async def forget_expired(self, at: datetime) -> None:
        """Delete what can no longer be used. Harmless at any time; run it now and then."""
        ...
