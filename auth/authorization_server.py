"""The authorization server: Authlib's framework-neutral core behind Starlette requests.

The core is synchronous, so each request runs in a worker thread and reaches the asynchronous store from
there. No OAuth logic stands here: an adapter in, the registered grants, an adapter out.
Sources: RFC 6749, RFC 8628, RFC 9207 (issuer in the answer), RFC 9068; design.md, section 8 (traps).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from authlib.common.security import is_secure_transport
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer as AuthlibServer
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc9207 import IssuerParameter
from starlette.concurrency import run_in_threadpool

from auth.clients import Client
from auth.device_grant import DeviceEndpoint, DeviceTokenGrant
from auth.exchange_grant import MandateRegister, exchange_grant
from auth.grants import CodeGrant, KnownClient, OnlyS256, RefreshGrant, Revocation, ServiceGrant, wait
from auth.persons import PersonRegister
from auth.roles import DEPARTMENT_STAFF
from auth.store import AuthStore, Person, RefreshToken, digest
from auth.tokens import TokenIssuer, TokenVerifier

# At debug level Authlib writes tokens into the log.
logging.getLogger("authlib").setLevel(logging.WARNING)

REFRESH_LIFETIME = timedelta(days=30)

MENDS = {
    "invalid_grant": "The code or token is unknown, used or too old. Sign in again.",
    "authorization_pending": "The person has not confirmed yet. Ask again after the interval.",
    "slow_down": "Asked too soon. Wait five seconds longer from now on.",
    "expired_token": "The device code is too old. Ask for a new one.",
    "unsupported_token_type": "Access tokens cannot be revoked; they end by themselves. Revoke the refresh token.",
    "unauthorized_client": "The code was given to another client.",
    "invalid_request": "A parameter is missing. Name the token.",
}

Parameters = Mapping[str, list[str]]


@dataclass(slots=True)
class OAuthAnswer:
    """What the core answers. ``location`` may still get the issuer's name added (RFC 9207)."""

    status: int
    body: Mapping[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    location: str = ""


class _Payload(OAuth2Payload):
    def __init__(self, parameters: Parameters) -> None:
        self._lists = {name: list(values) for name, values in parameters.items()}

    @property
    def data(self) -> dict[str, str]:
        return {name: values[0] for name, values in self._lists.items()}

    @property
    def datalist(self) -> dict[str, list[str]]:
        return self._lists


class OAuthRequest(OAuth2Request):
    """A request as the core reads it: query parameters of a GET, form fields of a POST, never both."""

    def __init__(self, method: str, uri: str, parameters: Parameters, headers: Mapping[str, str]) -> None:
        super().__init__(method, uri, None, headers)
        self.payload: _Payload = _Payload(parameters)
        self.grant_id: str | None = None

    @property
    def args(self) -> dict[str, str | None]:
        return dict(self.payload.data) if self.method == "GET" else {}

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data if self.method == "POST" else {}


class _NamedIssuer(IssuerParameter):
    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer


class Core(AuthlibServer):
    """Authlib's server over our store. Everything in it runs in worker threads."""

    def __init__(
        self,
        issuer: TokenIssuer,
        store: AuthStore,
        persons: PersonRegister,
        now: Callable[[], datetime],
        mandates: MandateRegister | None,
    ) -> None:
        super().__init__()
        self.issuer = issuer.issuer
        self.store = store
        self.persons = persons
        self.now = now
        self._tokens = issuer
        self.register_token_generator("default", self._token_generator())
        self.register_grant(CodeGrant, [OnlyS256(required=True)])
        self.register_grant(RefreshGrant)
        self.register_grant(ServiceGrant)
        self.register_grant(DeviceTokenGrant)
        if mandates is not None:
            verifier = TokenVerifier.for_hub(issuer.issuer, issuer.keys, now)
            self.register_grant(exchange_grant(issuer, verifier, mandates, now))
        self.register_endpoint(DeviceEndpoint)  # type: ignore[arg-type]  # the stubs miss this endpoint's base
        self.register_endpoint(Revocation)
        _NamedIssuer(issuer.issuer)(self)

    def query_client(self, client_id: str) -> KnownClient | None:  # type: ignore[override]  # None is "unknown"
        client = wait(self.store.client, client_id)
        return KnownClient(client, self.now()) if client else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Access tokens are not kept; a refresh token is, hashed, with the sign-in it belongs to."""
        if "refresh_token" not in token:
            return
        person: Any = request.user
        kept = RefreshToken(
            token_hash=digest(token["refresh_token"]),
            grant_id=getattr(request, "grant_id", None) or secrets.token_urlsafe(16),
            client_id=_client(request.client).client_id,
            subject=person.id,
            scope=token.get("scope", ""),
            expires_at=self.now() + REFRESH_LIFETIME,
        )
        wait(self.store.save_refresh_token, kept)

    def continue_grant(self, request: Any, grant_id: str) -> None:
        """The refresh token to come belongs to the sign-in that this code or token came of."""
        request.grant_id = grant_id

    def create_oauth2_request(self, request: OAuthRequest) -> OAuthRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> OAuthAnswer:
        named = {name: value for name, value in headers if name != "Location"}
        return OAuthAnswer(status, body or {}, named, next((v for n, v in headers if n == "Location"), ""))

    def handle_error_response(self, request: Any, error: OAuth2Error) -> OAuthAnswer:
        """Every error says what to do; some of Authlib's come without a text."""
        if not error.description:
            error.description = MENDS.get(error.error or "") or error.get_error_description()
        answer = super().handle_error_response(request, error)
        return cast(OAuthAnswer, answer)

    def send_signal(self, name: Any, *_args: object, **_kwargs: object) -> None:
        """Nobody listens."""

    def _token_generator(self) -> BearerTokenGenerator:
        return BearerTokenGenerator(
            access_token_generator=self._access_token,
            refresh_token_generator=lambda **_: secrets.token_urlsafe(32),
            expires_generator=lambda client, grant_type: int(self._tokens.lifetime.total_seconds()),
        )

    def _access_token(self, *, client: Any, grant_type: str, user: Person | None, scope: str) -> str:
        known = _client(client)
        if user is None:
            return self._tokens.issue(
                known.client_id, known.client_id, scope.split(), known.roles, known.department
            )
        roles = user.roles.intersection(known.roles)
        department = user.department if DEPARTMENT_STAFF in roles else None
        return self._tokens.issue(user.id, known.client_id, scope.split(), roles, department)


class AuthorizationServer:
    """What the routes call. ``issuer`` of the token issuer must be https, or loopback; with ``mandates`` persons
    exchange their token for one of a party that they act for."""

    def __init__(
        self,
        tokens: TokenIssuer,
        store: AuthStore,
        persons: PersonRegister,
        now: Callable[[], datetime],
        mandates: MandateRegister | None = None,
    ) -> None:
        if not is_secure_transport(tokens.issuer):
            raise ValueError(
                f'Issuer "{tokens.issuer}" is neither https nor on this machine. '
                "Serve TLS, or listen on 127.0.0.1."
            )
        self.tokens = tokens
        self.store = store
        self._core = Core(tokens, store, persons, now, mandates)

    @property
    def issuer(self) -> str:
        return self.tokens.issuer

    async def ensure_client(self, client: Client) -> None:
        """Make the client known as given, replacing what was stored under its id."""
        if await self.store.client(client.client_id) != client:
            await self.store.save_client(client)

    async def authorize(
        self, parameters: Parameters, headers: Mapping[str, str], person: Person | None
    ) -> OAuthAnswer | None:
        """The answer to an authorization request, ``None`` when it is right and somebody must sign in."""
        return await self._answer("GET", "/oauth/authorize", parameters, headers, self._authorize, person)

    async def token(self, parameters: Parameters, headers: Mapping[str, str]) -> OAuthAnswer:
        await self.tokens.keys.refresh()
        answer = await self._answer("POST", "/oauth/token", parameters, headers, self._core.create_token_response)
        return _certain(answer)

    async def device_authorization(self, parameters: Parameters, headers: Mapping[str, str]) -> OAuthAnswer:
        path = "/oauth/device_authorization"
        return _certain(
            await self._answer("POST", path, parameters, headers, self._endpoint, "device_authorization")
        )

    async def revoke(self, parameters: Parameters, headers: Mapping[str, str]) -> OAuthAnswer:
        return _certain(
            await self._answer("POST", "/oauth/revoke", parameters, headers, self._endpoint, "revocation")
        )

    async def _answer(
        self,
        method: str,
        path: str,
        parameters: Parameters,
        headers: Mapping[str, str],
        step: Callable[..., Any],
        *arguments: Any,
    ) -> OAuthAnswer | None:
        request = OAuthRequest(method, f"{self.issuer}{path}", parameters, headers)
        try:
            _refuse_unsayable(parameters, may_repeat=method == "GET")
        except OAuth2Error as error:
            return self._failed(request, error)
        answer: OAuthAnswer | None = await run_in_threadpool(step, request, *arguments)
        return answer

    def _authorize(self, request: OAuthRequest, person: Person | None) -> Any:
        try:
            grant = self._core.get_consent_grant(  # type: ignore[no-untyped-call]  # untyped in the stubs
                request, end_user=person
            )
        except OAuth2Error as error:
            return self._failed(request, error)
        if person is None:
            return None
        return self._core.create_authorization_response(request, grant_user=person, grant=grant)

    def _endpoint(self, request: OAuthRequest, name: str) -> Any:
        return self._core.create_endpoint_response(  # type: ignore[no-untyped-call]  # untyped in the stubs
            name, request
        )

    def _failed(self, request: OAuthRequest, error: OAuth2Error) -> OAuthAnswer:
        answer = self._core.handle_error_response(request, error)
        _NamedIssuer(self.issuer).add_issuer_parameter(self._core, answer)
        return answer


def _client(known: Any) -> Client:
    if not isinstance(known, KnownClient):
        raise TypeError("The core was given a client that this server did not make.")
    return known.client


def _certain(answer: OAuthAnswer | None) -> OAuthAnswer:
    if answer is None:
        raise RuntimeError("The authorization server's core gave no answer.")
    return answer


def _refuse_unsayable(parameters: Parameters, *, may_repeat: bool) -> None:
    """Authlib repeats values in its error texts and fails on characters that those may not have."""
    for name, values in parameters.items():
        if len(values) > 1 and not may_repeat:
            raise InvalidRequestError("A parameter is there more than once.")
        if name != "state" and any(_is_unsayable(value) for value in values):
            raise InvalidRequestError("A parameter has a character that is not allowed there.")


def _is_unsayable(value: str) -> bool:
    return any(not " " <= character <= "~" or character in '"\\' for character in value)
