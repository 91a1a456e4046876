"""A hub reduced to its sign-in: real server, real store, a clock that can be moved, a made-up department."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from starlette.applications import Starlette

from auth import clients
from auth.attempts import Attempts
from auth.authorization_server import AuthorizationServer
from auth.clients import Client, hash_secret
from auth.device_grant import DeviceGrant
from auth.keys import KeyRing
from auth.persons import PersonRegister
from auth.routes import oauth_routes
from auth.session import COOKIE, Sessions
from auth.sign_in import SignIn, VerifiedIdentity
from auth.store import Person
from auth.tokens import TokenIssuer, TokenVerifier
from hub.people.auth_store import HubAuthStore
from hub.storage.database import Database
from schema.domain.mandate import Mandate

ISSUER = "http://127.0.0.1:8000"
REDIRECT = "http://127.0.0.1/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SECRET = "a-secret-that-a-seed-made"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

LI_MING = VerifiedIdentity("citizen-1", "11010219900307001X", "李明")
WANG_FANG = VerifiedIdentity("citizen-2", "110102198812120029", "王芳")

# One hash for all tests: making one takes long by design.
SECRET_HASH = hash_secret(SECRET)


class MovableClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


class MadeUpIdentityDepartment:
    """Knows two residents; the code is always the last six digits before the check character."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.verified: list[str] = []

    async def request_one_time_code(self, id_number: str) -> None:
        self.asked.append(id_number)

    async def verify_one_time_code(self, id_number: str, code: str) -> VerifiedIdentity | None:
        self.verified.append(code)
        known = {each.id_number: each for each in (LI_MING, WANG_FANG)}
        return known.get(id_number) if code == id_number[11:17] else None


class MadeUpMandates:
    """By id, as a test has them."""

    def __init__(self) -> None:
        self.known: dict[str, Mandate] = {}

    async def in_force(self, id: str, at: datetime) -> Mandate | None:
        found = self.known.get(id)
        return found if found is not None and found.is_in_force(at) else None


@dataclass(slots=True)
class World:
    app: Starlette
    browser: httpx2.AsyncClient
    clock: MovableClock
    store: HubAuthStore
    keys: KeyRing
    persons: PersonRegister
    sessions: Sessions
    server: AuthorizationServer
    devices: DeviceGrant
    sign_in: SignIn
    department: MadeUpIdentityDepartment
    verifier: TokenVerifier
    mandates: MadeUpMandates

    async def begin_session(self, identity: VerifiedIdentity = LI_MING) -> Person:
        """Sign a person in at the browser, as the sign-in page does."""
        person = await self.persons.remember(identity.citizen_id, identity.id_number, identity.name)
        self.browser.cookies.set(COOKIE, await self.sessions.begin(person))
        return person

    async def authorize(self, **changed: str | None) -> httpx2.Response:
        """An authorization request of the mobile application, with parameters changed or left out (None)."""
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "mobile",
            "redirect_uri": REDIRECT,
            "state": "xyz",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        parameters |= changed
        kept = {name: value for name, value in parameters.items() if value is not None}
        return await self.browser.get("/oauth/authorize", params=kept)

    async def code(self, **changed: str | None) -> str:
        return answer_of(await self.authorize(**changed))["code"]

    async def redeem(self, code: str, **changed: str) -> httpx2.Response:
        fields = {
            "grant_type": "authorization_code",
            "client_id": "mobile",
            "redirect_uri": REDIRECT,
            "code": code,
            "code_verifier": VERIFIER,
        }
        return await self.browser.post("/oauth/token", data=fields | changed)

    async def token(self, auth: tuple[str, str] | None = None, **fields: str) -> httpx2.Response:
        return await self.browser.post("/oauth/token", data=fields, auth=auth)  # type: ignore[arg-type]

    async def device(self, **changed: str) -> dict[str, Any]:
        answer = await self.browser.post("/oauth/device_authorization", data={"client_id": "tv"} | changed)
        assert answer.status_code == 200, answer.text
        device: dict[str, Any] = answer.json()
        return device

    async def poll(self, device: dict[str, Any], client_id: str = "tv") -> httpx2.Response:
        return await self.token(grant_type=DEVICE_GRANT, device_code=device["device_code"], client_id=client_id)


def answer_of(response: httpx2.Response) -> dict[str, str]:
    """The parameters that an authorization answer sends back to the client."""
    assert response.status_code == 302, response.text
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


async def build_world(database: Database, issuer: str = ISSUER) -> World:
    clock = MovableClock()
    store = HubAuthStore(database)
    keys = await KeyRing.open(store, clock)
    persons = PersonRegister(store, clock, operators=("citizen-2",))
    sessions = Sessions(store, persons, clock, is_secure=False)
    mandates = MadeUpMandates()
    server = AuthorizationServer(TokenIssuer(issuer, keys, clock), store, persons, clock, mandates)
    for client in seeds(issuer):
        await server.ensure_client(client)
    department = MadeUpIdentityDepartment()
    app = Starlette(routes=oauth_routes(server, sessions, Attempts(store, clock)))
    browser = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=issuer)
    return World(
        app=app,
        browser=browser,
        clock=clock,
        store=store,
        keys=keys,
        persons=persons,
        sessions=sessions,
        server=server,
        devices=DeviceGrant(store, clock),
        sign_in=SignIn(department, persons, store, clock),
        department=department,
        verifier=TokenVerifier.for_hub(issuer, keys, clock),
        mandates=mandates,
    )


def seeds(issuer: str) -> tuple[Client, ...]:
    return (
        clients.portal(issuer, SECRET_HASH),
        clients.television(),
        clients.mobile(),
        clients.explorer(issuer),
        clients.operator_tool(SECRET_HASH),
        clients.department_client("civil-affairs", SECRET_HASH, "民政局"),
    )
