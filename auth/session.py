"""Who is signed in at this browser: a cookie with a random value, kept hashed by the hub.

Ends after half an hour without a request, and after twelve hours in any case. ``SameSite=Lax`` lets the
redirect back from another site in and keeps forged posts out; forms carry a token besides (``auth.csrf``).
Source: OWASP Session Management; conventions.md, section 3 (idle time).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

from auth.persons import PersonRegister
from auth.store import Person, SessionStore, SignedIn, digest

COOKIE = "jiyi_sso"
TOUCH_AT_MOST_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    idle: timedelta = timedelta(minutes=30)
    whole: timedelta = timedelta(hours=12)


class Sessions:
    """``is_secure`` is whether the hub is reached by https; then the cookie never travels otherwise."""

    def __init__(
        self,
        store: SessionStore,
        persons: PersonRegister,
        now: Callable[[], datetime],
        *,
        is_secure: bool,
        limits: SessionLimits | None = None,
    ) -> None:
        self._store = store
        self._persons = persons
        self._now = now
        self._is_secure = is_secure
        self.limits = limits or SessionLimits()

    async def begin(self, person: Person) -> str:
        """A new session; its cookie value is known to nobody but the browser it is sent to."""
        value = secrets.token_urlsafe(32)
        now = self._now()
        await self._store.save_session(SignedIn(digest(value), person.id, now, now))
        return value

    def set_cookie(self, response: Response, value: str) -> None:
        response.set_cookie(COOKIE, value, path="/", secure=self._is_secure, httponly=True, samesite="lax")

    def clear_cookie(self, response: Response) -> None:
        response.delete_cookie(COOKIE, path="/", secure=self._is_secure, httponly=True, samesite="lax")

    async def current(self, request: HTTPConnection) -> Person | None:
        """The person signed in at this browser; asking keeps the session awake."""
        value = request.cookies.get(COOKIE)
        session = await self._store.session(digest(value)) if value else None
        if session is None:
            return None
        now = self._now()
        if now >= min(session.seen_at + self.limits.idle, session.begun_at + self.limits.whole):
            await self._store.end_session(session.token_hash)
            return None
        if now - session.seen_at >= TOUCH_AT_MOST_EVERY:
            await self._store.touch_session(session.token_hash, now)
        return await self._persons.person(session.subject)

    async def end(self, request: HTTPConnection) -> None:
        """Sign out. Also call :meth:`clear_cookie`."""
        if value := request.cookies.get(COOKIE):
            await self._store.end_session(digest(value))
