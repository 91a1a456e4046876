"""A token for every form, so that no other site can post it.

The browser holds a random value in a cookie; the form carries its keyed hash together with the session, so
a token taken before signing in is void after. Where the browser says where a post comes from, that must be
this hub. Source: OWASP Cross-Site Request Forgery Prevention, "Signed Double-Submit Cookie".
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from starlette.requests import Request
from starlette.responses import Response

from auth.session import COOKIE as SESSION_COOKIE

COOKIE = "jiyi_form"
FIELD = "csrf_token"


class CsrfGuard:
    """``issuer`` is the address under which browsers reach the hub."""

    def __init__(self, issuer: str) -> None:
        self._origin = "/".join(issuer.split("/")[:3])
        self._is_secure = issuer.startswith("https://")

    def secret(self, request: Request) -> str:
        """This browser's secret, a new one where it has none. Pass it to the other methods."""
        return request.cookies.get(COOKIE) or secrets.token_urlsafe(32)

    def token(self, request: Request, secret: str) -> str:
        """What goes into the form's hidden field :data:`FIELD`."""
        session = request.cookies.get(SESSION_COOKIE, "")
        return hmac.new(secret.encode(), session.encode(), hashlib.sha256).hexdigest()

    def remember(self, response: Response, secret: str) -> None:
        """Set the cookie on the response that shows the form."""
        response.set_cookie(COOKIE, secret, path="/", secure=self._is_secure, httponly=True, samesite="lax")

    def accepts(self, request: Request, submitted: str | None) -> bool:
        """Whether the post comes from a form of ours, shown to this browser in this session."""
        origin = request.headers.get("origin")
        if origin is not None and origin != self._origin:
            return False
        secret = request.cookies.get(COOKIE)
        if not secret or not submitted:
            return False
        return hmac.compare_digest(self.token(request, secret).encode(), submitted.encode())
