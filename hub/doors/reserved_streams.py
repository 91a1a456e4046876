"""Streams that were reserved and not opened yet: so many for each owner, so many in all, none for ever.

Reserving needs no token of ours. Where there is no room a new one is refused: one that waits is never given up for
it, or whoever reserves fastest would take everybody's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import Generic, TypeVar

from auth.actor import Actor
from hub.gateway.request import refused
from schema.errors import RuntimeCode

Reserved = TypeVar("Reserved")


class ReservedStreams(Generic[Reserved]):
    """``now`` is a monotonic time in seconds; ``patience`` is how long one waits to be opened."""

    def __init__(self, now: Callable[[], float], patience: timedelta, *, most: int, most_each: int) -> None:
        self._now = now
        self._patience = patience.total_seconds()
        self._most, self._most_each = most, most_each
        self._waiting: dict[str, tuple[float, str, Reserved]] = {}
        self._owned: Counter[str] = Counter()

    def put(self, token: str, owner: str, stream: Reserved) -> None:
        """Raises ``RequestRefused``: RATE_LIMITED for an owner with too many, SERVICE_UNAVAILABLE for all."""
        self._forget_late()
        if self._owned[owner] >= self._most_each:
            message = f"{self._most_each} streams that you reserved are not open yet. Open them with GET."
            raise refused(RuntimeCode.RATE_LIMITED, message)
        if len(self._waiting) >= self._most:
            message = "Too many streams are reserved. Try again in a minute, or ask at /graphql."
            raise refused(RuntimeCode.SERVICE_UNAVAILABLE, message)
        self._waiting[token] = (self._now() + self._patience, owner, stream)
        self._owned[owner] += 1

    def get(self, token: str) -> Reserved | None:
        self._forget_late()
        found = self._waiting.get(token)
        return found[2] if found else None

    def take(self, token: str) -> None:
        """It waits no longer."""
        found = self._waiting.pop(token, None)
        if found is not None:
            owner = found[1]
            self._owned[owner] -= 1
            if not self._owned[owner]:
                del self._owned[owner]

    def _forget_late(self) -> None:
        """All wait equally long, so that the oldest are first."""
        now = self._now()
        while self._waiting:
            token, (ends, _owner, _stream) = next(iter(self._waiting.items()))
            if ends > now:
                return
            self.take(token)


def owner_of(actor: Actor | None, address: str) -> str:
    """Who reserves: the person where one is known, else the address; of IPv6 the network that one line has."""
    if actor is not None:
        return f"subject {actor.key}"
    try:
        known = ip_address(address)
    except ValueError:
        return f"address {address}"
    return f"network {int(known) >> 64:x}" if isinstance(known, IPv6Address) else f"address {known}"
