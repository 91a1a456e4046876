"""The time that one operation has for all of its fetches, however many follow each other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from connectors.connector import FetchRequest
from hub.execution.fault import Cause
from schema.errors import RUNTIME_CODES, RuntimeCode

_NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """``whole`` is the time that there was at the beginning; ``None``: no fetch is cut short for the others."""

    whole: timedelta | None = None
    ends: float = 0.0
    """By the loop's clock."""

    @classmethod
    def from_now(cls, whole: timedelta | None) -> TimeLimit:
        if whole is None:
            return cls()
        return cls(whole, asyncio.get_running_loop().time() + whole.total_seconds())

    def left(self) -> timedelta | None:
        """What is left for the next fetch; nothing at all where it would be less than that."""
        if self.whole is None:
            return None
        return timedelta(seconds=max(self.ends - asyncio.get_running_loop().time(), 0.0))


def is_too_late(request: FetchRequest) -> bool:
    """Whether a fetch has no time left, so that it need not be begun."""
    return request.timeout is not None and request.timeout <= _NOTHING


def too_late(service: str) -> Cause:
    code = RuntimeCode.OPERATION_TIMEOUT
    return Cause(RUNTIME_CODES[code], code, service)
