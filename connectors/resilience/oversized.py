"""A question that was answered with more than an answer may have is not asked again at once.

What is read up to that bound costs the others time, and it will most likely be thrown away again. Only the very
same question rests, variables included: that one is too greedy says nothing of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from cachetools import LRUCache

from connectors.clock import Clock
from connectors.connector import ConnectorFailure, FetchRequest
from schema.errors import RuntimeCode

_REMEMBERED_QUESTIONS = 256
_MOST_DOUBLINGS = 6
_TOO_LARGE = RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE


@dataclass(slots=True)
class _Greedy:
    failures: int = 0
    asked_at: datetime | None = None


class OversizedQuestions:
    """Of one connector. After ``failures_to_rest`` in a row a question is asked once in each ``interval``, which
    doubles with each further failure, up to 64 times itself; one answer that fits forgets it all."""

    def __init__(self, clock: Clock, failures_to_rest: int, interval: timedelta) -> None:
        self._clock = clock
        self._failures_to_rest = failures_to_rest
        self._interval = interval
        self._questions: LRUCache[bytes, _Greedy] = LRUCache(_REMEMBERED_QUESTIONS)

    def set(self, failures_to_rest: int, interval: timedelta) -> None:
        """Go by other numbers from now on; what was counted stays."""
        self._failures_to_rest, self._interval = failures_to_rest, interval

    def admit(self, request: FetchRequest) -> None:
        """Let it through, or raise DEPARTMENT_ANSWER_TOO_LARGE while it rests. Commands never rest."""
        found = self._found(request)
        if found is None or found.failures < self._failures_to_rest:
            return
        now = self._clock.now()
        doublings = min(found.failures - self._failures_to_rest, _MOST_DOUBLINGS)
        if found.asked_at is not None and now - found.asked_at < self._interval * 2**doublings:
            message = (
                f"The department's system answered this with more than the hub takes {found.failures} times in a "
                "row, so it is not asked again at once. Ask for less, a page of a list for example."
            )
            raise ConnectorFailure(_TOO_LARGE, message, "the question rests", never_sent=True)
        found.asked_at = now

    def note_success(self, request: FetchRequest) -> None:
        """It was answered with what fits."""
        if self._questions:
            self._questions.pop(_key(request), None)

    def note_failure(self, request: FetchRequest, code: RuntimeCode) -> None:
        """Count it, if that is why."""
        if code != _TOO_LARGE or request.kind != "query":
            return
        key = _key(request)
        found = self._questions.get(key) or _Greedy()
        found.failures += 1
        found.asked_at = self._clock.now()
        self._questions[key] = found

    def _found(self, request: FetchRequest) -> _Greedy | None:
        return self._questions.get(_key(request)) if self._questions and request.kind == "query" else None


def _key(request: FetchRequest) -> bytes:
    """What is sent; on whose behalf makes no difference to how greedy it is."""
    asked = request.payload or f"{request.query}\n{dict(request.variables)!r}".encode()
    return blake2b(asked, digest_size=16).digest()
