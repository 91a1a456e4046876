"""The TV page: device sign-in with a QR code, my cases, stars; arrow keys and Enter alone, scripts optional.

The device code never reaches the screen: it waits sealed under the browser's cookie.
Source: RFC 8628.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from connectors.clock import Clock
from hub.portal.desk import Desk, error_text
from hub.portal.my_pages import CASE, PERSON, RATE, STARS
from hub.portal.oauth_client import OAuthClient, TokenRefused
from hub.portal.page import see_other
from hub.portal.qr_code import qr_code
from hub.portal.sealed import SealedStore
from hub.portal.visitors import Visitor

CODE_COOKIE = "jiyi_tv_code"
NAME = f"query Name {{ {PERSON} }}"
CASES = f"""query TelevisionCases {{ {PERSON} me {{ cases {{
  id receiptNumber state updatedAt ratable item {{ name nameEn }} }} }} }}"""

LICENCES = f"query TelevisionLicences {{ {PERSON} me {{ licences {{ number name nameEn validUntil state }} }} }}"


class TelevisionPages:
    """``/tv`` and below."""

    def __init__(
        self, desk: Desk, oauth: OAuthClient, store: SealedStore, clock: Clock, *, is_secure: bool
    ) -> None:
        self._desk = desk
        self._oauth = oauth
        self._store = store
        self._clock = clock
        self._is_secure = is_secure

    def routes(self) -> list[BaseRoute]:
        public, mine = self._desk.public, self._desk.signed_in
        return [
            Route("/tv", public(self.home), methods=["GET"]),
            Route("/tv/sign-in", public(self.poll), methods=["POST"]),
            Route("/tv/new-code", public(self.new_code), methods=["POST"]),
            Route("/tv/sign-out", public(self.sign_out), methods=["POST"]),
            Route("/tv/licences", mine(self.licences), methods=["GET"]),
            Route("/tv/cases/{id}", mine(self.case), methods=["GET", "POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """The cases of whoever is signed in, else a code to sign in by."""
        visitor = await self._desk.visitors.current(request)
        if visitor is not None:
            answer = await self._desk.ask(visitor, CASES)
            if answer.data.get("me"):
                values = {"me": answer.data["me"], "name": shown_name(answer.data)}
                return self._desk.pages.render(request, "tv_cases.html", values)
        return await self._show_code(request)

    async def poll(self, request: Request) -> Response:
        """Ask once whether the phone has confirmed. The page's script asks for JSON."""
        wants_json = "application/json" in request.headers.get("accept", "")
        device = await self._device(request)
        if await self._desk.pages.form(request) is None or device is None:
            return JSONResponse({"state": "expired"}) if wants_json else see_other("/tv")
        try:
            tokens = await self._oauth.poll_device(device["device_code"])
        except TokenRefused as refusal:
            if refusal.error not in {"authorization_pending", "slow_down"}:
                await self._forget(request)
            return JSONResponse({"state": refusal.error}) if wants_json else see_other("/tv")
        await self._forget(request)
        response = JSONResponse({"state": "signed_in"}) if wants_json else see_other("/tv")
        await self._desk.visitors.begin(tokens, response)
        return response

    async def new_code(self, request: Request) -> Response:
        if await self._desk.pages.form(request) is not None:
            await self._forget(request)
        return see_other("/tv")

    async def sign_out(self, request: Request) -> Response:
        response = see_other("/tv")
        if await self._desk.pages.form(request) is not None:
            await self._desk.visitors.end(request, response)
        return response

    async def licences(self, request: Request, visitor: Visitor) -> Response:
        """The wallet; a number is not for everybody in the room, nor is the code that shows a licence."""
        answer = await self._desk.ask(visitor, LICENCES)
        if answer.data.get("me") is None:
            return self._desk.message(request, "unavailable", 503)
        values = {"me": answer.data["me"], "name": shown_name(answer.data)}
        return self._desk.pages.render(request, "tv_licences.html", values)

    async def case(self, request: Request, visitor: Visitor) -> Response:
        """One case, and its stars: chosen first, then sent; "no rating" is chosen at first."""
        answer, person = await asyncio.gather(
            self._desk.ask(visitor, CASE, {"id": request.path_params["id"]}), self._desk.ask(visitor, NAME)
        )
        case = answer.data.get("case")
        if case is None:
            return see_other("/tv")
        notice = ""
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            stars = (fields or {}).get("stars", "")
            texts = self._desk.texts(request)
            if stars not in STARS:
                notice = texts("rate.choose")
            else:
                rated = await self._desk.ask(visitor, RATE, {"case": case["id"], "stars": int(stars)})
                if rated.errors:
                    notice = error_text(texts, rated)
                else:
                    return see_other(f"/tv/cases/{case['id']}?rated=1")
        elif request.query_params.get("rated"):
            notice = self._desk.texts(request)("tv.rated")
        values = {"case": case, "notice": notice, "name": shown_name(person.data)}
        return self._desk.pages.render(request, "tv_case.html", values)

    async def _show_code(self, request: Request) -> Response:
        key, device = request.cookies.get(CODE_COOKIE, ""), await self._device(request)
        now = self._clock.now()
        if device is None:
            try:
                begun = await self._oauth.begin_device()
            except TokenRefused:
                return self._desk.message(request, "unavailable", 503)
            device = {
                "device_code": begun.device_code,
                "user_code": begun.user_code,
                "address": begun.verification_uri,
                "complete": begun.verification_uri_complete,
                "interval": int(begun.interval.total_seconds()),
                "expires_at": begun.expires_at.isoformat(),
            }
            key = await self._store.keep(CODE_COOKIE, device, begun.expires_at - now)
        left = datetime.fromisoformat(device["expires_at"]) - now
        values = {
            "address": device["address"].partition("://")[2],
            "user_code": device["user_code"],
            "qr": qr_code(device["complete"]),
            "interval": device["interval"],
            "minutes": max(1, round(left.total_seconds() / 60)),
            "seconds": int(left.total_seconds()),
        }
        response = self._desk.pages.render(request, "tv_sign_in.html", values)
        response.set_cookie(CODE_COOKIE, key, path="/tv", secure=self._is_secure, httponly=True, samesite="lax")
        return response

    async def _device(self, request: Request) -> dict[str, Any] | None:
        return await self._store.read(CODE_COOKIE, request.cookies.get(CODE_COOKIE))

    async def _forget(self, request: Request) -> None:
        await self._store.drop(CODE_COOKIE, request.cookies.get(CODE_COOKIE))


def shown_name(data: Mapping[str, Any]) -> str:
    """Who is signed in; nothing where the identity department is silent."""
    return (data.get("person") or {}).get("name") or ""
