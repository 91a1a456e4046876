"""How many operations each subject may send in a minute, at the doors of this process.

Counted where requests come in, so that what the hub asks itself in somebody's name costs them nothing.
Sources: the generic cell rate algorithm (ITU-T I.371); RFC 9110, 10.2.3 "Retry-After".
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from math import ceil

from auth.actor import Actor
from hub.gateway.answering import Answering
from hub.gateway.request import GraphQLAnswer, GraphQLRequest, RequestRefused
from schema.errors import RuntimeCode

WINDOW_SECONDS = 60.0
RETRY_AFTER = "retryAfterSeconds"
"""The entry in ``extensions`` of a refusal; over HTTP it is the header ``Retry-After`` too."""
MOST_KNOWN = 10_000
"""Subjects that are remembered before those who owe nothing are forgotten."""


class RequestRate:
    """``per_minute`` operations for each; they may come at once, and then one by one. ``now`` is monotonic, in
    seconds. Who shows no token is nobody in particular and is not counted: what stands in front limits addresses.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._now = now
        self._paid_at: dict[str, float] = {}
        """When each subject will owe nothing any more."""

    def count(self, actor: Actor | None) -> None:
        """One more. Raises ``RequestRefused`` (RATE_LIMITED); what is refused is not counted."""
        if actor is None:
            return
        now, each = self._now(), WINDOW_SECONDS / self._per_minute
        paid_at = max(self._paid_at.get(actor.key, now), now) + each
        waits = paid_at - now - WINDOW_SECONDS
        if waits > 1e-6:
            raise _too_many(self._per_minute, ceil(waits))
        self._paid_at[actor.key] = paid_at
        if len(self._paid_at) > MOST_KNOWN:
            self._paid_at = {subject: at for subject, at in self._paid_at.items() if at > now}


class RateLimited:
    """What ``gateway`` answers, to those who do not ask too often."""

    def __init__(self, gateway: Answering, rate: RequestRate) -> None:
        self._gateway = gateway
        self._rate = rate

    async def answer(
        self, request: GraphQLRequest, actor: Actor | None, *, only_queries: bool = False
    ) -> GraphQLAnswer:
        try:
            self._rate.count(actor)
        except RequestRefused as refusal:
            return refusal.answer
        return await self._gateway.answer(request, actor, only_queries=only_queries)

    async def subscribe(
        self, request: GraphQLRequest, actor: Actor | None, *, no_mutations: bool = False
    ) -> AsyncGenerator[GraphQLAnswer, None]:
        """A stream counts once, however many events it has."""
        try:
            self._rate.count(actor)
        except RequestRefused as refusal:
            yield refusal.answer
            return
        async with aclosing(self._gateway.subscribe(request, actor, no_mutations=no_mutations)) as answers:
            async for answer in answers:
                yield answer

    async def is_subscription(self, request: GraphQLRequest) -> bool:
        return await self._gateway.is_subscription(request)

    async def is_query(self, request: GraphQLRequest) -> bool:
        return await self._gateway.is_query(request)


def rate_limited(gateway: Answering, per_minute: int) -> Answering:
    """``gateway`` itself where ``per_minute`` is 0: nobody is refused whom no limit was set for."""
    return RateLimited(gateway, RequestRate(per_minute)) if per_minute else gateway


def _too_many(per_minute: int, seconds: int) -> RequestRefused:
    message = f"You sent {per_minute} operations in a minute, as many as you may. Wait {seconds} s."
    extensions = {"code": str(RuntimeCode.RATE_LIMITED), RETRY_AFTER: seconds}
    return RequestRefused([{"message": message, "extensions": extensions}])
