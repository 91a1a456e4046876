"""The trace that the work at hand belongs to, so that what is decided by it carries the trace on.

Source: W3C Trace Context; CloudEvents, "Distributed tracing extension".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current_trace() -> str | None:
    """``traceparent`` of the request or message that is being handled."""
    return _traceparent.get()


@contextmanager
def traced(traceparent: str | None) -> Iterator[None]:
    """What happens inside, in tasks begun there too, belongs to this trace."""
    token = _traceparent.set(traceparent)
    try:
        yield
    finally:
        _traceparent.reset(token)
