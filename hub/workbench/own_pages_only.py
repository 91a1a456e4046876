"""Keep foreign web pages away from a server on a developer's machine.

It holds a department's credentials, and a browser lets any page call it: over WebSocket without asking, over HTTP
as far as the rules for other origins go, and past those by a name that the page's owner lets point here (DNS
rebinding). So a request that names an origin must come from this server's own pages, and be sent to an address or
to localhost.
Source: RFC 6454; RFC 6455, section 10.2.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_FORBIDDEN = "Another origin's page may not ask here. Open the explorer at the address that was printed."
_POLICY_VIOLATION = 1008


class OwnPagesOnly:
    """``names`` are host names that this server goes by, besides localhost and addresses."""

    def __init__(self, app: ASGIApp, names: tuple[str, ...] = ()) -> None:
        self._app = app
        self._names = frozenset({"localhost", *names})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or self._is_own(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(_FORBIDDEN, 403)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": "another origin"})

    def _is_own(self, headers: Headers) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_known(host):
            return False
        return origin is None or urlsplit(origin).netloc == host

    def _is_known(self, host: str) -> bool:
        name = urlsplit(f"//{host}").hostname or ""
        if name in self._names:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True
