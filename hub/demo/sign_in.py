"""The three ways in, walked as their users walk them: code with PKCE, device grant, client credentials."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from hub.demo.browser import Browser, Page, query_of
from hub.demo.client import Answered, HubClient
from hub.demo.residents import Resident

REDIRECT = "http://127.0.0.1/callback"
APP = "mobile"
TV = "tv"
COMMAND_LINE = "cli"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str | None


async def sign_in_app(client: HubClient, person: Resident, phone_url: str) -> Tokens:
    """Authorization code with PKCE S256: the app opens the hub's pages, the person types, the app redeems."""
    verifier = secrets.token_urlsafe(48)
    state = secrets.token_urlsafe(16)
    parameters = {
        "response_type": "code",
        "client_id": APP,
        "redirect_uri": REDIRECT,
        "scope": "citizen",
        "state": state,
        "code_challenge": create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]  # Authlib has no types here
        "code_challenge_method": "S256",
    }
    browser = Browser(client)
    page = await browser.open(f"/oauth/authorize?{urlencode(parameters)}", stop_at=REDIRECT)
    if not page.url.startswith(REDIRECT):
        page = await prove_identity(browser, client, page, person, phone_url, REDIRECT)
    answer = query_of(page.url)
    if answer.get("state") != state or "code" not in answer:
        raise Answered(f"sign-in ended at {page.url} ({page.status}) without a code")
    return await redeem(client, answer["code"], verifier)


async def redeem(client: HubClient, code: str, verifier: str) -> Tokens:
    """Exchange the code; the verifier proves that the asker is the one who began."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": APP,
        "code_verifier": verifier,
    }
    status, body = await client.form("/oauth/token", fields)
    if status != 200:
        raise Answered(f"the code was not redeemed: {body}")
    return Tokens(body["access_token"], body.get("refresh_token"))


async def prove_identity(
    browser: Browser, client: HubClient, page: Page, person: Resident, phone_url: str, stop_at: str
) -> Page:
    """Type the number of a document, read the one-time code off the phone, type that."""
    asked = await browser.fill(page, {"id_number": person.id_number, **dict(person.typed)})
    code = await read_phone(client, person, phone_url)
    return await browser.fill(asked, {"code": code}, stop_at)


async def read_phone(client: HubClient, person: Resident, phone_url: str) -> str:
    """The newest one-time code on the person's (mock) phone."""
    for _ in range(40):
        message = await client.json(f"{phone_url}/phone/{person.id}")
        if message.get("code"):
            return str(message["code"])
        await asyncio.sleep(0.05)
    raise Answered("no one-time code arrived on the phone")


async def sign_in_tv(
    tv: HubClient, phone: HubClient, person: Resident, phone_url: str, client_id: str = TV
) -> Tokens:
    """Device grant: the TV shows a code, the person confirms it on the phone, the TV's polling succeeds.

    Staff sign in so at the command line, whose tokens carry their offices.
    """
    status, device = await tv.form("/oauth/device_authorization", {"client_id": client_id, "scope": "citizen"})
    if status != 200:
        raise Answered(f"no device code: {device}")
    browser = Browser(phone)
    page = await browser.open(device["verification_uri_complete"])
    if "id_number" in page.text:
        page = await prove_identity(browser, phone, page, person, phone_url, "never:")
    await browser.fill(page, {"decision": "approve"})
    fields = {"grant_type": DEVICE_GRANT, "device_code": device["device_code"], "client_id": client_id}
    for _ in range(20):
        status, body = await tv.form("/oauth/token", fields)
        if status == 200:
            return Tokens(body["access_token"], body.get("refresh_token"))
        if body.get("error") not in {"authorization_pending", "slow_down"}:
            raise Answered(f"the TV was refused: {body}")
        await asyncio.sleep(device.get("interval", 1) if body["error"] == "slow_down" else 0.2)
    raise Answered("the TV was never let in")
