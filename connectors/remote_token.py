"""Access tokens for a service that reaches the hub: client credentials, a new token per connection.

Source: RFC 6749, section 4.4.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable

import aiohttp

from connectors.agent_settings import BrokerSettings
from connectors.broker import BrokerUnavailable

TokenSource = Callable[[], Awaitable[str]]
_TIMEOUT = aiohttp.ClientTimeout(total=10)


def token_source(broker: BrokerSettings, tls: ssl.SSLContext | None) -> TokenSource:
    """A function that gives a valid token now. It raises :class:`BrokerUnavailable`."""

    async def fixed() -> str:
        return broker.token or ""

    async def asked_for() -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": broker.client_id or "",
            "client_secret": broker.client_secret_now(),
        }
        url = f"{broker.url.rstrip('/')}/oauth/token"
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.post(url, data=form, ssl=tls or True, allow_redirects=False) as answer,
            ):
                body = await answer.json(content_type=None)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise BrokerUnavailable(f"The hub at {broker.url} gives no token: {type(error).__name__}.") from error
        token = body.get("access_token") if isinstance(body, dict) else None
        if answer.status != 200 or not isinstance(token, str):
            reason = body.get("error", answer.status) if isinstance(body, dict) else answer.status
            raise BrokerUnavailable(
                f'The hub refuses the client "{broker.client_id}": {reason}. Check client_id and its secret.'
            )
        return token

    return fixed if broker.token else asked_for
