"""Somebody else's authorization server, of which a gateway sees the keys only."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hub.standalone.application import GatewayOptions, TokenRule
from tests.hub.serving import served


@dataclass
class Issuer:
    key: RSAKey
    jwks: str

    def token(self, **claims: Any) -> str:
        told = {"exp": int(time.time()) + 60, **claims}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, told, self.key, algorithms=["RS256"])

    def bearer(self, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(**claims)}"}

    def options(self, **rule: str) -> GatewayOptions:
        return GatewayOptions(tokens=TokenRule(self.jwks, **rule))


@asynccontextmanager
async def open_issuer() -> AsyncIterator[Issuer]:
    key = RSAKey.generate_key(2048, {"kid": "one"})

    async def keys(_request: Request) -> JSONResponse:
        return JSONResponse(KeySet([key]).as_dict(private=False))

    async with served(Starlette(routes=[Route("/jwks", keys)])) as url:
        yield Issuer(key, f"{url}/jwks")
