"""Somebody who signs access tokens, and tells by which key: for measuring what verifying them costs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey


@dataclass(frozen=True, slots=True)
class Issuer:
    """``headers`` carry a good token; ``jwks`` is the address of the key."""

    jwks: str
    headers: Mapping[str, str]


@asynccontextmanager
async def opened_issuer() -> AsyncIterator[Issuer]:
    """One key and one token that lives for a day, signed with ES256."""
    key = ECKey.generate_key("P-256", {"kid": "bench", "use": "sig", "alg": "ES256"})
    now = int(time.time())
    claims = {"sub": "resident-1", "client_id": "bench", "iat": now, "exp": now + 86_400, "scope": "read"}
    token = jwt.encode({"alg": "ES256", "kid": "bench", "typ": "at+jwt"}, claims, key)

    async def keys(_request: web.Request) -> web.Response:
        return web.json_response({"keys": [key.as_dict(private=False)]})

    app = web.Application()
    app.router.add_get("/jwks", keys)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield Issuer(f"http://127.0.0.1:{port}/jwks", {"Authorization": f"Bearer {token}"})
    finally:
        await runner.cleanup()
