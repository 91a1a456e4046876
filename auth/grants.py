"""The grants, as Authlib's core wants them: each says what is stored and what happens once.

Authlib is synchronous and runs in a worker thread; ``wait`` takes a step of the asynchronous store from
there. What Authlib leaves open is closed here: PKCE is demanded and is S256, a code is taken before it is
looked at, a refresh token is exchanged once, and a second use ends everything that came of the sign-in.
Sources: RFC 6749, RFC 7636, RFC 7009, RFC 9700 (best current practice).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio.from_thread
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    ClientMixin,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Request,
    TokenMixin,
    UnsupportedTokenTypeError,
    grants,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import compare_s256_code_challenge

from auth.clients import Client
from auth.store import AuthorizationCode, Person, RefreshToken, digest

if TYPE_CHECKING:
    from auth.authorization_server import Core

CODE_LIFETIME = timedelta(minutes=1)
LOST_RACE = timedelta(seconds=10)
"""Two tabs may refresh at once: within this time the second is refused, but nothing is revoked."""

T = TypeVar("T")


def wait(step: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
    """Run a step of the store on the event loop that this worker thread came from."""
    return anyio.from_thread.run(step, *arguments)


class KnownClient(ClientMixin):
    """A :class:`auth.clients.Client` as Authlib asks for it."""

    def __init__(self, client: Client, now: datetime) -> None:
        self.client = client
        self._now = now

    def get_client_id(self) -> str:
        return self.client.client_id

    def get_default_redirect_uri(self) -> str:
        # With several registered there is no default, and the client must say which it means.
        return self.client.redirect_uris[0] if len(self.client.redirect_uris) == 1 else ""

    def get_allowed_scope(self, scope: Any) -> str:
        # Authlib reads ``None`` as "invalid scope".
        return cast(str, self.client.granted_scope(scope))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return self.client.takes_redirect(redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        return self.client.has_secret(client_secret, self._now)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return (method == "none") == self.client.is_public

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.client.grants

    def __repr__(self) -> str:
        return str(self.client)


@dataclass(frozen=True, slots=True)
class KnownCode(AuthorizationCodeMixin):
    """An authorization code as Authlib's PKCE check asks for it."""

    code: AuthorizationCode
    code_challenge: str
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.code.redirect_uri or ""

    def get_scope(self) -> str:
        return self.code.scope


@dataclass(frozen=True, slots=True)
class KnownRefreshToken(TokenMixin):
    """A refresh token as Authlib asks for it."""

    token: RefreshToken

    def check_client(self, client: ClientMixin) -> bool:
        return client.get_client_id() == self.token.client_id

    def get_scope(self) -> str:
        return self.token.scope


class OnlyS256(CodeChallenge):
    """PKCE for every client, confidential ones too, and never ``plain``."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012  declared by Authlib
    CODE_CHALLENGE_METHODS = {"S256": compare_s256_code_challenge}  # noqa: RUF012  declared by Authlib

    def validate_code_challenge(self, grant: Any, redirect_uri: Any) -> None:
        given = grant.request.payload.data
        if not given.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge'. PKCE is demanded.")
        if given.get("code_challenge_method") != "S256":
            raise InvalidRequestError("'code_challenge_method' must be S256.")
        super().validate_code_challenge(grant, redirect_uri)


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")
    server: Core

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        payload = _payload(request)
        person = cast(Person, request.user)
        wait(
            self.server.store.save_authorization_code,
            AuthorizationCode(
                code_hash=digest(code),
                grant_id=secrets.token_urlsafe(16),
                client_id=payload["client_id"],
                subject=person.id,
                scope=request.scope,
                redirect_uri=payload.get("redirect_uri"),
                code_challenge=payload["code_challenge"],
                expires_at=self.server.now() + CODE_LIFETIME,
            ),
        )

    def query_authorization_code(self, code: str, client: ClientMixin) -> KnownCode | None:
        """Take the code: whatever is wrong with this attempt, there is no second one."""
        store, now = self.server.store, self.server.now()
        taken = wait(store.take_authorization_code, digest(code), client.get_client_id(), now)
        if taken is None:
            return None
        found, is_first = taken
        if not is_first:
            wait(store.revoke_grant, found.grant_id, now)
            return None
        self.server.continue_grant(self.request, found.grant_id)
        return KnownCode(found, found.code_challenge) if found.expires_at > now else None

    def delete_authorization_code(self, authorization_code: Any) -> None:
        """It was taken when it was looked up."""

    def authenticate_user(self, authorization_code: KnownCode) -> Person | None:
        return wait(self.server.persons.person, authorization_code.code.subject)


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: Core

    def authenticate_refresh_token(  # type: ignore[override]  # None is "unknown"
        self, refresh_token: str
    ) -> KnownRefreshToken | None:
        found = wait(self.server.store.refresh_token, digest(refresh_token))
        now = self.server.now()
        if found is None or found.revoked_at is not None or found.expires_at <= now:
            return None
        if found.rotated_at is not None:
            # Used again: by a thief or by its owner after a thief. Neither goes on.
            if now - found.rotated_at > LOST_RACE:
                wait(self.server.store.revoke_grant, found.grant_id, now)
            return None
        self.server.continue_grant(self.request, found.grant_id)
        return KnownRefreshToken(found)

    def authenticate_user(self, refresh_token: KnownRefreshToken) -> Person | None:
        """Exchange the token, now that the request is known to be right; only the first one gets on."""
        token = refresh_token.token
        if not wait(self.server.store.rotate_refresh_token, token.token_hash, self.server.now()):
            raise InvalidGrantError("This refresh token was exchanged already.")
        return wait(self.server.persons.person, token.subject)

    def revoke_old_credential(self, refresh_token: Any) -> None:
        """It was exchanged before the new one was issued."""


class ServiceGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")
    server: Core


class Revocation(RevocationEndpoint):
    """Ends the sign-in that a refresh token came of. Access tokens are short-lived and cannot be revoked."""

    CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")
    SUPPORTED_TOKEN_TYPES = ("refresh_token",)
    server: Core

    def query_token(self, token_string: str, _token_type_hint: str | None) -> KnownRefreshToken | None:
        if token_string.count(".") == 2:
            raise UnsupportedTokenTypeError()
        found = wait(self.server.store.refresh_token, digest(token_string))
        return KnownRefreshToken(found) if found else None

    def revoke_token(self, token: KnownRefreshToken, request: OAuth2Request) -> None:
        wait(self.server.store.revoke_grant, token.token.grant_id, self.server.now())


def scope_of(client: Client, requested: str | None) -> str:
    """What the client may have of what it asks for. Raises ``invalid_scope``."""
    granted = client.granted_scope(requested)
    if granted is None:
        raise OAuth2Error(error="invalid_scope", description="None of the requested scopes is open to the client.")
    return granted


def _payload(request: OAuth2Request) -> dict[str, str]:
    return request.payload.data if request.payload else {}
