"""The GraphQL explorer at ``/explorer``: GraphiQL, served by the hub alone, so that it works without a network.

The assets are bundled once from ``source/`` (``npm ci && npm run build`` there) and committed. The content
security policy allows nothing that is not ours; style elements are the one thing GraphiQL makes at run time.
"""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from re import compile as regex

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

_MEDIA_TYPES = {
    "explorer.js": "text/javascript",
    "explorer.css": "text/css",
    "licences.txt": "text/plain",
}
_HOST = regex(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>集易 · 图谱浏览器 Graph explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/explorer/assets/explorer.css?{version}">
</head>
<body>
<div id="explorer" data-graphql="{graphql}">
<p>此页面需要脚本。<span lang="en">This page needs scripts.</span></p>
</div>
<script src="/explorer/assets/explorer.js?{version}"></script>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the bundle."""

    body: bytes
    media_type: str


def explorer_routes(graphql: str = "/graphql") -> list[BaseRoute]:
    """The page and its assets; ``graphql`` is the address that the page queries."""
    assets = {name: _load(name, media_type) for name, media_type in _MEDIA_TYPES.items()}
    version = sha256(b"".join(asset.body for asset in assets.values())).hexdigest()[:16]
    page = _PAGE.format(version=version, graphql=escape(graphql, quote=True))

    async def show(request: Request) -> Response:
        return HTMLResponse(page, headers=_page_headers(request))

    async def send(request: Request) -> Response:
        asset = assets.get(request.path_params["name"])
        return PlainTextResponse("Not found", 404) if asset is None else await _asset_response(request, asset)

    return [Route("/explorer", show), Route("/explorer/assets/{name}", send)]


def _load(name: str, media_type: str) -> Asset:
    body = files("hub.explorer").joinpath("assets", name).read_bytes()
    return Asset(body, media_type)


@lru_cache(maxsize=len(_MEDIA_TYPES))
def _compressed(asset: Asset) -> bytes:
    """Made when the first browser asks: a hub starts, and many run, without it."""
    return gzip.compress(asset.body, 6, mtime=0)


async def _asset_response(request: Request, asset: Asset) -> Response:
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(await asyncio.to_thread(_compressed, asset), 200, headers, asset.media_type)
    return Response(asset.body, 200, headers, asset.media_type)


def _page_headers(request: Request) -> dict[str, str]:
    """``'self'`` does not cover WebSockets in every browser, so the host is named where it is a plain one."""
    host = request.headers.get("host", "")
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        f"font-src 'self' data:; connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
