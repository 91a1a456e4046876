"""Authlib's own client, unmodified, against the server's doors."""

from __future__ import annotations

from typing import Any

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client

from auth.session import COOKIE
from tests.auth.world import ISSUER, LI_MING, REDIRECT, SECRET, World

TOKEN = f"{ISSUER}/oauth/token"


def _client(world: World, client_id: str, **options: Any) -> Any:
    return AsyncOAuth2Client(client_id, transport=httpx2.ASGITransport(app=world.app), **options)


async def test_code_with_pkce_refresh_and_revocation(world: World) -> None:
    """As an application written with Authlib does it."""
    options = {"redirect_uri": REDIRECT, "code_challenge_method": "S256", "token_endpoint_auth_method": "none"}
    async with _client(world, "mobile", **options) as client:
        verifier = "k" * 64
        url, state = client.create_authorization_url(f"{ISSUER}/oauth/authorize", code_verifier=verifier)
        await world.begin_session()
        page = await world.browser.get(url)
        token = await client.fetch_token(
            TOKEN, authorization_response=page.headers["location"], state=state, code_verifier=verifier
        )
        assert (await world.verifier.verify(token["access_token"])).subject == LI_MING.citizen_id
        renewed = await client.refresh_token(TOKEN)
        assert renewed["refresh_token"] != token["refresh_token"]
        answer = await client.revoke_token(f"{ISSUER}/oauth/revoke", renewed["refresh_token"], "refresh_token")
        assert answer.status_code == 200
    assert COOKIE in world.browser.cookies


async def test_client_credentials(world: World) -> None:
    """With the colon that a department's client id has."""
    async with _client(world, "department-civil-affairs", client_secret=SECRET) as client:
        token = await client.fetch_token(TOKEN, grant_type="client_credentials")
        assert (await world.verifier.verify(token["access_token"])).department == "civil-affairs"
