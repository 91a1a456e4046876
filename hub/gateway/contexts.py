"""On whose behalf a request travels, made once for a person and not for each of his requests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from auth.actor import Actor
from connectors.connector import Repeatable, RequestContext
from hub.doors.stream_place import LOCAL_NAME, StreamPlace
from hub.execution import Surroundings
from hub.gateway.request import GraphQLRequest

_REMEMBERED = 1_000


class Contexts:
    """The contexts of those who ask. A verified token gives the same actor each time."""

    def __init__(self) -> None:
        self._known: dict[int, RequestContext] = {}
        """By the ``id`` of the actor, whom a context keeps."""

    def of(self, request: GraphQLRequest, actor: Actor | None) -> RequestContext:
        """What a request carries itself makes a context of its own."""
        if request.traceparent is not None or request.headers or request.idempotency_key is not None:
            return _context(request, actor)
        known = self._known.get(id(actor))
        if known is not None:
            return known
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        context = self._known[id(actor)] = _context(request, actor)
        return context


def placed(around: Surroundings, place: StreamPlace) -> Surroundings:
    """For a stream, whose reader may resume it."""
    context = around.context
    return replace(around, context=replace(context, local={**context.local, LOCAL_NAME: place}))


def _context(request: GraphQLRequest, actor: Actor | None) -> RequestContext:
    return RequestContext(
        actor=actor.person if actor else None,
        roles=actor.roles if actor else frozenset(),
        scopes=actor.scopes if actor else frozenset(),
        traceparent=request.traceparent,
        headers=request.headers,
        local={"actor": actor},
        repeatable=_repeatable(request),
    )


def _repeatable(request: GraphQLRequest) -> Repeatable | None:
    """The same key stands for the same text, name and variables; how they are written in JSON does not count."""
    if request.idempotency_key is None:
        return None
    asked = [request.query, request.operation_name, dict(request.variables)]
    text = json.dumps(asked, sort_keys=True, default=str)
    return Repeatable(request.idempotency_key, hashlib.sha256(text.encode()).hexdigest())
