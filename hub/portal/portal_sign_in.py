"""The portal's way through the authorization server and back: code with PKCE, tokens kept on the server.

What must be known again when the browser comes back (state, verifier, where to go on) waits sealed under a
cookie of its own, for ten minutes and for this one path. Sources: RFC 6749 section 4.1, RFC 7636, RFC 9700.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth.sign_in import safe_next
from hub.portal.desk import Desk
from hub.portal.oauth_client import OAuthClient, TokenRefused
from hub.portal.page import see_other
from hub.portal.sealed import SealedStore

CALLBACK = "/sign-in/callback"
FLOW_COOKIE = "jiyi_portal_flow"
FLOW_LASTS = timedelta(minutes=10)


class PortalSignIn:
    """``/portal/sign-in``, its callback, ``/portal/stay`` and ``/portal/sign-out``."""

    def __init__(self, desk: Desk, oauth: OAuthClient, store: SealedStore, *, is_secure: bool) -> None:
        self._desk = desk
        self._oauth = oauth
        self._store = store
        self._is_secure = is_secure

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/portal/sign-in", self.begin, methods=["GET"]),
            Route(CALLBACK, self._desk.public(self.finish), methods=["GET"]),
            Route("/portal/stay", self._desk.public(self.stay), methods=["POST"]),
            Route("/portal/sign-out", self._desk.public(self.end), methods=["POST"]),
        ]

    async def begin(self, request: Request) -> Response:
        authorization = self._oauth.begin()
        flow = {
            "state": authorization.state,
            "verifier": authorization.verifier,
            "next": safe_next(request.query_params.get("next"), "/portal"),
        }
        value = await self._store.keep(FLOW_COOKIE, flow, FLOW_LASTS)
        response = see_other(authorization.url)
        response.set_cookie(
            FLOW_COOKIE, value, path=CALLBACK, secure=self._is_secure, httponly=True, samesite="lax"
        )
        return response

    async def finish(self, request: Request) -> Response:
        """Redeem the code. Whatever does not fit begins anew; each flow is good once."""
        value = request.cookies.get(FLOW_COOKIE)
        flow = await self._store.read(FLOW_COOKIE, value)
        code, state = request.query_params.get("code"), request.query_params.get("state", "")
        if flow is None or not code or not hmac.compare_digest(flow["state"].encode(), state.encode()):
            return self._desk.message(request, "sign_in_failed", 400)
        if not await self._store.drop(FLOW_COOKIE, value):
            return self._desk.message(request, "sign_in_failed", 400)
        try:
            tokens = await self._oauth.redeem(code, flow["verifier"])
        except TokenRefused:
            return self._desk.message(request, "sign_in_failed", 400)
        response = see_other(safe_next(flow["next"], "/portal"))
        await self._desk.visitors.begin(tokens, response)
        response.delete_cookie(FLOW_COOKIE, path=CALLBACK)
        return response

    async def stay(self, request: Request) -> Response:
        """A key was pressed on a page that was about to be left: looking at the session prolongs it."""
        return Response(status_code=204 if await self._desk.visitors.current(request) else 401)

    async def end(self, request: Request) -> Response:
        """Leave the portal and, by the same press, the authorization server."""
        response = see_other("/")
        if await self._desk.pages.form(request) is not None:
            await self._desk.visitors.end(request, response)
            await self._desk.sign_out_everywhere(request, response)
        return response
