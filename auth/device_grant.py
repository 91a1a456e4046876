"""Signing in on a device without a keyboard: it shows a code, a person confirms it on their phone.

``DeviceCodeGrant`` and its endpoint are the device's side, :class:`DeviceGrant` is the page's. A device code
is redeemed once; guesses at user codes are counted; who polls too fast is slowed down.
Source: RFC 8628 (user codes: section 6.1; brute force: 5.1; remote phishing: 5.4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidGrantError, OAuth2Request, UnauthorizedClientError
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialMixin

from auth.attempts import Attempts, Limit
from auth.clients import DEVICE_CODE, Client
from auth.grants import scope_of, wait
from auth.store import AuthStore, DeviceRequest, DeviceState, Person, digest

if TYPE_CHECKING:
    from auth.authorization_server import Core

USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
GUESSES_PER_PERSON = Limit("device codes by person", 5, timedelta(minutes=10))
GUESSES_PER_ADDRESS = Limit("device codes by address", 20, timedelta(minutes=10))


class KnownDevice(DeviceCredentialMixin):
    """A :class:`DeviceRequest` as Authlib asks for it."""

    def __init__(self, request: DeviceRequest, now: datetime) -> None:
        self.request = request
        self._now = now

    def get_client_id(self) -> str:
        return self.request.client_id

    def get_scope(self) -> str:
        return self.request.scope

    def get_user_code(self) -> str:
        return self.request.user_code

    def is_expired(self) -> bool:
        return self.request.expires_at <= self._now


class DeviceTokenGrant(DeviceCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("none", "client_secret_basic", "client_secret_post")
    server: Core

    def query_device_credential(self, device_code: str) -> KnownDevice:
        found = wait(self.server.store.device_request, digest(device_code))
        if found is None or found.state is DeviceState.CONSUMED:
            raise InvalidGrantError("This device code is not known, or was redeemed already.")
        return KnownDevice(found, self.server.now())

    def query_user_grant(self, user_code: str) -> tuple[Person | None, bool] | None:
        found = wait(self.server.store.device_request_of_user, user_code)
        if found is None or found.state is DeviceState.PENDING:
            return None
        if found.state is not DeviceState.APPROVED or found.subject is None:
            return None, False
        person = wait(self.server.persons.person, found.subject)
        return person, person is not None

    def should_slow_down(self, credential: KnownDevice) -> bool:
        device_code_hash = credential.request.device_code_hash
        return wait(self.server.store.poll_device_request, device_code_hash, self.server.now())

    def create_token_response(self) -> Any:
        """Redeem, then issue: of two polls at once one gets the token."""
        device: DeviceRequest = self.request.credential.request  # type: ignore[union-attr]  # set when validated
        if not wait(self.server.store.consume_device_request, device.device_code_hash):
            raise InvalidGrantError("This device code was redeemed already.")
        return super().create_token_response()  # type: ignore[no-untyped-call]  # untyped in the stubs


class DeviceEndpoint(DeviceAuthorizationEndpoint):
    """Hands out device and user codes; the first line of the dance."""

    CLIENT_AUTH_METHODS = ("none", "client_secret_basic", "client_secret_post")
    EXPIRES_IN = 600
    INTERVAL = 5
    server: Core

    def authenticate_client(self, request: OAuth2Request) -> Any:
        client = super().authenticate_client(request)  # type: ignore[no-untyped-call]  # untyped in the stubs
        if not client.check_grant_type(DEVICE_CODE):
            raise UnauthorizedClientError("The client is not authorized to use the device grant.")
        return client

    def get_verification_uri(self) -> str:
        return f"{self.server.issuer}/device"

    def save_device_credential(self, client_id: str, scope: str | None, data: dict[str, Any]) -> None:
        client = wait(self.server.store.client, client_id)
        request = DeviceRequest(
            device_code_hash=digest(data["device_code"]),
            user_code=plain_user_code(data["user_code"]),
            client_id=client_id,
            scope=scope_of(client, scope) if client else "",
            expires_at=self.server.now() + timedelta(seconds=self.EXPIRES_IN),
            interval=timedelta(seconds=self.INTERVAL),
        )
        if not wait(self.server.store.save_device_request, request):
            raise InvalidGrantError("No free user code was found. Ask again.")


@dataclass(frozen=True, slots=True)
class PendingDevice:
    """What the person is asked to confirm: show the client's name, and the code to compare."""

    client: Client
    scope: str
    user_code: str
    expires_at: datetime


class DeviceGrant:
    """The confirmation page's side. Every method needs the signed-in person and their network address.

    Wrong codes are counted per person and per address; the methods raise ``TooManyAttempts``.
    """

    def __init__(self, store: AuthStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._attempts = Attempts(store, now)

    async def pending(self, user_code: str, person: Person, address: str) -> PendingDevice | None:
        """The device that waits with this code; ``None`` when none does (any more)."""
        await self._attempts.check(GUESSES_PER_PERSON, person.id)
        await self._attempts.check(GUESSES_PER_ADDRESS, address)
        request = await self._store.device_request_of_user(plain_user_code(user_code))
        client = await self._store.client(request.client_id) if request else None
        if request is None or client is None or not self._is_waiting(request):
            await self._attempts.count(GUESSES_PER_PERSON, person.id)
            await self._attempts.count(GUESSES_PER_ADDRESS, address)
            return None
        return PendingDevice(client, request.scope, readable_user_code(request.user_code), request.expires_at)

    async def approve(self, user_code: str, person: Person, address: str) -> bool:
        """Sign the device in as this person. ``False`` when it no longer waits."""
        if await self.pending(user_code, person, address) is None:
            return False
        return await self._decide(user_code, DeviceState.APPROVED, person)

    async def deny(self, user_code: str, person: Person, address: str) -> bool:
        """Send the device away. ``False`` when it no longer waits."""
        if await self.pending(user_code, person, address) is None:
            return False
        return await self._decide(user_code, DeviceState.DENIED, person)

    async def _decide(self, user_code: str, state: DeviceState, person: Person) -> bool:
        code = plain_user_code(user_code)
        return await self._store.decide_device_request(code, state, person.id, self._now())

    def _is_waiting(self, request: DeviceRequest) -> bool:
        return request.state is DeviceState.PENDING and request.expires_at > self._now()


def plain_user_code(typed: str) -> str:
    """``wdjb-mjht`` as people type it, to ``WDJBMJHT`` as it is kept. Anything else is dropped."""
    return "".join(letter for letter in typed.upper() if letter in USER_CODE_LETTERS)


def readable_user_code(plain: str) -> str:
    return f"{plain[:4]}-{plain[4:]}"
