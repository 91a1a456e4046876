"""Answers of earlier, which stand in for failed ones where the subgraph's SDL allows it.

An answer is kept for the person who got it, with the roles and scopes he had and all that travelled; for everybody
only where all of it is marked so. Answers with errors are never kept, commands and their answers neither, and who
gave a command forgets what he had before it. Source: docs/resilience.md, "Answers of earlier".
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
from cachetools import LRUCache

from connectors.clock import Clock
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, StaleAnswer
from connectors.graphql_answer import read_as_asked, read_json, read_response
from schema.cache_control import CachePolicy, CacheRules
from schema.errors import RuntimeCode

MOST_BYTES = 8 * 1024 * 1024
_POLICIES = 1_000

STANDS_IN_FOR = frozenset(
    {
        RuntimeCode.DEPARTMENT_UNREACHABLE,
        RuntimeCode.DEPARTMENT_TIMEOUT,
        RuntimeCode.DEPARTMENT_BAD_STATUS,
        RuntimeCode.DEPARTMENT_MALFORMED_ANSWER,
        RuntimeCode.DEPARTMENT_BUSY,
        RuntimeCode.CIRCUIT_OPEN,
        RuntimeCode.AGENT_OFFLINE,
        RuntimeCode.BROKER_UNAVAILABLE,
    }
)
"""A department that cannot be asked. What it refused, it refused."""

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """``content`` is the text of an answer where ``is_body``, else its data as JSON."""

    content: bytes
    is_body: bool
    kept_at: datetime
    max_age: timedelta
    stale_if_error: timedelta
    actor: str | None


class StaleAnswers:
    """The kept answers of one connector, at most :data:`MOST_BYTES`; those not used for longest go first."""

    def __init__(self, rules: CacheRules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock
        self._policies: LRUCache[str, CachePolicy | None] = LRUCache(_POLICIES)
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._bytes = 0

    def keep(self, request: FetchRequest, response: FetchResponse) -> None:
        """Remember an answer, if it may be; another one to the same question goes in any case."""
        policy, said = self._policy(request), response.caching
        if policy is None:
            return
        for is_public in (True, False):
            self._drop(_key(request, is_public=is_public))
        if said is not None and not said.may_keep:
            return
        seconds = policy.max_age if said is None or said.max_age is None else min(policy.max_age, said.max_age)
        content = _content(response) if seconds else None
        if content is None or len(content[0]) > MOST_BYTES:
            return
        is_public = policy.is_public and not (said is not None and said.is_private)
        past = timedelta(seconds=(said.stale_if_error or 0) if said is not None else 0)
        kept = _Kept(*content, self._clock.now(), timedelta(seconds=seconds), past, request.context.actor)
        self._kept[_key(request, is_public=is_public)] = kept
        self._bytes += len(kept.content)
        while self._bytes > MOST_BYTES:
            self._drop(next(iter(self._kept)))

    def instead_of(
        self, request: FetchRequest, failure: ConnectorFailure, stale_if_error: timedelta
    ) -> FetchResponse | None:
        """The answer of earlier, if there is one that is not too old; ``stale_if_error`` is how much older than it
        counts as true an operator allows it to be."""
        if failure.code not in STANDS_IN_FOR or self._policy(request) is None:
            return None
        now = self._clock.now()
        for is_public in (False, True):
            key = _key(request, is_public=is_public)
            kept = self._kept.get(key)
            if kept is None:
                continue
            if now - kept.kept_at > kept.max_age + max(kept.stale_if_error, stale_if_error):
                self._drop(key)
                continue
            self._kept.move_to_end(key)
            age = round((now - kept.kept_at).total_seconds())
            return replace(_response(kept, request), stale=StaleAnswer(age, failure.code, failure.message))
        return None

    def forget(self, actor: str | None) -> None:
        """What somebody had before a command of his; what is for everybody, too."""
        for key in [key for key, kept in self._kept.items() if kept.actor == actor or key[0] is True]:
            self._drop(key)

    def _policy(self, request: FetchRequest) -> CachePolicy | None:
        if request.kind != "query" or request.payload is None:
            return None
        if request.query not in self._policies:
            self._policies[request.query] = self._rules.policy(request.query)
        return self._policies[request.query]

    def _drop(self, key: _Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= len(kept.content)


def _key(request: FetchRequest, *, is_public: bool) -> _Key:
    """All that a department could tell two requests apart by, but for the trace."""
    context = request.context
    travels = (tuple(context.headers.items()), context.purpose, context.case)
    person = () if is_public else (context.actor, context.roles, context.scopes)
    return (is_public, request.payload, request.operation_name, travels, person)


def _content(response: FetchResponse) -> tuple[bytes, bool] | None:
    """``None`` for an answer that tells of an error."""
    read = response.shaped
    if response.errors or response.failure is not None or (isinstance(read, FetchResponse) and read.errors):
        return None
    if response.body is not None:
        return response.body, True
    try:
        return msgspec.json.encode({"data": response.data}), False
    except (TypeError, ValueError, OverflowError):
        return None


def _response(kept: _Kept, request: FetchRequest) -> FetchResponse:
    return read_as_asked(kept.content, request.read) if kept.is_body else read_response(read_json(kept.content))
