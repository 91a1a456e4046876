"""Clients, grants, persons, sessions, signing keys and the access log. Codes and tokens are kept hashed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class OAuthClientRow(SQLModel, table=True):
    """A client of the authorization server."""

    __tablename__ = "oauth_client"

    client_id: str = Field(primary_key=True)
    name: str
    name_en: str
    secret_hash: str | None = None
    redirect_uris: list[str] = Field(sa_column=Column(JSON, nullable=False))
    grants: list[str] = Field(sa_column=Column(JSON, nullable=False))
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    roles: list[str] = Field(sa_column=Column(JSON, nullable=False))
    department: str | None = None
    previous_secret_hash: str | None = None
    previous_secret_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuthorizationCodeRow(SQLModel, table=True):
    """An authorization code; kept after it was taken, so that a second use is noticed."""

    __tablename__ = "authorization_code"

    code_hash: str = Field(primary_key=True)
    grant_id: str
    client_id: str
    subject: str
    scope: str
    redirect_uri: str | None = None
    code_challenge: str
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RefreshTokenRow(SQLModel, table=True):
    """A refresh token; those of one sign-in share a ``grant_id``."""

    __tablename__ = "refresh_token"

    token_hash: str = Field(primary_key=True)
    grant_id: str = Field(index=True)
    client_id: str
    subject: str
    scope: str
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    rotated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DeviceRequestRow(SQLModel, table=True):
    """A device that waits for a person."""

    __tablename__ = "device_request"

    device_code_hash: str = Field(primary_key=True)
    user_code: str = Field(unique=True)
    client_id: str
    scope: str
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    interval_seconds: int
    state: str
    subject: str | None = None
    polled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PersonRow(SQLModel, table=True):
    """A person who has signed in. ``id_number`` is the key of the document by which departments know them."""

    __tablename__ = "person"

    id: str = Field(primary_key=True)
    id_number: str = Field(unique=True)
    name: str | None = None
    seen_at: datetime = Field(sa_type=UtcDateTime)


class IdentityDocumentRow(SQLModel, table=True):
    """A document of a person, by its key: it leads to one person for ever. One that is over stays as history."""

    __tablename__ = "identity_document"

    key: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    valid_until: date | None = None
    seen_at: datetime = Field(sa_type=UtcDateTime)


class PersonRoleRow(SQLModel, table=True):
    """A role beyond citizen; it may be granted before the person has signed in."""

    __tablename__ = "person_role"

    subject: str = Field(primary_key=True)
    role: str = Field(primary_key=True)


class SessionRow(SQLModel, table=True):
    """A browser that is signed in."""

    __tablename__ = "sso_session"

    token_hash: str = Field(primary_key=True)
    subject: str
    begun_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime, index=True)


class AttemptRow(SQLModel, table=True):
    """How often something was tried in one window of time. The key is a hash."""

    __tablename__ = "attempt"

    key: str = Field(primary_key=True)
    window_began_at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)
    count: int


class KeyPairRow(SQLModel):
    """A key pair of one table. ``slot`` is 1 for the first key, so that there can be only one first;
    ``signs_from`` is set where the key was published before it signs."""

    key_id: str = Field(primary_key=True)
    slot: int = Field(unique=True)
    private_jwk: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    signs_from: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SigningKeyRow(KeyPairRow, table=True):
    """A key pair for access tokens."""

    __tablename__ = "signing_key"


class AccessRecordRow(SQLModel, table=True):
    """Who read whose data. Appended to, never changed."""

    __tablename__ = "access_record"

    number: int | None = Field(default=None, primary_key=True)
    reader: str = Field(index=True)
    client: str
    subject: str = Field(index=True)
    purpose: str
    fields: list[str] = Field(sa_column=Column(JSON, nullable=False))
    departments: list[str] = Field(sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    trace: str
