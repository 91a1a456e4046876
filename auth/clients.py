"""Clients of the authorization server: the portal, the television, departments, people's own tools.

A secret that a person chose is kept as a scrypt hash, one that we made (256 random bits, which nobody guesses
however fast) as a SHA-256 hash; a client without one is public and proves itself by PKCE or a device code.
Sources: RFC 6749 section 2, RFC 7636, RFC 8252 section 7.3 (loopback redirects take any port), RFC 8628.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from auth.roles import PERSON_ROLES

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105  the name of a grant
CLIENT_CREDENTIALS = "client_credentials"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105  the name of a grant
GRANTS = (AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS, DEVICE_CODE, TOKEN_EXCHANGE)

SCOPES = {
    "citizen": "Act as the person who signed in.",
    "citizens:read": "Read any citizen's data where a root field leads to it. Services only.",
}

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_SCRYPT_COST = {"n": 2**14, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class Client:
    """``roles`` are what a service acts as; for a person's token they bound what of the person's roles it
    carries. ``name`` and ``name_en`` are shown where a person confirms a device. The secret before a change of
    secrets is good until ``previous_secret_ends_at``, so that who uses it need not change in the same moment."""

    client_id: str
    name: str
    name_en: str
    grants: tuple[str, ...]
    scopes: tuple[str, ...] = ("citizen",)
    roles: tuple[str, ...] = ()
    secret_hash: str | None = None
    redirect_uris: tuple[str, ...] = ()
    department: str | None = None
    previous_secret_hash: str | None = None
    previous_secret_ends_at: datetime | None = None

    @property
    def is_public(self) -> bool:
        return self.secret_hash is None

    def has_secret(self, secret: str, now: datetime) -> bool:
        """Takes the same time for every wrong secret."""
        return any(secret_matches(secret, hashed) for hashed in self._hashes(now))

    def succeeding(self, earlier: Client | None, ends_at: datetime) -> Client:
        """The same, with the secret of ``earlier`` good until ``ends_at``."""
        if earlier is None:
            return self
        return replace(self, previous_secret_hash=earlier.secret_hash, previous_secret_ends_at=ends_at)

    def _hashes(self, now: datetime) -> list[str]:
        ends_at = self.previous_secret_ends_at
        previous = self.previous_secret_hash if ends_at is not None and now < ends_at else None
        return [hashed for hashed in (self.secret_hash, previous) if hashed is not None]

    def takes_redirect(self, uri: str) -> bool:
        """Exactly a registered one; a public client's loopback address may have any port."""
        return uri in self.redirect_uris or (
            self.is_public and any(_same_but_for_port(registered, uri) for registered in self.redirect_uris)
        )

    def granted_scope(self, requested: str | None) -> str | None:
        """The requested scopes that it may have, all of its own if none are named, ``None`` if none remain."""
        if not requested:
            return " ".join(self.scopes)
        granted = [name for name in requested.split() if name in self.scopes]
        return " ".join(granted) if granted else None

    def __str__(self) -> str:
        return f"client {self.client_id} ({'public' if self.is_public else 'confidential'})"


def hash_secret(secret: str) -> str:
    salt = secrets.token_bytes(16)
    return f"scrypt${_encode(salt)}${_encode(_scrypt(secret, salt))}"


def hash_made_secret(secret: str) -> str:
    """For what :func:`new_secret` made, and nothing else: it costs microseconds at each sign-in."""
    salt = secrets.token_bytes(16)
    return f"sha256${_encode(salt)}${_encode(_sha256(secret, salt))}"


def secret_matches(secret: str, hashed: str) -> bool:
    scheme, salt, expected = hashed.split("$")
    if scheme not in _HASHES:
        raise ValueError(f'A client secret is hashed by "{scheme}", which is not known. Set the secret again.')
    return hmac.compare_digest(_HASHES[scheme](secret, base64.b64decode(salt)), base64.b64decode(expected))


def new_secret() -> str:
    """A secret for a client, to be shown once: 256 random bits."""
    return secrets.token_urlsafe(32)


def portal(issuer: str, secret_hash: str) -> Client:
    """The web portal: confidential, on behalf of persons, operators too."""
    return Client(
        "portal",
        "集易网站",
        "Jiyi web portal",
        (AUTHORIZATION_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE),
        roles=PERSON_ROLES,
        secret_hash=secret_hash,
        redirect_uris=(f"{issuer}/sign-in/callback",),
    )


def television() -> Client:
    """The TV page: public, by device code, never more than a citizen."""
    return Client("tv", "电视端", "Television", (DEVICE_CODE, REFRESH_TOKEN), roles=("citizen",))


def explorer(issuer: str) -> Client:
    """The GraphQL explorer in the browser, and command-line tools on the same machine."""
    return Client(
        "explorer",
        "图查询工具",
        "Graph explorer",
        (AUTHORIZATION_CODE, TOKEN_EXCHANGE),
        roles=PERSON_ROLES,
        redirect_uris=(f"{issuer}/explorer/callback", "http://127.0.0.1/callback", "http://[::1]/callback"),
    )


def command_line() -> Client:
    """``jiyi auth login``: public, by device code, with all roles of the person."""
    grants = (DEVICE_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE)
    return Client("cli", "命令行", "Command line", grants, roles=PERSON_ROLES)


def mobile() -> Client:
    """Native applications: public, with PKCE, by loopback or the application's own scheme."""
    return Client(
        "mobile",
        "手机应用",
        "Mobile application",
        (AUTHORIZATION_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE),
        roles=("citizen",),
        redirect_uris=("dev.jiyi.mobile:/callback", "http://127.0.0.1/callback", "http://[::1]/callback"),
    )


def operator_tool(secret_hash: str) -> Client:
    """The command line in an operator's hands."""
    return _service("operator-cli", "运维命令行", "Operator command line", ("operator",), secret_hash)


def department_client(department: str, secret_hash: str, name: str | None = None) -> Client:
    """A department's own system: registers its connectors, posts its events."""
    client_id = f"department-{department}"
    return _service(client_id, name or department, department, ("department",), secret_hash, department)


def _service(
    client_id: str,
    name: str,
    name_en: str,
    roles: tuple[str, ...],
    secret_hash: str,
    department: str | None = None,
) -> Client:
    return Client(
        client_id,
        name,
        name_en,
        (CLIENT_CREDENTIALS,),
        scopes=(),
        roles=roles,
        secret_hash=secret_hash,
        department=department,
    )


def _same_but_for_port(registered: str, requested: str) -> bool:
    known, asked = urlsplit(registered), _split(requested)
    if asked is None or known.hostname not in LOOPBACK_HOSTS or known.scheme != "http":
        return False
    has_more = asked.username is not None or asked.password is not None or "#" in requested
    return not has_more and _without_port(known) == _without_port(asked)


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _without_port(parts: SplitResult) -> tuple[str, str | None, str, str]:
    return (parts.scheme, parts.hostname, parts.path, parts.query)


def _scrypt(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, maxmem=64 * 2**20, **_SCRYPT_COST)


def _sha256(secret: str, salt: bytes) -> bytes:
    return hashlib.sha256(salt + secret.encode()).digest()


_HASHES = {"scrypt": _scrypt, "sha256": _sha256}


def _encode(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
