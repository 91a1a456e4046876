"""Who uses the portal, or the TV page, at this browser: a session whose tokens never leave the server.

An access token that is about to end is renewed by its refresh token. Two requests at once must not both
exchange it: within a process they queue up, between processes the loser looks again for what the winner kept.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

import structlog
from starlette.requests import Request
from starlette.responses import Response

from auth.store import digest
from connectors.clock import Clock
from hub.portal.hub_client import HubUnreachable
from hub.portal.oauth_client import ActingToken, OAuthClient, TokenRefused, Tokens
from hub.portal.sealed import SealedStore

RENEW_BEFORE = timedelta(seconds=45)
TOUCH_AT_MOST_EVERY = timedelta(seconds=20)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class VisitorLimits:
    """``idle`` ends a session without requests; ``whole`` ends every session."""

    idle: timedelta = timedelta(minutes=30)
    whole: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom the visitor acts: under which mandate, what the party is called, and its token."""

    mandate: str
    party: str
    token: ActingToken


@dataclass(frozen=True, slots=True)
class Visitor:
    """``value`` is the cookie's; ``token`` is good for the graph now, for the party where the visitor acts."""

    value: str
    tokens: Tokens
    begun_at: datetime
    seen_at: datetime
    acting: Acting | None = None

    @property
    def token(self) -> str:
        return self.acting.token.access_token if self.acting else self.tokens.access_token

    @property
    def subject(self) -> str:
        """Who it is, as the token says; the hub gave it to us itself, and checks it at each use."""
        payload = self.token.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])


class Visitors:
    """The sessions of one client: its cookie, its kind of state, its limits."""

    def __init__(
        self,
        cookie: str,
        oauth: OAuthClient,
        store: SealedStore,
        clock: Clock,
        *,
        is_secure: bool,
        limits: VisitorLimits | None = None,
    ) -> None:
        self._cookie = cookie
        self._oauth = oauth
        self._store = store
        self._clock = clock
        self._is_secure = is_secure
        self.limits = limits or VisitorLimits()
        self._renewing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def begin(self, tokens: Tokens, response: Response) -> None:
        now = self._clock.now()
        content = _content(tokens, now, now)
        value = await self._store.keep(self._cookie, content, self.limits.idle)
        response.set_cookie(self._cookie, value, path="/", secure=self._is_secure, httponly=True, samesite="lax")

    async def current(self, request: Request) -> Visitor | None:
        """The visitor, with a token that is good; ``None`` when nobody is signed in (any more)."""
        value = request.cookies.get(self._cookie)
        visitor = await self._read(value)
        if visitor is None:
            return None
        now = self._clock.now()
        if now >= visitor.begun_at + self.limits.whole:
            await self._store.drop(self._cookie, visitor.value)
            return None
        if visitor.tokens.expires_at - now <= RENEW_BEFORE:
            return await self._renewed(visitor.value)
        if visitor.acting is not None and visitor.acting.token.expires_at - now <= RENEW_BEFORE:
            return await self._acting_on(visitor, visitor.acting)
        if now - visitor.seen_at >= TOUCH_AT_MOST_EVERY:
            await self._keep(visitor)
        return visitor

    async def act(self, visitor: Visitor, mandate: str, party: str) -> Visitor:
        """From now on the visitor acts for the party. Raises :class:`TokenRefused`."""
        token = await self._oauth.exchange(visitor.tokens.access_token, mandate)
        acting = replace(visitor, acting=Acting(mandate, party, token))
        await self._keep(acting)
        return acting

    async def act_in_own_name(self, visitor: Visitor) -> None:
        await self._keep(replace(visitor, acting=None))

    async def _acting_on(self, visitor: Visitor, acting: Acting) -> Visitor:
        """With another token of the party; in one's own name where the mandate has ended."""
        try:
            return await self.act(visitor, acting.mandate, acting.party)
        except TokenRefused:
            await self.act_in_own_name(visitor)
            return replace(visitor, acting=None)

    async def end(self, request: Request, response: Response) -> None:
        """Sign out here: forget the session and end its sign-in at the authorization server."""
        visitor = await self._read(request.cookies.get(self._cookie))
        response.delete_cookie(self._cookie, path="/", secure=self._is_secure, httponly=True, samesite="lax")
        if visitor is None or not await self._store.drop(self._cookie, visitor.value):
            return
        try:
            await self._oauth.revoke(visitor.tokens.refresh_token)
        except (TokenRefused, HubUnreachable) as error:
            # The tokens are forgotten here in any case; they end by themselves.
            _log.warning("a sign-in could not be revoked", reason=type(error).__name__)

    async def _renewed(self, value: str) -> Visitor | None:
        lock = self._renewing.setdefault(digest(value), asyncio.Lock())
        async with lock:
            visitor = await self._read(value)
            if visitor is None or self._is_fresh(visitor):
                return visitor
            try:
                tokens = await self._oauth.refresh(visitor.tokens.refresh_token)
            except TokenRefused:
                return await self._after_lost_race(visitor)
            renewed = replace(visitor, tokens=tokens, seen_at=self._clock.now())
            await self._keep(renewed)
            if renewed.acting is not None:
                return await self._acting_on(renewed, renewed.acting)
            return renewed

    async def _after_lost_race(self, before: Visitor) -> Visitor | None:
        """Another process may have renewed it meanwhile; else the sign-in has ended."""
        for _ in range(10):
            visitor = await self._read(before.value)
            if visitor is None or self._is_fresh(visitor):
                return visitor
            await asyncio.sleep(0.05)
        await self._store.drop(self._cookie, before.value)
        return None

    def _is_fresh(self, visitor: Visitor) -> bool:
        return visitor.tokens.expires_at - self._clock.now() > RENEW_BEFORE

    async def _keep(self, visitor: Visitor) -> None:
        content = _content(visitor.tokens, visitor.begun_at, self._clock.now(), visitor.acting)
        await self._store.replace(self._cookie, visitor.value, content, self.limits.idle)

    async def _read(self, value: str | None) -> Visitor | None:
        content = await self._store.read(self._cookie, value)
        if content is None or value is None:
            return None
        tokens = Tokens(
            content["access_token"],
            content["refresh_token"],
            datetime.fromisoformat(content["expires_at"]),
        )
        begun, seen = datetime.fromisoformat(content["begun_at"]), datetime.fromisoformat(content["seen_at"])
        return Visitor(value, tokens, begun, seen, _acting(content.get("acting")))


def _acting(kept: Mapping[str, str] | None) -> Acting | None:
    if kept is None:
        return None
    token = ActingToken(kept["access_token"], datetime.fromisoformat(kept["expires_at"]))
    return Acting(kept["mandate"], kept["party"], token)


def _content(
    tokens: Tokens, begun_at: datetime, seen_at: datetime, acting: Acting | None = None
) -> Mapping[str, Any]:
    kept = {} if acting is None else {"acting": _kept(acting)}
    return {
        **kept,
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_at": tokens.expires_at.isoformat(),
        "begun_at": begun_at.isoformat(),
        "seen_at": seen_at.isoformat(),
    }


def _kept(acting: Acting) -> dict[str, str]:
    return {
        "mandate": acting.mandate,
        "party": acting.party,
        "access_token": acting.token.access_token,
        "expires_at": acting.token.expires_at.isoformat(),
    }
