"""The hub as the pages reach it: over HTTP at its public address, like any other client."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=20, connect=5)


class HubUnreachable(Exception):
    """The hub's own address did not answer. Check JIYI_PUBLIC_URL and the certificate."""


@dataclass(slots=True)
class HubClient:
    """``base_url`` without a trailing slash; ``ca_file`` is trusted besides the system's certificates."""

    base_url: str
    ca_file: Path | None = None
    _session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Opened at its first use, within the running loop. It keeps no cookies: visitors share it."""
        if self._session is None or self._session.closed:
            context = ssl.create_default_context()
            if self.ca_file is not None:
                context.load_verify_locations(self.ca_file)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context, limit=200),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=TIMEOUT,
            )
        return self._session

    @property
    def websocket_url(self) -> str:
        return f"{self.base_url.replace('http', 'ws', 1)}/graphql"

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
