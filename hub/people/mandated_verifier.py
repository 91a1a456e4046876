"""Tokens of those who act for another are good as long as the mandate is, looked at anew at each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from auth.actor import Actor
from auth.agency import Agency
from auth.exchange_grant import MandateRegister
from auth.tokens import InvalidToken

Verify = Callable[[str], Awaitable[Actor]]


class MandatedVerifier:
    """What the doors verify by. An agent's actor carries the powers that the mandate has now."""

    def __init__(self, verify: Verify, mandates: MandateRegister, now: Callable[[], datetime]) -> None:
        self._verify = verify
        self._mandates = mandates
        self._now = now

    async def verify(self, token: str) -> Actor:
        """Raises :class:`auth.tokens.InvalidToken`, also once the mandate has ended."""
        actor = await self._verify(token)
        if actor.agency is None:
            return actor
        mandate = await self._mandates.in_force(actor.agency.mandate, self._now())
        if mandate is None or (mandate.party, mandate.agent) != (actor.subject, actor.agency.agent):
            raise InvalidToken("The mandate has ended. Go on in your own name, or ask for a new one.")
        agency = Agency(mandate.agent, mandate.id, mandate.party_kind, mandate.scope, mandate.represents)
        return replace(actor, agency=agency, expires_at=min(actor.expires_at, mandate.until))
