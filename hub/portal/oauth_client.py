"""The pages as clients of the authorization server: the portal by code and PKCE, the TV page by device code.

Sources: RFC 6749 section 4.1, RFC 7636, RFC 7009, RFC 8628 section 3.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from auth.clients import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE
from auth.exchange_grant import ACCESS_TOKEN
from connectors.clock import Clock
from hub.portal.hub_client import HubClient, HubUnreachable


class TokenRefused(Exception):
    """The authorization server said no. ``error`` is its code, for example ``authorization_pending``."""

    def __init__(self, error: str) -> None:
        super().__init__(f"The authorization server answered {error}.")
        self.error = error


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ActingToken:
    """For a party that somebody acts for; it is asked for anew, not renewed."""

    access_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """What the TV shows, and the device code that it keeps to itself."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_at: datetime
    interval: timedelta


@dataclass(frozen=True, slots=True)
class Authorization:
    """One dance that was begun: where to send the browser, and what to remember until it returns."""

    url: str
    state: str
    verifier: str


class OAuthClient:
    """One client of the server at ``hub``. Raises :class:`TokenRefused` and :class:`HubUnreachable`."""

    def __init__(
        self, hub: HubClient, clock: Clock, client_id: str, secret: str = "", redirect_uri: str = ""
    ) -> None:
        self._hub = hub
        self._clock = clock
        self._client_id = client_id
        self._secret = secret
        self._redirect_uri = redirect_uri

    def begin(self) -> Authorization:
        """A new authorization request. Its address is relative: the browser is at the hub already."""
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        parameters = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "citizen",
            "state": state,
            "code_challenge": create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]  # untyped
            "code_challenge_method": "S256",
        }
        return Authorization(f"/oauth/authorize?{urlencode(parameters)}", state, verifier)

    async def redeem(self, code: str, verifier: str) -> Tokens:
        return await self._token(
            {
                "grant_type": AUTHORIZATION_CODE,
                "code": code,
                "redirect_uri": self._redirect_uri,
                "code_verifier": verifier,
            }
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        return await self._token({"grant_type": REFRESH_TOKEN, "refresh_token": refresh_token})

    async def exchange(self, access_token: str, mandate: str) -> ActingToken:
        """A token of the party that the mandate is of (RFC 8693)."""
        body = await self._post(
            "/oauth/token",
            {
                "grant_type": TOKEN_EXCHANGE,
                "subject_token": access_token,
                "subject_token_type": ACCESS_TOKEN,
                "mandate": mandate,
            },
        )
        return ActingToken(body["access_token"], self._clock.now() + timedelta(seconds=int(body["expires_in"])))

    async def revoke(self, refresh_token: str) -> None:
        """End the sign-in that the token came of."""
        await self._post("/oauth/revoke", {"token": refresh_token, "token_type_hint": "refresh_token"})

    async def begin_device(self) -> DeviceAuthorization:
        body = await self._post("/oauth/device_authorization", {"scope": "citizen"})
        return DeviceAuthorization(
            device_code=body["device_code"],
            user_code=body["user_code"],
            verification_uri=body["verification_uri"],
            verification_uri_complete=body["verification_uri_complete"],
            expires_at=self._clock.now() + timedelta(seconds=int(body["expires_in"])),
            interval=timedelta(seconds=int(body.get("interval", 5))),
        )

    async def poll_device(self, device_code: str) -> Tokens:
        return await self._token({"grant_type": DEVICE_CODE, "device_code": device_code})

    async def _token(self, fields: Mapping[str, str]) -> Tokens:
        body = await self._post("/oauth/token", fields)
        expires_at = self._clock.now() + timedelta(seconds=int(body["expires_in"]))
        return Tokens(body["access_token"], body["refresh_token"], expires_at)

    async def _post(self, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
        url = f"{self._hub.base_url}{path}"
        if self._secret:
            headers = {"Authorization": aiohttp.encode_basic_auth(self._client_id, self._secret)}
            form = dict(fields)
        else:
            headers, form = {}, {**fields, "client_id": self._client_id}
        try:
            async with self._hub.session.post(url, data=form, headers=headers) as response:
                body = await response.json(content_type=None) or {}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise HubUnreachable(f"{url}: {error}") from error
        if response.status != 200:
            raise TokenRefused(str(body.get("error", response.status)))
        return dict(body)
